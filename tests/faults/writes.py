"""Every write of the console, as a dialog that is filled in and ready to be sent."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import pytest
from django.core.cache import cache
from django.urls import reverse

from console import session
from console.emulator.faults import Fault
from console.emulator.records import Pair
from console.models import UNSETTLED_STATES, Lease, Operation
from tests.factories import FloatingIPFactory, VirtualIPFactory, state
from tests.fault_kinds import place
from tests.faults.snapshots import Ports, Records
from tests.record_making import Stopped, let_time_pass, stop
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

FOREIGN = Pair("192.0.2.7", "00:00:5e:00:01:0a")
SEVERAL = ("assign_several", "release_several", "unbind_eips")
REPAIRS = ("repair_finish", "repair_take_back")
OF_BOUND = ("unbind", "unbind_eip", "undo_unbind")
WRITES = (
    *("assign", "bind", "unbind", "release", "name", "nic_check"),
    *("address_release", "address_use"),
    *("bind_eip", "unbind_eip", "undo_bind", "undo_unbind"),
    *SEVERAL,
    *REPAIRS,
)


class Write:
    """`before` and `goal` are the lists before it and after it went well. `ways_out` are those that
    it may end with after a Repair: of a Repair that fails itself, what it was to repair."""

    def __init__(self, name, sign_in, emulator, *, htmx):
        self.name, self.emulator, self.htmx, self._sign_in = name, emulator, htmx, sign_in
        self.client = sign_in()
        self.tour = furnish(servers=4)
        for port in state().ports.values():
            # Of a free port, entries of others would speak against its release.
            if port.device_id or (port.id != self.tour.unused.id and "release" not in name):
                port.allowed_address_pairs.insert(0, FOREIGN)
        self.bound = self.tour.servers[:2]
        self.fresh = self.tour.servers[2:]
        self.vip = self.tour.vip if name in OF_BOUND else self.tour.free
        self.ways_out: list[dict[str, object]] = []
        self.url, self.entries = self._prepare()
        self.records = Records()
        self.start = Ports()
        self.before = self.start.lists
        self.send()
        self.calls = self._calls()
        self.goal = Ports().lists
        self.ways_out = self.ways_out or [self.before, self.goal]

    def _prepare(self):
        """The dialog's address and what is filled in there; what must come before was done."""
        tour, nics = self.tour, [server.nic.id for server in self.bound]
        unbind = {"nic": nics, "check_on": nics if state().otc else []}
        typed = {"mode": "manual", "ip_address": "10.20.0.99"}
        simple = {
            "assign": typed,
            "bind": choose(*self.fresh),
            "unbind": unbind,
            "name": {"name": "renamed"},
            "nic_check": {"confirm": "on"},
            "bind_eip": {"eip": tour.free_eip.id},
        }
        if self.name == "assign_several":
            return tour.dialog("assign"), typed | {"ip_address": "10.20.0.98\n10.20.0.99"}
        if self.name == "release_several":
            second = VirtualIPFactory(subnet=tour.subnet)
            return tour.several("release", tour.free, second), {}
        if self.name == "unbind_eips":
            FloatingIPFactory(port=tour.free)
            return tour.several("unbind_eip", tour.vip, tour.free), {}
        if self.name.startswith("undo_"):
            done = self.name.removeprefix("undo_")
            Dialog(self.client, tour.dialog(done, self.vip)).done(**simple[done])
            let_time_pass()
            record = Operation.objects.get()
            return reverse("vpc:operation_undo", args=[record.id]), {}
        if self.name in REPAIRS:
            return self._half_done(simple["bind"])
        return tour.dialog(self.name, self.vip), simple.get(self.name, {})

    def _half_done(self, bind):
        """A console was killed in the middle of a bind. Repair, chosen one way or the other."""
        untouched = Ports()
        Dialog(self.client, self.tour.dialog("bind", self.vip)).done(**bind)
        self.ways_out = [untouched.lists, Ports().lists]
        untouched.restore()
        dialog = Dialog(self.client, self.tour.dialog("bind", self.vip))
        dialog.entries |= bind
        half = 1 if state().otc else 0
        self.emulator.faults.add(
            Fault("PUT", "/v2.0/ports", "hook", hook=stop, skip=half, after_effect=True)
        )
        with pytest.raises(Stopped):
            dialog.send()
        self.emulator.faults.clear()
        self.visit()
        how = "finish" if self.name == "repair_finish" else "take-back"
        return self.tour.dialog("repair", self.vip), {"how": how}

    @property
    def is_settled(self):
        return not Lease.objects.exists() and not any(
            record.state in UNSETTLED_STATES for record in self.records.new
        )

    def visit(self):
        """Somebody opens the tab, later, and everything that can be settled is."""
        let_time_pass()
        self.sign_in()
        assert self.client.get(self.tour.urls["subnet_virtual_ips"]).status_code == 200

    def sign_in(self):
        if session.KEY not in self.client.session:
            self._sign_in()

    def _calls(self):
        """[(place, how many such calls came before)] of all calls."""
        seen: Counter[tuple[str, str]] = Counter()
        found = []
        for call in self.emulator.log:
            found.append((place(call), seen[place(call)]))
            seen[place(call)] += 1
        return found

    def send(self, fault=None):
        """The answer to OK, from the same start each time; None where the console was killed."""
        self.sign_in()
        cache.clear()
        self.start.restore()
        self.records.restore()
        dialog = self.dialog
        if self.name in REPAIRS:
            dialog.look()
        self.emulator.log.clear()
        if fault:
            self.emulator.faults.add(fault)
        try:
            return dialog.send()
        except Stopped:
            return None
        finally:
            self.emulator.faults.clear()

    @cached_property
    def dialog(self):
        """Opened once and filled in. As nothing of the last time is left, its key is like new."""
        opened = Dialog(self.client, self.url, htmx=self.htmx)
        opened.choose(**self.entries)
        return opened

    def send_again(self):
        """The same form once more: Back, or a reload."""
        self.sign_in()
        return self.dialog.client.post(self.dialog.url, self.dialog.entries)

    def repair(self, how):
        dialog = Dialog(self.client, self.tour.dialog("repair", self.vip))
        dialog.entries["how"] = how
        dialog.look()
        dialog.done()
