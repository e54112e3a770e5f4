"""Undo of a record, and undo of that: the ports are as they were, whatever others wrote since."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from console.emulator.faults import Fault
from console.emulator.records import Pair
from console.models import Lease, Operation, OperationState
from tests.factories import ServerFactory, UserFactory, VirtualIPFactory, state
from tests.pages import Page
from tests.record_making import rewrite
from tests.tour import furnish
from tests.vpc.dialogs import HTMX, Dialog, choose

pytestmark = pytest.mark.django_db

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
CHECK_OFF = "1.1.1.1/0"
FOREIGN = Pair("192.0.2.7", "00:00:5e:00:01:0a")
PAIRS = ("bind", "unbind", "nic_check")
EVERY = (*PAIRS, "assign", "release", "name", "bind_eip", "unbind_eip")


@pytest.fixture
def tour(emulator):
    made = furnish(servers=4)
    for server in made.servers:
        server.nic.port.allowed_address_pairs.insert(0, FOREIGN)
    return made


def bound(tour):
    """The servers that carry `tour.vip`; the others carry nothing."""
    return tour.servers[:2]


def fresh(tour):
    return tour.servers[2:]


@pytest.fixture
def act(signed_in, tour):
    """Does one operation by its dialog; its record."""

    def do(name):
        nics = [server.nic.id for server in bound(tour)]
        entries = {
            "bind": choose(*fresh(tour)),
            "unbind": {"nic": nics, "check_on": nics if state().otc else None},
            "nic_check": {"confirm": "on"},
            "assign": {"mode": "manual", "ip_address": "10.20.0.99"},
            "name": {"name": "renamed"},
            "bind_eip": {"eip": tour.free_eip.id},
        }
        vip = tour.vip if name in ("unbind", "unbind_eip") else tour.free
        Dialog(signed_in, tour.dialog(name, vip)).done(**entries.get(name, {}))
        return Operation.objects.latest("at")

    return do


@pytest.fixture
def undo(signed_in):
    """The dialog that undoes a record."""
    return lambda record: Dialog(signed_in, undo_url(record))


def undo_url(record):
    return reverse("vpc:operation_undo", args=[record.id])


def picture():
    """What the cloud has, by addresses: a VIP that was made anew counts as the same."""
    ports = {port.id: port for port in state().ports.values()}
    found = {
        port.fixed_ips[0].ip_address: (
            port.name,
            port.device_owner,
            [(pair.ip_address, pair.mac_address == port.mac_address) for pair in pairs_of(port)],
        )
        for port in ports.values()
    }
    eips = state().floating_ips.values()
    return found | {
        eip.floating_ip_address: eip.port_id and ports[eip.port_id].fixed_ips[0].ip_address
        for eip in eips
    }


def days_ago(days):
    return timezone.now() - dt.timedelta(days=days)


def pairs_of(port):
    return port.allowed_address_pairs


def with_profiles(names):
    return [
        (profile, name)
        for profile in ("otc", "openstack")
        for name in names
        if (profile, name) != ("openstack", "nic_check")
    ]


@pytest.mark.parametrize(("profile", "name"), with_profiles(EVERY))
def test_an_undo_gives_back_what_there_was_and_can_be_undone(act, undo, name):
    before = picture()
    record = act(name)
    after = picture()
    assert after != before

    page = undo(record).done()

    assert picture() == before
    assert "is undone." in page.text
    reversal = Operation.objects.latest("at")
    assert (reversal.name, reversal.reverses) == (f"Undo {record.name}", record)
    assert reversal.state == OperationState.DONE
    assert not Lease.objects.exists()
    if name != "nic_check":  # done again it would cut a binding off: that is asked on its own page
        undo(reversal).done()
        assert picture() == after
        assert Operation.objects.latest("at").name == f"Redo {record.name}"


@PROFILES
def test_undo_of_a_redo_is_an_undo_again(act, undo):
    before = picture()
    record = act("bind")
    for name in ("Undo", "Redo", "Undo"):
        undo(record).done()
        record = Operation.objects.latest("at")
        assert record.name == f"{name} Bind to Server"
    assert picture() == before


@PROFILES
def test_a_forced_second_undo_says_what_moved(act, undo):
    record = act("bind")
    undo(record).done()
    after = picture()

    page = undo(record).page

    assert "cannot be undone now. Nothing was changed." in page.text
    assert "no longer lists" in page.text
    assert picture() == after


@pytest.mark.parametrize(("profile", "name"), with_profiles(("bind", "unbind")))
def test_what_others_wrote_since_stays(act, undo, tour, name):
    record = act(name)
    late = Pair("192.0.2.99", "00:00:5e:00:01:0b")
    nics = [server.nic.port for server in tour.servers]
    for port in (*nics, tour.vip.port, tour.free.port):
        port.allowed_address_pairs.append(late)

    undo(record).done()

    for nic in nics:
        assert [pair for pair in pairs_of(nic) if pair in (FOREIGN, late)] == [FOREIGN, late]


@PROFILES
def test_the_dialog_shows_what_will_change(act, undo, tour):
    record = act("bind")

    page = undo(record).page

    addresses = (
        [server.ip_address for server in fresh(tour)] if state().otc else [tour.free.ip_address]
    )
    for address in addresses:
        assert address in page.text
    assert "What will change" in page.text


# refused, saying what moved


@PROFILES
def test_a_server_that_is_gone(act, undo, tour):
    record = act("bind")
    nic = fresh(tour)[0].nic
    state().remove_port(nic.port)

    page = undo(record).page

    assert f"{nic.ip_address} (port {nic.id}) is gone" in page.text


@pytest.mark.parametrize(("profile", "name"), with_profiles(("bind", "unbind")))
def test_a_vip_that_was_released_and_whose_address_went_to_another(act, undo, tour, name):
    record = act(name)
    vip = tour.free if name == "bind" else tour.vip
    state().floating_ips[tour.eip.id].port_id = None
    state().remove_port(vip.port)
    VirtualIPFactory(
        name="another", subnet=tour.subnet, ip_address=vip.ip_address, bound_to=[fresh(tour)[0].nic]
    )
    before = picture()

    page = undo(record).page

    assert "cannot be undone now" in page.text
    assert "is gone" in page.text or "has been given to something else" in page.text
    assert not page.has("OK", "button")
    assert picture() == before


@PROFILES
def test_a_nic_whose_address_went_to_another_server(act, undo, tour):
    record = act("unbind")
    nic = tour.servers[0].nic
    state().remove_port(nic.port)
    ServerFactory(name="newcomer", subnet=tour.subnet, ip_address=nic.ip_address)
    before = picture()

    page = undo(record).page

    assert "cannot be undone now" in page.text
    assert nic.ip_address in page.text
    assert picture() == before


def test_a_check_that_another_vip_has_come_to_need(act, undo, tour):
    record = act("bind")
    VirtualIPFactory(subnet=tour.subnet, ip_address="10.20.1.77", bound_to=[fresh(tour)[0].nic])

    page = undo(record).page

    assert "NIC 10.20.0.4 carries 10.20.1.77 by now" in page.text


def test_a_check_that_was_switched_on_since(act, undo, tour):
    nics = [server.nic.id for server in bound(tour)]
    Dialog(undo(act("name")).client, tour.dialog("unbind")).done(nic=nics)
    record = Operation.objects.latest("at")
    nic = tour.servers[0].nic.port
    nic.allowed_address_pairs = [pair for pair in pairs_of(nic) if pair.ip_address != CHECK_OFF]

    page = undo(record).page

    assert "was switched on since" in page.text


@PROFILES
def test_a_name_that_was_changed_since(act, undo, tour):
    record = act("name")
    tour.free.port.name = "other"

    assert "is called “other” by now" in undo(record).page.text


@PROFILES
def test_an_eip_that_went_elsewhere(act, undo, tour):
    record = act("bind_eip")
    state().floating_ips[tour.free_eip.id].port_id = tour.vip.id

    assert "is bound to something else by now" in undo(record).page.text


@PROFILES
def test_an_assigned_vip_that_is_bound_by_now(act, undo, tour):
    record = act("assign")
    subject = record.subjects.get(kind="vip")
    vip = state().ports[subject.ref]
    dialog = undo(record)
    nic = fresh(tour)[0].nic
    if state().otc:
        vip.allowed_address_pairs.append(Pair(nic.ip_address, vip.mac_address))
    else:
        nic.port.allowed_address_pairs.append(Pair("10.20.0.99", nic.port.mac_address))
    before = picture()

    assert "is still bound to 1 NIC" in dialog.answer().text
    assert picture() == before


@PROFILES
def test_an_assigned_vip_with_another_address_by_now(act, undo):
    record = act("assign")
    vip = state().ports[record.subjects.get(kind="vip").ref]
    vip.fixed_ips[0] = type(vip.fixed_ips[0])(vip.fixed_ips[0].subnet_id, "10.20.0.98")

    assert "has another address by now (10.20.0.98)" in undo(record).page.text


@PROFILES
def test_a_released_address_that_was_given_away(act, undo, tour):
    record = act("release")
    ServerFactory(name="newcomer", subnet=tour.subnet, ip_address=tour.free.ip_address)

    assert "has been given to something else" in undo(record).page.text


# an assigned VIP that was bound a short time ago is not released by a slip


@pytest.fixture
def assigned(act, signed_in, tour):
    """The record of an assign; the VIP was bound, and unbound, since."""
    record = act("assign")
    url = reverse(
        "vpc:virtual_ip_bind", args=[*tour.subnet_args, record.subjects.get(kind="vip").ref]
    )
    Dialog(signed_in, url).done(**choose(fresh(tour)[0]))
    Dialog(signed_in, url.replace("/bind/", "/unbind/")).done()
    return record


@PROFILES
def test_its_undo_asks_for_the_address(assigned, undo):
    before = picture()
    dialog = undo(assigned)

    assert "Type 10.20.0.99 to confirm" in dialog.page.text
    assert "Type 10.20.0.99 to release it." in dialog.answer().text
    assert picture() == before
    [name] = [name for name in dialog.entries if name.startswith("confirm-")]
    assert "This is another address" in dialog.answer(**{name: "10.20.0.98"}).text
    assert picture() == before
    dialog.done(**{name: "10.20.0.99"})
    assert "10.20.0.99" not in picture()


@PROFILES
def test_a_redone_bind_counts_as_a_bind(act, undo, signed_in, tour):
    record = act("bind")
    undo(record).done()
    undo(Operation.objects.latest("at")).done()
    undo(Operation.objects.latest("at")).done()
    rewrite(Operation.objects.filter(name="Bind to Server"), at=days_ago(2))

    page = Dialog(signed_in, tour.dialog("release", tour.free)).page

    assert f"Type {tour.free.ip_address} to confirm" in page.text


# others at work


@pytest.mark.parametrize(("profile", "name"), with_profiles(("bind", "unbind")))
def test_another_plan_than_the_one_shown_is_shown_first(act, undo, tour, name):
    record = act(name)
    dialog = undo(record)
    nic = (fresh(tour) if name == "bind" else bound(tour))[0].nic.port
    address = CHECK_OFF if state().otc else tour.vip.ip_address
    again = [] if name == "bind" else [Pair(address, nic.mac_address)]
    nic.allowed_address_pairs = [FOREIGN, *again]
    before = picture()

    page = dialog.answer()

    assert "cannot be undone now" in page.text or "is something else by now" in page.text
    assert picture() == before


@OPENSTACK
def test_overtaken_half_way_it_goes_on_and_does_not_call_its_own_work_moved(
    act, undo, tour, emulator
):
    record = act("bind")
    dialog = undo(record)
    ports = sorted((server.nic.port for server in fresh(tour)), key=lambda port: port.id)
    late = Pair("192.0.2.99", "00:00:5e:00:01:0b")

    def write():
        port = ports[0]
        port.allowed_address_pairs = [*pairs_of(port), late]
        port.revision_number += 1

    emulator.faults.add(Fault("PUT", "/v2.0/ports", "hook", hook=write, skip=1, times=1))

    dialog.done()

    assert all(tour.free.ip_address not in server.nic.pairs for server in fresh(tour))
    assert late in pairs_of(ports[0])


@PROFILES
def test_sent_twice_it_is_undone_once(act, undo, signed_in):
    before = picture()
    record = act("bind")
    dialog = undo(record)
    dialog.done()
    calls = Operation.objects.count()

    page = dialog.done()

    assert "is undone." in page.text
    assert Operation.objects.count() == calls
    assert picture() == before


# who may, and what cannot be


def test_a_reader_sees_why_not(act, emulator, sign_in):
    record = act("bind")
    UserFactory(name="viewer", roles="reader")
    client = sign_in("viewer")

    page = Page(client.get(undo_url(record)))

    assert page.button("OK")["aria-disabled"] == "true"


def test_a_record_that_is_not_done_is_not_undone(act, undo, emulator):
    record = act("bind")
    rewrite(Operation.objects.filter(pk=record.pk), state=OperationState.FAILED)

    assert "Only what was done can be undone." in undo(record).page.text


@pytest.mark.parametrize("plan", [[{"type": "nonsense"}], [1], "text", {"type": "pairs"}])
def test_a_record_that_cannot_be_read_any_more_is_not_undone(act, signed_in, plan):
    record = act("bind")
    rewrite(Operation.objects.filter(pk=record.pk), plan=plan)

    response = signed_in.get(undo_url(record))

    assert response.status_code == 409
    assert Page(response).h1 == "This record cannot be read any more"


def test_another_projects_record_is_not_there(act, sign_in, emulator, signed_in):
    record = act("bind")
    rewrite(Operation.objects.filter(pk=record.pk), project_id="elsewhere")

    assert signed_in.get(undo_url(record)).status_code == 404


# as every page


@PROFILES
def test_it_is_a_page_and_a_fragment_one_round_trip_deep(act, signed_in, emulator):
    record = act("bind")
    emulator.log.clear()

    page = Page(signed_in.get(undo_url(record)))
    part = Page(signed_in.get(undo_url(record), headers=HTMX), full=False)

    assert page.h1 == "Undo"
    assert not part.all("h1")
    assert part.all("h2", id="modal-title")[0].text == "Undo"
    assert len(emulator.log) == 2, "the ports of the network, once for each of the two"


def test_signed_out_one_signs_in_first(act, signed_in):
    record = act("bind")
    signed_in.cookies.clear()

    response = signed_in.get(undo_url(record))

    assert response.status_code == 302
    assert "/sign-in/" in response["Location"]


@PROFILES
@pytest.mark.parametrize("kind", ["refused", "malformed"])
def test_with_the_cloud_down_it_says_so(act, signed_in, emulator, kind):
    record = act("bind")
    emulator.faults.add(Fault("*", "", kind, times=None))

    response = signed_in.get(undo_url(record))

    assert response.status_code in (502, 503)
    assert "The cloud" in Page(response).h1


def test_an_unknown_record_is_not_found(signed_in, tour):
    response = signed_in.get(reverse("vpc:operation_undo", args=[uuid4()]))

    assert response.status_code == 404
