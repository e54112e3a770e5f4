"""Two servers, a VIP and other people's entries in an embedded cloud; and someone who meddles."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from console.emulator.records import Pair
from tests.factories import PortFactory, ServerFactory, VirtualIPFactory, state
from vpc.api import NetworkAPI
from vpc.resources import CHECK_OFF
from vpc.services.execution import OutcomeState, execute
from vpc.services.planning import plan_bind, plan_unbind

Entries = defaultdict[str, set[str]]

FOREIGN_MAC = "00:00:5e:00:01:0a"
NIC_ENTRIES = [("10.20.0.240/28", FOREIGN_MAC), ("192.0.2.7", FOREIGN_MAC)]
"""In the order in which Neutron gives them back, whatever they were written in."""
VIP_ENTRIES = [("10.20.0.250", FOREIGN_MAC)]


class Meddler:
    """Stands in front of the emulator and lets somebody else act between two calls."""

    def __init__(self, emulator):
        self._emulator = emulator
        self._acts = []
        self.calls = []

    def before(self, method, path, act, *, skip=0, times=1):
        """Do `act` just before the call (the one after `skip` such calls) reaches the cloud."""
        self._acts.append(["before", method, path, skip, times, act])

    def after(self, method, path, act, *, skip=0, times=1):
        """Do `act` just after the cloud carried the call out."""
        self._acts.append(["after", method, path, skip, times, act])

    def __call__(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        due = list(self._due(method, path))
        for act in (act for when, act in due if when == "before"):
            act()
        if "/v2.0/" in path:
            self.calls.append(f"{method} {path.rpartition('/')[2]}")
        answer = self._emulator(environ, start_response)
        for act in (act for when, act in due if when == "after"):
            act()
        return answer

    def _due(self, method, path):
        for entry in self._acts:
            when, its_method, part, skip, times, act = entry
            if method != its_method or part not in path or not times:
                continue
            if skip:
                entry[3] -= 1
                continue
            entry[4] -= 1
            yield when, act


class Scene:
    """`before` is every port's list at the start, `bound` what a bind must make of it."""

    def __init__(self, cloud):
        self.api = NetworkAPI(cloud)
        self.profile = cloud.profile
        servers: list[Any] = [ServerFactory(name=name) for name in ("db-1", "db-2")]
        self.nics = sorted((server.nic for server in servers), key=lambda nic: nic.id)
        self.vip: Any = VirtualIPFactory(name="vip-db")
        self.bystander = PortFactory(allowed_address_pairs=["192.0.2.99"])
        for nic in self.nics:
            self.write(nic, *NIC_ENTRIES)
        self.write(self.vip, *VIP_ENTRIES)
        self.before = self.lists()

    def write(self, record, *entries):
        """Somebody else adds entries, past the API."""
        pairs = record.port.allowed_address_pairs
        record.port.allowed_address_pairs = [*pairs, *(Pair(ip, mac) for ip, mac in entries)]
        self._touch(record)

    def take_away(self, record, address):
        pairs = record.port.allowed_address_pairs
        record.port.allowed_address_pairs = [one for one in pairs if one.ip_address != address]
        self._touch(record)

    def _touch(self, record):
        if record.port.revision_number is not None:
            record.port.revision_number += 1

    def lists(self):
        return {
            port.id: [(pair.ip_address, pair.mac_address) for pair in port.allowed_address_pairs]
            for port in state().ports.values()
        }

    @property
    def bound(self):
        wanted = {port_id: list(entries) for port_id, entries in self.before.items()}
        for nic in self.nics:
            entry = CHECK_OFF if self.profile == "otc" else self.vip.ip_address
            wanted[nic.id].append((entry, nic.port.mac_address))
            if self.profile == "otc":
                wanted[self.vip.id].append((nic.ip_address, self.vip.port.mac_address))
        return wanted

    def _read(self):
        ports = self.api.list_ports(network_id=self.vip.network_id)
        by_id = {port.id: port for port in ports}
        return by_id[self.vip.id], [by_id[nic.id] for nic in self.nics if nic.id in by_id], ports

    def plan_bind(self):
        return plan_bind(self.profile, *self._read())

    def plan_unbind(self):
        vip, nics, ports = self._read()
        check_on = {nic.id for nic in nics} if self.profile == "otc" else ()
        return plan_unbind(self.profile, vip, nics, ports, check_on=check_on)

    def bind(self, **options):
        return self.execute(self.plan_bind(), self.plan_bind, **options)

    def unbind(self):
        return self.execute(self.plan_unbind(), self.plan_unbind)

    def execute(self, plan, replan, **options):
        return execute(self.api, plan, replan=replan, **options)


def check(scene, outcome, goal):
    """All or nothing, or the outcome names every entry that is in the wrong place."""
    now = scene.lists()
    if outcome.state is OutcomeState.DONE:
        assert now == goal
        assert not outcome.words
    elif outcome.state is not OutcomeState.NEEDS_REPAIR:
        assert now == scene.before, outcome.state
        assert outcome.words or outcome.state is OutcomeState.UNCHANGED
    else:
        check_leftovers(scene.before, now, outcome)
    for port_id, entries in scene.before.items():
        foreign = [one for one in entries if one[1] == FOREIGN_MAC or "192.0.2" in one[0]]
        assert [one for one in now[port_id] if one in foreign] == foreign


def check_leftovers(before, now, outcome):
    wrong: Entries = defaultdict(set)
    named: Entries = defaultdict(set)
    possible: Entries = defaultdict(set)
    for port_id, entries in now.items():
        for entry in {*entries} ^ {*before[port_id]}:
            wrong[port_id].add(entry[0])
    for leftover in outcome.left:
        (named if leftover.is_certain else possible)[leftover.port.id].add(leftover.pair.ip_address)
        assert leftover.port.id in leftover.words
        assert leftover.pair.ip_address in leftover.words
    assert outcome.left
    for port_id in {*wrong, *named}:
        assert named[port_id] <= wrong[port_id] <= named[port_id] | possible[port_id]
