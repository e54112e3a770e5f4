"""What a console that was stopped in the middle left open, and what the next visit makes of it."""

from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from console.models import Lease, Operation, OperationState
from tests.factories import ServerFactory, state
from tests.record_making import Stopped, lease_again, let_time_pass, perform_now, place_of, stop
from tests.tour import furnish
from vpc.services.bind_goals import Bind
from vpc.services.vip_goals import Assign, Release

pytestmark = pytest.mark.django_db

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def nics(tour):
    """Of two servers that carry nothing yet."""
    return [ServerFactory(subnet=tour.subnet).nic for _ in range(2)]


@pytest.fixture
def bind(cloud, tour, nics):
    return Bind(cloud, place_of(tour.subnet), tour.free.id, [nic.id for nic in nics])


def visit_tab(visit, tour):
    return visit(tour.urls["subnet_virtual_ips"])


def left_open(cloud, goal, emulator, method, *, skip=0, after=False):
    """Carry it out until the process ends at that call."""
    hook = Fault(method, "/v2.0/ports", "hook", hook=stop, skip=skip, after_effect=after)
    emulator.faults.add(hook)
    with pytest.raises(Stopped):
        perform_now(cloud, goal)
    emulator.faults.clear()
    return Operation.objects.get()


@PROFILES
def test_what_was_never_written_is_closed_as_taken_back(bind, cloud, emulator, visit, tour):
    operation = left_open(cloud, bind, emulator, "PUT")
    assert operation.state == OperationState.APPLYING
    let_time_pass()

    page = visit_tab(visit, tour)

    operation.refresh_from_db()
    assert operation.state == OperationState.UNDONE
    assert "nothing of it is there" in operation.message
    assert "Needs repair" not in page.text


@PROFILES
def test_what_was_wholly_written_is_closed_as_done(bind, cloud, emulator, visit, tour, profile):
    writes = 3 if profile == "otc" else 2
    operation = left_open(cloud, bind, emulator, "PUT", skip=writes - 1, after=True)
    let_time_pass()

    visit_tab(visit, tour)

    operation.refresh_from_db()
    assert operation.state == OperationState.DONE
    assert "everything is as it was planned" in operation.message


@PROFILES
def test_what_was_half_written_needs_repair_and_the_table_says_so(
    bind, cloud, emulator, visit, tour
):
    operation = left_open(cloud, bind, emulator, "PUT", after=True)
    let_time_pass()

    page = visit_tab(visit, tour)

    operation.refresh_from_db()
    assert operation.state == OperationState.NEEDS_REPAIR
    assert "Needs repair" in page.text
    assert page.all("a", href=tour.dialog("repair", tour.free))
    assert [event.state for event in operation.events.all()] == [
        "planned",
        "applying",
        "needs repair",
    ]


def test_what_is_being_carried_out_is_left_alone(bind, cloud, emulator, visit, tour):
    operation = left_open(cloud, bind, emulator, "PUT", after=True)
    let_time_pass()
    lease_again(operation)

    page = visit_tab(visit, tour)

    operation.refresh_from_db()
    assert operation.state == OperationState.APPLYING
    assert "Under way" in page.text


def test_what_moved_a_moment_ago_is_not_judged_by_an_older_reading(
    bind, cloud, emulator, visit, tour
):
    operation = left_open(cloud, bind, emulator, "PUT")
    assert not Lease.objects.exists()

    visit_tab(visit, tour)

    operation.refresh_from_db()
    assert operation.state == OperationState.APPLYING


def test_another_subnet_is_not_looked_at(bind, cloud, emulator, visit, tour):
    operation = left_open(cloud, bind, emulator, "PUT")
    let_time_pass()
    other = furnish(name="elsewhere")

    visit_tab(visit, other)

    operation.refresh_from_db()
    assert operation.state == OperationState.APPLYING


def test_the_tab_asks_the_database_once_where_all_is_well(
    bind, cloud, visit, tour, django_assert_max_num_queries
):
    perform_now(cloud, bind)
    visit_tab(visit, tour)
    with django_assert_max_num_queries(3):
        visit_tab(visit, tour)


@PROFILES
@pytest.mark.parametrize("made", [True, False])
def test_an_assign_is_looked_up_by_its_name(cloud, emulator, visit, tour, made):
    goal = Assign(cloud, place_of(tour.subnet), tour.subnet.id, label="vip-0001")
    operation = left_open(cloud, goal, emulator, "POST", after=made)
    let_time_pass()

    visit_tab(visit, tour)

    operation.refresh_from_db()
    assert operation.state == (OperationState.DONE if made else OperationState.UNDONE)
    if made:
        [port] = [port for port in state().ports.values() if port.name == "vip-0001"]
        assert operation.plan[0]["port"]["id"] == port.id


@PROFILES
@pytest.mark.parametrize("made", [True, False])
def test_a_release_is_looked_up_by_its_port(cloud, emulator, visit, tour, made):
    goal = Release(cloud, place_of(tour.subnet), tour.free.id)
    operation = left_open(cloud, goal, emulator, "DELETE", after=made)
    let_time_pass()

    visit_tab(visit, tour)

    operation.refresh_from_db()
    assert operation.state == (OperationState.DONE if made else OperationState.UNDONE)


def test_a_repair_by_hand_closes_the_record(bind, cloud, emulator, visit, tour, nics):
    operation = left_open(cloud, bind, emulator, "PUT", after=True)
    let_time_pass()
    visit_tab(visit, tour)
    operation.refresh_from_db()
    assert operation.state == OperationState.NEEDS_REPAIR
    for nic in nics:
        nic.port.allowed_address_pairs = []
    let_time_pass()

    page = visit_tab(visit, tour)

    operation.refresh_from_db()
    assert operation.state == OperationState.UNDONE
    assert "Needs repair" not in page.text
