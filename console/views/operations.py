from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from console import operations, record_csv, record_filter
from console.htmx import render_page
from console.models import OperationState
from console.navigation import READ_ONLY_REASON
from console.record_forms import OperationFilterForm
from console.side_by_side import side_by_side

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from console.models import Operation
    from console.record_filter import RecordFilter
    from console.types import ConsoleRequest

TITLE = gettext_noop("Operation records")
NOT_UNDONE = {
    OperationState.PLANNED: gettext_noop("It is not finished yet."),
    OperationState.APPLYING: gettext_noop("It is not finished yet."),
    OperationState.UNDONE: gettext_noop("It was taken back already, so there is nothing to undo."),
    OperationState.REFUSED: gettext_noop(
        "It was refused and changed nothing, so there is nothing to undo."
    ),
    OperationState.FAILED: gettext_noop(
        "It failed and changed nothing, so there is nothing to undo."
    ),
}
UNDONE_BEFORE = gettext_noop("It was undone already. The record of that is linked below.")


@require_GET
def operation_list(request: ConsoleRequest) -> HttpResponse:
    project = request.cloud.project_id
    form = OperationFilterForm(request.GET, users=record_filter.users(project))
    wanted = form.wanted()
    context = {
        "form": form,
        "wanted": wanted,
        "chosen": _chosen(project, wanted),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "page": record_filter.record_page(project, wanted),
        "query": _query(request),
        "most": record_csv.MOST,
        "trail": [(_(TITLE), None)],
    }
    return render_page(request, "console/operation_list.html", context, fragment="table")


def _chosen(project_id: str, wanted: RecordFilter) -> dict[str, str]:
    """{field: what the thing that was chosen by its id is called}"""
    ids = {"vip": wanted.vip_id, "server": wanted.server_id}
    return {
        kind: record_filter.called(project_id, kind, ref) or ref for kind, ref in ids.items() if ref
    }


def _query(request: ConsoleRequest) -> str:
    """What is filtered by, without the place in the list."""
    given = request.GET.copy()
    for name in ("after", "before"):
        given.pop(name, None)
    return urlencode([(name, value) for name, value in given.items() if value])


@require_GET
def operation_csv(request: ConsoleRequest) -> HttpResponseBase:
    """All that the list would show on its pages. The list tells what is wrong with a filter."""
    form = OperationFilterForm(request.GET)
    wanted = form.wanted()
    if not form.is_valid():
        return redirect(f"{reverse('console:operation_list')}?{_query(request)}")
    lines = record_csv.lines(wanted.records(request.cloud.project_id))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = record_csv.file_name(request.cloud.scope.project.name, timezone.now().date())
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def operation_detail(request: ConsoleRequest, operation_id: UUID) -> HttpResponse:
    operation = operations.find(request.cloud, operation_id)
    if operation is None:
        raise Http404
    reversals = tuple(operation.reversals.order_by("at"))
    context = {
        "operation": operation,
        "events": tuple(operation.events.all()),
        "changes": [side_by_side(change) for change in operation.changes],
        "subjects": tuple(operation.subjects.filter(kind__in=("vip", "server"))),
        "reversals": reversals,
        "settled": tuple(operation.settled.order_by("at")),
        "is_under_way": operations.is_under_way(operation),
        "undo_reason": _undo_reason(request, operation, reversals),
        "trail": [
            (_(TITLE), reverse("console:operation_list")),
            (f"{operation.label} {operation.target}", None),
        ],
    }
    return render_page(request, "console/operation_detail.html", context, fragment="details")


def _undo_reason(
    request: ConsoleRequest, operation: Operation, reversals: tuple[Operation, ...]
) -> str:
    """Why it cannot be undone now; empty where it may be tried."""
    if operation.status in NOT_UNDONE:
        return _(NOT_UNDONE[operation.status])
    if any(reversal.state == OperationState.DONE for reversal in reversals):
        return _(UNDONE_BEFORE)
    return "" if request.cloud.can_write else _(READ_ONLY_REASON)
