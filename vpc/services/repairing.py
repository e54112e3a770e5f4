"""Repair: what was left half done is finished, or taken back, whichever is wanted.

Half done is a NIC that a VIP lists while its source/destination check is on, whoever made it so,
and whatever a record of this console says was planned and is only partly there.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from console import operations
from console.models import OperationState
from vpc.resources import CHECK_OFF
from vpc.services import rules
from vpc.services.bind_goals import OfVIP
from vpc.services.bindings import virtual_ips
from vpc.services.changes import PortChange, merge
from vpc.services.execution import OutcomeState
from vpc.services.moved import Addresses, recorded_holders, still_ours
from vpc.services.operations import PairsGoal, Place, perform
from vpc.services.pairs import entries, key, keys
from vpc.services.planning import Plan, plan_bind, plan_unbind
from vpc.services.recording import Unreadable, changes_of
from vpc.services.selection import Selection
from vpc.services.undoing import plan_whole_undo
from vpc.services.warnings import check_stays_off

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from uuid import UUID

    from console.cloud.client import CloudClient
    from console.models import Operation
    from console.operations import Subject
    from vpc.resources import AddressPair, Port
    from vpc.services.bindings import Profile
    from vpc.services.execution import Outcome
    from vpc.services.notices import Notice
    from vpc.services.operations import Result
    from vpc.services.pairs import Key

REPAIR = gettext_noop("Repair")
FINISH, TAKE_BACK = gettext_noop("Repair: finish"), gettext_noop("Repair: take back")
"""Names in the records, which begin with `REPAIR`."""


def plan_finish(
    profile: Profile,
    vip: Port,
    nics: Iterable[Port],
    ports: Iterable[Port],
    broken: Iterable[PortChange] = (),
) -> Plan:
    """Bind the VIP wholly to the NICs that are half bound, and make what is still missing of the
    `broken` changes. `ports` are all ports of the network.

    A check that was to go on stays off where a VIP lists the NIC by then: it came to need that.
    """
    it = Selection.of(profile, vip, nics, ports)
    bind = plan_bind(profile, vip, it.nics, it.ports)
    if bind.refusals:
        return bind
    now = {port.id: port for port in it.ports}
    missing = [_missing(change, now[change.port.id]) for change in broken if change.port.id in now]
    changes = merge([*bind.changes, *missing])
    needed = _needed_off(it, changes)
    finished = [_but_for_check(one) if one.port.id in needed else one for one in changes]
    ports_of = {change.port.id: change.port for change in changes}
    notices = [check_stays_off(ports_of[nic_id], vips) for nic_id, vips in needed.items()]
    return _plan(it, finished, bind, notices)


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
    undo, _vips = plan_whole_undo(tuple(broken), it.ports, [one.port for one in it.vips])
    return _plan(it, [*unbind.changes, *undo.changes], unbind)


def _needed_off(it: Selection, changes: Iterable[PortChange]) -> dict[str, list[Port]]:
    """{NIC's id: the VIPs that list it after the changes}, of NICs whose check these switch on."""
    after = {change.port.id: change.port_after for change in changes}
    vips = [after.get(vip.id, vip.port) for vip in it.vips]
    found = {
        change.port.id: [vip for vip in vips if entries(vip, keys(change.port))]
        for change in changes
        if any(pair.ip_address == CHECK_OFF for pair in change.remove)
    }
    return {nic_id: listing for nic_id, listing in found.items() if listing}


def _but_for_check(change: PortChange) -> PortChange:
    kept = tuple(pair for pair in change.remove if pair.ip_address != CHECK_OFF)
    return replace(change, remove=kept)


def _plan(
    it: Selection, changes: Iterable[PortChange], base: Plan, notices: Iterable[Notice] = ()
) -> Plan:
    merged = merge(changes)
    scope = tuple(sorted({*base.scope, *(change.port.id for change in merged)}))
    if refusals := tuple(rules.too_many_pairs(it, merged)):
        return Plan(refusals=refusals, scope=scope)
    return Plan(merged, warnings=(*base.warnings, *notices), scope=scope, ports=it.ports)


def _missing(change: PortChange, port: Port) -> PortChange:
    unmet = change.unmet(port)
    return PortChange(
        port,
        add=tuple(pair for pair in change.add if pair in unmet),
        remove=tuple(pair for pair in change.remove if pair in unmet),
    )


class _Repair(OfVIP):
    """`nic_ids` are the half-bound NICs to repair, `broken` the records that need it."""

    ends_as: OperationState
    """How the broken records end."""

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

    @property
    def keys(self) -> tuple[str, ...]:
        changes = [change for operation in self.broken for change in _pair_changes(operation)]
        return (*super().keys, *(f"port:{change.port.id}" for change in changes))

    def plan(self) -> Plan:
        vip, ports = self.choose()
        return self.plan_on(vip, self.nics, ports)

    @abstractmethod
    def plan_on(self, vip: Port, nics: Iterable[Port], ports: Iterable[Port]) -> Plan:
        """`ports` are all ports of the network."""


class Finish(_Repair):
    name = FINISH
    ends_as = OperationState.DONE

    def plan_on(self, vip: Port, nics: Iterable[Port], ports: Iterable[Port]) -> Plan:
        ports = tuple(ports)
        changes = still_ours_of(self.broken, ports)
        return plan_finish(self.cloud.profile, vip, nics, ports, changes)

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            words = _("Virtual IP address {vip}: nothing was left to finish.")
        else:
            words = _("Virtual IP address {vip} is repaired: what was begun is finished.")
        return words.format(vip=self.target)


class TakeBack(_Repair):
    name = TAKE_BACK
    ends_as = OperationState.UNDONE

    def plan_on(self, vip: Port, nics: Iterable[Port], ports: Iterable[Port]) -> Plan:
        ports = tuple(ports)
        changes = still_ours_of(self.broken, ports, back=True)
        return plan_take_back(self.cloud.profile, vip, nics, ports, changes)

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            words = _("Virtual IP address {vip}: nothing was left to take back.")
        else:
            words = _("Virtual IP address {vip} is repaired: what was begun is taken back.")
        return words.format(vip=self.target)


class TakeBackRecord(PairsGoal):
    """What is left of one record is taken back, whatever became of its VIP."""

    name = TAKE_BACK
    ends_as = OperationState.UNDONE

    def __init__(self, cloud: CloudClient, operation: Operation) -> None:
        super().__init__(cloud, Place(operation.place, operation.target_url))
        self._operation = operation
        self.broken = (operation,)
        self._changes = tuple(_pair_changes(operation))

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
        vips = [vip.port for vip in virtual_ips(self.cloud.profile, ports)]
        broken = tuple(still_ours_of(self.broken, ports, back=True))
        undo, _vips = plan_whole_undo(broken, ports, vips)
        if not undo.changes:
            return Plan(ports=ports)
        it = Selection.of(self.cloud.profile, undo.changes[0].port, (), ports)
        return _plan(it, undo.changes, Plan())

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            # Translators: {operation} {target} is "Bind to Server 10.0.0.4".
            words = _("{operation} {target}: nothing was left to take back.")
        else:
            words = _("{operation} {target}: what was left of it is taken back.")
        return words.format(operation=self._operation.label, target=self.target)


def still_ours_of(
    broken: Iterable[Operation], ports: tuple[Port, ...], *, back: bool = False
) -> Iterator[PortChange]:
    """Their changes, or (`back`) what takes them back, as far as that is ours to write on what is
    now (see `moved`). `broken` is oldest first.

    Where two are about one entry, the latest is finished, and taken back is what was there before
    the earliest. A repair that broke itself says nothing of its own: it went by the others.
    """
    broken = tuple(broken)
    broken = tuple(one for one in broken if not one.name.startswith(REPAIR)) or broken
    decided: set[tuple[str, Key]] = set()
    for operation in broken if back else reversed(broken):
        changes = tuple(_pair_changes(operation))
        addresses = Addresses(recorded_holders(operation, changes), ports)
        for change in changes:
            yield still_ours(_without(change, decided), addresses, back=back)
        decided |= {
            (change.port.id, key(pair.ip_address))
            for change in changes
            for pair in (*change.add, *change.remove)
        }


def _without(change: PortChange, decided: Collection[tuple[str, Key]]) -> PortChange:
    def is_open(pair: AddressPair) -> bool:
        return (change.port.id, key(pair.ip_address)) not in decided

    add, remove = filter(is_open, change.add), filter(is_open, change.remove)
    return replace(change, add=tuple(add), remove=tuple(remove))


def _pair_changes(operation: Operation) -> Iterator[PortChange]:
    """None where the record cannot be read any more: all that is left is to close it."""
    with suppress(Unreadable):
        yield from (one for one in changes_of(operation) if isinstance(one, PortChange))


def repair(
    cloud: CloudClient,
    goal: Finish | TakeBack | TakeBackRecord,
    *,
    run: UUID,
    shown: str | None = None,
) -> Result:
    """Like `perform`; the records that needed repair are closed with it."""
    result = perform(cloud, goal, run=run, shown=shown)
    if result.outcome.is_good:
        for operation in goal.broken:
            # Translators: {message} is a sentence or two: what was told at the end of the repair.
            repaired = _("Repaired by {user}: {message}").format(
                user=cloud.user.name, message=result.message
            )
            message = f"{operation.message} {repaired}"
            operations.close(operation, goal.ends_as, message, settled_by=result.operation)
    return result
