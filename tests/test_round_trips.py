"""What a page costs: how many calls it makes to the cloud, and how many wait for one another."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from console.emulator.app import Call
from tests.calls import depth
from tests.factories import ServerFactory, VirtualIPFactory
from tests.tour import FRAGMENTS, PAGES, furnish

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
LATENCY_MS = 80
TRIES = 3
"""A machine under load may start a call late; a call that waits for another does so each time."""


@pytest.fixture
def measure(signed_in, emulator):
    """(calls, depth) of a page, with nothing in any cache unless it is `warm`."""

    def once(url, *, htmx, warm):
        if not warm:
            cache.clear()
        emulator.log.clear()
        response = signed_in.get(url, headers={"HX-Request": "true"} if htmx else {})
        assert response.status_code == 200
        return len(emulator.log), depth(emulator.log)

    def several(url, *, htmx=False, tries=TRIES, warm=False):
        measured: list[tuple[int, int]] = []
        while len(measured) < tries and (not measured or measured[-1][1] > 1):
            measured.append(once(url, htmx=htmx, warm=warm))
        return min(measured, key=lambda one: one[1])

    return several


def table(costs):
    lines = [f"{name:<24} {calls:>5} {deep:>5}" for name, (calls, deep) in costs.items()]
    return "\n".join(["", f"{'page':<24} {'calls':>5} {'depth':>5}", *lines])


@PROFILES
@pytest.mark.parametrize("younger", [0, 51])
def test_no_page_waits_for_more_than_one_round_trip(measure, emulator, younger):
    """Nor where the servers it is about are not on the first page of Nova's list."""
    tour = furnish()
    for server in tour.servers:
        server.server.created = 1
    for _ in range(younger):
        ServerFactory(nics=0)
    emulator.latency_ms = LATENCY_MS

    costs = {
        name: measure(tour.urls[name], htmx=name in FRAGMENTS) for name in (*PAGES, *FRAGMENTS)
    }

    print(table(costs))  # noqa: T201 - shown when it fails, and with -s
    assert {name: deep for name, (_, deep) in costs.items() if deep != 1} == {}, table(costs)


@PROFILES
def test_a_page_seen_before_makes_three_calls_at_most(measure, emulator):
    """What hardly changes was kept."""
    tour = furnish()
    pages = [(name, name in FRAGMENTS) for name in (*PAGES, *FRAGMENTS)]
    for name, htmx in pages:
        measure(tour.urls[name], htmx=htmx, tries=1, warm=True)
    emulator.latency_ms = LATENCY_MS

    costs = {name: measure(tour.urls[name], htmx=htmx, warm=True) for name, htmx in pages}

    print(table(costs))  # noqa: T201 - shown when it fails, and with -s
    dear = {name for name, (calls, deep) in costs.items() if calls > 3 or deep > 1}
    assert dear == set(), table(costs)


@PROFILES
def test_no_page_makes_a_call_for_each_row(measure, emulator):
    tour = furnish(servers=3)
    few = {name: measure(tour.urls[name], tries=1)[0] for name in PAGES}
    more = [ServerFactory(subnet=tour.subnet) for _ in range(27)]
    for server in more[:8]:
        VirtualIPFactory(bound_to=[server.nic])

    many = {name: measure(tour.urls[name], tries=1)[0] for name in PAGES}

    assert many == few


def test_the_depth_is_measured():
    """Two at once and one after them are two deep."""

    def call(started, ended):
        return Call("GET", "/", "", 200, "", started, ended)

    assert depth([call(0, 2), call(1, 3)]) == 1
    assert depth([call(0, 2), call(1, 3), call(2.5, 4)]) == 2
    assert depth([call(0, 1), call(1, 2), call(2, 3)]) == 3
