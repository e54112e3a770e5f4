"""Which operation records to show: a page of them by time, or all of them for a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console.models import Operation, OperationSubject

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from console.models import OperationQuerySet

PAGE_SIZE = 50
LIST_CHANGED = gettext_noop(
    "The record that this page began at is not kept any more: this is the first page."
)
BULKY = ("plan", "changes", "request_ids")
"""Columns that no list shows."""


@dataclass(frozen=True, kw_only=True)
class RecordFilter:
    """What to show. `vip` is an id or an address, `server` an id or a part of a name; `after` and
    `before` are records' ids: the page beyond them. `until` is exclusive."""

    vip_id: str = ""
    vip_address: str = ""
    server_id: str = ""
    server_name: str = ""
    user: str = ""
    state: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    after: str = ""
    before: str = ""

    def records(self, project_id: str) -> OperationQuerySet:
        """All that match, newest first."""
        found = Operation.objects.filter(project_id=project_id)
        if self.user:
            found = found.filter(user_name=self.user)
        if self.state:
            found = found.filter(state=self.state)
        if self.since:
            found = found.filter(at__gte=self.since)
        if self.until:
            found = found.filter(at__lt=self.until)
        for about in self._subjects():
            subjects = OperationSubject.objects.filter(about, operation__project_id=project_id)
            found = found.filter(id__in=subjects.values("operation_id"))
        return found.order_by("-at", "-id")

    def _subjects(self) -> Iterator[Q]:
        if self.vip_id:
            yield Q(kind="vip", ref=self.vip_id)
        if self.vip_address:
            yield Q(kind="vip", label=self.vip_address)
        if self.server_id:
            yield Q(kind="server", ref=self.server_id)
        if self.server_name:
            yield Q(kind="server", label__icontains=self.server_name)


@dataclass(frozen=True)
class RecordPage:
    """`next_after` and `previous_before` are ids to go on from; empty where there is no more."""

    records: tuple[Operation, ...]
    next_after: str = ""
    previous_before: str = ""
    notice: str = ""


def record_page(project_id: str, wanted: RecordFilter) -> RecordPage:
    found = wanted.records(project_id).defer(*BULKY)
    mark_id = wanted.before or wanted.after
    if not mark_id:
        return _first(found)
    mark = Operation.objects.filter(project_id=project_id, id=mark_id).only("at").first()
    if mark is None:
        return _first(found, _(LIST_CHANGED))
    if wanted.before:
        return _before(found, mark)
    records, more = _cut(found.filter(Q(at__lte=mark.at), Q(at__lt=mark.at) | Q(id__lt=mark.id)))
    first = str(records[0].id) if records else mark_id
    return RecordPage(records, _last(records) if more else "", first)


def _first(found: OperationQuerySet, notice: str = "") -> RecordPage:
    records, more = _cut(found)
    return RecordPage(records, _last(records) if more else "", notice=notice)


def _before(found: OperationQuerySet, mark: Operation) -> RecordPage:
    newer = found.filter(Q(at__gte=mark.at), Q(at__gt=mark.at) | Q(id__gt=mark.id))
    records, more = _cut(newer.order_by("at", "id"))
    if not more:
        # The newest ones: a whole page of them, also where some came since.
        return _first(found)
    records = records[::-1]
    return RecordPage(records, _last(records), str(records[0].id))


def _cut(found: OperationQuerySet) -> tuple[tuple[Operation, ...], bool]:
    """A page, and whether there is more behind it."""
    records = tuple(found[: PAGE_SIZE + 1])
    return records[:PAGE_SIZE], len(records) > PAGE_SIZE


def _last(records: tuple[Operation, ...]) -> str:
    return str(records[-1].id) if records else ""


def called(project_id: str, kind: str, ref: str) -> str:
    """What a thing was called in the latest record about it in this project, if there is any."""
    found = OperationSubject.objects.filter(
        kind=kind, ref=ref, operation__project_id=project_id
    ).exclude(label="")
    return found.order_by("-id").values_list("label", flat=True).first() or ""


def users(project_id: str) -> tuple[str, ...]:
    """Names of all who have a record in this project."""
    found = Operation.objects.filter(project_id=project_id).order_by("user_name")
    return tuple(found.values_list("user_name", flat=True).distinct())
