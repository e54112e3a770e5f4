"""The list of VPCs and a VPC's own page."""

from __future__ import annotations

import uuid

import pytest
from django.core.cache import cache
from django.urls import reverse

from console.emulator import build
from tests.factories import (
    NetworkFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    VPCFactory,
    default_project,
    state,
)

LIST = reverse("vpc:vpc_list")
PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
UNROUTED = "Subnets outside any VPC"


def vpc_url(vpc):
    return reverse("vpc:vpc_detail", args=[vpc.id])


@PROFILES
def test_vpcs_are_listed_by_name_with_their_number_of_subnets(visit):
    vpcs = [VPCFactory(name=name) for name in ("beta", "Alpha", "gamma")]
    for vpc in vpcs[:2]:
        SubnetFactory(vpc=vpc)
    SubnetFactory(vpc=vpcs[0])

    rows = visit(LIST).rows()

    assert [(row["Name/ID"].split()[0], row["Subnets"]) for row in rows] == [
        ("Alpha", "1"),
        ("beta", "2"),
        ("gamma", "0"),
    ]


@PROFILES
def test_each_vpc_shows_its_id_and_status_and_is_linked(visit):
    vpc = VPCFactory(name="vpc-prod")

    page = visit(LIST)

    assert page.rows()[0]["Name/ID"] == f"vpc-prod {vpc.id}"
    assert page.rows()[0]["Status"] == "Available"
    assert page.link("vpc-prod")["href"] == vpc_url(vpc)


def test_the_cidr_comes_from_the_vpc_service(visit):
    VPCFactory(cidr="10.20.0.0/16")

    assert visit(LIST).rows()[0]["IPv4 CIDR Block"] == "10.20.0.0/16"


@OPENSTACK
def test_a_router_knows_no_cidr(visit):
    VPCFactory()

    assert visit(LIST).rows()[0]["IPv4 CIDR Block"] == "--"


@PROFILES
def test_subnets_without_a_router_are_listed_apart(visit):
    subnet = SubnetFactory(name="lonely", vpc=None)

    page = visit(LIST)

    assert UNROUTED in page.text
    assert page.link("lonely")["href"] == reverse(
        "vpc:subnet_detail", args=[subnet.network_id, subnet.id]
    )


@PROFILES
def test_the_networks_of_public_addresses_are_no_subnets_of_the_project(visit):
    VPCFactory()
    build.external_network(state())

    page = visit(LIST)

    assert UNROUTED not in page.text
    assert "203.0.113" not in page.text


@PROFILES
def test_a_shared_network_of_another_project_is_listed(visit):
    SubnetFactory(name="for-all", project=ProjectFactory(), shared=True)

    assert visit(LIST).has("for-all")


@PROFILES
def test_what_another_project_has_is_not_listed(visit):
    other = ProjectFactory()
    vpc = VPCFactory(name="theirs", project=other)
    SubnetFactory(name="their-subnet", project=other, vpc=vpc)

    page = visit(LIST)

    assert "their" not in page.text
    assert "No VPC and no subnet in this project" in page.text


@PROFILES
def test_a_dual_stack_subnet_counts_and_shows_as_one(visit):
    vpc = VPCFactory()
    subnet = SubnetFactory(vpc=vpc, ipv6_cidr="2001:db8:20::/64")

    assert visit(LIST).rows()[0]["Subnets"] == "1"
    rows = visit(vpc_url(vpc)).rows()
    assert [row["CIDR Block"] for row in rows] == [f"{subnet.cidr} 2001:db8:20::/64"]


@OPENSTACK
def test_two_ipv4_ranges_of_one_network_are_two_subnets(visit):
    vpc = VPCFactory()
    network = NetworkFactory(vpc=vpc)
    ranges = ["10.50.0.0/24", "10.51.0.0/24"]
    for cidr in ranges:
        SubnetFactory(network=network, cidr=cidr, vpc=vpc)

    assert visit(LIST).rows()[0]["Subnets"] == "2"
    assert sorted(row["CIDR Block"] for row in visit(vpc_url(vpc)).rows()) == ranges


@PROFILES
def test_a_vpcs_page_lists_its_subnets_alone(visit):
    vpc, other = VPCFactory(name="vpc-prod"), VPCFactory()
    mine = [SubnetFactory(name=name, vpc=vpc) for name in ("web", "db")]
    SubnetFactory(name="elsewhere", vpc=other)
    SubnetFactory(name="nowhere", vpc=None)

    page = visit(vpc_url(vpc))

    assert page.h1 == "vpc-prod"
    assert [row["Name"] for row in page.rows()] == ["db", "web"]
    assert {row["Subnet ID"] for row in page.rows()} == {subnet.id for subnet in mine}


@PROFILES
def test_network_id_and_subnet_id_are_never_mixed_up(visit):
    vpc = VPCFactory()
    subnet = SubnetFactory(vpc=vpc)

    row = visit(vpc_url(vpc)).rows()[0]

    assert (row["Network ID"], row["Subnet ID"]) == (subnet.network_id, subnet.id)
    assert row["Gateway"] == subnet.gateway_ip


@PROFILES
def test_each_subnet_leads_to_its_page_and_to_its_vips(visit):
    vpc = VPCFactory()
    subnet = SubnetFactory(name="db", vpc=vpc)

    page = visit(vpc_url(vpc))

    detail = reverse("vpc:subnet_detail", args=[subnet.network_id, subnet.id])
    assert page.link("db")["href"] == detail
    assert page.link("Virtual IP Address of db")["href"] == f"{detail}?tab=virtual-ips"


@PROFILES
def test_a_vpc_without_subnets_says_so(visit):
    assert "No subnet in this VPC" in visit(vpc_url(VPCFactory())).text


@PROFILES
def test_an_unknown_vpc_is_a_404_page(visit):
    visit(reverse("vpc:vpc_detail", args=[uuid.uuid4()]), status=404)


@PROFILES
def test_a_vpc_of_another_project_is_unknown(visit):
    page = visit(vpc_url(VPCFactory(name="theirs", project=ProjectFactory())), status=404)

    assert "theirs" not in page.text


def test_a_project_with_nothing_in_it_says_so(visit):
    default_project()

    page = visit(LIST)

    assert "No VPC and no subnet in this project" in page.text
    assert UNROUTED not in page.text


@PROFILES
def test_the_pages_cost_no_more_calls_with_more_subnets(visit, emulator):
    vpc = VPCFactory()
    counts = []
    for more in (1, 9):
        for _ in range(more):
            ServerFactory(subnet=SubnetFactory(vpc=vpc))
        emulator.log.clear()
        cache.clear()
        visit(LIST)
        visit(vpc_url(vpc))
        counts.append(len(emulator.log))

    assert counts[0] == counts[1]
