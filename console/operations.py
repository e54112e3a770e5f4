"""Operation records: written before the first write to the cloud, closed after the last.

What an operation is about is its service's matter; here it is kept, moved forward and found again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from console import leases
from console.models import (
    OPEN_STATES,
    UNSETTLED_STATES,
    Operation,
    OperationEvent,
    OperationState,
    OperationSubject,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from uuid import UUID

    from console.cloud.client import CloudClient


CLOSED_MEANWHILE = gettext_noop(
    "This took so long that its record was closed meanwhile. Nothing further was written."
)
MOST_LOOKED_AT = 500
"""So many records are read at most to find out what was done about a few things before."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that an operation is about. `kind` is "vip", "server", "nic", "eip" or "port"."""

    kind: str
    ref: str
    label: str = ""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as a record keeps it: `steps` for the service that wrote it, `changes` for the eye
    (see `Operation`)."""

    steps: list[Any]
    changes: list[dict[str, Any]]


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What a record says of an operation beside its plan and its course."""

    name: str
    target: str
    target_url: str = ""
    place: str = ""
    subjects: tuple[Subject, ...] = ()
    reverses: Operation | None = None


def plan(cloud: CloudClient, run: UUID, heading: Heading, written: Written) -> Operation:
    """A new record: who, where, what, and what will be written."""
    now = timezone.now()
    user = cloud.user
    with transaction.atomic():
        operation = Operation.objects.create(
            run=run,
            at=now,
            user_id=user.id,
            user_name=user.name,
            domain_name=user.domain_name,
            project_id=cloud.project_id,
            project_name=cloud.scope.project.name,
            region=cloud.region,
            name=heading.name,
            target=heading.target[:255],
            target_url=heading.target_url,
            place=heading.place,
            plan=written.steps,
            changes=written.changes,
            state=OperationState.PLANNED,
            reverses=heading.reverses,
            language=get_language() or "",
        )
        _add_subjects(operation, heading.subjects)
        _enter(operation, OperationState.PLANNED, "", now)
    return operation


def apply(operation: Operation, written: Written) -> None:
    """The first write is about to go out; or, planned anew, a further one with a longer plan.

    Raises `LeaseLost` when the record was closed by somebody else: this process slept too long.
    """
    operation.plan, operation.changes = written.steps, written.changes
    fields = ["plan", "changes"]
    with transaction.atomic():
        if not _locked(operation, OPEN_STATES):
            raise leases.LeaseLost(_(CLOSED_MEANWHILE))
        if operation.state != OperationState.APPLYING:
            fields.append("state")
            _enter(operation, OperationState.APPLYING, "")
        operation.save(update_fields=fields)


def close(
    operation: Operation,
    state: OperationState,
    message: str,
    *,
    written: Written | None = None,
    target: str = "",
    subjects: Iterable[Subject] = (),
    request_ids: Sequence[str] = (),
    settled_by: Operation | None = None,
) -> None:
    """The end, or (of one that needs repair) the end after all. An ended one is left alone.

    `target` and `subjects` are what only the end tells: the cloud may have chosen an address.
    """
    now = timezone.now()
    fields = ["message", "language", "request_ids", "milliseconds", "settled_by", "state"]
    if operation.is_open:
        operation.milliseconds = round((now - operation.at).total_seconds() * 1000)
    operation.message = message
    if written is not None:
        operation.language = get_language() or ""
    elif operation.language != get_language():
        operation.language = ""  # words of two languages: what was planned, and how it ended
    operation.request_ids = [*operation.request_ids, *request_ids]
    operation.settled_by = settled_by
    if written is not None:
        operation.plan, operation.changes = written.steps, written.changes
        fields += ["plan", "changes"]
    if target:
        operation.target = target[:255]
        fields.append("target")
    with transaction.atomic():
        if not _locked(operation, UNSETTLED_STATES):
            return
        known = set(operation.subjects.values_list("kind", "ref"))
        _add_subjects(operation, (one for one in subjects if (one.kind, one.ref) not in known))
        _enter(operation, state, message, now)
        operation.save(update_fields=fields)


def unsettled(cloud: CloudClient, place: str) -> tuple[Operation, ...]:
    """Operations at that place which have not ended well, oldest first. Usually none."""
    found = Operation.objects.filter(
        project_id=cloud.project_id, place=place, state__in=UNSETTLED_STATES
    )
    return tuple(found.prefetch_related("subjects").order_by("at", "id"))


def subjects_of(operation: Operation) -> tuple[Subject, ...]:
    """What it is about."""
    found = operation.subjects.all()
    return tuple(Subject(kind=one.kind, ref=one.ref, label=one.label) for one in found)


def is_about(operation: Operation, ref: str) -> bool:
    """Whether the thing of that id is among its subjects."""
    return any(subject.ref == ref for subject in operation.subjects.all())


def is_under_way(operation: Operation) -> bool:
    """Whether whoever carries it out is still at it (its leases say so)."""
    return operation.is_open and leases.is_held_by(operation.run)


def last_moved(operation: Operation) -> dt.datetime:
    """When it came into its present state."""
    latest = operation.events.order_by("-id").first()
    return latest.at if latest else operation.at


def find(cloud: CloudClient, operation_id: UUID) -> Operation | None:
    """The record, if it belongs to the project."""
    return Operation.objects.filter(project_id=cloud.project_id, id=operation_id).first()


def of_run(run: UUID, user_id: str) -> tuple[Operation, ...]:
    """What one submit of this user did, in order."""
    return tuple(Operation.objects.filter(run=run, user_id=user_id).order_by("at", "id"))


def latest(
    cloud: CloudClient, names: Collection[str], refs: Iterable[str], *, since: dt.datetime
) -> dict[str, Operation]:
    """{subject's id: the latest operation of those names that was done about it since then}."""
    found = (
        OperationSubject.objects.filter(
            ref__in=list(refs),
            operation__project_id=cloud.project_id,
            operation__name__in=list(names),
            operation__state=OperationState.DONE,
            operation__at__gte=since,
        )
        .select_related("operation")
        .order_by("operation__at")
    )
    return {subject.ref: subject.operation for subject in found}


def _locked(operation: Operation, states: Collection[OperationState]) -> bool:
    """Whether the stored record is in one of these states; then nobody else changes it before the
    transaction ends."""
    found = Operation.objects.select_for_update().filter(id=operation.id, state__in=states)
    return found.exists()


def _add_subjects(operation: Operation, subjects: Iterable[Subject]) -> None:
    OperationSubject.objects.bulk_create(
        OperationSubject(
            operation=operation, kind=subject.kind, ref=subject.ref, label=subject.label[:255]
        )
        for subject in dict.fromkeys(subjects)
    )


def done_about(
    cloud: CloudClient, kind: str, refs: Iterable[str]
) -> Iterator[tuple[str, Operation]]:
    """(subject's id, operation) of what was done about these things, the latest first, as far back
    as `MOST_LOOKED_AT` reaches. One query."""
    found = (
        OperationSubject.objects.filter(
            kind=kind,
            ref__in=list(refs),
            operation__project_id=cloud.project_id,
            operation__state=OperationState.DONE,
        )
        .select_related("operation")
        .order_by("-operation__at", "-operation__id")
    )
    for subject in found[:MOST_LOOKED_AT]:
        yield subject.ref, subject.operation


def _enter(
    operation: Operation, state: OperationState, message: str, at: dt.datetime | None = None
) -> None:
    operation.state = state
    OperationEvent.objects.create(
        operation=operation,
        at=at or timezone.now(),
        state=state,
        message=message,
        language=get_language() or "",
    )
