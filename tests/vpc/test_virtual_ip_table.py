"""The tab Virtual IP Address of a subnet."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.urls import reverse

from console.emulator.faults import Fault
from console.emulator.records import Pair
from tests.factories import (
    FloatingIPFactory,
    NetworkFactory,
    PortFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
    VPCFactory,
    default_subnet,
    state,
)
from tests.tour import furnish

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
COLUMNS = ["Tick", "Virtual IP Address", "Bound EIP", "Bound Server (NIC)", "Operation"]
SERVERS = "Bound Server (NIC)"


@pytest.fixture
def tab(visit):
    def open_tab(subnet=None, search="", *, part="", **more):
        subnet = subnet or default_subnet()
        url = reverse("vpc:subnet_detail", args=[subnet.network_id, subnet.id])
        query = f"?tab=virtual-ips{more.pop('query', '')}" + (
            f"&q={quote(search)}" if search else ""
        )
        headers = {"HX-Target": part} if part else {}
        return visit(url + query, htmx=bool(part), **headers, **more)

    return open_tab


def addresses(page):
    return [row["Virtual IP Address"].split()[0] for row in page.rows()]


@PROFILES
def test_a_free_vip_shows_dashes(tab):
    vip = VirtualIPFactory()

    row = tab().rows()[0]

    assert list(row) == COLUMNS
    assert row["Virtual IP Address"] == f"{vip.ip_address} {vip.name}"
    assert row["Bound EIP"] == row[SERVERS] == "--"


@PROFILES
def test_a_port_that_is_no_vip_is_not_listed(tab):
    ServerFactory()
    PortFactory()

    assert tab(part="vips").rows() == []


@PROFILES
def test_an_eip_is_shown(tab):
    floating = FloatingIPFactory(port=VirtualIPFactory())

    assert tab().rows()[0]["Bound EIP"].startswith(floating.ip_address)


@PROFILES
def test_every_bound_server_is_linked_with_the_address_of_its_nic(tab, visit):
    servers = [ServerFactory(name=name) for name in ("db-1", "db-2")]
    VirtualIPFactory(bound_to=[server.nic for server in servers])
    visit(reverse("bms:server_list"))

    page = tab()

    for server in servers:
        assert f"{server.name} ({server.ip_address})" in page.rows()[0][SERVERS]
        link = reverse("bms:server_detail", args=[server.id])
        assert page.link(server.name)["href"] == f"{link}?tab=nics"


@PROFILES
def test_names_that_are_not_known_yet_are_fetched_afterwards(tab, visit):
    server = ServerFactory(name="db-1")
    VirtualIPFactory(bound_to=[server.nic])
    cache.clear()

    page = tab()
    later = next(e for e in page.all("div") if "/names/" in e["hx-get"])
    visit(later["hx-get"], htmx=True)

    assert page.rows()[0][SERVERS] == f"{server.id} ({server.ip_address})"
    assert page.all("bdi", data_server_name=server.id)
    assert later["hx-trigger"] == "load"
    assert tab().rows()[0][SERVERS] == f"db-1 ({server.ip_address})"


def test_names_that_are_known_are_not_fetched_again(tab, visit):
    VirtualIPFactory(bound_to=[ServerFactory().nic])
    visit(reverse("bms:server_list"))

    assert not [e for e in tab().all("div") if "/names/" in e["hx-get"]]


def test_a_half_bound_server_is_called_so(tab):
    server = ServerFactory()
    VirtualIPFactory(half_bound_to=[server.nic])

    assert "Half bound" in tab().rows()[0][SERVERS]


def test_an_address_of_no_port_is_called_orphaned(tab):
    vip = VirtualIPFactory()
    vip.port.allowed_address_pairs = [Pair("10.20.0.99", vip.port.mac_address)]

    assert tab().rows()[0][SERVERS].startswith("10.20.0.99 Orphaned")


@OPENSTACK
def test_a_port_of_no_server_that_lists_the_vip_is_called_orphaned(tab):
    vip = VirtualIPFactory()
    PortFactory(allowed_address_pairs=[vip.ip_address])

    assert "Orphaned" in tab().rows()[0][SERVERS]


@PROFILES
def test_a_vip_of_a_component_of_the_cloud_is_marked(tab):
    vip = VirtualIPFactory(device_id="rds-instance-1")

    page = tab()
    assert page.rows()[0]["Virtual IP Address"].split()[1] == "System"
    for control in ("eip-operation", "bind", "unbind", "release"):
        (button,) = page.all("button", id=f"{control}-{vip.id}")
        (why,) = page.all("span", id=f"{control}-{vip.id}-reason")
        assert button["aria-disabled"] == "true"
        assert why.text == "It belongs to a component of the cloud."


@PROFILES
def test_vips_are_sorted_by_address_as_numbers(tab):
    for last in (100, 20, 3):
        VirtualIPFactory(ip_address=f"10.20.0.{last}")

    assert addresses(tab()) == ["10.20.0.3", "10.20.0.20", "10.20.0.100"]


@PROFILES
def test_the_vips_of_other_subnets_are_left_out(tab):
    VirtualIPFactory(ip_address="10.20.0.50")
    VirtualIPFactory(subnet=SubnetFactory())

    assert addresses(tab()) == ["10.20.0.50"]


@OPENSTACK
def test_the_vips_of_the_other_range_of_the_network_are_left_out(tab):
    vpc = VPCFactory()
    network = NetworkFactory(vpc=vpc)
    one, two = (
        SubnetFactory(network=network, cidr=cidr, vpc=vpc)
        for cidr in ("10.50.0.0/24", "10.51.0.0/24")
    )
    VirtualIPFactory(subnet=one, ip_address="10.50.0.9")
    VirtualIPFactory(subnet=two, ip_address="10.51.0.9")

    assert addresses(tab(one)) == ["10.50.0.9"]
    assert addresses(tab(two)) == ["10.51.0.9"]


@PROFILES
def test_a_dual_stack_subnet_shows_both_kinds(tab):
    subnet = SubnetFactory(ipv6_cidr="2001:db8:20::/64")
    VirtualIPFactory(subnet=subnet.ipv6, ip_address="2001:db8:20::9")
    VirtualIPFactory(subnet=subnet, ip_address="10.20.0.9")

    assert addresses(tab(subnet)) == ["10.20.0.9", "2001:db8:20::9"]


@PROFILES
def test_a_vip_without_an_address_is_still_there(tab):
    vip = VirtualIPFactory()
    state().release(vip.port.fixed_ips)
    vip.port.fixed_ips = []

    assert tab().rows()[0]["Virtual IP Address"].startswith("(no address)")


@PROFILES
@pytest.mark.parametrize("what", ["address", "part", "eip", "server name", "server id", "nic"])
def test_the_search_looks_at_all_that_stands_in_the_row(tab, visit, what):
    server = ServerFactory(name="Database-1", ip_address="10.20.0.201")
    vip = VirtualIPFactory(ip_address="10.20.0.77", bound_to=[server.nic])
    floating = FloatingIPFactory(port=vip)
    VirtualIPFactory(ip_address="10.20.0.88")
    visit(reverse("bms:server_list"))
    text = {
        "address": "10.20.0.77",
        "part": "0.77",
        "eip": floating.ip_address,
        "server name": "dataBASE",
        "server id": server.id,
        "nic": "10.20.0.201",
    }[what]

    page = tab(search=text)

    assert addresses(page) == ["10.20.0.77"]
    assert "1 of 2 virtual IP addresses" in page.text


@PROFILES
def test_a_search_without_a_match_leads_back(tab):
    VirtualIPFactory()

    page = tab(search="nothing")

    assert "No virtual IP address matches" in page.text
    assert "0 of 1 virtual IP address" in page.text
    back = page.link("Show all")["href"]
    assert "tab=virtual-ips" in back
    assert "q=" not in back


def test_the_search_keeps_the_tab_and_the_way_back(tab):
    server = ServerFactory()

    page = tab(query=f"&server={server.id}&nic={server.nic.id}")

    assert page.hidden("tab") == "virtual-ips"
    assert page.hidden("server") == server.id
    assert page.hidden("nic") == server.nic.id


@PROFILES
@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 virtual IP addresses"), (1, "1 virtual IP address"), (3, "3 virtual IP addresses")],
)
def test_the_vips_are_counted(tab, number, words):
    for _ in range(number):
        VirtualIPFactory()

    [note] = [one for one in tab().all("p") if "data-said" in one.attributes]
    assert note.text == words


def test_an_empty_subnet_says_what_to_do(tab):
    assert "No virtual IP address in this subnet yet" in tab().text


@PROFILES
def test_the_table_reads_itself_again_when_something_changed(tab):
    VirtualIPFactory()
    panel = tab().all("section", id="vips")[0]

    assert panel["hx-trigger"] == "vips-changed from:body, port-owner-changed from:body"
    assert panel["hx-target"] == "this"


def test_what_the_table_reads_is_the_table_alone(tab):
    VirtualIPFactory()

    page = tab(part="vips")

    assert len(page.rows()) == 1
    assert [e.tag for e in page.root.children if not isinstance(e, str)] == ["section"]
    assert not page.all("h1")


def test_an_eip_that_cannot_be_read_is_not_said_to_be_missing(tab, emulator):
    FloatingIPFactory(port=VirtualIPFactory())
    emulator.faults.add(Fault("GET", "/floatingips", "status", status=500, times=None))

    page = tab()

    assert page.rows()[0]["Bound EIP"] == "not known"
    assert "A part of this page could not be read" in page.text


@PROFILES
def test_each_row_leads_to_what_can_be_done(tab):
    tour = furnish()

    page = tab(tour.subnet)

    for vip in (tour.vip, tour.free):
        links = {e["href"] for e in page.all("tr", id=f"vip-{vip.id}")[0].walk() if e["href"]}
        assert {tour.dialog("bind", vip), tour.dialog("release", vip)} <= links
    assert page.link("Assign Virtual IP Address")["href"] == tour.dialog("assign")


def test_a_free_vip_says_why_it_cannot_be_unbound(tab):
    VirtualIPFactory()

    page = tab()

    assert page.button("Unbind from Server")["aria-disabled"] == "true"
    assert "It is bound to no server." in page.text


@PROFILES
def test_a_bound_vip_leads_to_the_guide_and_a_free_one_says_why_not(tab):
    tour = furnish()
    server = tour.servers[0]
    origin = f"server={server.id}&nic={server.nic.id}"

    page = tab(tour.subnet, query=f"&{origin}")

    item = page.link("Configure inside the servers")
    assert item["href"] == f"{tour.dialog('guide')}?{origin}"
    assert item["hx-target"] == "#modal"
    assert page.button("Configure inside the servers")["aria-disabled"] == "true"


def test_a_bound_vip_can_be_unbound(tab):
    tour = furnish()

    page = tab(tour.subnet)

    row = page.all("tr", id=f"vip-{tour.vip.id}")[0]
    assert tour.dialog("unbind") in {e["href"] for e in row.walk()}


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"x"', "x" * 300])
def test_no_search_breaks_the_table(tab, text):
    VirtualIPFactory()

    assert "<script>alert" not in tab(search=text).html


def test_the_number_of_calls_does_not_grow_with_the_vips(tab, emulator):
    counts = []
    for more in (2, 20):
        for _ in range(more):
            VirtualIPFactory(bound_to=[ServerFactory().nic])
        emulator.log.clear()
        cache.clear()
        tab()
        counts.append(len(emulator.log))

    assert counts[0] == counts[1]


@PROFILES
def test_a_nic_of_something_that_is_no_server_is_named_but_not_linked(tab):
    nic = ServerFactory().nic
    VirtualIPFactory(bound_to=[nic])
    state().set_device(nic.port, "pod-<7>")

    page = tab()

    assert page.rows()[0][SERVERS] == f"pod-<7> ({nic.ip_address})"
    assert not page.has("pod-<7>")
