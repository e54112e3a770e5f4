from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_http_methods

from bms.services import names
from console.cloud.errors import Conflict
from console.htmx import done, render_page
from vpc.api import NetworkAPI
from vpc.forms import OnceForm, VirtualIPAssignForm
from vpc.services.assigning import is_about_address
from vpc.services.operations import perform
from vpc.services.vip_goals import ASSIGN, Assign, Release
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.outcomes import failed_page, place_of, settle_form, tell_table
from vpc.views.sending import CHANGED, carry_out

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.services.execution import Outcome
    from vpc.services.subnets import SubnetDetails
    from vpc.views.sending import Attempt

OTHER_ADDRESS = (
    "It keeps some addresses for itself, or this one was taken just now. "
    "Type another one, or choose Automatic."
)


@require_http_methods(["GET", "POST"])
def virtual_ip_assign(request: ConsoleRequest, network_id: UUID, subnet_id: UUID) -> HttpResponse:
    if request.method == "GET":
        details = dialog_calls(request, network_id, subnet_id).details()
        return _assign_page(request, VirtualIPAssignForm(ranges=details.own), details)
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_assign, request, network_id, subnet_id))


def _assign(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, attempt: Attempt
) -> HttpResponse:
    calls = dialog_calls(request, network_id, subnet_id)
    ports = request.cloud.start(NetworkAPI(request.cloud).list_ports, network_id=str(network_id))
    details = calls.details()
    form = VirtualIPAssignForm(
        request.POST,
        ranges=details.own,
        ports=ports.result(),
        server_name=partial(_server_name, request),
    )
    if not form.is_valid():
        return _assign_page(request, form, details, status=422)
    goal = Assign(
        request.cloud,
        place_of(network_id, subnet_id),
        form.subnet.id,
        label=f"vip-{attempt.run.hex[:8]}",
        ip_address=form.cleaned_data["ip_address"],
    )
    result = perform(request.cloud, goal, run=attempt.run)
    if not (outcome := result.outcome).is_good:
        settle_form(attempt, form, outcome)
        if _is_about_typed_address(form, outcome):
            return _assign_page(request, form, details, status=422)
        return _assign_page(request, form, details, status=422, outcome=outcome)
    attempt.finish(messages.SUCCESS, result.message)
    return done(request, CHANGED, vips_url(network_id, subnet_id, origin_of(request)))


def _is_about_typed_address(form: VirtualIPAssignForm, outcome: Outcome) -> bool:
    """Where the cloud refused the very address that was typed, that is said beside it."""
    address, error = form.cleaned_data["ip_address"], outcome.error
    if not (address and error and is_about_address(error)):
        return False
    form.add_error("ip_address", f"The cloud does not give out {address}. {OTHER_ADDRESS}")
    form.add_cloud_error(error, "ip_address")
    return True


def _server_name(request: ConsoleRequest, server_id: str) -> str:
    return names.known(request.cloud, [server_id]).get(server_id) or server_id


def _assign_page(
    request: ConsoleRequest,
    form: VirtualIPAssignForm,
    details: SubnetDetails,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    origin = origin_of(request)
    back = vips_url(details.network.id, details.subnet.id, origin)
    trail = subnet_trail(details, origin, ASSIGN)
    context = {"form": form, "details": details, "outcome": outcome, "trail": trail, "back": back}
    response = render_page(
        request, "vpc/virtual_ip_assign.html", context, fragment="dialog", status=status
    )
    return tell_table(response, outcome)


@require_http_methods(["GET", "POST"])
def virtual_ip_release(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    release = partial(_release, request, network_id, subnet_id, vip_id)
    if request.method == "GET":
        return release()
    return carry_out(request, vips_url(network_id, subnet_id, origin_of(request)), release)


def _release(
    request: ConsoleRequest,
    network_id: UUID,
    subnet_id: UUID,
    vip_id: UUID,
    attempt: Attempt | None = None,
) -> HttpResponse:
    """The question, or with an attempt the answer to it."""
    goal = Release(request.cloud, place_of(network_id, subnet_id), str(vip_id))
    if attempt is None:
        return _release_page(request, network_id, subnet_id, goal)
    form = OnceForm(request.POST)
    if not form.is_valid():
        return _release_page(request, network_id, subnet_id, goal, form, status=422)
    try:
        outcome = (result := perform(request.cloud, goal, run=attempt.run)).outcome
    except Conflict as error:
        form.add_cloud_error(error)
        return _release_page(request, network_id, subnet_id, goal, form, status=422)
    if not outcome.is_good:
        settle_form(attempt, form, outcome)
        page = partial(
            _release_page, request, network_id, subnet_id, goal, form, status=422, outcome=outcome
        )
        return failed_page(request, goal.place, outcome, page, "Release")
    attempt.finish(messages.SUCCESS, result.message)
    return done(request, CHANGED, vips_url(network_id, subnet_id, origin_of(request)))


def _release_page(
    request: ConsoleRequest,
    network_id: UUID,
    subnet_id: UUID,
    goal: Release,
    form: OnceForm | None = None,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    calls = dialog_calls(request, network_id, subnet_id)
    plan = goal.plan()
    details = calls.details()
    origin = origin_of(request)
    context = {
        "form": form or OnceForm(),
        "vip": goal.vip,
        "details": details,
        "refusals": plan.refusals,
        "outcome": outcome,
        "origin": origin,
        "trail": subnet_trail(details, origin, "Release"),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ip_release.html", context, fragment="dialog", status=status
    )
    return tell_table(response, outcome)
