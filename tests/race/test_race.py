"""The race (see the package) on the embedded cloud: 20 people, two consoles, one stranger."""

from __future__ import annotations

import os
import random

import pytest

from console.emulator.server import serve
from tests.factories import default_project
from tests.race.consoles import CONSOLE, NAIVE, Console, environment_of
from tests.race.journal import Answer
from tests.race.people import Stranger, signed_in
from tests.race.race import OPEN, Race
from tests.race.stage import EmulatedStage

OPERATIONS = int(os.environ.get("RACE_OPERATIONS", "150"))

pytestmark = [pytest.mark.xdist_group("race")]
DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def race(emulator, database_url, tmp_path, profile, record_property, request):
    name = f"{request.node.originalname}, {profile}, {database_url.partition(':')[0]}"

    def go(operations=OPERATIONS, *, app=CONSOLE, stranger=False, accident=None, **settings):
        project = default_project()
        stage = EmulatedStage()
        with serve(emulator) as cloud:
            environment = environment_of(database_url, cloud.url, tmp_path) | settings
            one = Race(stage, environment, app=app, overlap_ms=emulator.overlap_ms)
            other = None
            if stranger:
                session = signed_in(f"{cloud.url}/v3", stage.account, {"id": project.id})
                url = f"{cloud.url}/network/v2.0/ports"
                other = Stranger(session, url, stage.nics, random.Random(99))
            one.go(operations, stranger=other, accident=accident)
        record_property("race", f"{name}: {one.figures}")
        return one

    return go


@DATABASES
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_nothing_is_lost_and_nothing_doubled(race, profile, emulator):
    one = race(stranger=profile == "openstack")

    assert one.wrong() == []
    states, leases = one.ended.rsplit(" ", 1)
    assert leases == "0"
    for state in OPEN:
        assert state not in states, states
    assert one.journal.count(Answer.UNKNOWN) == 0, [
        entry for entry in one.journal.entries if entry.answer is Answer.UNKNOWN
    ]
    assert one.journal.count(Answer.DONE) > OPERATIONS / 3
    # A release needs a VIP that nobody holds: of few operations there may be none.
    for what in (
        ("bind", "unbind", "release", "assign") if OPERATIONS >= 1000 else ("bind", "unbind")
    ):
        assert one.journal.count(Answer.DONE, what) > OPERATIONS / 100, what


@DATABASES
@pytest.mark.parametrize("profile", ["openstack"])
def test_writes_that_overlap_in_the_cloud_lose_nothing_of_ours(race, emulator):
    emulator.overlap_ms = 15

    one = race(OPERATIONS // 2, stranger=True)

    assert one.wrong() == []
    assert one.ended.endswith(" 0")


@DATABASES
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_what_a_killed_worker_left_is_found_and_repaired(race, emulator):
    emulator.latency_ms = 10

    # What the killed worker had leased is free again after its deadline and half a minute.
    one = race(OPERATIONS // 2, accident=Console.kill_a_worker, CLOUD_WRITE_DEADLINE="4")

    states, leases = one.ended.rsplit(" ", 1)
    assert leases == "0"
    for state in OPEN:
        assert state not in states, states
    assert one.wrong() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_without_leases_and_verification_something_is_lost(race, emulator):
    emulator.latency_ms = 5

    one = race(300, app=NAIVE, stranger=emulator.state.profile == "openstack")

    assert one.wrong()
