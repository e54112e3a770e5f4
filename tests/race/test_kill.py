"""`kill -9` of the worker that makes a change, before and after each call that writes; with
RACE_KILLS=all, each call that it makes."""

from __future__ import annotations

import os
import random
import time

import pytest
import requests

from console.emulator import build
from console.emulator.faults import Fault
from console.emulator.server import serve
from tests.factories import default_project, state
from tests.faults.snapshots import Ports
from tests.race.consoles import Console, environment_of, in_console
from tests.race.journal import Journal
from tests.race.people import Person, hidden
from tests.race.race import LATER, OPEN, STATES
from tests.race.stage import EmulatedStage
from tests.running import run

CALLS = "/v2.0/(ports|floatingips)"
MOST_CALLS = 20
ALL = os.environ.get("RACE_KILLS") == "all"
FORGET = "from tests.record_making import forget_all; forget_all()"

pytestmark = [pytest.mark.xdist_group("race")]


class Killing:
    """One console with one worker; gunicorn starts another when that is killed."""

    def __init__(self, emulator, console, environment, stage):
        self.emulator, self.console, self.environment = emulator, console, environment
        self.stage, self.start = stage, Ports()
        self.person = Person(console.url, stage, random.Random(1), Journal())

    def forms(self):
        """{operation: (its dialog, what is filled in there, how it writes)}. Two servers are bound,
        two are not."""
        stage = self.stage
        bound, free, first = stage.servers[:2], stage.servers[2:4], stage.addresses[0]
        vip, unused = stage.vip(first), stage.vip(stage.addresses[1])
        bind = {"server": [one.id for one in free]} | {f"nic-{s.id}": s.nic.id for s in free}
        unbind = {"nic": [one.nic.id for one in bound]}
        typed = {"mode": "manual", "ip_address": "10.20.0.77"}
        checks = {"check_on": unbind["nic"]} if state().otc else {}
        return {
            "bind": (stage.dialog("bind", vip), bind, "PUT"),
            "unbind": (stage.dialog("unbind", vip), unbind | checks, "PUT"),
            "release": (stage.dialog("release", unused), {}, "DELETE"),
            "assign": (stage.dialog("assign"), typed, "POST"),
        }

    def send(self, path, fields, fault=None):
        """Whether an answer came."""
        self.start.restore()
        in_console(self.environment, FORGET)
        page = self.person.get(path)
        sent = {name: hidden(page.text, name) for name in ("key", "csrfmiddlewaretoken")}
        if fault:
            self.emulator.faults.add(fault)
        try:
            self.person.post(page.url.removeprefix(self.console.url), sent | fields)
        except requests.ConnectionError:
            return False
        finally:
            self.emulator.faults.clear()
        return True

    def cases(self, path, fields, method):
        """Ends where the operation makes no such call any more."""
        for number in range(MOST_CALLS):
            for after in (False, True):
                [worker] = self._workers()
                fault = Fault(method, CALLS, "kill", pid=worker, skip=number, after_effect=after)
                if self.send(path, fields, fault):
                    return
                yield f"call {number + 1}, {'after' if after else 'before'} its effect"

    def _workers(self):
        for _ in range(400):
            if workers := self.console.workers:
                return workers
            time.sleep(0.05)
        raise AssertionError("no worker comes back")

    def settle(self):
        """Somebody opens the tab, later, and repairs what it shows. Whether there was anything."""
        in_console(self.environment, LATER)
        self.person.look()
        repaired = [self.person.repair(address) for address in self.stage.addresses]
        states, leases = in_console(self.environment, STATES).rsplit(" ", 1)
        assert leases == "0"
        assert not [one for one in OPEN if one in states], states
        assert self.stage.half_bound() == []
        return any(repaired)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_whenever_the_worker_is_killed(emulator, database_url, tmp_path, record_property):
    default_project()
    stage = EmulatedStage(vips=2, servers=4)
    for nic in stage.nics[:2]:
        build.bind(state(), state().ports[stage.vip(stage.addresses[0])], nic)
    (tmp_path / "static").mkdir()
    assert run("manage.py", "migrate", "-v0", var=tmp_path, DATABASE_URL=database_url)[0] == 0
    wrong, number, repairs = [], 0, 0
    with serve(emulator) as cloud:
        environment = environment_of(database_url, cloud.url, tmp_path)
        console = Console(environment, workers=1)
        try:
            killing = Killing(emulator, console, environment, stage)
            for name, (path, fields, writes) in killing.forms().items():
                assert killing.send(path, fields)
                done = Ports().lists
                before = killing.start.lists
                assert done != before
                for case in killing.cases(path, fields, "*" if ALL else writes):
                    was_half = killing.settle()
                    number, repairs = number + 1, repairs + was_half
                    if (now := Ports().lists) not in ([done] if was_half else [before, done]):
                        wrong.append(f"{name}, {case}: {now}")
        finally:
            console.stop()
    record_property("cases of a worker that was killed", number)
    record_property("cases of a repair after that", repairs)
    assert wrong == []
    assert number >= 12
