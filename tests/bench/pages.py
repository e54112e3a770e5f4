"""`make bench`: what a page costs, beside the calls to the cloud that it makes, bare, by turns.

The floor of a page is what those calls take alone, with `requests`, side by side as far as the page
makes them so. TTFB is from the first byte sent to the head of the answer; CPU is of the console's
processes; calls and connections are those of a warm console.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import django
import requests

import tests.environment  # noqa: F401 - it sets what the console needs
from tests.bench.cloud import Cloud
from tests.bench.writes import PROFILES, p95
from tests.calls import depth
from tests.contract import clouds
from tests.pages import Page
from tests.race.consoles import CONSOLE, Console, environment_of
from tests.race.people import signed_in
from tests.running import run

NOTED = "tests.bench.noted"
SERVERS = (20, 1000)
LATENCIES = (0, 100)
NOTED_LATENCY = 50
"""Calls are noted where each takes some time: calls of one moment that take none end before the
next begins, and would look one deeper."""

ROUNDS = 30
PEOPLE = 8
SECONDS = 4
CLOCK = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
HEAD = (
    *("calls", "depth", "new conn.", "TTFB ms", "p95", "floor ms", "ratio", "over ms"),
    *("CPU ms", "pages/s", "KiB", "gzip KiB", "RSS MiB"),
)


@dataclass(frozen=True)
class Ground:
    """Where the pages are, and who signs in."""

    auth_url: str
    account: dict[str, str]
    paths: dict[str, str]
    """{page: its address}"""
    session: requests.Session
    """Signed in to the cloud itself."""


def paths_of(network_id, subnet_id, server_id, vip_id):
    subnet = f"/vpc/networks/{network_id}/subnets/{subnet_id}"
    return {
        "BMS list": "/bms/servers/",
        "details with NICs": f"/bms/servers/{server_id}/?tab=nics",
        "subnet with VIPs": f"{subnet}/?tab=virtual-ips",
        "VIP's own page": f"{subnet}/virtual-ips/{vip_id}/",
        "bind dialog": f"{subnet}/virtual-ips/{vip_id}/bind/",
    }


def emulated(cloud):
    world, auth_url = cloud.world, f"{cloud.url}/v3"
    account = {"domain": "acme", "username": "demo", "password": "demo-password"}
    server = world.nics[0].server_id
    paths = paths_of(world.network_id, world.subnet_id, server, world.vip_id)
    session = signed_in(auth_url, account, {"id": world.project_id})
    return Ground(auth_url, account, paths, session)


def of_stage(stage, auth_url):
    vip = stage.vip(stage.addresses[0])
    paths = paths_of(stage.network_id, stage.subnet_id, stage.servers[0].id, vip)
    return Ground(auth_url, stage.account, paths, stage.session)


class Visitor:
    """Signed in to the console."""

    def __init__(self, console, ground):
        self.url, self.session = console.url, requests.Session()
        page = self.session.get(f"{self.url}/sign-in/")
        token = {"csrfmiddlewaretoken": Page(page).hidden("csrfmiddlewaretoken")}
        self.session.post(f"{self.url}/sign-in/", ground.account | token).raise_for_status()

    def open(self, path):
        """(seconds to the head of the answer, its body as it came)"""
        answer = self.session.get(self.url + path, stream=True, timeout=120)
        body = answer.raw.read()
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.elapsed.total_seconds(), body

    def size(self, path, encoding):
        headers = {"Accept-Encoding": encoding}
        answer = self.session.get(self.url + path, headers=headers, stream=True, timeout=120)
        return len(answer.raw.read()) / 1024


class Costs:
    """What the processes of a console have used so far."""

    def __init__(self, console):
        self._pids = [console.process.pid, *console.workers]

    @property
    def cpu(self):
        """Seconds."""
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2] for pid in self._pids]
        return sum(int(stat.split()[11]) + int(stat.split()[12]) for stat in stats) / CLOCK

    @property
    def memory(self):
        """MiB"""
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self._pids]
        return sum(pages) * PAGE_BYTES / 2**20


class Bare:
    """The calls of a page, made again without the console."""

    def __init__(self, session, calls):
        self._session, self._calls = session, calls
        pooled = requests.adapters.HTTPAdapter(pool_maxsize=32)
        self._session.mount("http://", pooled)
        self._pool = ThreadPoolExecutor(max(1, len(calls)))

    def __call__(self):
        """Seconds, all of them at once. A page is one call deep, or its floor would be higher."""
        began = time.perf_counter()
        for answer in self._pool.map(self._make, self._calls):
            answer.raise_for_status()
        return time.perf_counter() - began

    def _make(self, call):
        return self._session.request(
            call["method"], call["url"], headers=call["headers"], timeout=120
        )


def noted_calls(environment, ground, var):
    """{page: (its calls, their depth, new connections)} of a console that is warm."""
    notes = Path(var, "notes")
    notes.touch()
    console = Console(environment | {"NOTES": str(notes)}, workers=1, app=NOTED)
    found = {}
    try:
        visitor = Visitor(console, ground)
        for name, path in ground.paths.items():
            for _ in range(3):
                visitor.open(path)
                time.sleep(0.1)
            before = len(notes.read_text().splitlines())
            visitor.open(path)
            time.sleep(0.5)
            lines = [json.loads(line) for line in notes.read_text().splitlines()[before:]]
            made = [line for line in lines if "call" in line]
            times = [SimpleNamespace(started=one["started"], ended=one["ended"]) for one in made]
            found[name] = [one["call"] for one in made], depth(times), len(lines) - len(made)
    finally:
        console.stop()
    return found


def measure(environment, ground, calls, rounds):
    """[one line of the table]"""
    console = Console(environment, workers=1, app=CONSOLE)
    rows = []
    try:
        visitor, costs = Visitor(console, ground), Costs(console)
        for name, path in ground.paths.items():
            made, deep, connections = calls[name]
            bare = Bare(ground.session, made)
            for _ in range(3):
                visitor.open(path)
                bare()
            ours, floors, cpu = [], [], 0.0
            for _ in range(rounds):
                before = costs.cpu
                ours.append(visitor.open(path)[0])
                cpu += costs.cpu - before
                floors.append(bare())
            # CPU is counted in hundredths of a second: what one page uses is found over many.
            middle, floor = (1000 * statistics.median(one) for one in (ours, floors))
            rows.append(
                (
                    name,
                    *(len(made), deep, connections),
                    *(f"{middle:.0f}", f"{1000 * p95(ours):.0f}", f"{floor:.0f}"),
                    *(f"{middle / floor:.2f}", f"{middle - 1.15 * floor:.0f}"),
                    f"{1000 * cpu / rounds:.0f}",
                    f"{throughput(console, ground, path):.1f}",
                    *(f"{visitor.size(path, encoding):.0f}" for encoding in ("identity", "gzip")),
                    f"{costs.memory:.0f}",
                )
            )
    finally:
        console.stop()
    return rows


def throughput(console, ground, path):
    """Pages a second of several people at once."""
    people = [Visitor(console, ground) for _ in range(PEOPLE)]
    end = time.perf_counter() + SECONDS

    def go(visitor):
        number = 0
        while time.perf_counter() < end:
            visitor.open(path)
            number += 1
        return number

    began = time.perf_counter()
    with ThreadPoolExecutor(PEOPLE) as pool:
        pages = sum(pool.map(go, people))
    return pages / (time.perf_counter() - began)


def table(title, rows):
    lines = [[title, *HEAD], *rows]
    texts = ["| " + " | ".join(str(one) for one in cells) + " |" for cells in lines]
    return "\n".join([texts[0], "| --- |" + " ---: |" * len(HEAD), *texts[1:], ""])


def bench(title, ground, var, rounds=ROUNDS, when_noted=lambda: None, **more):
    database_url = f"sqlite:///{var}/bench.sqlite3"
    url = ground.auth_url.removesuffix("/v3")
    environment = environment_of(database_url, url, var) | more
    environment |= {"SIGN_IN_ATTEMPTS_PER_ADDRESS": "1000"}
    # Eight people at once are more than a small real cloud answers in a page's time.
    environment |= {"CLOUD_READ_DEADLINE": "120", "CLOUD_READ_TIMEOUT": "120"}
    Path(var, "static").mkdir(exist_ok=True)
    code, printed = run("manage.py", "migrate", "-v0", var=Path(var), DATABASE_URL=database_url)
    assert code == 0, printed
    calls = noted_calls(environment, ground, var)
    when_noted()
    print(table(title, measure(environment, ground, calls, rounds)), flush=True)


def main():
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=PROFILES, action="append")
    parser.add_argument("--servers", type=int, action="append")
    parser.add_argument("--latency", type=int, action="append")
    parser.add_argument("--real", action="store_true", help="the real OpenStack only")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    for profile in () if chosen.real else chosen.profile or PROFILES:
        for servers in chosen.servers or SERVERS:
            with Cloud(profile, servers) as cloud:
                for latency in chosen.latency or LATENCIES:
                    cloud.latency(NOTED_LATENCY)
                    measured = partial(cloud.latency, latency)
                    title = f"{profile}, {servers} servers, {latency} ms a call"
                    with tempfile.TemporaryDirectory() as var:
                        bench(title, emulated(cloud), var, chosen.rounds, measured)
    if clouds.is_given():
        set_in = import_module("tests.race.real_stage").set_in  # it needs a Django that is set up
        with set_in(clouds.real()) as stage, tempfile.TemporaryDirectory() as var:
            ground = of_stage(stage, clouds.real().config.auth_url)
            title = f"a real OpenStack, {len(stage.seen_nics)} and more servers"
            bench(title, ground, var, chosen.rounds, CLOUD_PROFILE="openstack")


if __name__ == "__main__":
    main()
