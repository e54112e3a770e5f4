"""Operations that were left open: closed by reading, or known to need repair.

A console that was stopped in the middle leaves its record open and its leases to end by themselves.
From then on whoever reads the network next can tell how far it came.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console import operations
from console.models import OperationState
from vpc.api import NetworkAPI
from vpc.services.changes import PortChange
from vpc.services.recording import Unreadable, changes_of, written
from vpc.services.single import EIPBinding, VIPCreation
from vpc.services.standing import Now, Standing

if TYPE_CHECKING:
    from console.cloud.client import CloudClient
    from console.models import Operation
    from vpc.services.single import Change

FRESH_SECONDS = 5
"""How far the clocks of two machines may be apart."""

STOPPED = gettext_noop("The console was stopped in the middle of this.")
NEVER_BEGUN = gettext_noop(
    "The console was stopped before anything was written. Nothing was changed."
)
AFTER = gettext_noop("Read again afterwards, everything is as it was planned.")
AFTER_BUT = gettext_noop(
    "Read again afterwards, it is as it was planned, but for what is gone since: {names}."
)
BEFORE = gettext_noop("Read again afterwards, nothing of it is there.")
BETWEEN = gettext_noop(
    "Read again afterwards, a part of it is there. Repair finishes it or takes it back."
)


@dataclass(frozen=True)
class Unsettled:
    """What is still open at a place: being carried out right now, or in need of repair."""

    under_way: tuple[Operation, ...] = ()
    broken: tuple[Operation, ...] = ()

    def about(self, vip_id: str) -> Unsettled:
        """Those that are about this VIP."""
        return Unsettled(
            tuple(one for one in self.under_way if operations.is_about(one, vip_id)),
            tuple(one for one in self.broken if operations.is_about(one, vip_id)),
        )


def settle(cloud: CloudClient, network_id: str, now: Now) -> Unsettled:
    """Close what can be closed by what was just read of the network. One query where all is well.

    `now` was read during the request that `cloud` is for. What has moved since shortly before that
    is not judged by it, and neither is an older operation about the same: it may be that one's
    writes that `now` shows.
    """
    unsettled = operations.unsettled(cloud, network_id)
    fresh = [one for one in unsettled if operations.last_moved(one) > _judged_before(cloud)]
    under_way, broken = [], []
    for operation in unsettled:
        if operation.is_open and (operation in fresh or operations.is_under_way(operation)):
            under_way.append(operation)
        elif any(_share(operation, one) for one in fresh) or not _settle_one(operation, now):
            broken.append(operation)
    return Unsettled(tuple(under_way), tuple(broken))


def _share(first: Operation, second: Operation) -> bool:
    """Whether both are about one thing; an operation is about the same as itself."""
    refs = {subject.ref for subject in operations.subjects_of(second)}
    return first == second or any(operations.is_about(first, ref) for ref in refs)


def _judged_before(cloud: CloudClient) -> dt.datetime:
    return timezone.now() - dt.timedelta(seconds=cloud.deadline.spent + FRESH_SECONDS)


def look_again(cloud: CloudClient, operation: Operation) -> None:
    """Read what the operation is about and settle it; `operation` has its new state afterwards.

    Raises `CloudError` when that cannot be read.
    """
    api = NetworkAPI(cloud)
    eips = cloud.start(api.list_floating_ips)
    ports = api.list_ports(network_id=operation.place)
    settle(cloud, operation.place, Now.of(ports, eips.result()))
    operation.refresh_from_db()


def standing(changes: tuple[Change, ...], now: Now) -> Standing:
    """Where the changes of one operation stand as a whole. Of a port that is gone nothing is left;
    but what was to be bound to a VIP that is gone is not."""
    found = {
        Standing.BEFORE if _is_vip_lost(change, now) else change.standing(now) for change in changes
    } - {Standing.GONE}
    if len(found) == 1:
        return found.pop()
    return Standing.BETWEEN if found else Standing.BEFORE


def _is_vip_lost(change: Change, now: Now) -> bool:
    is_binding = isinstance(change, PortChange) and change.port.is_vip and bool(change.add)
    return is_binding and change.standing(now) is Standing.GONE


def _settle_one(operation: Operation, now: Now) -> bool:
    """Whether it is closed now."""
    if operation.state == OperationState.PLANNED:
        operations.close(operation, OperationState.FAILED, _(NEVER_BEGUN))
        return True
    try:
        changes = changes_of(operation)
    except Unreadable as error:
        if operation.is_open:
            message = f"{_(STOPPED)} {error.message}"
            operations.close(operation, OperationState.NEEDS_REPAIR, message)
        return False
    if now.eips is None and any(isinstance(change, EIPBinding) for change in changes):
        return False
    reached = standing(changes, now)
    why = _(STOPPED) if operation.is_open else operation.message
    if reached is Standing.AFTER:
        found = written(_known(change, now) for change in changes)
        gone = [one.subject for one in changes if one.standing(now) is Standing.GONE]
        how = _(AFTER_BUT).format(names=", ".join(gone)) if gone else _(AFTER)
        operations.close(operation, OperationState.DONE, f"{why} {how}", written=found)
    elif reached is Standing.BEFORE:
        operations.close(operation, OperationState.UNDONE, f"{why} {_(BEFORE)}")
    elif operation.is_open:
        operations.close(operation, OperationState.NEEDS_REPAIR, f"{why} {_(BETWEEN)}")
    return reached is not Standing.BETWEEN


def _known(change: Change, now: Now) -> Change:
    """A VIP that was made is known by its port from now on."""
    return change.known(tuple(now.ports.values())) if isinstance(change, VIPCreation) else change
