"""Bind to EIP beside others, sent twice, and without an answer."""

from __future__ import annotations

import uuid

import pytest

from console import leases
from console.emulator.faults import Fault
from console.models import Operation
from tests.cloud_settings import change_cloud
from tests.factories import (
    FloatingIPFactory,
    SubnetFactory,
    VirtualIPFactory,
    state,
)
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
        return Dialog(signed_in, tour.dialog("bind_eip", vip or tour.free) + query, **more)

    return open_dialog


# somebody else at the same moment


@PROFILES
@BOTH_WAYS
def test_an_eip_that_was_taken_since_it_was_shown_is_left_to_who_has_it(
    dialog, tour, emulator, htmx
):
    nic = tour.servers[0].nic
    opened = dialog(htmx=htmx)
    opened.choose(eip=tour.free_eip.id)
    FloatingIPFactory()
    give(tour.free_eip, nic)
    emulator.log.clear()

    page = opened.answer()

    words = f"EIP {tour.free_eip.ip_address} is bound to NIC {nic.ip_address} of server"
    assert page.response.status_code == 422
    assert page.text.count(words) == 1
    words = "Nothing was changed. Choose a free EIP, or unbind this one there first"
    assert words in page.text
    assert preview_of(page) == "Choose an EIP to see what will change."
    assert held_by(tour.free_eip) == nic.id
    assert not writes(emulator)


@PROFILES
def test_an_eip_that_another_vip_has_names_it(dialog, tour):
    opened = dialog()
    FloatingIPFactory()
    other = VirtualIPFactory(subnet=tour.subnet)
    give(tour.free_eip, other)

    page = opened.answer(eip=tour.free_eip.id)

    assert f"is bound to virtual IP address {other.ip_address}" in page.text
    assert "with Unbind from EIP." in page.text


@PROFILES
def test_an_eip_that_went_to_another_network_names_the_address(dialog, tour):
    opened = dialog()
    FloatingIPFactory()
    far = VirtualIPFactory(subnet=SubnetFactory(cidr="10.20.77.0/24", vpc=tour.vpc))
    give(tour.free_eip, far)

    page = opened.answer(eip=tour.free_eip.id)

    assert f"is bound to {far.ip_address} (port {far.id}) in another network" in page.text
    assert held_by(tour.free_eip) == far.id


@PROFILES
def test_a_vip_that_was_given_an_eip_since_keeps_that_one(dialog, tour):
    other = FloatingIPFactory()
    opened = dialog()
    give(other, tour.free)

    page = opened.answer(eip=tour.free_eip.id)

    assert page.response.status_code == 422
    assert f"holds EIP {other.ip_address}" in page.text
    assert held_by(tour.free_eip) is None


@PROFILES
def test_a_vip_that_was_given_an_eip_at_the_last_moment_keeps_that_one(meddler, sign_in):
    tour = furnish()
    other = FloatingIPFactory()
    opened = Dialog(sign_in(), tour.dialog("bind_eip", tour.free))
    meddler.before(*PUT, lambda: give(other, tour.free))

    page = opened.answer(eip=tour.free_eip.id)

    assert page.response.status_code == 422
    assert "already has a floating IP" in page.text
    assert held_by(tour.free_eip) is None
    assert Operation.objects.get().state == "refused"


@OPENSTACK
def test_an_eip_that_was_taken_at_the_last_moment_is_kept_by_its_revision(meddler, sign_in):
    tour = furnish()
    nic = tour.servers[0].nic
    FloatingIPFactory()
    opened = Dialog(sign_in(), tour.dialog("bind_eip", tour.free))
    meddler.before(*PUT, lambda: give(tour.free_eip, nic))

    page = opened.answer(eip=tour.free_eip.id)

    assert page.response.status_code == 422
    assert "Somebody else changed this at the same moment" in page.text
    assert held_by(tour.free_eip) == nic.id


@PROFILES
def test_an_eip_that_was_moved_right_after_is_not_said_to_be_bound(meddler, sign_in):
    tour = furnish()
    nic = tour.servers[0].nic
    FloatingIPFactory()
    opened = Dialog(sign_in(), tour.dialog("bind_eip", tour.free))
    meddler.after(*PUT, lambda: give(tour.free_eip, nic))

    page = opened.answer(eip=tour.free_eip.id)

    assert page.response.status_code == 422
    assert "does not show it when read back" in page.text
    assert held_by(tour.free_eip) == nic.id


@PROFILES
def test_a_vip_that_went_before_the_answer_is_a_404_page(dialog, tour):
    opened = dialog()
    state().remove_port(tour.free.port)

    assert opened.answer(eip=tour.free_eip.id).response.status_code == 404
    assert held_by(tour.free_eip) is None


@PROFILES
def test_in_the_dialog_only_what_it_showed_is_done(dialog, tour):
    other = FloatingIPFactory()
    opened = dialog(htmx=True)
    opened.choose(eip=tour.free_eip.id)
    opened.entries["eip"] = other.id

    response = opened.client.post(opened.url, opened.entries, headers=opened.headers)

    page = Page(response, full=False)
    assert response.status_code == 422
    assert "What will change was not shown yet" in page.text
    assert held_by(other) is None
    assert f"EIP {other.ip_address}" in preview_of(page)


@PROFILES
def test_while_somebody_works_on_the_same_eip_it_is_said_so(dialog, tour, settings):
    change_cloud(settings, write_deadline=0.6)
    opened = dialog()
    words = "Bind to EIP by anna"
    with leases.held(uuid.uuid4(), [f"eip:{tour.free_eip.id}"], words=words, patience=0):
        page = opened.answer(eip=tour.free_eip.id)

    assert page.response.status_code == 422
    assert words in page.text
    assert held_by(tour.free_eip) is None


# sent twice, and no answer


@PROFILES
@BOTH_WAYS
def test_the_same_form_sent_twice_says_the_same(dialog, tour, signed_in, htmx, emulator):
    opened = dialog(htmx=htmx)
    opened.send(eip=tour.free_eip.id)
    signed_in.get("/")
    emulator.log.clear()

    second = opened.send()

    shown = second if htmx else signed_in.get(second["Location"])
    assert f"EIP {tour.free_eip.ip_address} is bound to" in shown.content.decode()
    assert not writes(emulator)
    assert Operation.objects.count() == 1


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_a_bind_without_an_answer_is_looked_up(dialog, tour, emulator, kind):
    opened = dialog()
    emulator.faults.add(Fault(*PUT, kind, after_effect=True))

    assert "is bound to virtual IP address" in opened.done(eip=tour.free_eip.id).text


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset", "refused"])
def test_where_nothing_was_bound_the_same_form_may_be_sent_again(dialog, tour, emulator, kind):
    opened = dialog()
    emulator.faults.add(Fault(*PUT, kind))

    page = opened.answer(eip=tour.free_eip.id)

    assert page.response.status_code == 422
    assert "Nothing was changed" in page.text
    assert held_by(tour.free_eip) is None
    opened.done()
    assert held_by(tour.free_eip) == tour.free.id


@PROFILES
@pytest.mark.parametrize("happened", [True, False])
def test_where_not_even_looking_helps_it_says_so_and_the_next_visit_finds_out(
    dialog, tour, emulator, visit, happened
):
    opened = dialog()
    emulator.faults.add(Fault(*PUT, "timeout", after_effect=happened))
    emulator.faults.add(Fault("GET", f"id={tour.free_eip.id}", "status", status=503, times=None))

    page = opened.answer(eip=tour.free_eip.id)

    assert "Whether your change took effect is not known" in page.text
    assert Operation.objects.get().state == "needs repair"
    emulator.faults.clear()
    let_time_pass()
    visit(tour.urls["subnet_virtual_ips"])
    assert Operation.objects.get().state == ("done" if happened else "undone")


@PROFILES
def test_with_the_cloud_down_the_page_says_so(visit, tour, emulator):
    emulator.faults.add(Fault("GET", "/floatingips", "refused", times=None))

    assert "The cloud cannot be reached" in visit(tour.dialog("bind_eip"), status=503).text
