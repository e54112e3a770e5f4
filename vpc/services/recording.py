"""Operations on ports as records: written down before the first write, read again from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bms.services import names
from console import operations, shapes
from console.cloud.errors import Conflict
from console.models import OperationState
from console.operations import Heading, Subject, Written
from vpc.services.execution import OutcomeState
from vpc.services.single import Change, EIPBinding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from uuid import UUID

    from console.cloud.client import CloudClient
    from console.models import Operation
    from vpc.resources import Port
    from vpc.services.execution import Outcome


class Unreadable(Conflict):
    headline = gettext_noop("This record cannot be read any more")


def written(changes: Iterable[Change]) -> Written:
    changes = tuple(changes)
    return Written(
        steps=msgspec.to_builtins(changes),
        changes=[
            {
                "title": change.subject,
                "before": list(change.before_lines),
                "after": list(change.after_lines),
            }
            for change in changes
        ],
    )


def changes_of(operation: Operation) -> tuple[Change, ...]:
    """What the record says was, or was to be, written. Raises `Unreadable`."""
    try:
        return shapes.convert(operation.plan, tuple[Change, ...])
    except msgspec.ValidationError as error:
        raise Unreadable(
            _(
                "It was written by another version of this console, and this one does not know "
                "what was changed. Look at the present state, and change it from there."
            )
        ) from error


def subjects(cloud: CloudClient, ports: Iterable[Port], *more: Subject) -> tuple[Subject, ...]:
    """What a record can be found by: VIPs, NICs and their servers (by name where it is known)."""
    ports = tuple(ports)
    known = names.known(cloud, {port.device_id for port in ports if port.is_nic})
    found = [subject for port in ports for subject in _subjects(port, known)]
    return tuple(dict.fromkeys((*more, *found)))


def _subjects(port: Port, server_names: dict[str, str]) -> Iterator[Subject]:
    kind = "vip" if port.is_vip else "nic" if port.is_nic else "port"
    yield Subject(kind=kind, ref=port.id, label=port.ip_address or port.name)
    if port.is_nic:
        label = server_names.get(port.device_id, "")
        yield Subject(kind="server", ref=port.device_id, label=label)


class Recorder:
    """The record of one operation, from its plan to its end."""

    def __init__(self, cloud: CloudClient, run: UUID, heading: Callable[[], Heading]) -> None:
        """`heading` is asked for when the record is first stored: by then it is known what the
        operation is about."""
        self._cloud = cloud
        self._run = run
        self._heading = heading
        self.operation: Operation | None = None

    def plan(self, changes: tuple[Change, ...]) -> Operation:
        """Store the record. Nothing was written yet."""
        heading = self._heading()
        eips = [
            Subject(kind="eip", ref=change.eip.id, label=change.eip.floating_ip_address)
            for change in changes
            if isinstance(change, EIPBinding)
        ]
        ports = [port for change in changes for port in change.ports]
        found = subjects(self._cloud, ports, *heading.subjects, *eips)
        heading = msgspec.structs.replace(heading, subjects=found)
        self.operation = operations.plan(self._cloud, self._run, heading, written(changes))
        return self.operation

    def before_write(self, changes: tuple[Change, ...]) -> None:
        operation = self.operation or self.plan(changes)
        operations.apply(operation, written(changes))

    def close(self, outcome: Outcome, message: str) -> None:
        """The end. What there was nothing to do for, and had no record, gets none. One that did not
        go through keeps the plan that it had: a repair goes by that."""
        if self.operation is None:
            if outcome.state is OutcomeState.UNCHANGED:
                return
            self.plan(())
        if self.operation is not None:
            is_done = outcome.state is OutcomeState.DONE
            ports = [port for change in outcome.made for port in change.ports]
            operations.close(
                self.operation,
                OperationState(outcome.record_state),
                message,
                written=written(outcome.made) if is_done else None,
                target=self._heading().target if is_done else "",
                subjects=subjects(self._cloud, ports) if is_done else (),
                request_ids=outcome.request_ids,
            )
