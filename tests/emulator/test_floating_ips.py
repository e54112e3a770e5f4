"""Floating IPs and security groups (cloud-api 3.8 to 3.10)."""

from __future__ import annotations

import pytest

from console.emulator.build import EXTERNAL_NETWORK_ID
from tests import factories
from tests.emulator.profiles import OPENSTACK
from tests.factories import (
    FloatingIPFactory,
    PortFactory,
    SecurityGroupFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
    VPCFactory,
)

PATH = "/network/v2.0/floatingips"


def create(caller, **wanted):
    wanted.setdefault("floating_network_id", EXTERNAL_NETWORK_ID)
    return caller("POST", PATH, {"floatingip": wanted})


def test_a_floating_ip_is_made_free_and_goes(demo):
    VPCFactory()
    answer = create(demo)
    body = answer.json["floatingip"]
    assert answer.status == 201
    assert (body["status"], body["port_id"], body["fixed_ip_address"]) == ("DOWN", None, None)
    assert body["floating_ip_address"].startswith("203.0.113.")
    assert demo("DELETE", f"{PATH}/{body['id']}").status == 204
    again = create(demo, floating_ip_address=body["floating_ip_address"])
    assert again.json["floatingip"]["floating_ip_address"] == body["floating_ip_address"]


def test_it_is_bound_to_a_vip_and_unbound(demo, profile):
    vip = VirtualIPFactory()
    floating = FloatingIPFactory()
    body = demo.bind_floating_ip(floating, vip).json["floatingip"]
    assert (body["status"], body["port_id"], body["fixed_ip_address"]) == (
        "ACTIVE",
        vip.id,
        vip.ip_address,
    )
    assert body["router_id"]
    assert ("port_details" in body) is (profile == "openstack")
    found = demo.get(f"{PATH}?port_id={vip.id}").json["floatingips"]
    assert [each["id"] for each in found] == [floating.id]
    body = demo.bind_floating_ip(floating, None).json["floatingip"]
    assert (body["status"], body["port_id"], body["router_id"]) == ("DOWN", None, None)


def test_a_put_without_port_only_describes(demo):
    floating = FloatingIPFactory(port=VirtualIPFactory())
    path = f"{PATH}/{floating.id}"
    assert demo("PUT", path, {"floatingip": {"description": "x"}}).status == 200
    assert floating.floating_ip.port_id is not None


def test_it_moves_to_another_port(demo):
    floating = FloatingIPFactory(port=VirtualIPFactory())
    other = VirtualIPFactory()
    assert demo.bind_floating_ip(floating, other).json["floatingip"]["port_id"] == other.id


def test_a_port_has_one(demo):
    vip = VirtualIPFactory()
    FloatingIPFactory(port=vip)
    second = FloatingIPFactory()
    answer = demo.bind_floating_ip(second, vip)
    assert (answer.status, answer.kind) == (409, "FloatingIPPortAlreadyAssociated")
    assert answer.message == (
        f"Cannot associate floating IP {second.ip_address} ({second.id}) with port {vip.id} using "
        f"fixed IP {vip.ip_address}, as that fixed IP already has a floating IP on external "
        f"network {EXTERNAL_NETWORK_ID}."
    )
    assert create(demo, port_id=vip.id).status == 409


def test_not_without_a_way_out(demo):
    subnet = SubnetFactory(vpc=VPCFactory(reachable=False))
    vip = VirtualIPFactory(subnet=subnet)
    answer = demo.bind_floating_ip(FloatingIPFactory(), vip)
    assert (answer.status, answer.kind) == (404, "ExternalGatewayForFloatingIPNotFound")
    assert answer.message == (
        f"External network {EXTERNAL_NETWORK_ID} is not reachable from subnet {subnet.id}.  "
        f"Therefore, cannot associate Port {vip.id} with a Floating IP."
    )


def test_not_on_an_ipv6_address(demo):
    vip = VirtualIPFactory(subnet=SubnetFactory(ipv6_cidr="2001:db8::/64").ipv6)
    answer = demo.bind_floating_ip(FloatingIPFactory(), vip)
    assert (answer.status, answer.kind) == (400, "BadRequest")
    assert "has no fixed IPv4 addresses" in answer.message


def test_not_on_a_port_that_is_not_there(demo, other):
    VPCFactory()
    vip = VirtualIPFactory()
    assert create(other, port_id=vip.id).kind == "PortNotFound"
    assert demo.get(PATH).json == {"floatingips": []}


def test_not_from_a_network_that_is_not_external(demo):
    network = SubnetFactory().network_id
    answer = create(demo, floating_network_id=network)
    assert answer.message == (
        f"Bad floatingip request: Network {network} is not a valid external network."
    )


def test_the_quota(demo):
    VPCFactory()
    factories.state().quotas[demo.project_id]["floatingip"] = 0
    answer = create(demo)
    assert (answer.kind, answer.message) == (
        "OverQuota",
        "Quota exceeded for resources: ['floatingip'].",
    )


def test_another_projects_does_not_exist(other):
    floating = FloatingIPFactory()
    assert other.get(PATH).json["floatingips"] == []
    assert other.bind_floating_ip(floating, None).status == 404
    assert other("DELETE", f"{PATH}/{floating.id}").kind == "FloatingIPNotFound"


@OPENSTACK
def test_its_port_may_go(demo):
    server = ServerFactory()
    floating = FloatingIPFactory(port=server.nic)
    demo.delete_port(server.nic)
    assert floating.floating_ip.port_id is None


# security groups


def test_the_default_group_is_made_on_first_sight(demo):
    (group,) = demo.get("/network/v2.0/security-groups").json["security_groups"]
    assert group["name"] == "default"
    rules = group["security_group_rules"]
    assert len(rules) == 4
    assert {rule["remote_group_id"] for rule in rules if rule["direction"] == "ingress"} == {
        group["id"]
    }


@pytest.fixture
def vrrp(emulator):
    group = SecurityGroupFactory(name="sg-keepalived")
    return {
        "security_group_id": group.id,
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "112",
        "remote_ip_prefix": "10.20.0.0/24",
    }


RULES = "/network/v2.0/security-group-rules"


def test_a_rule_is_made_once_and_goes(demo, vrrp):
    answer = demo("POST", RULES, {"security_group_rule": vrrp})
    rule = answer.json["security_group_rule"]
    assert answer.status == 201
    assert {name: rule[name] for name in vrrp} == vrrp
    again = demo("POST", RULES, {"security_group_rule": vrrp})
    assert again.message == f"Security group rule already exists. Rule id is {rule['id']}."
    query = f"?security_group_id={vrrp['security_group_id']}&protocol=112"
    assert len(demo.get(RULES + query).json["security_group_rules"]) == 1
    assert demo.get(f"{RULES}/{rule['id']}").json["security_group_rule"] == rule
    assert demo("DELETE", f"{RULES}/{rule['id']}").status == 204
    assert demo.get(RULES + query).json["security_group_rules"] == []


def test_rules_that_are_refused(demo, viewer, other, vrrp):
    body = {"security_group_rule": vrrp}
    assert viewer("POST", RULES, body).status == 403
    assert other("POST", RULES, body).kind == "SecurityGroupNotFound"
    vrrp["direction"] = "sideways"
    assert demo("POST", RULES, body).status == 400


def test_a_rule_does_not_raise_the_revision_of_ports(demo, vrrp):
    port = PortFactory()
    before = demo.port(port)
    demo("POST", RULES, {"security_group_rule": vrrp})
    assert demo.port(port) == before


def test_a_stale_revision_is_refused_where_there_are_revisions(demo, profile):
    """Neutron's revisions are those of all resources, not of ports alone."""
    floating, vip = FloatingIPFactory(), VirtualIPFactory()
    path, stale = f"{PATH}/{floating.id}", {"if_match": "revision_number=0"}
    fresh = {"if_match": f"revision_number={floating.floating_ip.revision_number}"}
    bind = {"floatingip": {"port_id": vip.id}}
    if profile == "openstack":
        for answer in (demo("PUT", path, bind, **stale), demo("DELETE", path, **stale)):
            assert (answer.status, answer.kind) == (412, "RevisionNumberConstraintFailed")
        assert floating.floating_ip.port_id is None
    assert demo("PUT", path, bind, **fresh).status == 200
    if profile == "openstack":
        assert demo("PUT", path, {"floatingip": {"port_id": None}}, **fresh).status == 412
    assert floating.floating_ip.port_id == vip.id
