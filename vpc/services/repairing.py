"""Repair: what was left half done is finished, or taken back, whichever is wanted.

Half done is a NIC that a VIP lists while its source/destination check is on, whoever made it so,
and whatever a record of this console says was planned and is only partly there.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from console import operations
from console.models import OperationState
from vpc.services import rules
from vpc.services.bind_goals import OfVIP
from vpc.services.changes import PortChange, merge
from vpc.services.execution import OutcomeState
from vpc.services.operations import perform
from vpc.services.planning import Plan, plan_bind, plan_unbind
from vpc.services.recording import Unreadable, changes_of
from vpc.services.selection import Selection
from vpc.services.undoing import plan_undo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from uuid import UUID

    from console.cloud.client import CloudClient
    from console.models import Operation
    from vpc.resources import Port
    from vpc.services.bindings import Profile
    from vpc.services.execution import Outcome
    from vpc.services.operations import Place, Result

REPAIR = "Repair"


def plan_finish(
    profile: Profile,
    vip: Port,
    nics: Iterable[Port],
    ports: Iterable[Port],
    broken: Iterable[PortChange] = (),
) -> Plan:
    """Bind the VIP wholly to the NICs that are half bound, and make what is still missing of the
    `broken` changes. `ports` are all ports of the network."""
    it = Selection.of(profile, vip, nics, ports)
    bind = plan_bind(profile, vip, it.nics, it.ports)
    if bind.refusals:
        return bind
    now = {port.id: port for port in it.ports}
    missing = [_missing(change, now[change.port.id]) for change in broken if change.port.id in now]
    return _plan(it, [*bind.changes, *missing], bind)


def plan_take_back(
    profile: Profile,
    vip: Port,
    nics: Iterable[Port],
    ports: Iterable[Port],
    broken: Iterable[PortChange] = (),
) -> Plan:
    """Unbind the VIP from the NICs that are half bound, and take out what is there of the `broken`
    changes. A check that another binding has come to need off stays off."""
    it = Selection.of(profile, vip, nics, ports)
    unbind = plan_unbind(profile, vip, it.nics, it.ports)
    if unbind.refusals:
        return unbind
    undo = plan_undo(tuple(broken), it.ports, [one.port for one in it.vips])
    return _plan(it, [*unbind.changes, *undo.changes], unbind)


def _plan(it: Selection, changes: Iterable[PortChange], base: Plan) -> Plan:
    merged = merge(changes)
    scope = tuple(sorted({*base.scope, *(change.port.id for change in merged)}))
    if refusals := tuple(rules.too_many_pairs(it, merged)):
        return Plan(refusals=refusals, scope=scope)
    return Plan(merged, warnings=base.warnings, scope=scope, ports=it.ports)


def _missing(change: PortChange, port: Port) -> PortChange:
    unmet = change.unmet(port)
    return PortChange(
        port,
        add=tuple(pair for pair in change.add if pair in unmet),
        remove=tuple(pair for pair in change.remove if pair in unmet),
    )


class _Repair(OfVIP):
    """`nic_ids` are the half-bound NICs to repair, `broken` the records that need it."""

    name = REPAIR

    def __init__(
        self,
        cloud: CloudClient,
        place: Place,
        vip_id: str,
        nic_ids: Collection[str],
        broken: Iterable[Operation] = (),
    ) -> None:
        super().__init__(cloud, place, vip_id, nic_ids)
        self.broken = tuple(broken)
        self.changes = tuple(
            change for operation in self.broken for change in _pair_changes(operation)
        )

    @property
    def keys(self) -> tuple[str, ...]:
        return (*super().keys, *(f"port:{change.port.id}" for change in self.changes))


def _pair_changes(operation: Operation) -> Iterator[PortChange]:
    """None where the record cannot be read any more: all that is left is to close it."""
    with suppress(Unreadable):
        yield from (one for one in changes_of(operation) if isinstance(one, PortChange))


class Finish(_Repair):
    ends_as = OperationState.DONE

    def plan(self) -> Plan:
        vip, ports = self.choose()
        return plan_finish(self.cloud.profile, vip, self.nics, ports, self.changes)

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            return f"Virtual IP address {self.target}: nothing was left to finish."
        return f"Virtual IP address {self.target} is repaired: what was begun is finished."


class TakeBack(_Repair):
    ends_as = OperationState.UNDONE

    def plan(self) -> Plan:
        vip, ports = self.choose()
        return plan_take_back(self.cloud.profile, vip, self.nics, ports, self.changes)

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            return f"Virtual IP address {self.target}: nothing was left to take back."
        return f"Virtual IP address {self.target} is repaired: what was begun is taken back."


def repair(
    cloud: CloudClient, goal: Finish | TakeBack, *, run: UUID, shown: str | None = None
) -> Result:
    """Like `perform`; the records that needed repair are closed with it."""
    result = perform(cloud, goal, run=run, shown=shown)
    if result.outcome.is_good:
        for operation in goal.broken:
            message = f"{operation.message} Repaired by {cloud.user.name}: {result.message}"
            operations.close(operation, goal.ends_as, message, settled_by=result.operation)
    return result
