from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bms.services import names
from console.cloud.errors import Conflict
from console.htmx import done, render_page
from vpc.forms import OnceForm
from vpc.services.address_goals import AddressGoal, ReleaseAddress, UseAsVIP
from vpc.services.operations import NotAsShown, perform
from vpc.services.preview import preview
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.outcomes import (
    LOOK_AGAIN,
    failed_page,
    place_of,
    settle_form,
    shown_plan,
    tell_table,
)
from vpc.views.sending import carry_out

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.services.execution import Outcome
    from vpc.views.sending import Attempt

    Where = tuple[UUID, UUID, UUID]
    """Network, subnet, port: what the address of the dialog names."""


@dataclass(frozen=True)
class Dialog:
    """`event` is that at which the tables that show the change read themselves again."""

    goal: type[AddressGoal]
    template: str
    event: str


RELEASE = Dialog(ReleaseAddress, "vpc/address_release.html", "addresses-changed")
USE = Dialog(UseAsVIP, "vpc/address_use.html", "port-owner-changed")


@require_http_methods(["GET", "POST"])
def address_release(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, port_id: UUID
) -> HttpResponse:
    return _answer(request, RELEASE, (network_id, subnet_id, port_id))


@require_http_methods(["GET", "POST"])
def address_use(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, port_id: UUID
) -> HttpResponse:
    return _answer(request, USE, (network_id, subnet_id, port_id))


def _answer(request: ConsoleRequest, dialog: Dialog, where: Where) -> HttpResponse:
    if request.method == "GET":
        return _page(request, dialog, where)
    network_id, subnet_id, _port_id = where
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_send, request, dialog, where), dialog.event)


def _send(request: ConsoleRequest, dialog: Dialog, where: Where, attempt: Attempt) -> HttpResponse:
    network_id, subnet_id, port_id = where
    form = OnceForm(request.POST)
    page = partial(_page, request, dialog, where, form, status=422)
    if not form.is_valid():
        return page()
    goal = dialog.goal(request.cloud, place_of(network_id, subnet_id), str(port_id))
    shown = request.POST.get("shown") or shown_plan(request)
    try:
        result = perform(request.cloud, goal, run=attempt.run, shown=shown)
    except Conflict as error:
        form.add_cloud_error(error)
        return page()
    except NotAsShown:
        form.add_error(None, _(LOOK_AGAIN))
        return page()
    if not (outcome := result.outcome).is_good:
        settle_form(attempt, form, outcome)
        again = partial(page, outcome=outcome)
        return failed_page(
            request, goal.place, again, _(goal.name), outcome=outcome, event=dialog.event
        )
    attempt.finish(messages.SUCCESS, result.message)
    return done(request, dialog.event, vips_url(network_id, subnet_id, origin_of(request)))


def _page(
    request: ConsoleRequest,
    dialog: Dialog,
    where: Where,
    form: OnceForm | None = None,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    network_id, subnet_id, port_id = where
    calls = dialog_calls(request, network_id, subnet_id)
    goal = dialog.goal(request.cloud, place_of(network_id, subnet_id), str(port_id))
    plan = goal.plan()
    details = calls.details()
    origin = origin_of(request)
    context = {
        "form": form or OnceForm(),
        "port": goal.port,
        "details": details,
        "preview": preview(plan, names.known(request.cloud, {p.device_id for p in plan.ports})),
        "outcome": outcome,
        "trail": subnet_trail(details, origin, _(goal.name)),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(request, dialog.template, context, fragment="dialog", status=status)
    return tell_table(response, outcome, dialog.event)
