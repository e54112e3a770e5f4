"""Any sequence of operations, with faults, stops and somebody else in between, against a model.

The model knows of each (VIP, NIC) what it may be: one thing, or two while a record says that it
needs repair. It is told what was wanted and how that ended, and shares no code with the planners.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from console.cloud.errors import CloudError
from console.emulator import build
from console.emulator.faults import Fault
from console.emulator.records import Pair
from console.models import Lease, Operation, OperationState
from tests.factories import state
from tests.faults.snapshots import Ports
from tests.race.stage import EmulatedStage
from tests.record_making import Stopped, forget_all, let_time_pass, perform_now, stop
from vpc.services.bind_goals import Bind, Unbind
from vpc.services.listing import VIPCalls
from vpc.services.repairing import Finish, TakeBack, TakeBackRecord, repair
from vpc.services.undo_goals import UndoSingle, undo_goal
from vpc.services.vip_goals import Assign, Release

VIPS, SERVERS = 3, 4
FOREIGN = Pair("192.0.2.7", "00:00:5e:00:01:0a")
SETTINGS = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # what fails is not long; to shorten it takes minutes
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
OPEN = (OperationState.PLANNED, OperationState.APPLYING, OperationState.NEEDS_REPAIR)
WAIT = {"Retry-After": "99"}
FAULTS: dict[str, dict[str, Any]] = {
    "timeout": {"kind": "timeout"},
    "timeout after": {"kind": "timeout", "after_effect": True},
    "reset after": {"kind": "reset", "after_effect": True},
    "403": {"kind": "status", "status": 403},
    "409": {"kind": "status", "status": 409},
    "412": {"kind": "status", "status": 412},
    "500": {"kind": "status", "status": 500},
    "503 after": {"kind": "status", "status": 503, "headers": WAIT, "after_effect": True},
    "malformed after": {"kind": "malformed", "after_effect": True},
    "stop": {"kind": "hook", "hook": stop},
    "stop after": {"kind": "hook", "hook": stop, "after_effect": True},
}
numbers = st.integers(0, VIPS - 1)
choices = st.sets(st.integers(0, SERVERS - 1), min_size=1, max_size=3)
# Which call of the operation it befalls.
calls = st.integers(0, 8)
troubles = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(sorted(FAULTS)), calls),
    st.tuples(st.sampled_from(["stop", "stop after"]), st.integers(1, 6)),
    st.tuples(st.just("meddle"), calls),
)

Delta = dict[tuple[str, str], tuple[bool, bool]]
"""{(VIP's address, NIC's address): (before, after)}; NIC "": whether the VIP exists."""


class Machine(RuleBasedStateMachine):
    """The test sets it up: with the `stage` of the `emulator`, and how that is at the `start`."""

    open_cloud: Any
    emulator: Any
    stage: EmulatedStage
    start: Ports

    @initialize()
    def begin(self):
        self.emulator.faults.clear()
        self.start.restore()
        forget_all()
        Lease.objects.all().delete()
        self.possible = {binding: {value} for binding, value in self.stage.bindings.items()}
        self.done: dict[Any, tuple[str, Delta, frozenset[str]]] = {}
        """What may be undone: by its record's id the id of its VIP at that time, its effect, and
        which checks were on afterwards."""
        self.broken: dict[Any, Delta] = {}
        """By the id of a record that needs repair its effect, but for what was decided since."""
        self.planned: dict[Any, dict[tuple[str, str], set[bool]]] = {}
        """The same, with what was decided since: a repair does all of it, as its preview says."""
        self.foreign = {nic.id: [FOREIGN] for nic in self.stage.nics}

    @property
    def cloud(self):
        """A request's."""
        return self.open_cloud()

    def is_surely(self, binding, value):
        return self.possible[binding] == {value}

    def bound(self, address):
        return {(address, server.ip_address) for server in self.stage.servers}

    # --- what is done -----------------------------------------------------------------------------

    @rule(number=numbers, servers=choices, trouble=troubles)
    def bind(self, number, servers, trouble):
        address = self.stage.addresses[number]
        chosen = [self.stage.servers[one] for one in sorted(servers)]
        vip, nics = self.stage.vip(address), [server.nic.id for server in chosen]
        goal = Bind(self.cloud, self.stage.place, vip, nics)
        effect = {(address, server.ip_address): True for server in chosen}
        exists = self.possible[address, ""]
        self._do(goal, vip, effect, trouble, must=exists == {True}, may=True in exists)

    @precondition(lambda self: self.somewhere_bound)
    @rule(number=numbers, servers=choices, trouble=troubles)
    def unbind(self, number, servers, trouble):
        """From all that were chosen, one of which is bound at least."""
        addresses = self.somewhere_bound
        address = addresses[number % len(addresses)]
        chosen = [self.stage.servers[one] for one in sorted(servers)]
        chosen += [
            one for one in self.stage.servers if True in self.possible[address, one.ip_address]
        ]
        chosen = list({one.id: one for one in chosen[-3:]}.values())
        idle = [one.nic.id for one in chosen if not self._is_needed({(address, one.ip_address)})]
        vip, nics = self.stage.vip(address), [server.nic.id for server in chosen]
        goal = Unbind(self.cloud, self.stage.place, vip, nics, check_on=idle if state().otc else ())
        effect = {(address, server.ip_address): False for server in chosen}
        exists = self.possible[address, ""]
        self._do(goal, vip, effect, trouble, must=exists == {True}, may=True in exists)

    @property
    def somewhere_bound(self):
        """Addresses of VIPs."""
        return [
            address
            for address in self.stage.addresses
            if any(True in self.possible[binding] for binding in self.bound(address))
        ]

    @property
    def gone(self):
        return [one for one in self.stage.addresses if False in self.possible[one, ""]]

    @rule(number=numbers, trouble=troubles)
    def release(self, number, trouble):
        address = self.stage.addresses[number]
        vip = self.stage.vip(address)
        goal = Release(self.cloud, self.stage.place, vip, confirmed=True)
        effect = {(address, ""): False} | dict.fromkeys(self.bound(address), False)
        free = [self.possible[binding] for binding in self.bound(address)]
        must = self.is_surely((address, ""), True) and all(one == {False} for one in free)
        may = True in self.possible[address, ""] and all(False in one for one in free)
        self._do(goal, vip, effect, trouble, must=must, may=may, method="DELETE")

    @precondition(lambda self: self.gone)
    @rule(number=numbers, trouble=troubles)
    def assign(self, number, trouble):
        address = self.gone[number % len(self.gone)]
        goal = Assign(
            self.cloud,
            self.stage.place,
            self.stage.subnet.id,
            label=f"vip-{uuid4().hex[:8]}",
            ip_address=address,
        )
        exists = self.possible[address, ""]
        effect = {(address, ""): True}
        must, may = exists == {False}, False in exists
        self._do(goal, "", effect, trouble, must=must, may=may, method="POST")

    @precondition(lambda self: self.done)
    @rule(data=st.data(), trouble=troubles)
    def undo(self, data, trouble):
        place = data.draw(st.integers(0, len(self.done) - 1))
        key = list(self.done)[place]
        vip, delta, checked = self.done[key]
        goal = undo_goal(self.cloud, Operation.objects.get(id=key))
        assert goal
        if isinstance(goal, UndoSingle):
            goal.is_confirmed = True
        [address] = {address for address, _ in delta}
        effect = {binding: before for binding, (before, _) in delta.items()}
        is_there = all(self.is_surely(one, after) for one, (_, after) in delta.items())
        method = "*"
        if (address, "") not in delta:
            is_there = is_there and checked == self.stage.checked
            is_same = self.is_surely((address, ""), True) and vip == self.stage.vip(address)
            must = is_there and is_same and not self._is_needed(delta)
        elif effect[address, ""]:
            must, method = is_there, "POST"
        else:
            free = all(self.is_surely(one, False) for one in self.bound(address))
            must, method = is_there and free and vip == self.stage.vip(address), "DELETE"
        if self._do(goal, vip, effect, trouble, must=must, may=True, method=method):
            self.done.pop(key, None)

    def _is_needed(self, bindings):
        """Whether another VIP may need the check of one of these NICs off (Open Telekom Cloud):
        that speaks against switching it on."""
        return state().otc and any(
            True in self.possible[other, nic]
            for other in self.stage.addresses
            for address, nic in bindings
            if other != address
        )

    @rule(number=st.integers(0, SERVERS - 1), entry=st.integers(1, 3))
    def meddle(self, number, entry):
        """Another program adds an entry of its own to a NIC's list, or removes it."""
        self._meddle(self.stage.nics[number], entry)

    def _meddle(self, nic, entry):
        pair = Pair(f"192.0.2.{entry}", "00:00:5e:00:01:0a")
        for pairs in (nic.allowed_address_pairs, self.foreign[nic.id]):
            if pair in pairs:
                pairs.remove(pair)
            else:
                pairs.append(pair)
        if nic.revision_number is not None:
            nic.revision_number += 1

    @precondition(lambda self: self.broken)
    @rule(kind=st.sampled_from([Finish, TakeBack]))
    def repair(self, kind):
        """Somebody opens the tab, and repairs all that it shows as half done."""
        for key in self.broken:
            for binding, values in self.planned[key].items():
                self.possible[binding] = self.possible[binding] | values
        for address in self.stage.addresses:
            self._repair(kind, self.stage.vip(address))
        for operation in self._unsettled():
            goal = TakeBackRecord(self.cloud, operation)
            assert repair(self.cloud, goal, run=uuid4()).outcome.is_good
            let_time_pass()
        self._look(set())
        self.possible = {binding: {value} for binding, value in self._told().items()}
        assert not self.broken
        assert not Operation.objects.filter(state__in=OPEN).exists()

    def _repair(self, kind, vip_id):
        calls = VIPCalls(self.cloud, self.stage.subnet.network_id)
        found = [vip for vip in calls.virtual_ips() if vip.id == vip_id]
        broken = calls.unsettled().about(vip_id).broken
        if not found or not (broken or found[0].half_bound):
            return
        nics = [binding.nic.id for binding in found[0].half_bound]
        goal = kind(self.cloud, self.stage.place, vip_id, nics, broken)
        outcome = repair(self.cloud, goal, run=uuid4()).outcome
        event(f"repair: {outcome.state}")
        assert outcome.is_good, outcome.words
        let_time_pass()

    # --- how it ends ------------------------------------------------------------------------------

    def _do(self, goal, vip, effect, trouble, *, must, may, method="*"):
        """Carry the goal out and take what its record claims into the model. Whether all is well.

        `must` and `may` say whether it has to and whether it can succeed when nothing goes wrong.
        """
        before = {binding: set(self.possible[binding]) for binding in effect}
        known = set(Operation.objects.values_list("id", flat=True))
        is_good = self._carry_out(goal, trouble, method)
        made = Operation.objects.exclude(id__in=known)
        self._look({one.id for one in made})
        record = made.get() if made else None
        event(f"{goal.name}: {record.state if record else is_good}")
        if trouble is None:
            assert is_good or not must, self.told
            assert not is_good or may, self.told
        assert not record or is_good is None or is_good == (record.state == OperationState.DONE)
        is_done = record.state == OperationState.DONE if record else bool(is_good)
        between = {one: before[one] | {value} for one, value in effect.items()}
        if is_done:
            self._decide({binding: {value} for binding, value in effect.items()})
        elif record and record.state == OperationState.NEEDS_REPAIR:
            self._decide(between)
        delta = {
            one: (next(iter(before[one])), value)
            for one, value in effect.items()
            if before[one] != {value}
        }
        is_known = all(len(values) == 1 for values in before.values())
        if record and record.state == OperationState.NEEDS_REPAIR:
            self.broken[record.id] = delta if is_known else {}
            self.planned[record.id] = between
        elif record and is_done and is_known and delta:
            made_vip = "" if vip else self.stage.vip(next(iter(delta))[0])
            self.done[record.id] = (vip or made_vip, delta, self.stage.checked)
        return is_done

    def _carry_out(self, goal, trouble, method):
        """Whether it went well; None where the console was stopped."""
        if trouble:
            self.emulator.faults.add(self._fault(method, *trouble))
        try:
            result = perform_now(self.cloud, goal)
            self.told = result.message
            return result.outcome.is_good
        except Stopped:
            return None
        except CloudError as error:
            event(f"{goal.name}: {type(error).__name__}")
            self.told = str(error)
            return False
        finally:
            self.emulator.faults.clear()
            let_time_pass()

    def _fault(self, method, name, skip):
        """At the call so many calls later. What another program writes between our reading and our
        writing is lost on Open Telekom Cloud, and no test says otherwise: there it writes before
        we read."""
        path = "/v2.0/(ports|floatingips)"
        if name != "meddle":
            return Fault(method, path, **FAULTS[name], skip=0 if method != "*" else skip)
        meddle = partial(self._meddle, self.stage.nics[skip % SERVERS], skip % 3 + 1)
        return Fault("GET" if state().otc else "*", path, "hook", hook=meddle, skip=skip)

    def _decide(self, values):
        self.possible |= values
        for delta in self.broken.values():
            for binding in values:
                delta.pop(binding, None)

    def _unsettled(self):
        return VIPCalls(self.cloud, self.stage.subnet.network_id).unsettled().broken

    def _look(self, new):
        """Somebody opens the tab: what that closes is as its record says."""
        self._unsettled()
        for key in list(self.broken):
            state_now = Operation.objects.get(id=key).state
            if state_now == OperationState.NEEDS_REPAIR or key in new:
                continue
            is_done = state_now == OperationState.DONE
            delta = self.broken.pop(key)
            self._decide({one: {pair[is_done]} for one, pair in delta.items()})

    # --- what always holds ------------------------------------------------------------------------

    def _told(self):
        """What is bound now, which is as it may be."""
        now = self.stage.bindings
        for binding, value in now.items():
            assert value in self.possible[binding], f"{binding} is {value}"
        return now

    @invariant()
    def all_is_as_told(self):
        self._told()
        assert self.stage.doubled() == []
        assert self.broken or self.stage.half_bound() == []

    @invariant()
    def nothing_of_others_is_lost(self):
        for nic in self.stage.nics:
            listed = [one for one in nic.allowed_address_pairs if one.ip_address.startswith("192.")]
            assert _in_order(listed) == _in_order(self.foreign[nic.id])

    @invariant()
    def nothing_is_held(self):
        assert not Lease.objects.filter(expires_at__gt=Now()).exists()


def _in_order(pairs):
    """Neutron gives lists back in an order of its own, whatever they were written in."""
    if state().otc:
        return pairs
    return sorted(pairs, key=lambda one: (one.mac_address, one.ip_address))


@pytest.mark.django_db
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_any_sequence_ends_as_the_records_say(emulator, open_cloud):
    stage = EmulatedStage(vips=VIPS, servers=SERVERS)
    build.bind(state(), state().ports[stage.vip(stage.addresses[0])], stage.nics[0])
    build.bind(state(), state().ports[stage.vip(stage.addresses[0])], stage.nics[1])
    build.bind(state(), state().ports[stage.vip(stage.addresses[1])], stage.nics[1])
    for nic in stage.nics:
        nic.allowed_address_pairs.append(FOREIGN)
    Machine.emulator, Machine.open_cloud = emulator, staticmethod(open_cloud)
    Machine.stage, Machine.start = stage, Ports()

    run_state_machine_as_test(Machine, settings=SETTINGS)
