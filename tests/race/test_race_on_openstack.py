"""The race on a real OpenStack: ten people, two consoles, one stranger.

A real Neutron lets overlapping writes of one revision through, and a pair that one of them took out
may come back: what the console wrote then is read back, mended, and told.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.contract import clouds
from tests.race.consoles import CONSOLE, NAIVE, environment_of, in_console
from tests.race.journal import Answer
from tests.race.people import Stranger
from tests.race.race import OPEN, Race
from tests.race.real_stage import set_in

PEOPLE = 10
OPERATIONS = int(os.environ.get("RACE_OPERATIONS", "60"))
OVERLAP_MS = 300
"""Two writes so far apart are not both let through: measured, on two cores, it is less than 200."""
MENDED = """
from console.models import Operation
print(Operation.objects.filter(message__contains="so it was written again").count())
"""

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("race")]


@pytest.fixture
def stage(socket_enabled):
    with set_in(clouds.real()) as made:
        yield made


@pytest.fixture
def race(stage, tmp_path, record_property, request):
    def go(operations=OPERATIONS, *, app=CONSOLE, stranger=False):
        url = clouds.real().config.auth_url.removesuffix("/v3")
        database_url = f"sqlite:///{tmp_path}/race.sqlite3"
        environment = environment_of(database_url, url, tmp_path)
        environment |= {"CLOUD_PROFILE": "openstack"}
        overlap = OVERLAP_MS if stranger else 0
        one = Race(stage, environment, app=app, people=PEOPLE, overlap_ms=overlap)
        nics = [server.nic for server in stage.servers]
        other = Stranger(stage.session, stage.url, nics, random.Random(99)) if stranger else None
        one.go(operations, stranger=other)
        record_property("race", f"{request.node.originalname}, real: {one.figures}")
        return one

    return go


def test_nothing_is_lost_and_nothing_doubled(race):
    one = race()

    assert one.wrong() == []
    states, leases = one.ended.rsplit(" ", 1)
    assert leases == "0"
    assert not [state for state in OPEN if state in states], states
    assert one.journal.count(Answer.DONE) > OPERATIONS / 3


def test_what_an_outside_writer_costs_is_mended_and_told(race, record_property):
    one = race(stranger=True)

    assert one.wrong() == []
    states, leases = one.ended.rsplit(" ", 1)
    assert leases == "0"
    assert not [state for state in OPEN if state in states], states
    record_property(
        "race", f"operations that say they were mended: {in_console(one.environment, MENDED)}"
    )


def test_without_leases_and_verification_something_is_lost(race):
    one = race(min(OPERATIONS, 100), app=NAIVE, stranger=True)

    assert one.wrong()
