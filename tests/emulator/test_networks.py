"""Networks, subnets, routers, VPCs, quotas (cloud-api 3.1 to 3.3, 3.8; FACTS)."""

from __future__ import annotations

import pytest

from tests import factories
from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import (
    NetworkFactory,
    PortFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
    VPCFactory,
)

NOBODY = "00000000-0000-0000-0000-000000000000"
V2 = "/network/v2.0"


def listed(caller, plural, query=""):
    return caller.get(f"{V2}/{plural}{query}").json[plural]


def test_a_network(demo, profile):
    subnet = SubnetFactory(name="subnet-db")
    body = demo.get(f"{V2}/networks/{subnet.network_id}").json["network"]
    assert body["subnets"] == [subnet.id]
    assert (body["shared"], body["router:external"], body["status"]) == (False, False, "ACTIVE")
    assert body["name"] == (subnet.vpc_id if profile == "otc" else "subnet-db")
    assert ("revision_number" in body) is (profile == "openstack")


def test_the_external_network_is_everybodys(other, profile):
    VPCFactory()
    (network,) = listed(other, "networks", "?router:external=True")
    assert network["id"] == "0a2228f2-7f8a-45f1-8e09-9039e1d09975"
    assert network["name"] == ("admin_external_net" if profile == "otc" else "public")


def test_a_subnet(demo, profile):
    subnet = SubnetFactory(cidr="10.20.0.0/24", name="subnet-db")
    body = demo.get(f"{V2}/subnets/{subnet.id}").json["subnet"]
    assert (body["cidr"], body["gateway_ip"], body["ip_version"]) == (
        "10.20.0.0/24",
        "10.20.0.1",
        4,
    )
    last = "10.20.0.251" if profile == "otc" else "10.20.0.254"
    assert body["allocation_pools"] == [{"start": "10.20.0.2", "end": last}]
    assert body["network_id"] == subnet.network_id
    assert body["enable_dhcp"] is True


def test_a_dual_stack_network_has_two_subnets(demo):
    subnet = SubnetFactory(ipv6_cidr="2001:db8::/64")
    found = listed(demo, "subnets", f"?network_id={subnet.network_id}&sort_key=ip_version")
    assert [each["ip_version"] for each in found] == [4, 6]
    assert found[1]["ipv6_address_mode"] == "dhcpv6-stateful"
    assert listed(demo, "subnets", "?cidr=2001:db8::/64&ip_version=6")[0]["id"] == subnet.ipv6.id


def test_a_vpc_is_a_router(demo, profile):
    subnet = SubnetFactory()
    (router,) = listed(demo, "routers")
    assert router["id"] == subnet.vpc_id
    assert router["external_gateway_info"]["network_id"]
    query = f"?device_id={router['id']}&fields=device_owner"
    owner = "network:router_interface" + ("_distributed" if profile == "otc" else "")
    assert listed(demo, "ports", query) == [{"device_owner": owner}]


@OPENSTACK
def test_a_network_without_router(demo):
    subnet = SubnetFactory(vpc=None)
    assert listed(demo, "ports", f"?network_id={subnet.network_id}") == []
    assert listed(demo, "routers") == []


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("network", f"Network {NOBODY} could not be found."),
        ("subnet", f"Subnet {NOBODY} could not be found."),
        ("router", f"Router {NOBODY} could not be found."),
        ("security-group", f"Security group {NOBODY} does not exist"),
        ("security-group-rule", f"Security group rule {NOBODY} does not exist"),
        ("floatingip", f"Floating IP {NOBODY} could not be found"),
    ],
)
def test_what_is_not_there(demo, kind, message):
    answer = demo.get(f"{V2}/{kind}s/{NOBODY}")
    assert (answer.status, answer.message) == (404, message)


def test_another_project_sees_nothing(other):
    subnet = SubnetFactory()
    paths = [f"networks/{subnet.network_id}", f"subnets/{subnet.id}", f"routers/{subnet.vpc_id}"]
    assert [other.get(f"{V2}/{path}").status for path in paths] == [404] * 3
    assert listed(other, "subnets") == []
    assert listed(other, "networks", "?router:external=False") == []


# removal


def test_a_subnet_in_use_stays(demo):
    port = PortFactory(subnet=SubnetFactory(vpc=None))
    answer = demo("DELETE", f"{V2}/subnets/{port.subnet_id}")
    assert (answer.status, answer.kind) == (409, "SubnetInUse")
    assert answer.message == (
        f"Unable to complete operation on subnet {port.subnet_id}: "
        "One or more ports have an IP allocation from this subnet."
    )
    answer = demo("DELETE", f"{V2}/networks/{port.network_id}")
    assert answer.kind == "NetworkInUse"
    assert answer.message == (
        f"Unable to complete operation on network {port.network_id}. There are one or more ports "
        "still in use on the network, id for these ports is: "
        f"{','.join(sorted(p.id for p in factories.state().ports_of_network(port.network_id)))}."
    )


def test_an_empty_one_goes(demo, viewer):
    network = NetworkFactory()
    assert viewer("DELETE", f"{V2}/networks/{network.id}").status == 403
    assert demo("DELETE", f"{V2}/networks/{network.id}").status == 204
    assert demo("DELETE", f"{V2}/networks/{network.id}").status == 404


@OPENSTACK
def test_an_empty_subnet_goes(demo, viewer):
    subnet = SubnetFactory(vpc=None)
    assert viewer("DELETE", f"{V2}/subnets/{subnet.id}").status == 403
    assert demo("DELETE", f"{V2}/subnets/{subnet.id}").status == 204
    assert demo("DELETE", f"{V2}/subnets/{subnet.id}").status == 404


# usage, quotas, extensions


@OTC
def test_the_usage_of_addresses_leaves_the_system_out(demo):
    subnet = SubnetFactory(cidr="10.20.0.0/24")
    VirtualIPFactory(subnet=subnet)
    path = f"{V2}/network-ip-availabilities/{subnet.network_id}"
    body = demo.get(path).json["network_ip_availability"]
    assert (body["total_ips"], body["used_ips"]) == (250, 1)
    assert body["subnet_ip_availability"][0]["subnet_id"] == subnet.id
    assert demo.get(f"{V2}/network-ip-availabilities/{NOBODY}").status == 404


@OPENSTACK
def test_the_usage_of_addresses_is_for_administrators(demo):
    subnet = SubnetFactory()
    assert demo.get(f"{V2}/network-ip-availabilities/{subnet.network_id}").status == 403


def test_quotas(demo, viewer, other):
    ServerFactory(nics=2)
    path = f"{V2}/quotas/{demo.project_id}"
    details = viewer.get(f"{path}/details.json").json["quota"]
    assert details["port"]["limit"] == 500
    assert details["port"]["used"] >= 2
    assert demo.get(path).json["quota"]["floatingip"] == 50
    assert other.get(path).status == 403
    answer = demo("PUT", path, {"quota": {"port": 5000}})
    assert answer.message == "rule:update_quota is disallowed by policy"


def test_an_administrator_sets_a_quota(admin):
    path = f"{V2}/quotas/{admin.project_id}"
    assert admin("PUT", path, {"quota": {"port": 7}}).json["quota"]["port"] == 7
    assert admin.get(path).json["quota"]["port"] == 7


def test_extensions(demo, profile):
    aliases = {each["alias"] for each in demo.get(f"{V2}/extensions").json["extensions"]}
    assert "allowed-address-pairs" in aliases
    assert ("revision-if-match" in aliases) is (profile == "openstack")
    one = demo.get(f"{V2}/extensions/router").json["extension"]
    assert one["alias"] == "router"
    assert demo.get(f"{V2}/extensions/nosuch").kind == "ExtensionNotFound"


# VPCs, version 1 of the API


@OTC
class TestVPCs:
    def path(self, caller, rest=""):
        return f"/vpc/v1/{caller.project_id}/vpcs{rest}"

    def test_one(self, demo):
        vpc = VPCFactory(name="vpc-prod", cidr="10.20.0.0/16")
        body = demo.get(self.path(demo, f"/{vpc.id}")).json["vpc"]
        assert body == {
            "id": vpc.id,
            "name": "vpc-prod",
            "description": "",
            "cidr": "10.20.0.0/16",
            "status": "OK",
            "enterprise_project_id": "0",
            "routes": [],
            "enable_shared_snat": False,
            "tenant_id": demo.project_id,
            "created_at": "2027-01-15T08:00:00",
            "updated_at": "2027-01-15T08:00:00",
        }

    def test_pages(self, demo):
        made = sorted(VPCFactory().id for _ in range(3))
        first = demo.get(self.path(demo, "?limit=2")).json["vpcs"]
        rest = demo.get(self.path(demo, f"?marker={first[-1]['id']}")).json["vpcs"]
        assert [vpc["id"] for vpc in [*first, *rest]] == made
        (one,) = demo.get(self.path(demo, f"?id={made[1]}")).json["vpcs"]
        assert one["id"] == made[1]

    @pytest.mark.parametrize("query", ["?limit=2001", "?limit=x", f"?marker={NOBODY}"])
    def test_bad_pages(self, demo, query):
        assert demo.get(self.path(demo, query)).status == 400

    def test_errors(self, demo, other):
        vpc = VPCFactory()
        missing = demo.get(self.path(demo, f"/{NOBODY}"))
        assert (missing.status, missing.json["code"]) == (404, "VPC.0003")
        assert other.get(self.path(other, f"/{vpc.id}")).json["code"] == "VPC.0003"
        wrong = other.get(self.path(demo))
        assert (wrong.status, wrong.json["code"]) == (400, "VPC.0007")


@OPENSTACK
def test_openstack_has_no_such_api(demo):
    assert demo.get(f"/vpc/v1/{demo.project_id}/vpcs").status == 404
