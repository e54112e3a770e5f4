"""Unbind from EIP beside others, sent twice, and without an answer."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from console import leases
from console.emulator.faults import Fault
from console.models import Operation
from tests.cloud_settings import change_cloud
from tests.factories import state
from tests.pages import Page
from tests.record_making import let_time_pass
from tests.tour import furnish
from tests.vpc.dialogs import Dialog
from tests.vpc.eips import give, held_by, preview_of, writes

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
BOTH_WAYS = pytest.mark.parametrize("htmx", [False, True])
PUT = ("PUT", "/floatingips/")


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(vip=None, query="", **more):
        return Dialog(signed_in, tour.dialog("unbind_eip", vip or tour.vip) + query, **more)

    return open_dialog


# somebody else at the same moment


@PROFILES
@BOTH_WAYS
def test_another_eip_that_it_was_given_since_is_kept(dialog, tour, emulator, htmx):
    opened = dialog(htmx=htmx)
    give(tour.eip, None)
    give(tour.free_eip, tour.vip)
    emulator.log.clear()

    page = opened.answer()

    words = f"holds EIP {tour.free_eip.ip_address} by now, not EIP {tour.eip.ip_address}."
    assert page.response.status_code == 422
    assert page.text.count(words) == 1
    assert f"EIP {tour.free_eip.ip_address}" in preview_of(page)
    assert held_by(tour.free_eip) == tour.vip.id
    assert not writes(emulator)
    opened.entries["key"] = page.hidden("key")
    opened.entries["shown"] = page.hidden("shown")
    opened.send(**{f"eip-{tour.vip.id}": page.hidden(f"eip-{tour.vip.id}")})
    assert held_by(tour.free_eip) is None


@PROFILES
def test_one_that_was_unbound_since_is_what_was_wanted(dialog, tour):
    opened = dialog()
    give(tour.eip, None)

    assert "held no EIP any more. Nothing was changed." in opened.done().text
    assert not Operation.objects.exists()


@PROFILES
def test_one_that_was_released_since_is_what_was_wanted(dialog, tour):
    opened = dialog()
    del state().floating_ips[tour.eip.id]

    assert "held no EIP any more" in opened.done().text


@PROFILES
def test_one_that_another_port_has_by_now_stays_there(dialog, tour, emulator):
    opened = dialog()
    give(tour.eip, tour.servers[0].nic)
    emulator.log.clear()

    opened.send()

    assert held_by(tour.eip) == tour.servers[0].nic.id
    assert not writes(emulator)


@OPENSTACK
def test_one_that_was_moved_at_the_last_moment_is_kept_by_its_revision(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("unbind_eip"))
    meddler.before(*PUT, lambda: give(tour.eip, tour.servers[0].nic))

    page = opened.answer()

    assert page.response.status_code == 422
    assert "Somebody else changed this at the same moment" in page.text
    assert held_by(tour.eip) == tour.servers[0].nic.id


@PROFILES
def test_one_that_was_bound_again_right_after_is_not_said_to_be_free(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("unbind_eip"))
    meddler.after(*PUT, lambda: give(tour.eip, tour.vip))

    page = opened.answer()

    assert page.response.status_code == 422
    assert "does not show it when read back" in page.text


@PROFILES
def test_a_vip_that_went_before_the_answer_is_a_404_page(dialog, tour):
    opened = dialog()
    state().remove_port(tour.vip.port)

    assert opened.answer().response.status_code == 404


@PROFILES
def test_while_somebody_works_on_the_same_vip_it_is_said_so(dialog, tour, settings):
    change_cloud(settings, write_deadline=0.6)
    opened = dialog()
    words = "Bind to Server by anna"
    with leases.held(uuid.uuid4(), [f"port:{tour.vip.id}"], words=words, patience=0):
        page = opened.answer()

    assert page.response.status_code == 422
    assert words in page.text
    assert held_by(tour.eip) == tour.vip.id


# sent twice, and no answer


@PROFILES
@BOTH_WAYS
def test_the_same_form_sent_twice_says_the_same(dialog, tour, signed_in, htmx, emulator):
    opened = dialog(htmx=htmx)
    opened.send()
    signed_in.get("/")
    emulator.log.clear()

    second = opened.send()

    shown = second if htmx else signed_in.get(second["Location"])
    assert f"EIP {tour.eip.ip_address} is unbound from" in shown.content.decode()
    assert not writes(emulator)
    assert Operation.objects.count() == 1


@PROFILES
def test_the_same_form_does_not_unbind_what_was_bound_since(dialog, tour):
    opened = dialog()
    opened.done()
    give(tour.eip, tour.vip)

    opened.done()

    assert held_by(tour.eip) == tour.vip.id


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_an_unbind_without_an_answer_is_looked_up(dialog, tour, emulator, kind):
    opened = dialog()
    emulator.faults.add(Fault(*PUT, kind, after_effect=True))

    assert "is unbound from virtual IP address" in opened.done().text


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset", "refused"])
def test_where_nothing_was_unbound_the_same_form_may_be_sent_again(dialog, tour, emulator, kind):
    opened = dialog()
    emulator.faults.add(Fault(*PUT, kind))

    page = opened.answer()

    assert page.response.status_code == 422
    assert "Nothing was changed" in page.text
    assert held_by(tour.eip) == tour.vip.id
    opened.done()
    assert held_by(tour.eip) is None


@PROFILES
@pytest.mark.parametrize("happened", [True, False])
def test_where_not_even_looking_helps_it_says_so_and_the_next_visit_finds_out(
    dialog, tour, emulator, visit, happened
):
    opened = dialog()
    emulator.faults.add(Fault(*PUT, "timeout", after_effect=happened))
    emulator.faults.add(Fault("GET", f"id={tour.eip.id}", "status", status=503, times=None))

    page = opened.answer()

    assert "Whether your change took effect is not known" in page.text
    assert Operation.objects.get().state == "needs repair"
    emulator.faults.clear()
    let_time_pass()
    visit(tour.urls["subnet_virtual_ips"])
    assert Operation.objects.get().state == ("done" if happened else "undone")


@PROFILES
def test_with_the_cloud_down_the_page_says_so(visit, tour, emulator):
    emulator.faults.add(Fault("GET", "/ports", "refused", times=None))

    assert "The cloud cannot be reached" in visit(tour.dialog("unbind_eip"), status=503).text


@PROFILES
def test_what_was_done_is_told_even_where_nothing_can_be_read_any_more(dialog, tour, emulator):
    opened = dialog()
    emulator.faults.add(Fault(*PUT, "status", status=409))
    emulator.faults.add(Fault("GET", "/floatingips", "status", status=503, skip=2, times=None))

    page = opened.answer()

    assert page.response.status_code == 422
    assert "Nothing was changed" in page.text


@PROFILES
def test_the_way_back_to_the_server_goes_along(dialog, tour):
    server = tour.servers[0]

    opened = dialog(query=f"?server={server.id}&nic={server.nic.id}")

    assert server.id in opened.page.link("Cancel")["href"]
    assert server.id in opened.send()["Location"]


@PROFILES
def test_an_undo_of_the_record_binds_it_again(dialog, tour, signed_in):
    dialog().done()
    record = Operation.objects.get()
    undo = Dialog(signed_in, reverse("vpc:operation_undo", args=[record.id]))
    assert "bound to virtual IP address 10.20.1.10" in Page(undo.page.response).text

    undo.send()

    assert held_by(tour.eip) == tour.vip.id
