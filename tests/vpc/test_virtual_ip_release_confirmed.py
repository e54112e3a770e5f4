"""A VIP that was bound a short time ago: its address is typed to release it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from console.models import Operation, OperationState
from tests.factories import ServerFactory, SubnetFactory, VirtualIPFactory, state
from tests.record_making import rewrite
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def bound_and_unbound(signed_in, tour):
    """Binds a free VIP by the dialog and unbinds it again: the time of it may be put back."""

    def go(vip=None, *, ago=dt.timedelta()):
        vip = vip or tour.free
        server = ServerFactory(subnet=tour.subnet)
        Dialog(signed_in, tour.dialog("bind", vip)).done(**choose(server))
        Dialog(signed_in, tour.dialog("unbind", vip)).done(nic=server.nic.id)
        rewrite(Operation.objects.all(), at=timezone.now() - ago)
        return vip

    return go


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(vip=None, **more):
        return Dialog(signed_in, tour.dialog("release", vip or tour.free), **more)

    return open_dialog


def is_there(vip):
    return vip.id in state().ports


def field(page, vip):
    found = page.all("input", name=f"confirm-{vip.id}")
    return found[0] if found else None


@PROFILES
def test_one_that_was_never_bound_is_released_without(dialog, tour):
    opened = dialog()

    assert field(opened.page, tour.free) is None
    opened.done()
    assert not is_there(tour.free)


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
def test_one_that_was_bound_just_now_asks_for_its_address_and_says_why(
    dialog, tour, bound_and_unbound, htmx
):
    bound_and_unbound(ago=dt.timedelta(hours=3, minutes=5))

    page = dialog(htmx=htmx).page

    label = next(one for one in page.all("label") if "to confirm" in one.text)
    assert label.text == f"Type {tour.free.ip_address} to confirm"
    assert "It was bound 3 hours ago by demo" in page.text


@PROFILES
def test_with_its_address_it_is_released(dialog, tour, bound_and_unbound):
    bound_and_unbound()

    page = dialog().done(**{f"confirm-{tour.free.id}": f" {tour.free.ip_address} "})

    assert "is released." in page.text
    assert not is_there(tour.free)


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("text", ["", "   ", "10.20.1.12", "yes", "10.20.1.11/24", "<b>"])
def test_with_anything_else_it_is_kept_and_the_text_stays(
    dialog, tour, bound_and_unbound, emulator, text, htmx
):
    bound_and_unbound()
    opened = dialog(htmx=htmx)
    emulator.log.clear()

    page = opened.answer(**{f"confirm-{tour.free.id}": text})

    assert page.response.status_code == 422
    shown = field(page, tour.free)
    assert shown["aria-invalid"] == "true"
    assert shown["value"] == text
    assert "DELETE" not in {call.method for call in emulator.log}
    assert is_there(tour.free)


def test_an_ipv6_address_may_be_typed_in_any_way(signed_in, emulator, tour):
    subnet = SubnetFactory(ip_version=6, cidr="2001:db8:7::/64")
    vip = VirtualIPFactory(subnet=subnet, ip_address="2001:db8:7::ab")
    server = ServerFactory(subnet=subnet)
    tour.subnet = subnet
    Dialog(signed_in, tour.dialog("bind", vip)).done(**choose(server))
    Dialog(signed_in, tour.dialog("unbind", vip)).done(nic=server.nic.id)

    typed = {f"confirm-{vip.id}": "2001:0DB8:7:0:0::00AB"}
    Dialog(signed_in, tour.dialog("release", vip)).done(**typed)

    assert not is_there(vip)


@pytest.mark.parametrize(("hours", "asks"), [(23.9, True), (24.1, False)])
def test_it_is_asked_for_one_day_long(dialog, tour, bound_and_unbound, hours, asks):
    bound_and_unbound(ago=dt.timedelta(hours=hours))

    assert (field(dialog().page, tour.free) is not None) == asks


@pytest.mark.parametrize("state_", ["failed", "refused", "undone"])
def test_a_bind_that_did_not_come_about_does_not_count(dialog, tour, bound_and_unbound, state_):
    bound_and_unbound()
    rewrite(Operation.objects.all(), state=OperationState(state_))

    assert field(dialog().page, tour.free) is None


def test_one_that_was_bound_after_the_question_is_kept(dialog, tour, bound_and_unbound):
    opened = dialog()
    bound_and_unbound()

    page = opened.answer()

    assert page.response.status_code == 422
    assert field(page, tour.free) is not None
    assert is_there(tour.free)


def test_one_that_was_bound_while_it_is_read_is_kept(meddler, sign_in):
    """The form did not ask yet, and the plan made under the lease does."""
    tour = furnish()
    client = sign_in()
    opened = Dialog(client, tour.dialog("release", tour.free))

    server = ServerFactory(subnet=tour.subnet)
    Dialog(client, tour.dialog("bind", tour.vip)).done(**choose(server))
    record = Operation.objects.get()
    subject = record.subjects.get(kind="vip")

    def bound():
        subject.ref = tour.free.id
        subject.save()

    meddler.before("GET", "/ports", bound)
    page = opened.answer()

    assert page.response.status_code == 422
    assert "its release was not confirmed" in page.text
    assert is_there(tour.free)
