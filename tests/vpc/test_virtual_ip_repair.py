"""Repair: what was left half done is finished, or taken back, whoever left it so."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.emulator.records import Pair
from console.models import Lease, Operation, OperationState
from tests.factories import ServerFactory, UserFactory, VirtualIPFactory, state
from tests.pages import Page
from tests.record_making import (
    Stopped,
    forget_all,
    let_time_pass,
    perform_now,
    place_of,
    rewrite,
    stop,
)
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, lists
from vpc.services.bind_goals import Bind, Unbind

pytestmark = pytest.mark.django_db

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
CHECK_OFF = "1.1.1.1/0"
FOREIGN = Pair("192.0.2.7", "00:00:5e:00:01:0a")
OPERATIONS = ("bind", "unbind")
WRITES = {("otc", "bind"): 3, ("otc", "unbind"): 3}
"""How many ports are written; two where it is not said."""
HOWS = ("finish", "take-back")


@pytest.fixture
def tour(emulator):
    made = furnish(servers=4)
    for server in made.servers:
        server.nic.port.allowed_address_pairs.insert(0, FOREIGN)
    return made


@pytest.fixture
def goal(cloud, tour):
    def make(name):
        place = place_of(tour.subnet)
        if name == "bind":
            return Bind(cloud, place, tour.free.id, [s.nic.id for s in tour.servers[2:]])
        nics = [server.nic.id for server in tour.servers[:2]]
        return Unbind(cloud, place, tour.vip.id, nics, check_on=nics if state().otc else [])

    return make


def vip_of(tour, name):
    return tour.free if name == "bind" else tour.vip


@pytest.fixture
def stopped(cloud, goal, tour, emulator, signed_in):
    """The console is killed at that write; somebody visits the tab afterwards. Its record."""

    def leave(name, *, skip, after):
        hook = Fault("PUT", "/v2.0/ports", "hook", hook=stop, skip=skip, after_effect=after)
        emulator.faults.add(hook)
        with pytest.raises(Stopped):
            perform_now(cloud, goal(name))
        emulator.faults.clear()
        let_time_pass()
        signed_in.get(tour.urls["subnet_virtual_ips"])
        let_time_pass()
        return Operation.objects.get()

    return leave


@pytest.fixture
def dialog(signed_in, tour):
    return lambda vip, **more: Dialog(signed_in, tour.dialog("repair", vip), **more)


def repair(dialog, how):
    """Choose, see what that will change, press OK; the page afterwards."""
    dialog.entries["how"] = how
    dialog.look()
    return dialog.done()


def points(profiles=("otc", "openstack")):
    """Every moment at which a console may be stopped half-way."""
    for profile in profiles:
        for name in OPERATIONS:
            writes = WRITES.get((profile, name), 2)
            for number in range(writes):
                yield profile, name, number, False
                yield profile, name, number, True


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("profile", "name", "skip", "after"), [*points()])
def test_wherever_it_was_stopped_it_becomes_all_or_nothing(
    goal, cloud, tour, stopped, dialog, emulator, name, skip, after, how
):
    before = lists()
    perform_now(cloud, goal(name))
    done = lists()
    assert done != before
    for port_id, pairs in before.items():
        state().ports[port_id].allowed_address_pairs = [Pair(*pair) for pair in pairs]
    forget_all()

    record = stopped(name, skip=skip, after=after)

    if record.state == OperationState.DONE:
        assert lists() == done
    elif record.state == OperationState.UNDONE:
        assert lists() == before
    else:
        assert record.state == OperationState.NEEDS_REPAIR
        repair(dialog(vip_of(tour, name)), how)
        record.refresh_from_db()
        assert lists() == (done if how == "finish" else before)
        ends = {"finish": OperationState.DONE, "take-back": OperationState.UNDONE}
        assert record.state == ends[how]
        assert record.settled_by.name == f"Repair: {how.replace('-', ' ')}"
        assert "Repaired by demo" in record.message
    assert not Lease.objects.exists()


@PROFILES
@pytest.mark.parametrize("how", HOWS)
def test_a_repair_that_could_not_be_read_back_is_repaired_at_once_either_way(
    stopped, dialog, tour, emulator, profile, how
):
    before = lists()
    stopped("bind", skip=1 if profile == "otc" else 0, after=True)
    first = dialog(tour.free)
    first.entries["how"] = "finish"
    first.look()
    unreadable = Fault("GET", "/v2.0/ports.id=", "timeout", times=None)
    then = Fault(
        "PUT", "/v2.0/", "hook", hook=lambda: emulator.faults.add(unreadable), after_effect=True
    )
    emulator.faults.add(then)
    assert "could neither be finished nor taken back" in first.answer().text
    emulator.faults.clear()
    bound = lists()

    repair(dialog(tour.free), how)

    assert lists() == (bound if how == "finish" else before)
    assert not Operation.objects.filter(state=OperationState.NEEDS_REPAIR)


@pytest.mark.parametrize("how", HOWS)
def test_what_others_left_half_bound(dialog, tour, how):
    server = tour.servers[3]
    vip = VirtualIPFactory(subnet=tour.subnet, half_bound_to=[server.nic])

    opened = dialog(vip)
    assert "is half bound: it is listed, but its source/destination check is on" in opened.page.text
    page = repair(opened, how)

    assert "is repaired: what was begun is" in page.text
    if how == "finish":
        assert server.nic.pairs == [FOREIGN.ip_address, CHECK_OFF]
        assert vip.pairs == [server.ip_address]
    else:
        assert server.nic.pairs == [FOREIGN.ip_address]
        assert vip.pairs == []


@PROFILES
def test_nothing_to_repair_is_said(dialog, tour):
    page = dialog(tour.vip).page

    assert "needs repair." in page.text
    assert not page.has("OK", "button")


@pytest.mark.parametrize(("profile", "skip"), [("otc", 1), ("openstack", 0)])
def test_the_choice_shows_what_it_will_change(stopped, dialog, tour, skip):
    stopped("bind", skip=skip, after=True)
    opened = dialog(tour.free, htmx=True)

    finish = opened.look().text
    opened.entries["how"] = "take-back"
    take_back = opened.look().text

    assert "+" in finish
    assert "+" not in take_back


@pytest.mark.parametrize("profile", ["otc"])
def test_a_check_that_another_vip_needs_by_now_stays_off(stopped, dialog, tour, cloud):
    record = stopped("unbind", skip=1, after=False)
    first, second = (server.nic for server in tour.servers[:2])
    perform_now(cloud, Bind(cloud, place_of(tour.subnet), tour.free.id, [first.id]))

    shown = dialog(tour.vip, htmx=True).look()
    repair(dialog(tour.vip), "finish")

    assert f"NIC {first.port.fixed_ips[0].ip_address}" in shown.text
    assert f"stays off: {tour.free.ip_address} needs that by now." in shown.text
    assert CHECK_OFF in [pair.ip_address for pair in first.port.allowed_address_pairs]
    assert CHECK_OFF not in [pair.ip_address for pair in second.port.allowed_address_pairs]
    record.refresh_from_db()
    assert record.state == OperationState.DONE


# addresses that moved since are not written


@pytest.mark.parametrize("how", HOWS)
def test_an_address_that_is_anothers_by_now_is_neither_listed_nor_taken(stopped, dialog, tour, how):
    """On Open Telekom Cloud the VIP lists the addresses of NICs."""
    record = stopped("bind", skip=1, after=True)
    assert record.state == OperationState.NEEDS_REPAIR
    gone = tour.servers[2].nic
    state().remove_port(gone.port)
    newcomer = ServerFactory(name="newcomer", subnet=tour.subnet, ip_address=gone.ip_address)

    repair(dialog(tour.free), how)

    assert newcomer.ip_address not in tour.free.pairs
    assert newcomer.nic.pairs == []


@pytest.mark.parametrize("profile", ["openstack"])
@pytest.mark.parametrize("how", HOWS)
def test_a_vip_whose_address_is_anothers_by_now_is_left_alone(stopped, signed_in, tour, how):
    record = stopped("bind", skip=0, after=True)
    assert record.state == OperationState.NEEDS_REPAIR
    state().remove_port(tour.free.port)
    other = VirtualIPFactory(subnet=tour.subnet, ip_address=tour.free.ip_address)
    before = lists()

    response = signed_in.get(tour.dialog("repair", tour.free))
    page = Dialog(signed_in, undo_url(record)).done()

    assert response.status_code == 404
    assert lists() == before
    assert "nothing was left to take back" in page.text
    record.refresh_from_db()
    assert record.state == OperationState.UNDONE
    assert other.ip_address == tour.free.ip_address


# where the VIP is gone, its record offers what is left to do


def undo_url(record):
    return reverse("vpc:operation_undo", args=[record.id])


@pytest.mark.parametrize(("profile", "skip"), [("otc", 1), ("openstack", 0)])
def test_of_a_vip_that_is_gone_the_record_takes_back_what_is_left(stopped, signed_in, tour, skip):
    record = stopped("bind", skip=skip, after=True)
    assert record.state == OperationState.NEEDS_REPAIR
    state().remove_port(tour.free.port)
    detail = Page(signed_in.get(reverse("console:operation_detail", args=[record.id])))
    assert detail.link("Undo")["href"] == undo_url(record)

    dialog = Dialog(signed_in, undo_url(record))
    assert "It was left half done" in dialog.page.text
    page = dialog.done()

    assert "what was left of it is taken back" in page.text
    for server in tour.servers[2:]:
        assert server.nic.pairs == [FOREIGN.ip_address]
    record.refresh_from_db()
    assert (record.state, record.settled_by.name) == ("undone", "Repair: take back")


@PROFILES
def test_an_open_record_is_looked_up_before_its_undo_is_shown(
    cloud, goal, emulator, signed_in, tour
):
    hook = Fault("PUT", "/v2.0/ports", "hook", hook=stop)
    emulator.faults.add(hook)
    with pytest.raises(Stopped):
        perform_now(cloud, goal("bind"))
    emulator.faults.clear()
    let_time_pass()
    record = Operation.objects.get()

    page = Page(signed_in.get(undo_url(record)))

    record.refresh_from_db()
    assert record.state == OperationState.UNDONE
    assert "Only what was done can be undone." in page.text


@pytest.mark.parametrize(("profile", "skip"), [("otc", 1), ("openstack", 0)])
def test_a_record_that_cannot_be_read_any_more_is_closed_by_a_repair(stopped, dialog, tour, skip):
    record = stopped("bind", skip=skip, after=True)
    rewrite(Operation.objects.filter(pk=record.pk), plan=[{"type": "of another version"}])

    repair(dialog(tour.free), "take-back")

    record.refresh_from_db()
    assert record.state == OperationState.UNDONE


# who may, and others at work


def test_a_reader_sees_why_not(stopped, tour, sign_in):
    stopped("bind", skip=1, after=True)
    UserFactory(name="viewer", roles="reader")

    page = Page(sign_in("viewer").get(tour.dialog("repair", tour.free)))

    assert page.button("OK")["aria-disabled"] == "true"


@PROFILES
def test_an_unknown_vip_is_not_found(signed_in, tour):
    tour.vip.id = str(uuid4())

    assert signed_in.get(tour.dialog("repair", tour.vip)).status_code == 404


@pytest.mark.parametrize(("profile", "skip"), [("otc", 1), ("openstack", 0)])
def test_mended_by_somebody_else_meanwhile_is_shown_first(stopped, dialog, tour, skip):
    stopped("bind", skip=skip, after=True)
    opened = dialog(tour.free)
    for server in tour.servers[2:]:
        server.nic.port.allowed_address_pairs = [FOREIGN]
    before = lists()

    response = opened.send()

    assert response.status_code in (302, 422)
    assert lists() == before


@PROFILES
def test_sent_twice_it_is_repaired_once(stopped, dialog, tour, profile):
    stopped("bind", skip=1 if profile == "otc" else 0, after=True)
    opened = dialog(tour.free)
    repair(opened, "finish")
    number = Operation.objects.count()

    page = opened.done()

    assert "is repaired" in page.text
    assert Operation.objects.count() == number
