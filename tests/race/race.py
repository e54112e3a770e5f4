"""One race: people act on one stage through two consoles, and a stranger behind their backs."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

from tests.race.consoles import CONSOLE, Console, in_console
from tests.race.journal import Answer, Journal
from tests.race.people import Person
from tests.running import run

PEOPLE = 20
STATES = """
from collections import Counter
from django.db.models.functions import Now
from console.models import Lease, Operation
leases = Lease.objects.filter(expires_at__gt=Now())
print(dict(Counter(Operation.objects.values_list("state", flat=True))), leases.count())
"""
OPEN = ("planned", "applying", "needs repair")
LATER = "from tests.record_making import let_time_pass; let_time_pass()"


class Race:
    """Two consoles, three processes, of one `environment`. In the cloud, writes that are less than
    `overlap_ms` apart are both let through."""

    def __init__(self, stage, environment, *, app=CONSOLE, people=PEOPLE, overlap_ms=0):
        self.stage, self.environment, self.app, self.people = stage, environment, app, people
        self.overlap_ms = overlap_ms
        self.journal = Journal()
        self.first = stage.bindings
        self.stranger = None
        self.slowest = 0.0

    def go(self, operations, *, stranger=None, accident=None):
        """People act until there were so many operations. `accident` happens in the middle."""
        self.stranger = stranger
        self._prepare()
        consoles = []
        try:
            for workers in (2, 1):
                console = Console(self.environment, workers=workers, app=self.app)
                consoles.append(console)
            self._act(consoles, operations, accident)
            self._visit(consoles[0])
        finally:
            for console in consoles:
                console.stop()

    def _prepare(self):
        var = Path(self.environment["VAR_DIR"])
        (var / "static").mkdir()
        database_url = self.environment["DATABASE_URL"]
        code, printed = run("manage.py", "migrate", "-v0", var=var, DATABASE_URL=database_url)
        assert code == 0, printed

    def _act(self, consoles, operations, accident):
        urls = [console.url for console in consoles]
        people = [
            Person(urls[number % len(urls)], self.stage, self._dice(number), self.journal)
            for number in range(self.people)
        ]
        over = threading.Event()

        def work(person):
            while len(self.journal) < operations:
                person.act()

        def meddle():
            while self.stranger and not over.wait(0.02):
                self.stranger.act()

        with ThreadPoolExecutor(self.people + 2) as pool:
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

    @property
    def ended(self):
        """{state: how many records ended so}, and how many leases are left, as one line."""
        return in_console(self.environment, STATES)

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
        if self.stranger and not self.overlap_ms:
            for nic in self.stage.seen_nics.values():
                foreign = [pair for pair in nic.pairs if pair[0].startswith("192.0.2.")]
                if sorted(foreign) != sorted(self.stranger.entries[nic.id]):
                    found.append(f"of the stranger {self.stranger.entries[nic.id]}, not {foreign}")
        return found

    def _is_strangers(self, binding):
        """Whether the stranger wrote to that list in the very moment in which it was decided, and
        the cloud let both through. What is written after we read back, nobody can notice."""
        if not (self.stranger and self.overlap_ms):
            return False
        slack = self.overlap_ms / 1000
        nics = {server.ip_address: server.nic.id for server in self.stage.servers}
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
