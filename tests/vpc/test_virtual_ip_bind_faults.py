"""What is said and what is left when a bind goes wrong while it is being carried out."""

from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from console.emulator.records import Pair
from tests.factories import (
    ServerFactory,
)
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose, lists

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])


@pytest.fixture
def tour(emulator):
    return furnish()


@PROFILES
@pytest.mark.parametrize("status", [400, 403, 409, 500, 503])
@pytest.mark.parametrize("write", [0, 1])
def test_a_write_the_cloud_refuses_is_taken_back_and_said(signed_in, tour, emulator, status, write):
    fresh = [ServerFactory(subnet=tour.subnet) for _ in range(2)]
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))
    before = lists()
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=status, skip=write))

    page = opened.answer(**choose(*fresh))

    assert page.response.status_code == 422
    assert "Nothing was changed" in page.text
    assert "req-" in page.text
    assert lists() == before


@PROFILES
def test_and_then_the_same_form_may_be_sent_again(signed_in, tour, emulator):
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=409))
    opened.answer(**choose(tour.servers[0]))

    assert "is bound to" in opened.done().text


@PROFILES
def test_what_could_not_be_taken_back_is_said_entry_by_entry(signed_in, tour, emulator, profile):
    fresh = [ServerFactory(subnet=tour.subnet) for _ in range(2)]
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))
    before = lists()
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=500, skip=1, times=None))

    page = opened.answer(**choose(*fresh))

    assert "This could neither be finished nor taken back" in page.text
    assert "Nothing was changed" not in page.text
    for port_id in (i for i, entries in lists().items() if entries != before[i]):
        assert port_id in page.text


@PROFILES
def test_and_then_the_dialog_that_says_so_can_finish_it(signed_in, tour, emulator):
    fresh = [ServerFactory(subnet=tour.subnet) for _ in range(2)]
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=500, skip=1, times=None))
    spent = opened.entries["key"]
    page = opened.answer(**choose(*fresh))
    emulator.faults.clear()

    again = opened.done(key=spent)
    finished = opened.done(key=page.hidden("key"))

    assert "still lists" in again.text
    assert "is bound to" in finished.text


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_left_is_told_even_when_nothing_can_be_read_any_more(
    signed_in, tour, emulator, htmx
):
    fresh = [ServerFactory(subnet=tour.subnet) for _ in range(2)]
    opened = Dialog(signed_in, tour.dialog("bind", tour.free), htmx=htmx)
    opened.choose(**choose(*fresh))
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=500, skip=1, times=None))
    emulator.faults.add(Fault("GET", "/networks/", "status", status=403, times=None))

    page = opened.answer()

    assert page.response.status_code == 422
    assert "This could neither be finished nor taken back" in page.text
    assert "cannot show the present state" in page.text


@PROFILES
def test_a_bind_that_worked_is_no_failure_when_the_guide_cannot_be_read(signed_in, tour, emulator):
    opened = Dialog(signed_in, tour.dialog("bind", tour.free), htmx=True)
    opened.choose(**choose(tour.servers[0]))
    emulator.faults.add(Fault("GET", "/networks/", "status", status=403, times=None))

    response = opened.send()

    assert response.status_code == 200
    assert "is bound to" in response.content.decode()
    assert "vips-changed" in response["HX-Trigger-After-Settle"]


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
def test_a_sign_in_that_ends_at_the_write_leads_to_the_sign_in_page(
    signed_in, tour, emulator, htmx
):
    opened = Dialog(signed_in, tour.dialog("bind", tour.free), htmx=htmx)
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=401))
    before = lists()

    response = opened.send(**choose(tour.servers[0]))

    assert response.status_code == (401 if htmx else 302)
    assert "/sign-in/?next=" in response["HX-Redirect" if htmx else "Location"]
    assert response.content == b""
    assert lists() == before


@OPENSTACK
def test_entries_somebody_else_wrote_meanwhile_are_kept(meddler, sign_in):
    tour = furnish()
    client = sign_in()
    fresh = ServerFactory(subnet=tour.subnet)
    opened = Dialog(client, tour.dialog("bind", tour.free))

    def somebody():
        port = fresh.nic.port
        port.allowed_address_pairs = [
            *port.allowed_address_pairs,
            Pair("192.0.2.7", "00:00:5e:00:01:0a"),
        ]
        port.revision_number += 1

    meddler.before("PUT", f"/ports/{fresh.nic.id}", somebody)
    opened.done(**choose(fresh))

    assert fresh.nic.pairs == ["192.0.2.7", tour.free.ip_address]
