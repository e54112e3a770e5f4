"""What the other tests are made with."""

from __future__ import annotations

from tests import factories
from tests.emulator.conftest import sign_in
from tests.factories import (
    FloatingIPFactory,
    NICFactory,
    PortFactory,
    ProjectFactory,
    SecurityGroupFactory,
    ServerFactory,
    SubnetFactory,
    UserFactory,
    VirtualIPFactory,
)


def test_a_server_alone_is_active_with_one_nic_that_demo_sees(demo, profile):
    server = ServerFactory()
    body = demo.nova(f"/servers/{server.id}", "2.26").json["server"]
    assert (body["status"], body["name"]) == ("ACTIVE", server.name)
    assert body["tags"] == (["__type_baremetal"] if profile == "otc" else [])
    assert [nic.ip_address for nic in server.nics] == [server.ip_address]
    assert demo.get("/network/v2.0/routers").json["routers"]


def test_states_tasks_and_several_nics(demo):
    first, second = SubnetFactory(), SubnetFactory(cidr="10.99.0.0/24")
    server = ServerFactory(status="SHUTOFF", task_state="powering-on", subnets=[first, second])
    assert [nic.subnet_id for nic in server.nics] == [first.id, second.id]
    body = demo.nova(f"/servers/{server.id}").json["server"]
    assert (body["status"], body["OS-EXT-STS:task_state"]) == ("SHUTOFF", "powering-on")
    assert len(ServerFactory(nics=2, subnet=second).nics) == 2
    assert ServerFactory(ip_address="10.20.0.77").ip_address == "10.20.0.77"


def test_a_status_nobody_knows(demo):
    server = ServerFactory(status="FROZEN")
    assert demo.nova(f"/servers/{server.id}").json["server"]["status"] == "FROZEN"


def test_a_vip_is_bound_the_way_of_the_profile(emulator, profile):
    servers = ServerFactory.create_batch(2)
    vip = VirtualIPFactory(bound_to=[server.nic for server in servers])
    nics = [server.nic.pairs for server in servers]
    if profile == "otc":
        assert vip.pairs == [server.ip_address for server in servers]
        assert nics == [["1.1.1.1/0"]] * 2
    else:
        assert vip.pairs == []
        assert nics == [[vip.ip_address]] * 2
    assert vip.subnet_id == servers[0].nic.subnet_id


def test_half_bound(emulator, profile):
    server = ServerFactory()
    vip = VirtualIPFactory(half_bound_to=server.nics)
    expected = [server.ip_address] if profile == "otc" else []
    assert vip.pairs == expected


def test_a_nic_is_added_to_a_server(emulator):
    server = ServerFactory()
    nic = NICFactory(server=server, pairs=["10.0.0.1"])
    assert server.nics[1] is nic
    assert nic.pairs == ["10.0.0.1"]


def test_ports_of_any_kind(demo):
    group = SecurityGroupFactory()
    port = PortFactory(
        device_owner="network:nat_gateway",
        device_id="nat-1",
        mac_address="fa:16:3e:aa:bb:cc",
        fixed_ips=[{"ip_address": "10.20.0.9"}],
        allowed_address_pairs=[
            "10.0.0.1",
            {"ip_address": "10.0.0.2", "mac_address": "00:11:22:33:44:55"},
        ],
        security_groups=[group],
    )
    body = demo.port(port)
    assert (body["device_id"], body["mac_address"]) == ("nat-1", "fa:16:3e:aa:bb:cc")
    assert port.ip_address == "10.20.0.9"
    macs = {pair["mac_address"] for pair in body["allowed_address_pairs"]}
    assert macs == {"fa:16:3e:aa:bb:cc", "00:11:22:33:44:55"}
    assert body["security_groups"] == [group.id]


def test_floating_ips_projects_and_users(emulator):
    project = ProjectFactory(name="second")
    user = UserFactory(roles="reader", projects=[project])
    assert sign_in(emulator, user.name, project).project_id == project.id
    vip = VirtualIPFactory()
    assert FloatingIPFactory(port=vip, ip_address="203.0.113.99").port_id == vip.id
    server = ServerFactory(project=project)
    assert server.server.user_id == user.id


def test_defaults_are_made_once(emulator):
    ServerFactory.create_batch(3)
    state = factories.state()
    assert len(state.routers) == 1
    assert len([n for n in state.networks.values() if not n.external]) == 1
    assert len(state.users) == 1
