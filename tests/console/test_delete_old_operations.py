from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from console.management.commands import delete_old_operations
from console.models import Operation, OperationEvent, OperationSubject
from tests.record_factories import OperationFactory, SubjectFactory


@pytest.fixture(autouse=True)
def _cloud(emulator, db):
    """Records belong to a project."""


def old(days, **more):
    record = OperationFactory.create(at=timezone.now() - dt.timedelta(days=days), **more)
    SubjectFactory.create(operation=record)
    return record


def run(*arguments):
    said = io.StringIO()
    call_command("delete_old_operations", *arguments, stdout=said)
    return said.getvalue().strip()


def left():
    return set(Operation.objects.values_list("id", flat=True))


def test_what_is_older_than_the_setting_goes(settings):
    settings.OPERATION_RETENTION_DAYS = 30
    old(31)
    young = old(29)

    assert run() == "1 operation record older than 30 days deleted."

    assert left() == {young.id}
    assert OperationEvent.objects.count() == OperationSubject.objects.count() == 1


def test_it_is_a_year_unless_told():
    old(366)
    young = old(364)

    assert run() == "1 operation record older than 365 days deleted."
    assert left() == {young.id}


@pytest.mark.parametrize("state", ["planned", "applying", "needs repair"])
def test_what_is_not_settled_stays_however_old(state):
    record = old(5000, state=state)

    assert run("--days", "1") == "0 operation records older than 1 days deleted."
    assert left() == {record.id}


@pytest.mark.parametrize("state", ["done", "undone", "refused", "failed"])
def test_all_that_ended_goes(state):
    old(5, state=state)

    run("--days", "4")

    assert not left()


def test_a_dry_run_only_says_how_many():
    for _ in range(2):
        old(5)

    assert (
        run("--days", "4", "--dry-run") == "2 operation records older than 4 days would be deleted."
    )
    assert len(left()) == 2


def test_0_days_keep_them_for_ever(settings):
    settings.OPERATION_RETENTION_DAYS = 0
    old(5000)

    assert "for ever" in run()
    assert len(left()) == 1


@pytest.mark.parametrize("days", ["-1", "999999999"])
def test_days_that_cannot_be_are_refused(days):
    with pytest.raises(CommandError, match="between 0 and"):
        run(f"--days={days}")


def test_the_oldest_go_first_and_no_more_than_told():
    records = [old(days) for days in range(20, 10, -1)]

    assert Operation.objects.delete_closed(timezone.now() - dt.timedelta(days=5), most=4) == 4

    assert left() == {record.id for record in records[4:]}


def test_more_than_a_batch_go(settings):
    moment = timezone.now() - dt.timedelta(days=50)
    Operation.objects.bulk_create(
        OperationFactory.build(at=moment, project_id="p")
        for _ in range(delete_old_operations.BATCH + 1)
    )

    assert run("--days", "40") == "501 operation records older than 40 days deleted."
    assert not left()


def test_what_led_to_a_deleted_one_stays_without_the_link():
    first = old(50)
    undo = old(1, name="Undo", reverses=first, settled_by=first)

    run("--days", "40")

    undo.refresh_from_db()
    assert (undo.reverses, undo.settled_by) == (None, None)
