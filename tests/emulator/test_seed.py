"""The demo cloud (product.md 5)."""

from __future__ import annotations

from collections import Counter

import pytest

from console.emulator import seed
from console.emulator.build import BMS_TAG, CHECK_OFF
from tests import factories
from tests.emulator.conftest import Caller, password
from tests.emulator.profiles import OPENSTACK, OTC
from tests.emulator.test_keystone import with_passcode


@pytest.fixture
def emulator(profile, clock):
    cloud = seed.demo(profile, clock=clock)
    factories.use(cloud)
    return cloud


@pytest.fixture
def state(emulator):
    return emulator.state


def sign_in(emulator, user, project=0, **more):
    name = seed.PROJECTS[emulator.state.profile][project]
    scope = {"project": {"name": name, "domain": {"name": seed.DEMO_DOMAIN}}}
    answer = Caller(emulator)("POST", "/v3/auth/tokens", password(user, scope=scope, **more))
    token = answer.headers.get("x-subject-token", "")
    project_id = answer.json["token"]["project"]["id"] if token else ""
    return answer.status, Caller(emulator, token, project_id)


def named(state, name):
    return next(port for port in state.ports.values() if port.name == name)


def pairs(port):
    return [pair.ip_address for pair in port.allowed_address_pairs]


def server_of(state, name):
    return next(server for server in state.servers.values() if server.name == name)


def nic(state, name):
    return state.ports_of_device(server_of(state, name).id)[0]


@pytest.mark.parametrize(
    ("user", "statuses"), [("demo", [201, 201]), ("viewer", [201, 401]), ("single", [401, 201])]
)
def test_who_may_sign_in_where(emulator, user, statuses):
    assert [sign_in(emulator, user, project)[0] for project in (0, 1)] == statuses


def test_the_viewer_reads_only(emulator):
    _, viewer = sign_in(emulator, "viewer")
    vip = named(emulator.state, "vip-free")
    assert viewer.port(vip)
    assert viewer.delete_port(vip).status == 403


def test_one_user_needs_a_passcode(emulator):
    assert sign_in(emulator, "mfa")[0] == 401
    body = with_passcode(password("mfa"), seed.MFA_PASSCODE)
    assert Caller(emulator)("POST", "/v3/auth/tokens", body).status == 201


@OTC
def test_the_odd_project_is_listed(emulator):
    _, demo = sign_in(emulator, "demo")
    names = {p["name"] for p in demo.get("/v3/auth/projects").json["projects"]}
    assert names == {"eu-de_prod", "eu-de_test", "MOS"}


def test_thirty_servers_in_all_states(emulator, profile):
    _, demo = sign_in(emulator, "demo")
    query = "?tags=__type_baremetal" if profile == "otc" else ""
    servers = demo.nova(f"/servers/detail{query}", "2.26").json["servers"]
    assert len(servers) == 30
    statuses = Counter(server["status"] for server in servers)
    assert statuses.keys() >= {"ACTIVE", "SHUTOFF", "BUILD", "ERROR", "REBOOT", "HARD_REBOOT"}
    tasks = {server["OS-EXT-STS:task_state"] for server in servers}
    assert tasks >= {None, "powering-off", "powering-on", "deleting", "rebuilding"}


def test_everything_comes_to_rest(emulator, clock):
    clock.advance(3600)
    emulator.state.settle()
    states = {server.now.status for server in emulator.state.servers.values()}
    assert states == {"ACTIVE", "SHUTOFF", "ERROR"}
    assert {server.now.task_state for server in emulator.state.servers.values()} == {None}
    assert "leaving-1" not in {server.name for server in emulator.state.servers.values()}


@OTC
def test_virtual_machines_are_among_them(state):
    without = [server for server in state.servers.values() if BMS_TAG not in server.tags]
    assert {server.flavor.name for server in without} == {"s3.medium.4"}
    assert len(without) == 3


def test_hostile_names(state, profile):
    names = [server.name for server in state.servers.values()]
    assert "<script>alert(1)</script>" in names
    assert any('"' in name and "'" in name for name in names)
    assert any("\u202e" in name for name in names)
    assert max(map(len, names)) == (63 if profile == "otc" else 255)


def test_two_nics_also_in_one_subnet(state):
    nics = state.ports_of_device(server_of(state, "gateway-1").id)
    assert len({port.network_id for port in nics}) == 1
    assert len(nics) == 2
    other = state.ports_of_device(server_of(state, "web-1").id)
    assert len({port.network_id for port in other}) == 2


def test_a_vip_on_two_servers_with_an_eip(state, profile):
    vip, nics = named(state, "vip-db"), [nic(state, "db-1"), nic(state, "db-2")]
    addresses = [port.fixed_ips[0].ip_address for port in nics]
    if profile == "otc":
        assert pairs(vip) == addresses
        assert all(CHECK_OFF in pairs(port) for port in nics)
    else:
        assert pairs(vip) == []
        assert all("10.20.0.100" in pairs(port) for port in nics)
    assert [f.floating_ip_address for f in state.floating_ips_of(vip.id)] == ["203.0.113.17"]
    assert {"192.0.2.10", "10.99.0.0/24"} <= set(pairs(nics[1]))


@OTC
def test_half_bound_and_orphaned(state):
    third = nic(state, "db-3")
    assert pairs(named(state, "vip-half")) == [third.fixed_ips[0].ip_address]
    assert CHECK_OFF not in pairs(third)
    (lost,) = pairs(named(state, "vip-orphan"))
    assert lost not in {f.ip_address for port in state.ports.values() for f in port.fixed_ips}


def test_free_and_owned_by_the_system(state):
    assert pairs(named(state, "vip-free")) == []
    assert named(state, "vip-rds").device_id


def test_floating_ips_of_every_kind(state, profile):
    bound = Counter(
        state.ports[f.port_id].device_owner.partition(":")[0] if f.port_id else ""
        for f in state.floating_ips.values()
    )
    assert bound == {"neutron": 1, "compute": 1, "": 13 if profile == "otc" else 12}


def test_free_eips_in_both_projects(emulator, profile):
    for project, least in ((0, 5), (1, 3)):
        _, demo = sign_in(emulator, "demo", project)
        listed = demo.get("/network/v2.0/floatingips?status=DOWN").json["floatingips"]
        assert len([each for each in listed if each["port_id"] is None]) >= least
        if profile == "otc":
            listed = demo.get(f"/vpc/v1/{demo.project_id}/publicips").json["publicips"]
            assert len([each for each in listed if each["status"] == "DOWN"]) >= least


@OTC
def test_eips_that_cannot_be_bound_and_their_bandwidths(emulator, clock):
    _, demo = sign_in(emulator, "demo")
    path = f"/vpc/v1/{demo.project_id}/publicips"
    listed = demo.get(path).json["publicips"]
    assert {each["status"] for each in listed} == {
        "ACTIVE",
        "DOWN",
        "FREEZED",
        "ERROR",
        "PENDING_UPDATE",
    }
    shared = {e["bandwidth_id"] for e in listed if e["bandwidth_share_type"] == "WHOLE"}
    assert len(shared) == 1
    assert {each["bandwidth_size"] for each in listed} == {1, 5, 100, 300, 1000}
    clock.advance(600)
    statuses = {each["status"] for each in demo.get(path).json["publicips"]}
    assert statuses == {"ACTIVE", "DOWN", "FREEZED", "ERROR"}


@OTC
def test_binding_an_eip_takes_as_long_as_power(emulator, state, clock):
    _, demo = sign_in(emulator, "demo")
    free = next(f for f in state.floating_ips.values() if f.alias == "eip-large")
    body = demo.bind_floating_ip(free, named(state, "vip-free")).json["floatingip"]
    assert body["status"] == "DOWN"
    clock.advance(state.power_seconds)
    assert demo.get(f"/network/v2.0/floatingips/{free.id}").json["floatingip"]["status"] == "ACTIVE"


def test_every_subnet_has_an_unused_address_that_can_go(emulator, state):
    for project in (0, 1):
        _, demo = sign_in(emulator, "demo", project)
        subnets = demo.get("/network/v2.0/subnets").json["subnets"]
        for subnet in subnets:
            if project == 1 and subnet["name"] == "lan-shared":
                continue  # the second project has nothing there
            ports = demo.ports(f"?fixed_ips=subnet_id={subnet['id']}&device_owner=").json["ports"]
            assert [p for p in ports if p["device_id"] == ""], subnet["name"]
            assert demo.delete_port(state.ports[ports[0]["id"]]).status == 204


def test_ports_of_the_system(emulator, state, profile):
    _, demo = sign_in(emulator, "demo")
    owners = Counter(port["device_owner"] for port in demo.ports().json["ports"])
    assert owners["neutron:LOADBALANCERV2"] == 1
    gateway = "router_interface_distributed" if profile == "otc" else "router_interface"
    assert owners[f"network:{gateway}"] >= 5
    assert owners["network:dhcp"] >= 4
    if profile == "otc":
        assert owners["network:nat_gateway"] == owners["network:endpoint_interface"] == 1
        system = [p for p in state.ports.values() if p.project_id == demo.project_id]
        system = [p for p in system if p.device_owner.startswith(("network:", "neutron:"))]
        answers = [demo.delete_port(port).kind for port in system if port.device_id]
        assert set(answers) == {"ServicePortInUse", "PortInUse"}


def test_a_small_subnet_is_nearly_full(emulator):
    _, demo = sign_in(emulator, "demo")
    small = next(s for s in emulator.state.subnets.values() if str(s.cidr) == "10.30.0.0/28")
    made = [demo.create_port(network_id=small.network_id).status for _ in range(3)]
    assert made == [201, 201, 409]


def test_one_network_has_two_ranges(state):
    assert {s.ip_version for s in state.subnets.values() if "web" in s.name} == {4, 6}


def test_two_servers_have_a_dual_stack_nic_for_the_ipv6_vip(emulator, state):
    vip = named(state, "vip-web-ipv6").fixed_ips[0]
    _, demo = sign_in(emulator, "demo")
    for name in ("web-1", "web-2"):
        own = nic(state, name).fixed_ips
        shown = demo.nova(f"/servers/{server_of(state, name).id}").json["server"]["addresses"]
        assert [fixed.subnet_id == vip.subnet_id for fixed in own] == [False, True]
        assert own[1].ip_address in str(shown)
        assert state.subnets[vip.subnet_id].used[own[1].ip_address] == nic(state, name).id


@OPENSTACK
def test_networks_without_router_and_of_somebody_else(emulator):
    _, demo = sign_in(emulator, "demo")
    networks = {n["name"]: n for n in demo.get("/network/v2.0/networks").json["networks"]}
    assert networks["lan-shared"]["shared"] is True
    assert networks["lan-shared"]["project_id"] != demo.project_id
    assert emulator.state.router_of_network(networks["net-isolated"]["id"]) is None


def test_the_second_project_has_little(emulator):
    _, single = sign_in(emulator, "single", 1)
    assert [s["name"] for s in single.nova("/servers").json["servers"]] == ["lab-1"]


@pytest.mark.parametrize("count", [1000, 10_000])
def test_it_grows(profile, count):
    state = seed.demo(profile, servers=count).state
    project = next(iter(state.projects))
    bare = [s for s in state.servers.values() if s.project_id == project]
    bare = [s for s in bare if BMS_TAG in s.tags] if profile == "otc" else bare
    assert len(bare) == count
    assert {f"bms-{count - 50:04d}"} <= {server.name for server in bare}
    for subnet in state.subnets.values():
        inside = [a for a in subnet.used if subnet.used[a]]
        assert len(inside) < subnet.cidr.num_addresses


def test_ids_survive_a_restart(profile, state):
    assert list(seed.demo(profile).state.ports) == list(state.ports)
