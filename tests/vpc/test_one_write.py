"""One write whose thing changes between its reading and the write: the cloud says 412."""

from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from console.emulator.records import Pair
from console.models import Operation, OperationState
from tests.factories import ServerFactory, state
from tests.tour import furnish
from tests.vpc.dialogs import Dialog

OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
pytestmark = OPENSTACK


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def before_write(emulator):
    """Somebody else acts right before the next writes of that kind."""

    def arrange(method, act, times=1):
        emulator.faults.add(Fault(method, "/ports/", "hook", hook=act, times=times))

    return arrange


def changes(record, **values):
    """What somebody else does to a port, as a new revision of it."""

    def act():
        port = record.port
        for name, value in values.items():
            setattr(port, name, value)
        port.revision_number += 1

    return act


def writes(emulator):
    return [call.status for call in emulator.log if call.method in ("PUT", "DELETE")]


def test_what_changed_beside_it_holds_up_no_write(signed_in, emulator, tour, before_write):
    opened = Dialog(signed_in, tour.dialog("name", tour.free))
    before_write("PUT", changes(tour.free, description="theirs"))

    page = opened.done(name="mine")

    assert "is called mine now" in page.text
    assert (tour.free.port.name, tour.free.port.description) == ("mine", "theirs")
    assert writes(emulator) == [412, 200]
    assert Operation.objects.get().state == OperationState.DONE


def test_it_is_not_tried_for_ever(signed_in, emulator, tour, before_write):
    opened = Dialog(signed_in, tour.dialog("name", tour.free))
    before_write("PUT", changes(tour.free, description="theirs"), times=None)

    page = opened.answer(name="mine")

    assert "Somebody else changed this at the same moment" in page.text
    assert "Nothing was changed" in page.text
    assert tour.free.port.name == "vip-free"
    assert writes(emulator) == [412, 412, 412]
    assert Operation.objects.get().state == OperationState.REFUSED


def test_what_came_to_be_wanted_by_both_is_no_failure(signed_in, emulator, tour, before_write):
    opened = Dialog(signed_in, tour.dialog("name", tour.free))
    before_write("PUT", changes(tour.free, name="mine"))

    page = opened.done(name="mine")

    assert "is called mine already" in page.text
    assert writes(emulator) == [412]


def test_one_that_was_bound_at_the_last_moment_is_not_released(
    signed_in, emulator, tour, before_write
):
    server = ServerFactory(subnet=tour.subnet)
    opened = Dialog(signed_in, tour.dialog("release", tour.free))

    def bind():
        port = server.nic.port
        port.allowed_address_pairs.append(Pair(tour.free.ip_address, port.mac_address))
        changes(tour.free)()

    before_write("DELETE", bind)
    page = opened.answer()

    assert "cannot be released now" in page.text
    assert tour.free.id in state().ports
    assert writes(emulator) == [412]
    assert Operation.objects.get().state == OperationState.REFUSED


def test_a_write_that_another_wrote_over_is_no_refusal(signed_in, emulator, tour):
    """The cloud answers both with 200, as a real one does where they overlap."""
    opened = Dialog(signed_in, tour.dialog("name", tour.free))
    act = changes(tour.free, name="theirs")
    emulator.faults.add(Fault("PUT", "/ports/", "hook", hook=act, after_effect=True))

    page = opened.answer(name="mine")

    assert "Somebody else wrote over this" in page.text
    assert tour.free.port.name == "theirs"
    record = Operation.objects.get()
    assert record.state == OperationState.FAILED
    assert "does not show it when read back" in record.message
