"""How the list follows servers whose status is changing: one request for all of them."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from console.emulator.build import SERVER_STATES
from console.emulator.faults import Fault
from tests.factories import ServerFactory, state
from tests.pages import Page

LIST = reverse("bms:server_list")
PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


def rows_url(*servers):
    return f"{reverse('bms:server_rows')}?{urlencode([('id', server.id) for server in servers])}"


def asking(page):
    """The addresses that the page asks every few seconds."""
    return [each["hx-get"] for each in page.root.walk() if each["hx-trigger"] == "every 5s"]


def changes(page):
    """{what is swapped and where: words}"""
    swapped = [each for each in page.all("div") if each["hx-swap-oob"]]
    return {each["hx-swap-oob"]: each.text for each in swapped}


def test_the_list_asks_once_for_all_that_are_on_their_way(visit):
    moving = [ServerFactory(status="REBOOT"), ServerFactory(task_state="powering-off")]
    ServerFactory(status="ACTIVE")

    [address] = asking(visit(LIST))

    assert sorted(address.split("?")[1].split("&")) == sorted(f"id={one.id}" for one in moving)


@PROFILES
def test_it_follows_the_servers_until_their_status_is_final(visit, emulator):
    now = state().clock()
    emulator.state.clock = lambda: now
    soon, later = (ServerFactory(task_state="powering-off") for _ in range(2))
    for server, seconds in ((soon, 6), (later, 60)):
        server.server.to_come = [(now + seconds, SERVER_STATES["SHUTOFF"])]
        state().moving.add(server.id)

    before = visit(rows_url(soon, later), htmx=True)
    now += 7
    half = visit(rows_url(soon, later), htmx=True)
    now += 60
    after = visit(rows_url(later), htmx=True)

    assert set(changes(before).values()) == {"Stopping"}
    assert changes(half)[f"innerHTML:#status-{soon.id}"] == "Stopped"
    assert asking(half) == [rows_url(later)]
    assert changes(after) == {f"innerHTML:#status-{later.id}": "Stopped"}
    assert asking(after) == []


def test_what_is_swapped_is_on_the_list(visit):
    server = ServerFactory(status="REBOOT")

    page = visit(LIST)

    assert page.all("td", id=f"status-{server.id}")[0].text == "Restarting"
    assert page.all("tr", id=f"server-{server.id}")


def test_a_server_that_is_gone_leaves_the_list(visit):
    gone, here = ServerFactory(), ServerFactory(status="REBOOT")
    del state().servers[gone.id]

    page = visit(rows_url(gone, here), htmx=True)

    assert f"delete:#server-{gone.id}" in changes(page)
    assert asking(page) == [rows_url(here)]


@pytest.mark.parametrize("ids", ["", "id=nonsense", "id=%00", "id=../../x", "other=1"])
def test_what_is_no_id_is_not_asked_for(visit, emulator, ids):
    page = visit(f"{reverse('bms:server_rows')}?{ids}", htmx=True)

    assert changes(page) == {}
    assert len(emulator.log) == 0


def test_no_more_than_fifty_are_asked_for(visit, emulator):
    ids = urlencode([("id", str(uuid.uuid4())) for _ in range(60)])

    visit(f"{reverse('bms:server_rows')}?{ids}", htmx=True)

    assert len(emulator.log) == 50


def test_an_id_given_twice_is_asked_for_once(visit, emulator):
    server = ServerFactory()

    visit(rows_url(server, server), htmx=True)

    assert len(emulator.log) == 1


@pytest.mark.parametrize("status", [403, 500])
def test_where_it_cannot_be_read_the_list_says_so_once_and_stops_asking(visit, emulator, status):
    server = ServerFactory(status="REBOOT")
    emulator.faults.add(Fault("GET", "/servers/", "status", status=status, times=None))

    page = visit(rows_url(server), htmx=True)

    assert "A part of this page could not be read" in page.text
    assert "Refresh reads them again" in page.text
    assert asking(page) == []
    assert not [each for each in page.root.walk() if "data-toast" in each.attributes]


def test_an_ended_sign_in_leads_to_the_sign_in(signed_in):
    server = ServerFactory()
    state().tokens.clear()

    response = signed_in.get(rows_url(server), headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response["HX-Redirect"].startswith("/sign-in/")


def test_opened_as_a_page_it_leads_to_the_list(signed_in):
    response = signed_in.get(rows_url(ServerFactory()))

    assert response.status_code == 302
    assert response.url == LIST


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_caches_keep_the_page_and_the_part_apart(signed_in, headers):
    response = signed_in.get(rows_url(ServerFactory()), headers=headers)

    assert "HX-Request" in response["Vary"]
    Page(response, full=False)
