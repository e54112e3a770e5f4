from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bms.services import names
from console import operations
from console.cloud.errors import Conflict, NotFound
from console.htmx import done, render_page
from console.models import UNSETTLED_STATES, OperationState
from vpc.forms import ReleaseForm
from vpc.services.operations import NotAsShown, perform
from vpc.services.preview import preview
from vpc.services.recent_binds import recent_binds
from vpc.services.repairing import TakeBackRecord, repair
from vpc.services.settling import look_again
from vpc.services.undo_goals import UndoSingle, undo_goal
from vpc.views.outcomes import LOOK_AGAIN, failed_page, part_of, settle_form
from vpc.views.sending import CHANGED, carry_out

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse, QueryDict

    from console.models import Operation
    from console.types import ConsoleRequest
    from vpc.services.execution import Outcome
    from vpc.services.operations import Result
    from vpc.services.undo_goals import UndoPairs
    from vpc.views.sending import Attempt

    Goal = UndoPairs | UndoSingle | TakeBackRecord


@require_http_methods(["GET", "POST"])
def operation_undo(request: ConsoleRequest, operation_id: UUID) -> HttpResponse:
    """Plans the reverse of a record against the state of now, and shows it."""
    operation = operations.find(request.cloud, operation_id)
    if operation is None:
        words = _("There is no operation record {id} in this project.")
        raise NotFound(words.format(id=operation_id))
    if request.method == "GET":
        _settle(request, operation)
        return _page(request, operation)
    back = reverse("console:operation_detail", args=[operation.id])
    return carry_out(request, back, partial(_undo, request, operation))


def _settle(request: ConsoleRequest, operation: Operation) -> None:
    """One that is still open may be closed by what the cloud has now."""
    if operation.state in UNSETTLED_STATES:
        look_again(request.cloud, operation)


def _goal(request: ConsoleRequest, operation: Operation) -> Goal | None:
    """What would undo it. None where it cannot be: only what was done can, wholly or in part."""
    if operation.state == OperationState.NEEDS_REPAIR:
        return TakeBackRecord(request.cloud, operation)
    if operation.state != OperationState.DONE:
        return None
    return undo_goal(request.cloud, operation)


def _form(
    request: ConsoleRequest,
    goal: Goal | None,
    data: QueryDict | None = None,
) -> ReleaseForm:
    """It asks for the address of a VIP that is released with it, as Release does."""
    released = goal.released if isinstance(goal, UndoSingle) else ""
    recent = recent_binds(request.cloud, [released]) if released else {}
    return ReleaseForm(data, recent=recent)


def _undo(request: ConsoleRequest, operation: Operation, attempt: Attempt) -> HttpResponse:
    goal = _goal(request, operation)
    form = _form(request, goal, request.POST)
    if goal is None or not form.is_valid():
        return _page(request, operation, form, status=422)
    if isinstance(goal, UndoSingle):
        goal.is_confirmed = goal.released in form.confirmed
    try:
        result = _carry_out(request, goal, attempt)
    except (NotFound, Conflict) as error:
        form.add_cloud_error(error)
        return _page(request, operation, form, status=422)
    except NotAsShown:
        form.add_error(None, _(LOOK_AGAIN))
        return _page(request, operation, form, status=422)
    outcome = result.outcome
    if not outcome.is_good:
        settle_form(attempt, form, outcome)
        page = partial(_page, request, operation, form, status=422, outcome=outcome)
        return failed_page(request, goal.place, page, _("Undo"), outcome=outcome)
    attempt.finish(messages.SUCCESS, result.message)
    record = result.operation or operation
    return done(request, CHANGED, reverse("console:operation_detail", args=[record.id]))


def _carry_out(request: ConsoleRequest, goal: Goal, attempt: Attempt) -> Result:
    shown = request.POST.get("shown", "")
    if isinstance(goal, TakeBackRecord):
        return repair(request.cloud, goal, run=attempt.run, shown=shown)
    return perform(request.cloud, goal, run=attempt.run, shown=shown)


def _page(
    request: ConsoleRequest,
    operation: Operation,
    form: ReleaseForm | None = None,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    goal = _goal(request, operation)
    form = form or _form(request, goal)
    if isinstance(goal, UndoSingle):
        goal.is_confirmed = True  # only to be shown
    plan = goal.plan() if goal else None
    closes = isinstance(goal, TakeBackRecord) and plan is not None and not plan.refusals
    servers = {port.device_id for port in plan.ports if port.is_nic} if plan else set()
    record = reverse("console:operation_detail", args=[operation.id])
    context = {
        "form": form,
        "operation": operation,
        "can_be_sent": bool(plan and (plan.changes or closes)),
        "preview": preview(plan, names.known(request.cloud, servers)) if plan else None,
        "outcome": outcome,
        "trail": [
            (_("Operation records"), reverse("console:operation_list")),
            (f"{operation.label} {operation.target}", record),
            (_("Undo"), None),
        ],
        "back": record,
    }
    return render_page(
        request, "vpc/operation_undo.html", context, fragment=part_of(request), status=status
    )
