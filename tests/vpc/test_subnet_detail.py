"""A subnet's page: its Summary and its Servers."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from tests.factories import (
    NetworkFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    VPCFactory,
    default_subnet,
    state,
)
from tests.reading import facts

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])


def subnet_url(subnet, query=""):
    return reverse("vpc:subnet_detail", args=[subnet.network_id, subnet.id]) + query


@PROFILES
def test_the_summary_keeps_network_id_and_subnet_id_apart(visit):
    subnet = SubnetFactory(name="db")

    page = visit(subnet_url(subnet))
    shown = facts(page)

    assert page.h1 == "db"
    assert shown["Network ID"].startswith(subnet.network_id)
    assert shown["IPv4 Subnet ID"].startswith(subnet.id)
    assert shown["IPv4 CIDR Block"] == subnet.cidr
    assert "IPv6 Subnet ID" not in shown


@PROFILES
def test_the_summary_says_gateway_dns_and_what_can_be_assigned(visit):
    subnet = SubnetFactory(cidr="10.60.0.0/24")
    record = state().subnets[subnet.id]

    shown = facts(visit(subnet_url(subnet)))

    assert shown["Gateway"] == "10.60.0.1"
    assert shown["DNS Server Address"].split() == record.dns_nameservers
    assert shown["Assignable Addresses"].split()[0] == "10.60.0.2"
    assert shown["DHCP"] == "Enabled"


@PROFILES
def test_a_dual_stack_subnet_shows_both_ids_and_both_ranges(visit):
    subnet = SubnetFactory(ipv6_cidr="2001:db8:20::/64")

    shown = facts(visit(subnet_url(subnet)))

    assert shown["IPv4 Subnet ID"].startswith(subnet.id)
    assert shown["IPv6 Subnet ID"].startswith(subnet.ipv6.id)
    assert shown["IPv6 CIDR Block"] == "2001:db8:20::/64"


@OPENSTACK
def test_the_other_ipv4_range_of_the_network_is_left_out(visit):
    vpc = VPCFactory()
    network = NetworkFactory(vpc=vpc)
    one, two = (
        SubnetFactory(network=network, cidr=cidr, vpc=vpc)
        for cidr in ("10.50.0.0/24", "10.51.0.0/24")
    )

    page = visit(subnet_url(one))

    assert facts(page)["IPv4 CIDR Block"] == "10.50.0.0/24"
    assert two.id not in page.html


@PROFILES
def test_the_vpc_is_linked(visit):
    vpc = VPCFactory(name="vpc-prod")

    page = visit(subnet_url(SubnetFactory(vpc=vpc)))

    assert reverse("vpc:vpc_detail", args=[vpc.id]) in [
        a["href"] for a in page.all("a") if a.text == "vpc-prod"
    ]


@PROFILES
def test_a_subnet_outside_any_vpc_shows_none(visit):
    assert facts(visit(subnet_url(SubnetFactory(vpc=None))))["VPC"] == "--"


def test_a_subnet_without_a_name_is_titled_by_its_network_or_its_range(visit):
    network = NetworkFactory(name="")

    assert visit(subnet_url(SubnetFactory(name="", network=network, cidr="10.70.0.0/24"))).h1 == (
        "10.70.0.0/24"
    )


@PROFILES
def test_a_shared_network_can_be_looked_at(visit):
    subnet = SubnetFactory(name="for-all", project=ProjectFactory(), shared=True)

    assert visit(subnet_url(subnet)).h1 == "for-all"


@PROFILES
@pytest.mark.parametrize("tab", ["summary", "virtual-ips", "servers"])
def test_an_unknown_network_is_a_404_page(visit, tab):
    subnet = default_subnet()
    url = reverse("vpc:subnet_detail", args=[uuid.uuid4(), subnet.id])

    visit(f"{url}?tab={tab}", status=404)


@PROFILES
@pytest.mark.parametrize("tab", ["summary", "virtual-ips", "servers"])
def test_a_subnet_of_another_network_is_a_404_page(visit, tab):
    url = reverse("vpc:subnet_detail", args=[SubnetFactory().network_id, SubnetFactory().id])

    visit(f"{url}?tab={tab}", status=404)


@PROFILES
def test_a_subnet_of_another_project_is_unknown(visit):
    theirs = SubnetFactory(name="theirs", project=ProjectFactory(), vpc=None)

    assert "theirs" not in visit(subnet_url(theirs), status=404).text


@pytest.mark.parametrize("path", ["/vpcs", "device_owner="])
def test_a_vpc_that_cannot_be_read_costs_only_its_own_line(visit, emulator, path):
    subnet = SubnetFactory(name="db")
    emulator.faults.add(Fault("GET", path, "status", status=500, times=None))

    page = visit(subnet_url(subnet))

    assert page.h1 == "db"
    assert "A part of this page could not be read" in page.text


def test_the_tabs_keep_the_way_back_to_the_server(visit):
    server = ServerFactory()
    origin = f"server={server.id}&nic={server.nic.id}"

    page = visit(subnet_url(default_subnet(), f"?{origin}"))

    for label in ("Summary", "Virtual IP Address", "Servers"):
        link = next(a for a in page.all("a") if a.text == label and "tab=" in a["href"])
        assert link["href"].endswith(origin)


@pytest.mark.parametrize("server", ["nonsense", "<script>", ""])
def test_a_way_back_that_is_none_is_not_shown(visit, server):
    page = visit(subnet_url(default_subnet(), f"?server={server}"))

    assert "Back to" not in page.text


def test_a_range_that_is_none_is_an_answer_that_cannot_be_understood(visit, emulator):
    subnet = SubnetFactory()
    body = '{"subnets": [{"id": "%s", "network_id": "%s", "cidr": "10.0.0.999/24"}]}'
    emulator.faults.add(
        Fault("GET", "/subnets", "status", status=200, body=body % (subnet.id, subnet.network_id))
    )

    page = visit(subnet_url(subnet), status=502)

    assert "could not be understood" in page.h1
    assert "subnets[0]" in page.text


# the tab Servers


@PROFILES
def test_the_servers_tab_shows_those_with_a_nic_here_and_its_addresses(visit):
    here, there = SubnetFactory(), SubnetFactory()
    both = ServerFactory(name="both", subnets=[there, here])
    twice = ServerFactory(name="twice", subnet=here, nics=2)
    ServerFactory(name="elsewhere", subnet=there)

    rows = {
        row["Name/ID"].split()[0]: row for row in visit(subnet_url(here, "?tab=servers")).rows()
    }

    assert set(rows) == {"both", "twice"}
    assert rows["both"]["Private IP Address (NIC)"] == both.nics[1].ip_address
    assert rows["twice"]["Private IP Address (NIC)"].split() == [n.ip_address for n in twice.nics]
    assert rows["both"]["MAC Address"] == both.nics[1].port.mac_address


@PROFILES
def test_the_servers_tab_can_be_searched(visit):
    ServerFactory(name="db-1")
    ServerFactory(name="web-1")

    rows = visit(subnet_url(default_subnet(), "?tab=servers&q=db")).rows()

    assert [row["Name/ID"].split()[0] for row in rows] == ["db-1"]


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "No server has a NIC in this subnet"), ("&q=x", "No server of this subnet matches")],
)
def test_the_servers_tab_says_why_it_is_empty(visit, query, words):
    assert words in visit(subnet_url(default_subnet(), f"?tab=servers{query}")).text


def test_the_servers_tab_says_so_only_where_it_is_empty(visit):
    here = SubnetFactory(cidr="10.20.0.0/24")
    ServerFactory.create_batch(120, subnet=here)

    for query in ("", "&q=10.20.0.", "&first=50", "&first=100"):
        page = visit(subnet_url(here, f"?tab=servers{query}"))
        assert page.rows()
        assert "No server" not in page.text
        assert len(page.all("nav", class_="pagination")) == 1


@pytest.mark.parametrize("query", ["", "&q=x"])
def test_an_empty_servers_tab_says_why_once_and_has_no_pages(visit, query):
    page = visit(subnet_url(default_subnet(), f"?tab=servers{query}"))

    assert page.text.count("No server") == 1
    assert not [link for link in page.all("a") if link["rel"] in {"next", "prev"}]


def test_a_server_that_is_not_on_the_first_page_of_the_cloud_is_there_all_the_same(visit):
    here, there = SubnetFactory(), SubnetFactory()
    old = ServerFactory(name="old", subnet=here, created=1)
    for _ in range(50):
        ServerFactory(subnet=there)

    page = visit(subnet_url(here, "?tab=servers"))

    assert [row["Name/ID"] for row in page.rows()] == [f"{old.id} {old.id}"]
    assert "not read yet" in page.rows()[0]["Status"]
    loader = next(e["hx-get"] for e in page.all("div", hx_trigger="load"))
    named = visit(loader, htmx=True)
    assert f"innerHTML:[data-server-name='{old.id}']" in named.html
    assert "old" in named.text
    assert "Running" in named.text


def test_the_servers_tab_is_paged_by_address(visit):
    here = SubnetFactory(cidr="10.20.0.0/24")
    servers = [ServerFactory(subnet=here) for _ in range(60)]

    page = visit(subnet_url(here, "?tab=servers"))
    onward = visit(subnet_url(here) + page.link("Next")["href"])

    ids = [row["Name/ID"].split()[-1] for row in (*page.rows(), *onward.rows())]
    assert ids == [server.id for server in servers]
    assert "1-50 of 60 servers" in page.text
    assert not onward.all("a", rel="next")
    back = visit(subnet_url(here) + onward.link("Previous")["href"])
    assert back.rows() == page.rows()


def test_a_small_project_has_no_virtual_machines_among_its_bare_metal_servers(visit):
    here = SubnetFactory()
    server = ServerFactory(name="bms", subnet=here)
    ServerFactory(name="vm", subnet=here, bare_metal=False)

    page = visit(subnet_url(here, "?tab=servers"))

    assert [row["Name/ID"] for row in page.rows()] == [f"bms {server.id}"]


@pytest.mark.parametrize("profile", ["openstack"])
def test_an_id_that_is_none_is_an_answer_that_cannot_be_understood(visit, emulator):
    """Our own addresses are made of ids, so it has to be noticed where it comes in."""
    body = '{"routers": [{"id": "<7>"}]}'
    emulator.faults.add(Fault("GET", "/routers", "status", status=200, body=body))

    page = visit(reverse("vpc:vpc_list"), status=502)

    assert "routers[0].id" in page.text
