"""Every write, every call it makes, and every way in which that call goes wrong.

What must hold: what a page says is true of the ports. It says done and it is; or it says nothing
was changed and nothing was; or it says that something is left or that it does not know.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from typing import Any

import pytest
from django.core.cache import cache

from console import session
from tests.factories import ServerFactory, VirtualIPFactory, state
from tests.fault_kinds import KINDS, fault_at, place
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog

WRITES = (
    *("assign", "assign_several", "bind", "unbind", "release", "release_several"),
    *("name", "address_release", "nic_check", "bind_eip", "unbind_eip"),
)
VARIANTS = [(write, "otc", False) for write in WRITES]
VARIANTS += [(write, "openstack", False) for write in WRITES if write != "nic_check"]
VARIANTS += [(write, "otc", True) for write in WRITES]
NAMES = {"vip-free", "renamed"}

LASTING = ("timeout", "malformed", "401", "403", "503")
AFTER_EFFECT = ("timeout", "reset", "malformed", "wrong_shape", "500", "502", "503")
NOTHING = "Nothing was changed"
NOT_ALL = (
    "could neither be finished nor taken back",
    "took effect is not known",
    "Not all of this was done",
)
WORDS = (
    "The cloud",
    "Not found in project",
    "Somebody else",
    "There is no more room",
    NOTHING,
    *NOT_ALL,
)


class Ports:
    """All ports and EIPs as they are now, and the way back to that."""

    def __init__(self):
        self.ports = {port.id: copy(port) for port in state().ports.values()}
        self.eips = {eip.id: copy(eip) for eip in state().floating_ips.values()}

    @property
    def lists(self):
        """{address: its list and name}, by address so that a VIP made anew counts as the same; of
        an EIP, the port it has. A name that a dialog makes up is left out."""
        eips = {eip.floating_ip_address: eip.port_id for eip in self.eips.values()}
        return eips | {
            port.fixed_ips[0].ip_address: [
                *(pair.ip_address for pair in port.allowed_address_pairs),
                *({port.name} & NAMES),
            ]
            for port in self.ports.values()
        }

    def restore(self):
        for port in list(state().ports.values()):
            state().remove_port(port)
        for port in self.ports.values():
            kept = copy(port)
            kept.allowed_address_pairs = list(port.allowed_address_pairs)
            state().add_port(kept)
        state().floating_ips.update({eip.id: copy(eip) for eip in self.eips.values()})


class Write:
    """One dialog filled in and ready to be sent, as often as a test likes."""

    def __init__(self, name, sign_in, emulator, *, htmx):
        self.name, self.emulator, self.htmx, self._sign_in = name, emulator, htmx, sign_in
        self.tour = furnish()
        fresh = [ServerFactory(subnet=self.tour.subnet) for _ in range(2)]
        bound = [server.nic.id for server in self.tour.servers]
        self.vip = self.tour.vip if name in ("unbind", "unbind_eip") else self.tour.free
        second = VirtualIPFactory(subnet=self.tour.subnet)
        self.url = {
            "assign_several": self.tour.dialog("assign"),
            "release_several": self.tour.several("release", self.tour.free, second),
        }.get(name) or self.tour.dialog(name, self.vip)
        entries: dict[str, dict[str, Any]] = {
            "assign": {"mode": "manual", "ip_address": "10.20.0.99"},
            "assign_several": {"mode": "manual", "ip_address": "10.20.0.98\n10.20.0.99"},
            "bind": {"server": [server.id for server in fresh]},
            "unbind": {"nic": bound, "check_on": bound if state().otc else []},
            "release": {},
            "name": {"name": "renamed"},
            "address_release": {},
            "nic_check": {"confirm": "on"},
            "release_several": {},
            "bind_eip": {"eip": self.tour.free_eip.id},
            "unbind_eip": {},
        }
        self.entries = entries[name]
        self.client = sign_in()
        self.before = Ports()
        self.send()
        self.calls = self._calls()
        self.goal = Ports().lists

    def _calls(self):
        """[(place, how many such calls came before)] of all calls."""
        seen: Counter[tuple[str, str]] = Counter()
        found = []
        for call in self.emulator.log:
            found.append((place(call), seen[place(call)]))
            seen[place(call)] += 1
        return found

    def send(self, fault=None):
        if session.KEY not in self.client.session:
            self._sign_in()
        cache.clear()
        self.before.restore()
        dialog = Dialog(self.client, self.url, htmx=self.htmx)
        dialog.choose(**self.entries)
        self.emulator.log.clear()
        if fault:
            self.emulator.faults.add(fault)
        response = dialog.send()
        self.emulator.faults.clear()
        return response

    def cases(self):
        for where, skip in self.calls:
            for kind in KINDS:
                yield where, kind, {"skip": skip, "times": 1}
            for kind in LASTING:
                yield where, kind, {"skip": skip, "times": None}
            for kind in AFTER_EFFECT if where[0] != "GET" else ():
                yield where, kind, {"skip": skip, "times": 1, "after_effect": True}
                yield where, kind, {"skip": skip, "times": None, "after_effect": True}


@pytest.mark.parametrize(("name", "profile", "htmx"), VARIANTS)
def test_what_is_said_of_a_write_is_true_whatever_goes_wrong(
    sign_in, emulator, name, profile, htmx
):
    write = Write(name, sign_in, emulator, htmx=htmx)
    assert write.goal != write.before.lists
    wrong = {}
    number = 0

    for where, kind, how in write.cases():
        number += 1
        response = write.send(fault_at(where, kind, **how))
        if problem := check(response, write):
            wrong[(*where, kind, str(how))] = problem

    print(f"{name} on {profile}: {number} cases")  # noqa: T201
    assert not wrong, "\n".join(f"{case}: {problem}" for case, problem in wrong.items())


def check(response, write):
    now = Ports().lists
    if response.status_code in {401, 302} and "/sign-in/" in where_to(response):
        return "" if now == write.before.lists else "to the sign-in page, but something changed"
    if response.status_code in {200, 302}:
        return "" if now == write.goal else "says done, but it is not"
    if response.status_code not in {403, 404, 409, 422, 502, 503}:
        return f"status {response.status_code}"
    page = Page(response, full=not write.htmx)
    if not any(word in page.text for word in WORDS):
        return f"no words: {page.text[-300:]}"
    told = any(words in page.text for words in NOT_ALL)
    if now != write.before.lists and not told:
        return f"changed, and does not say so: {page.text[-300:]}"
    if told and NOTHING in page.text:
        return "contradicts itself"
    return ""


def where_to(response):
    return response.headers.get("HX-Redirect") or response.headers.get("Location", "")
