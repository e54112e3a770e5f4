"""The name of a VIP: edited in its row, or on a page of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from console.cloud.errors import Conflict
from console.htmx import done, render_page, wants_fragment
from vpc.forms import VIPNameForm
from vpc.services.execution import OutcomeState
from vpc.services.listing import VIPCalls
from vpc.services.notices import Code
from vpc.services.operations import perform
from vpc.services.vip_goals import RENAME, RenameVIP, name_mark
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.outcomes import failed_page, place_of, settle_form
from vpc.views.sending import CHANGED, carry_out

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.services.bindings import VirtualIP
    from vpc.services.execution import Outcome
    from vpc.services.subnets import SubnetDetails
    from vpc.views.sending import Attempt

    Where = tuple[UUID, UUID, UUID]
    """Network, subnet, VIP: what the address of the form names."""


@require_http_methods(["GET", "POST"])
def virtual_ip_name(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    where = (network_id, subnet_id, vip_id)
    if request.method == "GET":
        vip, details = _read(request, where)
        name = vip.port.name
        form = VIPNameForm(initial={"name": name, "was": name_mark(name)})
        return _name_page(request, where, form, vip, details)
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_rename, request, where))


def _rename(request: ConsoleRequest, where: Where, attempt: Attempt) -> HttpResponse:
    form = VIPNameForm(request.POST)
    if not form.is_valid():
        return _name_page(request, where, form, *_read(request, where), status=422)
    given = form.cleaned_data
    place = place_of(*where[:2])
    goal = RenameVIP(
        request.cloud, place, str(where[2]), new_name=given["name"], shown=given["was"]
    )
    try:
        result = perform(request.cloud, goal, run=attempt.run)
    except Conflict as error:
        form.add_cloud_error(error)
        return _name_page(request, where, form, *_read(request, where), status=422)
    outcome = result.outcome
    if not outcome.is_good:
        return _not_renamed(request, where, form, goal, outcome, attempt)
    is_done = outcome.state is OutcomeState.DONE
    attempt.finish(messages.SUCCESS if is_done else messages.INFO, result.message)
    return done(request, CHANGED, vips_url(*where[:2], origin_of(request)))


def _not_renamed(
    request: ConsoleRequest,
    where: Where,
    form: VIPNameForm,
    goal: RenameVIP,
    outcome: Outcome,
    attempt: Attempt,
) -> HttpResponse:
    """The form again. A name that was changed by somebody else is shown, and counts as shown."""
    settle_form(attempt, form, outcome)
    vip = goal.vip
    if vip and any(notice.code is Code.RENAMED for notice in outcome.plan.refusals):
        form.show(vip.port.name)
    if vip and wants_fragment(request):
        # In the row nothing more is needed, so what is told does not hang on another reading.
        return _name_page(request, where, form, vip, outcome=outcome, status=422)

    def page() -> HttpResponse:
        read, details = _read(request, where)
        return _name_page(request, where, form, read, details, outcome=outcome, status=422)

    return failed_page(request, goal.place, page, _(RENAME), outcome=outcome)


def _read(request: ConsoleRequest, where: Where) -> tuple[VirtualIP, SubnetDetails]:
    calls = dialog_calls(request, *where[:2])
    vips = VIPCalls(request.cloud, str(where[0]), eips=False)
    details = calls.details()
    return vips.virtual_ip(str(where[2])), details


def _name_page(
    request: ConsoleRequest,
    where: Where,
    form: VIPNameForm,
    vip: VirtualIP,
    details: SubnetDetails | None = None,
    *,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    origin = origin_of(request)
    context = {
        "form": form,
        "vip": vip,
        "details": details,
        "outcome": outcome,
        "trail": subnet_trail(details, origin, _(RENAME)) if details else [],
        "back": vips_url(*where[:2], origin),
    }
    return render_page(request, "vpc/virtual_ip_name.html", context, fragment="form", status=status)
