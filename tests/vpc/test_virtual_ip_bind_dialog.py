"""Bind to Server: what the dialog offers, and what it announces."""

from __future__ import annotations

import pytest

from console.emulator.records import Pair
from tests.factories import (
    NICFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
    state,
)
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import HTMX, Dialog, choose

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
CHECK_OFF = "1.1.1.1/0"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def dialog(signed_in, tour):
    """The dialog of the tour's free VIP, or of another."""

    def open_dialog(vip=None, query="", **more):
        return Dialog(signed_in, tour.dialog("bind", vip or tour.free) + query, **more)

    return open_dialog


def preview(page):
    """[(sign, entry)] of what will change: "+" added, "-" removed, " " stays."""
    shown = next(s for s in page.all("section") if s["id"] == "bind-preview")
    signs = {"added:": "+", "removed:": "-", "stays:": " "}
    lines = [item.text.split() for item in shown.walk() if item.tag == "li"]
    return [(signs[line[0]], next(w for w in line[1:] if w[0].isalnum())) for line in lines]


@PROFILES
def test_the_servers_of_this_subnet_are_offered_with_all_one_needs_to_choose(dialog, tour):
    ServerFactory(name="elsewhere", subnet=SubnetFactory())

    page = dialog().page
    rows = {row["Name/ID"].split()[0]: row for row in page.rows()}

    assert set(rows) == {"db-1", "db-2"}
    assert rows["db-1"]["Name/ID"] == f"db-1 {tour.servers[0].id}"
    assert rows["db-1"]["Status"] == "Running"
    assert rows["db-1"]["Private IP Address (NIC)"] == tour.servers[0].ip_address
    assert page.h1 == "Bind to Server"


def test_nothing_is_chosen_until_somebody_chooses(dialog):
    opened = dialog()

    assert "server" not in opened.entries
    assert "Choose a server to see what will change." in opened.page.text


def test_coming_from_a_nic_its_server_and_the_nic_are_chosen(dialog, tour):
    server = tour.servers[1]
    second = NICFactory(server=server, subnet=tour.subnet)

    opened = dialog(query=f"?server={server.id}&nic={second.id}")

    assert opened.entries["server"] == [server.id]
    assert opened.entries[f"nic-{server.id}"] == [second.id]
    assert f"NIC {second.ip_address} of db-2" in opened.page.text


def test_a_server_from_a_later_page_one_came_from_is_offered_first(dialog, tour):
    first = tour.servers[0]
    first.server.created = 1
    for _ in range(51):
        ServerFactory(subnet=tour.subnet)

    page = dialog(query=f"?server={first.id}").page

    assert page.rows()[0]["Name/ID"] == f"db-1 {first.id}"
    assert len(page.rows()) == 50
    assert "1-50 of 53 servers" in page.text


@PROFILES
def test_a_server_with_several_nics_offers_them_the_primary_first(dialog, tour):
    server = tour.servers[0]
    more = [NICFactory(server=server, subnet=tour.subnet) for _ in range(2)]
    NICFactory(server=server, subnet=SubnetFactory())

    page = dialog().page
    options = [o for o in page.all("option") if o.parent["name"] == f"nic-{server.id}"]

    assert [o["value"] for o in options] == [server.nic.id, *(nic.id for nic in more)]
    assert options[0].text == f"{server.ip_address} (primary)"


@PROFILES
def test_a_server_whose_primary_nic_is_elsewhere_has_none_here(dialog, tour):
    server = ServerFactory(name="gateway", subnets=[SubnetFactory(), tour.subnet, tour.subnet])

    page = dialog().page
    options = [o.text for o in page.all("option") if o.parent["name"] == f"nic-{server.id}"]

    assert sorted(options) == sorted(nic.ip_address for nic in server.nics[1:])


@PROFILES
def test_a_server_that_was_not_read_has_a_primary_nic_where_its_ports_tell(dialog, tour, profile):
    server = ServerFactory(name="old", subnet=tour.subnet, nics=2, created=1)
    for _ in range(51):
        ServerFactory(nics=0)

    page = dialog().page
    options = [o.text for o in page.all("option") if o.parent["name"] == f"nic-{server.id}"]

    first, second = (nic.ip_address for nic in server.nics)
    if profile == "otc":
        assert options == [f"{first} (primary)", second]
    else:
        assert set(options) == {first, second}


@PROFILES
def test_a_bound_server_is_marked_and_cannot_be_chosen(dialog, tour):
    page = dialog(tour.vip).page

    boxes = page.all("input", name="server")
    assert all("disabled" in box.attributes for box in boxes)
    assert {row["Private IP Address (NIC)"] for row in page.rows()} == {
        f"{server.ip_address} Bound" for server in tour.servers
    }


@PROFILES
def test_of_a_server_with_a_bound_nic_the_other_one_can_be_chosen(dialog, tour):
    server = tour.servers[0]
    second = NICFactory(server=server, subnet=tour.subnet)

    opened = dialog(tour.vip)

    assert opened.entries[f"nic-{server.id}"] == [second.id]


def test_a_half_bound_server_is_marked_and_can_be_chosen(dialog, tour):
    server = ServerFactory(name="half", subnet=tour.subnet)
    vip = VirtualIPFactory(half_bound_to=[server.nic])

    page = dialog(vip).page

    row = next(row for row in page.rows() if row["Name/ID"].startswith("half"))
    assert "Half bound" in row["Private IP Address (NIC)"]
    assert "disabled" not in page.all("input", value=server.id)[0].attributes


# searching and paging, with the choice kept


@PROFILES
@pytest.mark.parametrize("part", ["", "bind-servers"])
def test_the_search_keeps_what_is_ticked(dialog, tour, signed_in, part):
    opened = dialog()
    ticked, other = tour.servers
    entries = opened.entries | choose(ticked) | {"action": "search", "q": "db-2"}

    headers = HTMX | {"HX-Target": part} if part else {}
    page = Page(signed_in.post(opened.url, entries, headers=headers), full=not part)

    boxes = {box["value"]: "checked" in box.attributes for box in page.all("input", name="server")}
    assert boxes == {ticked.id: True, other.id: False}


def test_the_search_by_address_and_by_id_finds_servers_too(dialog, tour, signed_in):
    opened = dialog()
    for text in (tour.servers[1].id, tour.servers[1].ip_address):
        page = Page(signed_in.post(opened.url, opened.entries | {"action": "search", "q": text}))
        assert [row["Name/ID"].split()[0] for row in page.rows()] == ["db-2"]


def test_a_search_without_a_match_says_so(dialog, signed_in):
    opened = dialog()

    page = Page(signed_in.post(opened.url, opened.entries | {"action": "search", "q": "nothing"}))

    assert "No server of this subnet matches" in page.text


def test_a_search_answers_htmx_with_the_list_alone(dialog, signed_in):
    opened = dialog(htmx=True)

    answer = signed_in.post(
        opened.url,
        opened.entries | {"action": "search", "q": "db"},
        headers=HTMX | {"HX-Target": "bind-servers"},
    )

    assert [e["id"] for e in Page(answer, full=False).root.children if not isinstance(e, str)] == [
        "bind-servers"
    ]


@pytest.mark.parametrize("htmx", [False, True])
def test_the_next_servers_come_without_anything_being_bound(dialog, tour, signed_in, htmx):
    """Without JavaScript the button sends the whole form, with what is ticked in it."""
    for number in range(52):
        ServerFactory(subnet=tour.subnet, created=1000 + number)
    last = ServerFactory(name="last", subnet=tour.subnet, created=1)
    opened = dialog(htmx=htmx)
    button = opened.page.all("button", name="first")[0]
    entries = opened.entries | choose(tour.servers[0]) | {"first": button["value"]}

    answer = signed_in.post(opened.url, entries, headers=opened.headers)

    page = Page(answer, full=not htmx)
    assert answer.status_code == 200
    assert last.id in [row["Name/ID"].split()[-1] for row in page.rows()]
    assert "checked" in page.all("input", value=tour.servers[0].id)[0].attributes
    assert tour.free.pairs == tour.servers[0].nic.pairs[1:] == []


# the preview, and that it is what is written


@PROFILES
def test_the_preview_is_what_is_written_afterwards(dialog, tour, signed_in, profile):
    server = tour.servers[0]
    foreign = Pair("192.0.2.7", "00:00:5e:00:01:0a")
    server.nic.port.allowed_address_pairs.append(foreign)
    opened = dialog()
    entries = opened.entries | choose(*tour.servers)

    page = Page(signed_in.post(opened.url, entries | {"action": "preview"}))
    announced = preview(page)
    before = {port.id: [p.ip_address for p in port.allowed_address_pairs] for port in ports()}
    opened.done(**choose(*tour.servers))
    after = {port.id: [p.ip_address for p in port.allowed_address_pairs] for port in ports()}

    touched = [i for i in after if after[i] != before[i]]
    written = sorted(entry for i in touched for entry in after[i] if entry not in before[i])
    assert sorted(entry for sign, entry in announced if sign == "+") == written
    assert "-" not in {sign for sign, _ in announced}
    kept = sorted(entry for i in touched for entry in before[i])
    assert sorted(entry for sign, entry in announced if sign == " ") == kept


def ports():
    return state().ports.values()


def test_the_preview_names_the_servers(dialog, tour, signed_in):
    server = ServerFactory(name="fresh", subnet=tour.subnet)
    opened = dialog()

    page = Page(signed_in.post(opened.url, opened.entries | choose(server) | {"action": "preview"}))

    assert f"NIC {server.ip_address} of fresh" in page.text
    assert "1.1.1.1/0 (source/destination check off)" in page.text


def test_the_entries_of_the_vip_name_the_servers_they_stand_for(dialog, tour, signed_in):
    third = ServerFactory(name="db-3", subnet=tour.subnet)
    opened = dialog(tour.vip)

    page = Page(signed_in.post(opened.url, opened.entries | choose(third) | {"action": "preview"}))

    lines = [
        item.text for item in page.all("section", id="bind-preview")[0].walk() if item.tag == "li"
    ]
    assert f"added: + {third.ip_address} (db-3)" in lines
    for server in tour.servers:
        assert f"stays: {server.ip_address} ({server.name})" in lines
    assert "added: + 1.1.1.1/0 (source/destination check off)" in lines


def test_the_preview_tells_which_other_vip_is_completed_on_which_server(dialog, tour, signed_in):
    server = ServerFactory(name="fresh", subnet=tour.subnet)
    half = VirtualIPFactory(half_bound_to=[server.nic])
    opened = dialog()

    page = Page(signed_in.post(opened.url, opened.entries | choose(server) | {"action": "preview"}))

    words = f"also completes {half.ip_address} on NIC {server.ip_address} of server fresh"
    assert words in page.text


@PROFILES
def test_a_preview_writes_nothing(dialog, tour, signed_in, emulator):
    opened = dialog()
    emulator.log.clear()

    signed_in.post(opened.url, opened.entries | choose(*tour.servers) | {"action": "preview"})

    assert {call.method for call in emulator.log} == {"GET"}


def test_a_preview_answers_htmx_with_itself_alone(dialog, tour, signed_in):
    opened = dialog(htmx=True)

    answer = signed_in.post(
        opened.url,
        opened.entries | choose(*tour.servers) | {"action": "preview"},
        headers=HTMX | {"HX-Target": "bind-preview"},
    )

    page = Page(answer, full=False)
    assert [e["id"] for e in page.root.children if not isinstance(e, str)] == ["bind-preview"]
