"""Ports one by one: make, change, delete (cloud-api 3.6, 4.5; FACTS)."""

from __future__ import annotations

import pytest

from console.emulator.records import VIP_OWNER
from tests import factories
from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import (
    FloatingIPFactory,
    NetworkFactory,
    PortFactory,
    SecurityGroupFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
)

NOBODY = "00000000-0000-0000-0000-000000000000"
FACTS_PORT = {
    "id",
    "name",
    "network_id",
    "project_id",
    "tenant_id",
    "mac_address",
    "admin_state_up",
    "status",
    "device_id",
    "device_owner",
    "fixed_ips",
    "allowed_address_pairs",
    "extra_dhcp_opts",
    "security_groups",
    "description",
    "binding:vnic_type",
    "port_security_enabled",
    "qos_policy_id",
    "qos_network_policy_id",
    "tags",
    "created_at",
    "updated_at",
    "revision_number",
}


@pytest.fixture
def subnet(emulator):
    return SubnetFactory(cidr="10.20.0.0/24")


def fixed(answer):
    return [each["ip_address"] for each in answer.json["port"]["fixed_ips"]]


def test_a_vip_is_a_port_that_stays_down(demo, subnet, clock):
    answer = demo.create_port(
        name="vip-db",
        network_id=subnet.network_id,
        device_owner=VIP_OWNER,
        fixed_ips=[{"subnet_id": subnet.id, "ip_address": "10.20.0.100"}],
    )
    port = answer.json["port"]
    assert answer.line == "201 Created"
    assert port["status"] == "DOWN"
    assert port["device_owner"] == VIP_OWNER
    assert port["device_id"] == ""
    assert port["fixed_ips"] == [{"subnet_id": subnet.id, "ip_address": "10.20.0.100"}]
    assert port["allowed_address_pairs"] == []
    assert port["port_security_enabled"] is True
    assert port["mac_address"].startswith("fa:16:3e:")
    assert len(port["security_groups"]) == 1
    clock.advance(3600)
    assert demo.get(f"/network/v2.0/ports/{port['id']}").json["port"]["status"] == "DOWN"


@OPENSTACK
def test_an_openstack_port_has_the_members_of_a_real_one(demo, subnet):
    port = demo.create_port(network_id=subnet.network_id).json["port"]
    assert port.keys() == FACTS_PORT
    assert port["created_at"] == "2027-01-15T08:00:00Z"
    assert port["revision_number"] == 1


@OPENSTACK
def test_an_administrator_sees_the_binding(admin, subnet):
    port = admin.create_port(network_id=subnet.network_id).json["port"]
    assert port.keys() - FACTS_PORT == {
        "binding:profile",
        "binding:host_id",
        "binding:vif_type",
        "binding:vif_details",
        "resource_request",
    }


@OTC
def test_an_otc_port_has_no_revision_and_no_z(demo, subnet):
    port = demo.create_port(network_id=subnet.network_id).json["port"]
    assert not port.keys() & {"revision_number", "tags", "description", "qos_policy_id"}
    assert port["created_at"] == "2027-01-15T08:00:00"
    assert port["binding:profile"] == {}


@OTC
def test_the_primary_nic_says_so(demo):
    server = ServerFactory(nics=2)
    first, second = (demo.port(nic) for nic in server.nics)
    assert first["binding:vif_details"] == {"primary_interface": True}
    assert first["dns_assignment"][0]["ip_address"] == server.ip_address
    assert second["binding:vif_details"] == {"primary_interface": False}


def test_the_device_owner_of_a_nic(demo, profile):
    owner = "compute:eu-de-01" if profile == "otc" else "compute:nova"
    assert demo.port(ServerFactory().nic)["device_owner"] == owner


# addresses


def test_an_address_from_the_pool_is_the_lowest_free(demo, subnet):
    PortFactory(subnet=subnet, ip_address="10.20.0.2")
    wanted = {"network_id": subnet.network_id, "fixed_ips": [{"subnet_id": subnet.id}]}
    assert fixed(demo.create_port(**wanted)) == ["10.20.0.3"]
    assert fixed(demo.create_port(network_id=subnet.network_id)) == ["10.20.0.4"]


def test_a_released_address_is_free_again(demo, subnet):
    first = demo.create_port(network_id=subnet.network_id).json["port"]
    demo.create_port(network_id=subnet.network_id)
    demo("DELETE", f"/network/v2.0/ports/{first['id']}")
    assert fixed(demo.create_port(network_id=subnet.network_id)) == ["10.20.0.2"]


def test_dual_stack_gives_one_of_each_version_or_the_one_asked_for(demo):
    subnet = SubnetFactory(ipv6_cidr="2001:db8::/64")
    both = fixed(demo.create_port(network_id=subnet.network_id))
    assert both == ["10.20.0.2", "2001:db8::2"]
    wanted = {"network_id": subnet.network_id, "fixed_ips": [{"subnet_id": subnet.ipv6.id}]}
    assert fixed(demo.create_port(**wanted)) == ["2001:db8::3"]


def test_no_fixed_ips_at_all(demo, subnet):
    assert fixed(demo.create_port(network_id=subnet.network_id, fixed_ips=[])) == []


def test_a_subnet_that_is_full(demo, profile):
    subnet = SubnetFactory(cidr="10.20.5.0/28")
    free = 10 if profile == "otc" else 13
    for _ in range(free):
        assert demo.create_port(network_id=subnet.network_id).status == 201
    answer = demo.create_port(network_id=subnet.network_id)
    assert (answer.status, answer.kind) == (409, "IpAddressGenerationFailure")
    network = subnet.network_id
    assert answer.message == f"No more IP addresses available on network {network}."


ADDRESS_ERRORS = [
    ("10.20.0.50", 409, "IpAddressAlreadyAllocated"),
    ("10.20.0.1", 409, "IpAddressAlreadyAllocated"),
    ("10.20.0.0", 400, "InvalidIpForSubnet"),
    ("10.20.0.255", 400, "InvalidIpForSubnet"),
    ("10.1.1.1", 400, "InvalidIpForSubnet"),
    ("300.1.1.1", 400, "HTTPBadRequest"),
]


@pytest.mark.parametrize(("address", "status", "kind"), ADDRESS_ERRORS)
def test_an_address_that_cannot_be_had(demo, subnet, address, status, kind):
    PortFactory(subnet=subnet, ip_address="10.20.0.50")
    ports = len(factories.state().ports)
    wanted = [{"subnet_id": subnet.id, "ip_address": address}]
    answer = demo.create_port(network_id=subnet.network_id, fixed_ips=wanted)
    assert (answer.status, answer.kind) == (status, kind)
    assert len(factories.state().ports) == ports


def test_the_words_for_addresses(demo, subnet):
    PortFactory(subnet=subnet, ip_address="10.20.0.50")
    network = subnet.network_id

    def message(**wanted):
        return demo.create_port(network_id=network, fixed_ips=[wanted]).message

    assert message(ip_address="10.20.0.50") == (
        f"IP address 10.20.0.50 already allocated in subnet {subnet.id}"
    )
    assert message(ip_address="300.1.1.1") == (
        "Invalid input for fixed_ips. Reason: '300.1.1.1' is not a valid IP address."
    )
    assert message(ip_address="10.1.1.1") == (
        "IP address 10.1.1.1 is not a valid IP for any of the subnets on the specified network."
    )
    assert message(ip_address="10.1.1.1", subnet_id=subnet.id) == (
        "IP address 10.1.1.1 is not a valid IP for the specified subnet."
    )


@pytest.mark.parametrize("address", ["10.20.0.252", "10.20.0.253", "10.20.0.254"])
def test_the_last_addresses_of_a_range_are_the_systems_in_otc(demo, subnet, profile, address):
    wanted = [{"subnet_id": subnet.id, "ip_address": address}]
    answer = demo.create_port(network_id=subnet.network_id, fixed_ips=wanted)
    assert answer.status == {"openstack": 201}.get(profile, 400 if address[-1] == "2" else 409)


def test_an_address_that_fails_leaves_none_taken(demo, subnet):
    wanted = [{"ip_address": "10.20.0.60"}, {"ip_address": "10.20.0.1"}]
    assert demo.create_port(network_id=subnet.network_id, fixed_ips=wanted).status == 409
    wanted = [{"ip_address": "10.20.0.60"}]
    assert demo.create_port(network_id=subnet.network_id, fixed_ips=wanted).status == 201


# what cannot be made

CREATE_ERRORS = [
    ({"network_id": NOBODY}, 404, "NetworkNotFound", f"Network {NOBODY} could not be found."),
    (
        {"network_id": "nonsense"},
        400,
        "HTTPBadRequest",
        "Invalid input for network_id. Reason: 'nonsense' is not a valid UUID.",
    ),
    (
        {},
        400,
        "HTTPBadRequest",
        "Failed to parse request. Required attribute 'network_id' not specified",
    ),
    (
        {"network_id": NOBODY, "color": "red"},
        400,
        "HTTPBadRequest",
        "Unrecognized attribute(s) 'color'",
    ),
]


@pytest.mark.parametrize(("wanted", "status", "kind", "message"), CREATE_ERRORS)
def test_a_port_that_cannot_be_made(demo, wanted, status, kind, message):
    answer = demo.create_port(**wanted)
    assert (answer.status, answer.kind, answer.message) == (status, kind, message)


def test_the_quota_of_ports(demo, subnet):
    factories.state().quotas[demo.project_id]["port"] = 0
    answer = demo.create_port(network_id=subnet.network_id)
    assert (answer.status, answer.kind) == (409, "OverQuota")
    assert answer.message == "Quota exceeded for resources: ['port']."


@OTC
@pytest.mark.parametrize("owner", ["network:dhcp", "compute:nova", "anything"])
def test_otc_takes_two_device_owners_only(demo, subnet, owner):
    answer = demo.create_port(network_id=subnet.network_id, device_owner=owner)
    assert (answer.status, answer.kind) == (400, "HTTPBadRequest")


@OPENSTACK
@pytest.mark.parametrize("owner", ["network:dhcp", "compute:nova", VIP_OWNER])
def test_openstack_takes_any_device_owner_on_the_own_network(demo, subnet, owner):
    answer = demo.create_port(network_id=subnet.network_id, device_owner=owner)
    assert answer.status == 201
    trusted = owner.startswith("network:")
    assert (answer.json["port"]["security_groups"] == []) is trusted


# changing


def test_a_name_and_groups_change(demo, subnet):
    group = SecurityGroupFactory()
    port = PortFactory(subnet=subnet)
    answer = demo.update_port(port, name="new", security_groups=[group.id])
    assert answer.status == 200
    assert (answer.json["port"]["name"], demo.port(port)["security_groups"]) == ("new", [group.id])


def test_an_unknown_group_is_404(demo, subnet):
    answer = demo.update_port(PortFactory(subnet=subnet), security_groups=[NOBODY])
    assert (answer.status, answer.kind) == (404, "SecurityGroupNotFound")


@OTC
@pytest.mark.parametrize(
    "changes",
    [
        {"fixed_ips": []},
        {"device_owner": ""},
        {"device_id": "x"},
        {"security_groups": []},
        {"description": "x"},
        {},
    ],
)
def test_what_otc_does_not_let_change(demo, subnet, changes):
    port = PortFactory(subnet=subnet)
    before = demo.port(port)
    answer = demo.update_port(port, **changes)
    assert (answer.status, answer.kind) == (400, "HTTPBadRequest")
    assert demo.port(port) == before


@OPENSTACK
def test_openstack_lets_owner_device_and_addresses_change(demo, subnet):
    port = PortFactory(subnet=subnet, device_owner=VIP_OWNER)
    assert demo.update_port(port, device_owner="network:dhcp").status == 200
    assert demo.update_port(port, device_id="vip-group-7").status == 200
    assert demo.ports("?device_id=vip-group-7&fields=id").json["ports"] == [{"id": port.id}]
    moved = demo.update_port(port, fixed_ips=[{"ip_address": "10.20.0.77"}])
    assert fixed(moved) == ["10.20.0.77"]
    taken = demo.update_port(port, fixed_ips=[{"ip_address": "10.20.0.1"}])
    assert taken.status == 409
    assert fixed(demo.get(f"/network/v2.0/ports/{port.id}")) == ["10.20.0.77"]


def test_port_security_and_groups_exclude_each_other(demo, subnet):
    port = PortFactory(subnet=subnet)
    answer = demo.update_port(port, port_security_enabled=False)
    assert (answer.status, answer.kind) == (409, "PortSecurityPortHasSecurityGroup")
    assert demo.port(port)["port_security_enabled"] is True


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_port_that_is_not_there(demo, method):
    body = {"port": {"name": "x"}} if method == "PUT" else None
    answer = demo(method, f"/network/v2.0/ports/{NOBODY}", body)
    assert (answer.status, answer.kind) == (404, "PortNotFound")
    assert answer.message == f"Port {NOBODY} could not be found."


@OPENSTACK
def test_tags_raise_the_revision(demo, subnet):
    port = PortFactory(subnet=subnet)
    path = f"/network/v2.0/ports/{port.id}/tags"
    assert demo("PUT", path, {"tags": ["a", "b"]}).json == {"tags": ["a", "b"]}
    assert demo.port(port)["revision_number"] == 2
    assert demo.ports("?tags=a,b&fields=id").json["ports"] == [{"id": port.id}]
    assert demo.ports("?not-tags=a").json["ports"] != []


# deleting


def test_a_free_vip_goes(demo):
    vip = VirtualIPFactory()
    answer = demo.delete_port(vip)
    assert (answer.line, answer.body) == ("204 No Content", b"")
    assert demo.delete_port(vip).kind == "PortNotFound"


def test_a_vip_with_pairs_or_an_eip_stays_in_otc(demo, profile):
    bound = VirtualIPFactory()
    factories.state().set_pairs(bound.id, "10.20.0.200")
    public = VirtualIPFactory()
    floating = FloatingIPFactory(port=public)
    answers = [demo.delete_port(bound), demo.delete_port(public)]
    if profile == "otc":
        assert [(a.status, a.kind) for a in answers] == [(409, "PortInUse")] * 2
    else:
        assert [a.status for a in answers] == [204, 204]
        assert floating.floating_ip.port_id is None
        assert floating.floating_ip.status == "DOWN"


def test_a_vip_of_the_system_stays_in_otc(demo, profile):
    vip = VirtualIPFactory(device_id="rds-1")
    answer = demo.delete_port(vip)
    assert answer.status == (409 if profile == "otc" else 204)


def test_the_port_of_a_running_server(demo, profile):
    server = ServerFactory()
    answer = demo.delete_port(server.nic)
    if profile == "otc":
        assert (answer.status, answer.kind) == (409, "PortInUse")
        return
    assert answer.status == 204
    assert demo.nova(f"/servers/{server.id}/os-interface").json == {"interfaceAttachments": []}


def test_the_port_of_a_router_is_never_deleted(demo, subnet, profile):
    gateway = next(p for p in factories.state().ports.values() if "router" in p.device_owner)
    answer = demo.delete_port(gateway)
    owner = "network:router_interface" + ("_distributed" if profile == "otc" else "")
    assert (answer.status, answer.kind) == (409, "ServicePortInUse")
    assert answer.message == (
        f"Port {gateway.id} cannot be deleted directly via the port API: has device owner {owner}."
    )


def test_a_network_of_another_project_does_not_exist(demo, other_project):
    network = NetworkFactory(project=other_project)
    assert demo.create_port(network_id=network.id).kind == "NetworkNotFound"
