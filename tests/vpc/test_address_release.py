"""The lower card Private IP addresses, and giving back what nobody uses."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.emulator.records import Pair
from console.models import Operation
from tests.factories import (
    FloatingIPFactory,
    PortFactory,
    ServerFactory,
    SubnetFactory,
    UserFactory,
    state,
)
from tests.tour import furnish
from tests.vpc.dialogs import Dialog

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
DELETE = ("DELETE", "/ports/")
ROUTER = "6b1f4c9e-2d5a-4f83-9a6e-0c7d15b8e341"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def card(visit, tour):
    """The card alone, as htmx reads it: {address: row}."""

    def read(search="", first="", subnet=None):
        subnet = subnet or tour.subnet
        url = reverse("vpc:subnet_detail", args=[subnet.network_id, subnet.id])
        query = f"?tab=virtual-ips&pq={quote(search)}&pfirst={first}"
        page = visit(url + query, htmx=True, **{"HX-Target": "addresses"})
        return {row["IP Address"]: row for row in page.rows()}, page

    return read


def url_of(tour, port):
    return reverse("vpc:address_release", args=[*tour.subnet_args, port.id])


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(port=None, **more):
        return Dialog(signed_in, url_of(tour, port or tour.unused), **more)

    return open_dialog


def is_there(port):
    return port.id in state().ports


# the card


@PROFILES
def test_it_lists_all_but_the_vips_by_address(card, tour):
    rows, page = card()

    assert {server.ip_address for server in tour.servers} < rows.keys()
    assert tour.unused.ip_address in rows
    assert tour.vip.ip_address not in rows
    assert list(next(iter(rows.values()))) == ["IP Address", "Resource ID", "Used By", "Operation"]
    assert f"1-{len(rows)} of {len(rows)}" in page.text
    numbers = [[int(part) for part in address.split(".")] for address in rows]
    assert numbers == sorted(numbers)


@PROFILES
def test_the_whole_tab_has_it_below_the_vips(visit, tour):
    page = visit(tour.urls["subnet_virtual_ips"])

    assert [table["id"] for table in page.all("section") if table["id"] in ("vips", "addresses")]
    assert page.html.index('id="vips"') < page.html.index('id="addresses"')


@PROFILES
def test_it_costs_no_further_call(signed_in, tour, emulator):
    signed_in.get(tour.urls["subnet_virtual_ips"])

    calls = [f"{call.path}?{call.query}" for call in emulator.log]
    assert len([call for call in calls if f"network_id={tour.subnet.network_id}" in call]) == 3
    assert len(calls) == len(set(calls))


@PROFILES
@pytest.mark.parametrize(
    ("owner", "device", "words"),
    [
        ("network:router_interface", ROUTER, "Gateway"),
        ("network:router_interface_distributed", ROUTER, "Gateway"),
        ("network:dhcp", "dhcp-1", "DHCP"),
        ("neutron:LOADBALANCERV2", "lb-1", "Shared load balancer"),
        ("neutron:LOADBALANCERV3", "lb-1", "Dedicated load balancer"),
        ("network:nat_gateway", "nat-1", "NAT gateway"),
        ("network:endpoint_interface", "ep-1", "VPC endpoint"),
        ("network:ucmp", "", "network:ucmp"),
        ("<b>odd</b>", "", "<b>odd</b>"),
        ("", "something", "Device something"),
        ("", "", "Unused"),
    ],
)
def test_the_owner_is_told_in_words(card, tour, owner, device, words):
    port = PortFactory(name="", subnet=tour.subnet, device_owner=owner)
    state().set_device(port.port, device)

    row = card()[0][port.ip_address]

    can_be_vip = words == "Unused" and not state().otc
    assert row["Used By"] == words + " Can be used as a virtual IP address" * can_be_vip
    assert row["Resource ID"] == port.id
    assert ("is in use" in row["Operation"]) == bool(owner or device)


@PROFILES
def test_a_server_is_linked_by_its_name(card, visit, tour):
    visit(reverse("bms:server_list"))

    rows, page = card()

    server = tour.servers[0]
    assert rows[server.ip_address]["Used By"] == "db-1"
    link = reverse("bms:server_detail", args=[server.id])
    assert page.link("db-1")["href"] == f"{link}?tab=nics"


@PROFILES
def test_only_what_is_unused_can_be_released(card, tour):
    rows, page = card()

    [link] = page.all("a", id=f"release-address-{tour.unused.id}")
    assert link["href"] == url_of(tour, tour.unused)
    nic = tour.servers[0].nic
    [button] = page.all("button", id=f"release-address-{nic.id}")
    assert button["aria-disabled"] == "true"
    assert f"Address {nic.ip_address} is in use." in rows[nic.ip_address]["Operation"]


@PROFILES
@pytest.mark.parametrize("what", ["address", "id", "name", "owner", "server"])
def test_the_search_looks_at_all_that_is_shown(card, visit, tour, what):
    visit(reverse("bms:server_list"))
    server = tour.servers[0]
    text, found = {
        "address": (tour.unused.ip_address, tour.unused.ip_address),
        "id": (tour.unused.id.upper(), tour.unused.ip_address),
        "name": ("PUT-aside", tour.unused.ip_address),
        "owner": ("unused", tour.unused.ip_address),
        "server": ("db-1", server.ip_address),
    }[what]

    assert list(card(text)[0]) == [found]


@PROFILES
def test_a_row_that_was_kept_is_not_shown_of_what_changed(card, tour):
    address = tour.unused.ip_address
    rows, _ = card()
    assert "renamed" not in rows[address]["Used By"]
    tour.unused.port.name = "renamed"
    FloatingIPFactory(port=tour.unused)

    rows, _ = card()

    assert "renamed" in rows[address]["Used By"]
    assert "holds EIP" in rows[address]["Operation"]


def test_a_row_that_was_kept_is_not_shown_to_who_may_do_less(card, visit, tour, sign_in):
    address = tour.unused.ip_address
    assert "only allows viewing" not in card()[0][address]["Operation"]
    UserFactory(name="viewer", roles="reader")

    sign_in("viewer")

    assert "only allows viewing" in card()[0][address]["Operation"]


def test_a_search_without_a_find_says_so(card):
    rows, page = card("<script>")

    assert not rows
    assert "No private IP address matches" in page.text
    assert page.all("input", name="pq")[0]["value"] == "<script>"


@PROFILES
def test_fifty_stand_on_a_page(card, tour):
    for n in range(60):
        PortFactory(subnet=tour.subnet, ip_address=f"10.20.1.{100 + n}")

    first, page = card()
    second, last = card(first="50")
    beyond, _ = card(first="1000")

    assert len(first) == 50
    assert "pfirst=50" in page.link("Next")["href"]
    assert not first.keys() & second.keys()
    assert {f"10.20.1.{100 + n}" for n in range(60)} < first.keys() | second.keys()
    assert "pfirst=0" in last.link("Previous")["href"]
    assert beyond == second


@PROFILES
@pytest.mark.parametrize("first", ["-1", "x", "9999999999999999999999"])
def test_what_is_no_page_is_the_first_one(card, first):
    assert card(first=first)[0] == card()[0]


@PROFILES
def test_the_two_searches_keep_each_other(visit, tour):
    page = visit(f"{tour.urls['subnet_virtual_ips']}&q=10.20.1.10&pq=unused")

    upper, lower = (f for f in page.all("form") if f["role"] == "search")
    assert ("pq", "unused") in {(i["name"], i["value"]) for i in upper.walk() if i.tag == "input"}
    assert ("q", "10.20.1.10") in {
        (i["name"], i["value"]) for i in lower.walk() if i.tag == "input"
    }


@PROFILES
def test_what_another_range_of_the_network_has_is_left_out(card, tour):
    other = SubnetFactory(network=state().networks[tour.subnet.network_id], cidr="10.30.0.0/24")
    there = PortFactory(subnet=other)

    assert there.ip_address not in card()[0]
    assert there.ip_address in card(subnet=other)[0]


@PROFILES
def test_both_families_stand_in_one_row(card):
    subnet = SubnetFactory(ipv6_cidr="2001:db8:20::/64")
    fixed = [{"subnet_id": subnet.id}, {"subnet_id": subnet.ipv6.id}]
    port = PortFactory(subnet=subnet, fixed_ips=fixed)

    rows, _ = card(subnet=subnet)

    [row] = [row for row in rows.values() if row["Resource ID"] == port.id]
    assert {fixed.ip_address for fixed in port.port.fixed_ips} == set(row["IP Address"].split())


# release


@PROFILES
def test_an_unused_address_is_released(dialog, tour):
    opened = dialog()
    page = opened.done()

    assert f"address {tour.unused.ip_address}" in opened.page.text
    assert "put-aside" in opened.page.text
    assert not is_there(tour.unused)
    assert f"Private IP address {tour.unused.ip_address} is released." in page.text
    assert tour.unused.ip_address not in page.all("table")[1].text


@PROFILES
def test_in_the_dialog_the_card_is_told(dialog, tour):
    response = dialog(htmx=True).send()

    assert response["HX-Reswap"] == "none"
    assert "addresses-changed" in response["HX-Trigger-After-Settle"]
    assert not is_there(tour.unused)


def used(tour):
    state().set_device(tour.unused.port, "something")
    return "is in use. Used by: Device something"


def owned(tour):
    tour.unused.port.device_owner = "network:dhcp"
    return "is in use. Used by: DHCP"


def with_eip(tour):
    eip = FloatingIPFactory(port=tour.unused)
    return f"holds EIP {eip.ip_address}"


def with_pairs(tour):
    mac = tour.unused.port.mac_address
    tour.unused.port.allowed_address_pairs = [Pair("192.0.2.7", mac)]
    return "lists allowed address pairs (192.0.2.7)"


CASES = pytest.mark.parametrize("case", [used, owned, with_eip, with_pairs])


@PROFILES
@CASES
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_in_use_is_refused_before_the_question(dialog, tour, case, htmx):
    words = case(tour)

    opened = dialog(htmx=htmx)

    assert "cannot be released now" in opened.page.text
    assert words in opened.page.text
    assert not opened.page.has("OK", "button")


@PROFILES
@CASES
@pytest.mark.parametrize("htmx", [False, True])
def test_and_again_when_it_came_into_use_after_the_question(dialog, tour, emulator, case, htmx):
    opened = dialog(htmx=htmx)
    words = case(tour)

    page = opened.answer()

    assert page.response.status_code == 422
    assert words in page.text
    assert is_there(tour.unused)
    assert "DELETE" not in {call.method for call in emulator.log}


@PROFILES
@CASES
def test_the_row_says_why(card, tour, case):
    words = case(tour)

    assert words in card()[0][tour.unused.ip_address]["Operation"]


@PROFILES
@pytest.mark.parametrize("what", ["nic", "vip"])
def test_a_nic_or_a_vip_is_not_released_by_this(dialog, tour, what):
    port, words = {
        "nic": (tour.servers[0].nic, "is in use. Used by: Server"),
        "vip": (tour.free, "is a virtual IP address"),
    }[what]

    opened = dialog(port)

    assert words in opened.page.text
    assert not opened.page.has("OK", "button")


@OPENSTACK
def test_what_was_changed_at_the_last_moment_is_kept(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), url_of(tour, tour.unused))

    def somebody():
        tour.unused.port.name = "mine"
        tour.unused.port.revision_number += 1

    meddler.before("DELETE", "/ports/", somebody)
    page = opened.answer()

    assert "Somebody else changed this at the same moment" in page.text
    assert is_there(tour.unused)


@PROFILES
def test_a_port_of_another_network_is_unknown_here(signed_in, tour):
    other = PortFactory(subnet=SubnetFactory())

    assert signed_in.get(url_of(tour, other)).status_code == 404


@PROFILES
def test_a_reader_is_refused_in_words(emulator, sign_in, tour):
    UserFactory(name="viewer", roles="reader")
    opened = Dialog(sign_in("viewer"), url_of(tour, tour.unused))

    page = opened.answer()

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert "The cloud does not allow you to do this" in page.text
    assert is_there(tour.unused)


@PROFILES
def test_the_same_form_sent_twice_says_the_same(dialog, tour, emulator):
    opened = dialog()
    opened.done()
    emulator.log.clear()

    page = opened.done()

    assert "is released." in page.text
    assert "DELETE" not in {call.method for call in emulator.log}


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_a_release_without_an_answer_is_looked_up(dialog, tour, emulator, kind):
    opened = dialog()
    emulator.faults.add(Fault(*DELETE, kind, after_effect=True))

    assert "is released." in opened.done().text


@PROFILES
def test_the_record_keeps_what_it_was(dialog, tour):
    dialog().done()

    record = Operation.objects.get()
    assert (record.name, record.state) == ("Release Private IP Address", "done")
    assert record.target == tour.unused.ip_address
    assert record.changes[0]["before"] == [
        f"address {tour.unused.ip_address}",
        f"port {tour.unused.id}",
    ]
    assert [(s.kind, s.ref) for s in record.subjects.all()] == [("port", tour.unused.id)]


@PROFILES
def test_a_servers_own_addresses_are_in_use_by_it(card, tour):
    server = ServerFactory(subnet=tour.subnet)

    assert "Used by: Server" in card()[0][server.ip_address]["Operation"]
