"""`make bench-writes`: each operation by the console's dialog, and bare, by turns.

Of the console the time of the form that is sent is measured, from its first byte to the head of the
answer; the dialog's own page is not.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import requests

import tests.environment  # noqa: F401 - it sets what the console needs
from tests.bench.bare import Bare
from tests.bench.cloud import Cloud
from tests.calls import depth
from tests.pages import Page
from tests.race.consoles import Console, environment_of
from tests.race.people import words_of
from tests.reading import fields as fields_of
from tests.running import run

PROFILES = ("otc", "openstack")
ROUNDS = {0: 40, 20: 20, 100: 10}
"""At each latency of the cloud, in milliseconds a call. Without latency, calls that were started at
once follow one another all the same, so there no depth is told."""
CLOUDS = (20, 100)
"""A call to a real cloud takes so long, nearby and far away. Without (`--latency 0`) what is left
is the console's own work."""
HEAD = ("calls", "bare", "depth", "bare", "median", "p95", "bare", "p95", "ratio")


class Browser:
    """A signed-in user, who sends forms and is told that all went well."""

    def __init__(self, console, world):
        self.world = world
        self._url = console.url
        self._session = requests.Session()
        person = {"domain": "acme", "username": "demo", "password": "demo-password"}
        self.send(*self.prepare("/sign-in/", person))

    @property
    def _vips(self):
        ids = f"{self.world.network_id}/subnets/{self.world.subnet_id}"
        return f"/vpc/networks/{ids}/virtual-ips"

    def prepare(self, path, fields):
        """The dialog, opened and filled in."""
        page = self._session.get(self._url + path)
        page.raise_for_status()
        token = {"csrfmiddlewaretoken": Page(page).hidden("csrfmiddlewaretoken")}
        return page.url, fields_of(Page(page), path.partition("?")[0]) | token | fields

    def send(self, path, fields):
        answer = self._session.post(path, fields, allow_redirects=False, timeout=90)
        assert answer.status_code == 302, f"{path}: {answer.status_code} {words_of(answer.text)}"

    # --- what is filled in where ------------------------------------------------------------------

    def assign(self):
        fields = {"mode": "manual", "ip_address": self.world.free_address}
        return f"{self._vips}/assign/", fields

    def release(self):
        subnet = self._vips.removesuffix("virtual-ips")
        tab = self._session.get(f"{self._url}{subnet}?tab=virtual-ips").text
        row = tab[tab.index(self.world.free_address) :]
        vip_id = row.partition("/release/")[0].rpartition("/")[2]
        return f"{self._vips}/{vip_id}/release/", {}

    def bind(self, number):
        nics = self.world.nics[:number]
        fields = {f"nic-{nic.server_id}": nic.id for nic in nics}
        fields |= {"server": [nic.server_id for nic in nics]}
        return f"{self._vips}/{self.world.vip_id}/bind/", fields

    def unbind(self, number):
        chosen = [nic.id for nic in self.world.nics[:number]]
        fields = {"nic": chosen} | ({"check_on": chosen} if self.world.otc else {})
        return f"{self._vips}/{self.world.vip_id}/unbind/", fields

    def bind_eip(self):
        return f"{self._vips}/{self.world.vip_id}/bind-eip/", {"eip": self.world.eip_id}

    def unbind_eip(self):
        return f"{self._vips}/{self.world.vip_id}/unbind-eip/", {}

    def name(self, name):
        return f"{self._vips}/{self.world.vip_id}/name/", {"name": name}

    def check(self, on):
        nic = f"/vpc/networks/{self.world.network_id}/nics/{self.world.nics[2].id}"
        return f"{nic}/check/?to={'on' if on else 'off'}", {}


def steps(otc):
    """(what it is called, whose method it is, its argument): after all of them all is as before."""
    checks = [("check off", "check", False), ("check on", "check", True)] if otc else []
    return [
        ("assign", "assign"),
        ("bind, 1 NIC", "bind", 1),
        ("unbind, 1 NIC", "unbind", 1),
        ("bind, 2 NICs", "bind", 2),
        ("unbind, 2 NICs", "unbind", 2),
        ("bind EIP", "bind_eip"),
        ("unbind EIP", "unbind_eip"),
        ("name", "name", "renamed"),
        ("name back", "name", "vip"),
        *checks,
        ("release", "release"),
    ]


class Bench:
    def __init__(self, cloud, browser, bare):
        self._cloud, self._browser, self._bare = cloud, browser, bare
        self._steps = steps(browser.world.otc)

    def run(self, rounds):
        """{step: [(calls, their depth, seconds)] by the console, and bare}."""
        found: dict[str, tuple[list[Any], list[Any]]] = {name: ([], []) for name, *_ in self._steps}
        for _ in range(rounds + 1):
            for name, method, *values in self._steps:
                filled = self._browser.prepare(*getattr(self._browser, method)(*values))
                found[name][0].append(self._timed(self._browser.send, *filled))
            for name, method, *values in self._steps:
                found[name][1].append(self._timed(getattr(self._bare, method), *values))
        # The first round warms connections and caches.
        return {name: (ours[1:], bare[1:]) for name, (ours, bare) in found.items()}

    def _timed(self, act, *values):
        self._cloud.clear()
        began = time.perf_counter()
        act(*values)
        seconds = time.perf_counter() - began
        calls = self._cloud.calls
        return len(calls), depth(calls), seconds


def p95(values):
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def line(ours, bare, *, deep):
    """Calls and depth as they mostly were, times in milliseconds, and the ratio of the medians."""
    (calls, depths, times), (calls_bare, depths_bare, times_bare) = (
        list(zip(*one, strict=True)) for one in (ours, bare)
    )
    medians = statistics.median(times), statistics.median(times_bare)
    milliseconds = [medians[0], p95(times), medians[1], p95(times_bare)]
    return (
        *(statistics.mode(one) for one in (calls, calls_bare)),
        *(statistics.mode(one) if deep else "" for one in (depths, depths_bare)),
        *(f"{1000 * one:.0f}" for one in milliseconds),
        f"{medians[0] / medians[1]:.2f}",
    )


def table(title, rows, *, deep):
    found = [[name, *line(*measured, deep=deep)] for name, measured in rows.items()]
    lines = [[title, *HEAD], *found]
    marks = "| --- |" + " ---: |" * len(HEAD)
    texts = ["| " + " | ".join(str(one) for one in cells) + " |" for cells in lines]
    return "\n".join([texts[0], marks, *texts[1:]])


def measure(profile, latencies, var):
    with Cloud(profile) as cloud:
        database_url = f"sqlite:///{var}/bench.sqlite3"
        console_environment = environment_of(database_url, cloud.url, var)
        (var / "static").mkdir()
        code, printed = run("manage.py", "migrate", "-v0", var=var, DATABASE_URL=database_url)
        assert code == 0, printed
        console = Console(console_environment, workers=1)
        try:
            bench = Bench(cloud, Browser(console, cloud.world), Bare(cloud.url, cloud.world))
            for latency in latencies:
                cloud.latency(latency)
                title = f"{profile}, {latency} ms a call"
                print(table(title, bench.run(ROUNDS[latency]), deep=latency > 0), flush=True)
                print()
        finally:
            console.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=PROFILES, action="append")
    parser.add_argument("--latency", type=int, choices=ROUNDS, action="append")
    chosen = parser.parse_args()
    for profile in chosen.profile or PROFILES:
        with tempfile.TemporaryDirectory() as var:
            measure(profile, chosen.latency or CLOUDS, Path(var))


if __name__ == "__main__":
    main()
