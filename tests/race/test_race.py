"""The race (see the package): 20 people, two consoles, three processes, one stranger."""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from console.emulator.server import serve
from tests.factories import default_project
from tests.race.consoles import NAIVE, Console, environment_of, in_console
from tests.race.journal import Answer, Journal
from tests.race.people import Person, Stranger
from tests.race.stage import Stage
from tests.running import run

PEOPLE = 20
OPERATIONS = int(os.environ.get("RACE_OPERATIONS", "300"))
STATES = """
from collections import Counter
from django.db.models.functions import Now
from console.models import Lease, Operation
leases = Lease.objects.filter(expires_at__gt=Now())
print(dict(Counter(Operation.objects.values_list("state", flat=True))), leases.count())
"""
OPEN = ("planned", "applying", "needs repair")
LATER = "from tests.record_making import let_time_pass; let_time_pass()"

pytestmark = [pytest.mark.xdist_group("race")]
DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


class Race:
    def __init__(self, emulator, database_url, var, app):
        default_project()
        self.emulator, self.app = emulator, app
        self.stage, self.journal = Stage(), Journal()
        self.first = self.stage.bindings
        self._database_url, self._var = database_url, var
        (var / "static").mkdir()
        self.stranger = None
        self.slowest = 0.0

    def go(self, operations, *, stranger=False, accident=None, **settings):
        """People act until there were so many operations. `accident` happens in the middle."""
        with serve(self.emulator) as cloud:
            self.environment = environment_of(self._database_url, cloud.url, self._var) | settings
            self._prepare()
            consoles = []
            try:
                for workers in (2, 1):
                    console = Console(self.environment, workers=workers, app=self.app)
                    consoles.append(console)
                if stranger:
                    ports = self.stage.nics
                    self.stranger = Stranger(cloud.url, ports, random.Random(99))
                self._act(consoles, operations, accident)
                self._visit(consoles[0])
            finally:
                for console in consoles:
                    console.stop()

    def _prepare(self):
        code, printed = run(
            "manage.py", "migrate", "-v0", var=self._var, DATABASE_URL=self._database_url
        )
        assert code == 0, printed

    def _act(self, consoles, operations, accident):
        urls = [console.url for console in consoles]
        people = [
            Person(urls[number % len(urls)], self.stage, self._dice(number), self.journal)
            for number in range(PEOPLE)
        ]
        over = threading.Event()

        def work(person):
            while len(self.journal) < operations:
                person.act()

        def meddle():
            while self.stranger and not over.wait(0.02):
                self.stranger.act()

        with ThreadPoolExecutor(PEOPLE + 2) as pool:
            # Which emulator the factories mean is a matter of the thread's context.
            working = [pool.submit(copy_context().run, work, person) for person in people]
            others = [pool.submit(copy_context().run, meddle)]
            if accident:
                half = operations / 2
                others.append(pool.submit(self._wait_for, half, over, accident, consoles[0]))
            try:
                for one in working:
                    one.result()
            finally:
                over.set()
            for other in others:
                other.result()
        self.slowest = max(person.slowest for person in people)

    def _wait_for(self, number, over, accident, console):
        while len(self.journal) < number:
            if over.wait(0.01):
                return
        accident(console)

    def _dice(self, number):
        return random.Random(number)

    def _visit(self, console):
        """Somebody opens the tab, later: what was left open is looked up."""
        in_console(self.environment, LATER)
        visitor = Person(console.url, self.stage, self._dice(0), self.journal)
        visitor.look()
        for address in self.stage.addresses:
            visitor.repair(address)

    def wrong(self):
        """What is not as the model says, if anything."""
        now = self.stage.bindings
        possible = self.journal.possible(self.first)
        found = [
            f"{binding} is {now[binding]}, not in {allowed}"
            for binding, allowed in possible.items()
            if now[binding] not in allowed and not self._is_strangers(binding)
        ]
        found += [f"twice in a list: {entry}" for entry in self.stage.doubled()]
        found += [f"half bound: {nic}" for nic in self.stage.half_bound()]
        if self.stranger and not self.emulator.overlap_ms:
            for nic in self.stage.nics:
                listed = [(pair.ip_address, pair.mac_address) for pair in nic.allowed_address_pairs]
                foreign = [pair for pair in listed if pair[0].startswith("192.0.2.")]
                if sorted(foreign) != sorted(self.stranger.entries[nic.id]):
                    found.append(f"of the stranger {self.stranger.entries[nic.id]}, not {foreign}")
        return found

    def _is_strangers(self, binding):
        """Whether the stranger wrote to that list in the very moment in which it was decided, and
        the cloud let both through. What is written after we read back, nobody can notice."""
        if not (self.stranger and self.emulator.overlap_ms):
            return False
        slack = self.emulator.overlap_ms / 1000
        nics = {nic.fixed_ips[0].ip_address: nic.id for nic in self.stage.nics}
        edits = [one for one in self.stranger.edits if one[0] == nics.get(binding[1])]
        about = [entry for entry in self.journal.entries if binding in entry.effect]
        return any(
            began - slack < entry.ended and ended + slack > entry.began
            for _, began, ended in edits
            for entry in about
        )

    @property
    def figures(self):
        words = [f"{len(self.journal)} operations"]
        words += [f"{self.journal.count(answer)} {answer.value}" for answer in Answer]
        kinds = sorted({entry.what for entry in self.journal.entries})
        words += [f"{self.journal.count(Answer.DONE, kind)} {kind}" for kind in kinds]
        if self.stranger:
            words.append(f"{len(self.stranger.edits)} edits of the stranger")
        return f"{', '.join(words)}, slowest {self.slowest:.1f} s"


@pytest.fixture
def race(emulator, database_url, tmp_path, profile, record_property, request):
    name = f"{request.node.originalname}, {profile}, {database_url.partition(':')[0]}"

    def go(operations=OPERATIONS, *, app="console.wsgi", **options):
        one = Race(emulator, database_url, tmp_path, app)
        one.go(operations, **options)
        record_property("race", f"{name}: {one.figures}")
        return one

    return go


@DATABASES
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_nothing_is_lost_and_nothing_doubled(race, profile, emulator):
    one = race(stranger=profile == "openstack")

    assert one.wrong() == []
    states, leases = in_console(one.environment, STATES).rsplit(" ", 1)
    assert leases == "0"
    for state in OPEN:
        assert state not in states, states
    assert one.journal.count(Answer.UNKNOWN) == 0, [
        entry for entry in one.journal.entries if entry.answer is Answer.UNKNOWN
    ]
    assert one.journal.count(Answer.DONE) > OPERATIONS / 3
    for what in ("bind", "unbind", "release", "assign"):
        assert one.journal.count(Answer.DONE, what) > OPERATIONS / 100, what


@DATABASES
@pytest.mark.parametrize("profile", ["openstack"])
def test_writes_that_overlap_in_the_cloud_lose_nothing_of_ours(race, emulator):
    emulator.overlap_ms = 15

    one = race(OPERATIONS // 2, stranger=True)

    assert one.wrong() == []
    assert in_console(one.environment, STATES).endswith(" 0")


@DATABASES
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_what_a_killed_worker_left_is_found_and_repaired(race, emulator):
    emulator.latency_ms = 10

    # What the killed worker had leased is free again after its deadline and half a minute.
    one = race(OPERATIONS // 2, accident=Console.kill_a_worker, CLOUD_WRITE_DEADLINE="4")

    states, leases = in_console(one.environment, STATES).rsplit(" ", 1)
    assert leases == "0"
    for state in OPEN:
        assert state not in states, states
    assert one.wrong() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_without_leases_and_verification_something_is_lost(race, emulator):
    emulator.latency_ms = 5

    one = race(min(OPERATIONS, 300), app=NAIVE, stranger=emulator.state.profile == "openstack")

    assert one.wrong()
