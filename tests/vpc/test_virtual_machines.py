"""Virtual machines beside the bare metal servers of a subnet: seen through, and never bound."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse

from console.emulator.faults import Fault
from tests.cloud_settings import change_cloud
from tests.factories import ServerFactory
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import HTMX, Dialog, choose, lists

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
SAYS_SO = "vm-1 is a virtual machine, not a bare metal server. Choose a bare metal server."


@pytest.fixture
def tour(emulator, settings):
    change_cloud(settings, bms_flavors=("bm.*",))
    return furnish()


@pytest.fixture
def machine(tour):
    return ServerFactory(name="vm-1", subnet=tour.subnet, bare_metal=False, flavor="s3.large.4")


@pytest.fixture
def crowd(machine):
    """More servers than the page of Nova's list that is read, all of them younger."""
    machine.server.created = 1
    return [ServerFactory(nics=0) for _ in range(51)]


@pytest.fixture
def servers_tab(visit, tour):
    url = reverse("vpc:subnet_detail", args=[tour.subnet.network_id, tour.subnet.id])
    return lambda: visit(f"{url}?tab=servers")


@pytest.fixture
def dialog(signed_in, tour):
    return lambda query="", **more: Dialog(
        signed_in, tour.dialog("bind", tour.free) + query, **more
    )


def offered(page):
    return {box["value"] for box in page.all("input", name="server")}


def ids(servers):
    return {server.id for server in servers}


# where the kind is known


@PROFILES
def test_in_a_small_project_it_is_neither_offered_nor_listed(dialog, servers_tab, tour, machine):
    assert offered(dialog().page) == ids(tour.servers)
    assert machine.id not in servers_tab().html


@PROFILES
def test_in_a_large_project_neither_once_it_was_seen(
    dialog, servers_tab, tour, machine, crowd, visit
):
    visit(f"{reverse('bms:server_names')}?id={machine.id}", htmx=True)

    assert offered(dialog().page) == ids(tour.servers)
    page = servers_tab()
    assert machine.id not in page.html
    assert "2 servers" in page.text


@PROFILES
def test_chosen_it_is_not_offered_but_told(dialog, tour, machine, crowd):
    page = dialog(f"?server={machine.id}&nic={machine.nic.id}").page

    assert offered(page) == ids(tour.servers)
    shown = page.all("section", id="bind-preview")[0]
    assert shown.text == SAYS_SO


# where it becomes known afterwards


@PROFILES
def test_the_tab_marks_it_afterwards(servers_tab, tour, machine, crowd, visit):
    page = servers_tab()
    assert machine.id in page.html
    loader = next(e["hx-get"] for e in page.all("div", hx_trigger="load"))

    answer = visit(loader, htmx=True)

    parts = {part["hx-swap-oob"]: part.text for part in answer.root.walk() if part["hx-swap-oob"]}
    assert parts[f"innerHTML:[data-server-status='{machine.id}']"] == "Running Virtual machine"
    if (other := tour.servers[0].id) in loader:
        assert parts[f"innerHTML:[data-server-status='{other}']"] == "Running"
    assert "data-server-choice" not in answer.html, "there are no boxes on that page"


@PROFILES
def test_the_dialog_marks_it_and_its_box_cannot_be_ticked_any_more(dialog, machine, crowd, visit):
    page = dialog().page
    assert machine.id in offered(page)
    place = page.all("td", data_server_choice=machine.id)
    assert len(place) == 1
    loader = next(e["hx-get"] for e in page.all("div", hx_trigger="load"))

    answer = visit(loader, htmx=True)

    swap = f"innerHTML:[data-server-choice='{machine.id}']"
    (part,) = answer.all("span", hx_swap_oob=swap)
    (box,) = (child for child in part.walk() if child.tag == "input")
    assert "disabled" in box.attributes
    assert "checked" not in box.attributes
    assert not box["name"]
    others = [p for p in answer.all("span") if "data-server-choice" in p["hx-swap-oob"]]
    assert others == [part], "boxes of bare metal servers stay as they are"


# chosen all the same


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
def test_the_preview_refuses_it(dialog, tour, machine, crowd, htmx, signed_in):
    opened = dialog(htmx=htmx)
    entries = opened.entries | choose(tour.servers[0], machine) | {"action": "preview"}
    headers = HTMX | {"HX-Target": "bind-preview"} if htmx else {}

    page = Page(signed_in.post(opened.url, entries, headers=headers), full=not htmx)

    shown = page.all("section", id="bind-preview")[0]
    assert shown.text == SAYS_SO


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("forget", [False, True])
def test_ok_refuses_it_and_writes_nothing(dialog, tour, machine, crowd, emulator, htmx, forget):
    opened = dialog(htmx=htmx)
    before = lists()
    opened.choose(**choose(tour.servers[0], machine))
    if forget:
        cache.clear()
    emulator.log.clear()

    response = opened.send()

    assert response.status_code == 422
    page = Page(response, full=not htmx)
    assert "Nothing was changed: not all that you chose are bare metal servers." in page.text
    assert SAYS_SO in page.text
    assert lists() == before
    assert {call.method for call in emulator.log} == {"GET"}


def test_after_that_the_same_form_may_be_sent_with_another_choice(dialog, tour, machine, crowd):
    opened = dialog()
    assert opened.send(**choose(machine)).status_code == 422
    opened.entries.pop(f"nic-{machine.id}")

    opened.done(**choose(tour.servers[0]))

    assert tour.free.pairs == [tour.servers[0].ip_address]


def test_where_the_kind_cannot_be_read_nothing_is_written(dialog, tour, emulator, signed_in):
    opened = dialog()
    cache.clear()
    before = lists()
    emulator.faults.add(Fault("GET", f"/servers/{tour.servers[0].id}", "refused", times=None))

    assert opened.send(**choose(tour.servers[0])).status_code == 503

    assert lists() == before


def test_ok_asks_nothing_of_servers_that_the_dialog_has_shown(dialog, tour, emulator):
    opened = dialog()
    emulator.log.clear()

    opened.send(**choose(*tour.servers))

    assert not [call for call in emulator.log if "/servers/" in call.path]
