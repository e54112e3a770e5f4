"""Undo of an operation record as a goal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from console import operations
from console.record_names import undo_name
from vpc.services.bindings import VirtualIP
from vpc.services.changes import PortChange
from vpc.services.execution import OutcomeState
from vpc.services.moved import recorded_holders
from vpc.services.operations import PairsGoal, Place, SingleGoal
from vpc.services.recent_binds import not_confirmed, recent_binds
from vpc.services.recording import changes_of
from vpc.services.reversing import plan_reverse, plan_reverse_pairs
from vpc.services.single import EIPBinding, VIPCreation
from vpc.services.standing import Now

if TYPE_CHECKING:
    from console.cloud.client import CloudClient
    from console.models import Operation
    from console.operations import Subject
    from vpc.services.execution import Outcome
    from vpc.services.planning import Plan, SinglePlan
    from vpc.services.single import SingleChange


def undo_goal(cloud: CloudClient, operation: Operation) -> UndoPairs | UndoSingle | None:
    """What takes back the record's changes. None where it has none."""
    changes = changes_of(operation)
    pairs = tuple(change for change in changes if isinstance(change, PortChange))
    if pairs:
        return UndoPairs(cloud, operation, pairs)
    others = [change for change in changes if not isinstance(change, PortChange)]
    return UndoSingle(cloud, operation, others[0]) if others else None


def _words(operation: Operation, outcome: Outcome) -> str:
    if outcome.state is OutcomeState.UNCHANGED:
        # Translators: {operation} {target} is "Bind to Server 10.0.0.4".
        words = _("{operation} {target}: nothing was left to undo.")
    else:
        words = _("{operation} {target} is undone.")
    return words.format(operation=operation.label, target=operation.target)


class UndoPairs(PairsGoal):
    def __init__(
        self, cloud: CloudClient, operation: Operation, changes: tuple[PortChange, ...]
    ) -> None:
        super().__init__(cloud, Place(operation.place, operation.target_url))
        self.name = undo_name(operation.name)
        self.reverses = operation
        self._operation = operation
        self._changes = changes
        self._is_begun = False

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(f"port:{change.port.id}" for change in self._changes)

    @property
    def target(self) -> str:
        return self._operation.target

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return operations.subjects_of(self._operation)

    def plan(self) -> Plan:
        ports, _by_id = self.read()
        holders = recorded_holders(self._operation, self._changes)
        plan = plan_reverse_pairs(
            self.cloud.profile, self._changes, ports, holders, is_begun=self._is_begun
        )
        # Planned again, it is because others wrote while this was being carried out.
        self._is_begun = True
        return plan

    def words(self, outcome: Outcome) -> str:
        return _words(self._operation, outcome)


class UndoSingle(SingleGoal):
    def __init__(self, cloud: CloudClient, operation: Operation, change: SingleChange) -> None:
        super().__init__(cloud, Place(operation.place, operation.target_url))
        self.name = undo_name(operation.name)
        self.reverses = operation
        self._operation = operation
        self._change = change
        self.is_confirmed = False
        """Whether the address was typed of the VIP that this releases (see `Release`)."""

    @property
    def keys(self) -> tuple[str, ...]:
        ports = tuple(f"port:{port.id}" for port in self._change.ports)
        eip = self._change.eip.id if isinstance(self._change, EIPBinding) else ""
        return (*ports, f"eip:{eip}") if eip else ports

    @property
    def target(self) -> str:
        return self._operation.target

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return operations.subjects_of(self._operation)

    @property
    def released(self) -> str:
        """Id of the VIP that this releases: one that was assigned."""
        is_assigned = isinstance(self._change, VIPCreation) and self._change.port
        return is_assigned.id if is_assigned else ""

    def plan(self) -> SinglePlan:
        eips = self.cloud.start(self.api.list_floating_ips)
        ports = self.api.list_ports(network_id=self.place.network_id)
        now = Now.of(ports, eips.result())
        label = f"vip-{self._operation.id.hex[:8]}"
        plan = plan_reverse(self._change, self.cloud.profile, now, label)
        if not self.released or self.is_confirmed or plan.refusals:
            return plan
        recent = recent_binds(self.cloud, [self.released])
        vip = VirtualIP(now.ports[self.released])
        return replace(plan, refusals=tuple(not_confirmed(vip, bind) for bind in recent.values()))

    def words(self, outcome: Outcome) -> str:
        return _words(self._operation, outcome)
