"""Undo of an operation record as a goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpc.services.changes import PortChange
from vpc.services.execution import OutcomeState
from vpc.services.operations import PairsGoal, Place, SingleGoal
from vpc.services.recording import changes_of
from vpc.services.reversing import plan_reverse, plan_reverse_pairs
from vpc.services.single import EIPBinding
from vpc.services.standing import Now

if TYPE_CHECKING:
    from console.cloud.client import CloudClient
    from console.models import Operation
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
        return f"{operation.name} {operation.target}: nothing was left to undo."
    return f"{operation.name} {operation.target} is undone."


class UndoPairs(PairsGoal):
    def __init__(
        self, cloud: CloudClient, operation: Operation, changes: tuple[PortChange, ...]
    ) -> None:
        super().__init__(cloud, Place(operation.place, operation.target_url))
        self.name = f"Undo {operation.name}"
        self.reverses = operation
        self._operation = operation
        self._changes = changes

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(f"port:{change.port.id}" for change in self._changes)

    @property
    def target(self) -> str:
        return self._operation.target

    def plan(self) -> Plan:
        ports, _ = self.read()
        return plan_reverse_pairs(self.cloud.profile, self._changes, ports)

    def words(self, outcome: Outcome) -> str:
        return _words(self._operation, outcome)


class UndoSingle(SingleGoal):
    def __init__(self, cloud: CloudClient, operation: Operation, change: SingleChange) -> None:
        super().__init__(cloud, Place(operation.place, operation.target_url))
        self.name = f"Undo {operation.name}"
        self.reverses = operation
        self._operation = operation
        self._change = change

    @property
    def keys(self) -> tuple[str, ...]:
        ports = tuple(f"port:{port.id}" for port in self._change.ports)
        eip = self._change.eip.id if isinstance(self._change, EIPBinding) else ""
        return (*ports, f"eip:{eip}") if eip else ports

    @property
    def target(self) -> str:
        return self._operation.target

    def plan(self) -> SinglePlan:
        eips = self.cloud.start(self.api.list_floating_ips)
        ports = self.api.list_ports(network_id=self.place.network_id)
        now = Now.of(ports, eips.result())
        label = f"vip-{self._operation.id.hex[:8]}"
        return plan_reverse(self._change, self.cloud.profile, now, label)

    def words(self, outcome: Outcome) -> str:
        return _words(self._operation, outcome)
