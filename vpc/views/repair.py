from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bms.services import names
from console.cloud.errors import Conflict, NotFound
from console.htmx import done, render_page
from vpc.forms import FINISH, RepairForm
from vpc.services.listing import VIPCalls
from vpc.services.operations import NotAsShown
from vpc.services.preview import preview
from vpc.services.repairing import REPAIR, Finish, TakeBack, repair
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.outcomes import (
    LOOK_AGAIN,
    failed_page,
    part_of,
    place_of,
    settle_form,
    tell_table,
)
from vpc.views.sending import CHANGED, carry_out

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.services.execution import Outcome
    from vpc.views.sending import Attempt


@require_http_methods(["GET", "POST"])
def virtual_ip_repair(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    where = (network_id, subnet_id, vip_id)
    if request.method == "GET":
        return _page(request, where, RepairForm())
    if request.POST.get("action") == "preview":
        return _page(request, where, RepairForm(request.POST))
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_repair, request, where))


def _repair(
    request: ConsoleRequest, where: tuple[UUID, UUID, UUID], attempt: Attempt
) -> HttpResponse:
    form = RepairForm(request.POST)
    if not form.is_valid():
        return _page(request, where, form, status=422)
    place = place_of(*where[:2])
    calls = VIPCalls(request.cloud, place.network_id)
    vip = calls.virtual_ip(str(where[2]))
    broken = calls.unsettled().about(vip.id).broken
    kind = Finish if form.cleaned_data["how"] == FINISH else TakeBack
    half_bound = [binding.nic.id for binding in vip.half_bound]
    goal = kind(request.cloud, place, vip.id, half_bound, broken)
    try:
        result = repair(request.cloud, goal, run=attempt.run, shown=request.POST.get("shown", ""))
    except (NotFound, Conflict) as error:
        form.add_cloud_error(error)
        return _page(request, where, form, status=422)
    except NotAsShown:
        form.add_error(None, _(LOOK_AGAIN))
        return _page(request, where, form, status=422)
    outcome = result.outcome
    if not outcome.is_good:
        settle_form(attempt, form, outcome)
        page = partial(_page, request, where, form, status=422, outcome=outcome)
        return failed_page(request, place, page, _(REPAIR), outcome=outcome)
    attempt.finish(messages.SUCCESS, result.message)
    return done(request, CHANGED, vips_url(*where[:2], origin_of(request)))


def _page(
    request: ConsoleRequest,
    where: tuple[UUID, UUID, UUID],
    form: RepairForm,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    network_id, subnet_id, vip_id = where
    calls = dialog_calls(request, network_id, subnet_id)
    vips = VIPCalls(request.cloud, str(network_id))
    details = calls.details()
    vip = vips.virtual_ip(str(vip_id))
    unsettled = vips.unsettled().about(vip.id)
    nics = [binding.nic for binding in vip.half_bound]
    kind = Finish if form.chosen == FINISH else TakeBack
    goal = kind(request.cloud, place_of(network_id, subnet_id), vip.id, (), unsettled.broken)
    plan = goal.plan_on(vip.port, nics, vips.ports.result())
    origin = origin_of(request)
    server_names = names.known(request.cloud, {nic.device_id for nic in nics})
    context = {
        "form": form,
        "vip": vip,
        "details": details,
        "names": server_names,
        "unsettled": unsettled,
        "is_needed": bool(nics or unsettled.broken),
        "preview": preview(plan, server_names),
        "outcome": outcome,
        "trail": subnet_trail(details, origin, _(REPAIR)),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ip_repair.html", context, fragment=part_of(request), status=status
    )
    return tell_table(response, outcome)
