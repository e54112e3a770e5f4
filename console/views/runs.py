"""How far one submit has come: what it does to each thing, while it is being carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from console import leases, operations
from console.htmx import render_page
from console.middleware import without_toasts
from console.models import OPEN_STATES

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest


@without_toasts
@require_GET
def operation_run(request: ConsoleRequest, run: UUID) -> HttpResponse:
    """The records of the submit of a form, in the order in which they are carried out. Before they
    are written it waits for others, or reads; then there is nothing but that to tell."""
    records = operations.of_run(run, request.account.user.id)
    records = tuple(one for one in records if one.project_id == request.cloud.project_id)
    if not records and not leases.is_held_by(run):
        raise Http404
    context = {
        "records": records,
        "ended": sum(one.state not in OPEN_STATES for one in records),
        "trail": [
            (_("Operation records"), reverse("console:operation_list")),
            (_("What one form did"), None),
        ],
    }
    return render_page(request, "console/operation_run.html", context, fragment="states")
