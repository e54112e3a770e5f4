"""`manage.py finish_operations`: what a killed console left open is looked up and closed."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from console.emulator.faults import Fault
from console.models import Lease, Operation, OperationState
from tests.factories import ProjectFactory, ServerFactory, UserFactory, state
from tests.record_making import (
    Stopped,
    lease_again,
    let_time_pass,
    perform_now,
    place_of,
    rewrite,
    stop,
)
from tests.tour import furnish
from tests.vpc.dialogs import lists
from vpc.services.bind_goals import Bind
from vpc.services.vip_goals import Assign, Release

pytestmark = pytest.mark.django_db

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def bind(cloud, tour):
    nics = [ServerFactory(subnet=tour.subnet).nic.id for _ in range(2)]
    return Bind(cloud, place_of(tour.subnet), tour.free.id, nics)


@pytest.fixture
def left_open(cloud, emulator):
    """A console is killed at that write. Its record."""

    def leave(goal, method="PUT", *, skip=0, after=False):
        hook = Fault(method, "/v2.0/ports", "hook", hook=stop, skip=skip, after_effect=after)
        emulator.faults.add(hook)
        with pytest.raises(Stopped):
            perform_now(cloud, goal)
        emulator.faults.clear()
        let_time_pass()
        return Operation.objects.latest("at")

    return leave


@pytest.fixture
def finish(settings, monkeypatch, emulator, capsys):
    """Runs the command as somebody does beside a console that uses a real cloud."""
    settings.EMBEDDED = False
    monkeypatch.setenv("CLOUD_PASSWORD", "demo-password")

    def run(user="demo", **options):
        emulator.log.clear()
        try:
            call_command("finish_operations", domain="acme", user=user, **options)
            error = ""
        except CommandError as failure:
            error = str(failure)
        assert {call.method for call in emulator.log} <= {"GET", "POST"}
        posts = [call.path for call in emulator.log if call.method == "POST"]
        assert all(path.endswith("/auth/tokens") for path in posts), "it writes to the cloud"
        return capsys.readouterr().out, error

    return run


def test_where_nothing_is_open_it_says_so_and_asks_nobody(finish, tour, emulator):
    assert finish(user="") == ("No operation is open.\n", "")
    assert not emulator.log


@PROFILES
@pytest.mark.parametrize("after", [False, True])
def test_what_can_be_told_by_reading_is_closed(
    finish, left_open, bind, cloud, tour, emulator, after
):
    ways = {
        Release(cloud, place_of(tour.subnet), tour.free.id): "DELETE",
        Assign(cloud, place_of(tour.subnet), tour.subnet.id, label="vip-0001"): "POST",
    }
    records = [left_open(goal, method, after=after) for goal, method in ways.items()]
    before = lists()

    printed, error = finish()

    assert error == ""
    assert printed.count("Read again afterwards") == 2
    for record in records:
        record.refresh_from_db()
        assert record.state == (OperationState.DONE if after else OperationState.UNDONE)
    assert lists() == before
    assert finish()[0] == "No operation is open.\n"


@PROFILES
def test_what_is_half_done_is_said_and_left(finish, left_open, bind):
    record = left_open(bind, after=True)
    before = lists()

    printed, error = finish()

    record.refresh_from_db()
    assert record.state == OperationState.NEEDS_REPAIR
    assert "Needs repair" in printed
    assert error == "1 could not be closed: see above."
    assert lists() == before


def test_what_is_being_carried_out_is_left_alone(finish, left_open, bind):
    record = left_open(bind)
    lease_again(record)

    assert finish() == ("No operation is open.\n", "")


def test_ended_leases_are_forgotten(finish, left_open, bind):
    record = left_open(bind)
    lease_again(record)
    let_time_pass()

    finish()

    assert not Lease.objects.exists()


def test_a_reader_is_enough(finish, left_open, bind, monkeypatch):
    left_open(bind)
    UserFactory(name="viewer", roles="reader")
    monkeypatch.setenv("CLOUD_PASSWORD", "viewer-password")

    printed, error = finish(user="viewer")

    assert (error, printed.count("nothing of it is there")) == ("", 1)


def test_the_password_may_stand_in_a_file(finish, left_open, bind, monkeypatch, tmp_path):
    left_open(bind)
    (tmp_path / "password").write_text("demo-password\n")
    monkeypatch.delenv("CLOUD_PASSWORD")
    monkeypatch.setenv("CLOUD_PASSWORD_FILE", str(tmp_path / "password"))

    assert finish()[1] == ""


def test_without_a_user_it_asks_for_one(finish, left_open, bind):
    left_open(bind)

    assert finish(user="")[1] == "1 open. Say with --user who may look at the cloud."


def test_a_wrong_password_is_said(finish, left_open, bind, monkeypatch):
    record = left_open(bind)
    monkeypatch.setenv("CLOUD_PASSWORD", "wrong")

    error = finish()[1]

    assert "could not sign in" in error
    record.refresh_from_db()
    assert record.is_open


def test_a_cloud_that_is_down_is_said(finish, left_open, bind, emulator):
    left_open(bind)
    emulator.faults.add(Fault("*", "", "refused", times=None))

    assert "Could not connect" in finish()[1]


def test_a_project_one_may_not_enter_holds_up_no_other(finish, left_open, bind, cloud, tour):
    first = left_open(bind)
    second = left_open(Release(cloud, place_of(tour.subnet), tour.free.id), "DELETE")
    other = ProjectFactory(name="elsewhere")
    rewrite(Operation.objects.filter(pk=first.pk), project_id=other.id)

    printed, error = finish()

    second.refresh_from_db()
    assert second.state == OperationState.UNDONE
    assert error == "1 could not be closed: see above."
    assert "demo may not enter its project, eu-de_prod." in printed


def test_a_network_that_is_gone_leaves_nothing_to_repair(finish, left_open, bind, tour):
    record = left_open(bind, after=True)
    for port in list(state().ports.values()):
        state().remove_port(port)

    assert finish()[1] == ""
    record.refresh_from_db()
    assert record.state == OperationState.UNDONE


def test_a_call_that_fails_holds_up_no_other(finish, left_open, bind, cloud, tour, emulator):
    left_open(bind)
    left_open(Release(cloud, place_of(tour.subnet), tour.free.id), "DELETE")
    emulator.faults.add(Fault("GET", "/v2.0/ports", "status", status=500, times=1))

    printed, error = finish()

    assert error == "", "the second look closed both"
    assert "The cloud had a fault of its own" in printed
    assert Operation.objects.filter(state=OperationState.UNDONE).count() == 2


def test_where_nothing_can_be_read_all_stay_open(finish, left_open, bind, emulator):
    record = left_open(bind)
    emulator.faults.add(Fault("GET", "/v2.0/ports", "status", status=500, times=None))

    printed, error = finish()

    assert error == "1 could not be closed: see above."
    assert "Under way. The cloud had a fault of its own" in printed
    record.refresh_from_db()
    assert record.is_open


def test_the_embedded_cloud_cannot_be_looked_into(finish, left_open, bind, settings):
    left_open(bind)
    settings.EMBEDDED = True

    assert "lives in the memory of the console's own process" in finish()[1]
