from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods

from bms.services import names
from bms.services.listing import is_uuid
from console import once
from console.htmx import done, render_page, wants_fragment
from vpc.api import NetworkAPI
from vpc.forms import VirtualIPAssignForm
from vpc.services.assigning import is_about_address
from vpc.services.operations import perform_all
from vpc.services.preview import Preview, Words, preview_all
from vpc.services.reports import Done, Reports, listed
from vpc.services.vip_goals import ASSIGN, Assign
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.outcomes import part_of, place_of, settle_form, settle_several, tell_table
from vpc.views.sending import CHANGED, carry_out, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.services.execution import Outcome
    from vpc.services.operations import Result
    from vpc.services.subnets import SubnetDetails
    from vpc.views.sending import Attempt

OTHER_ADDRESS = gettext_noop(
    "The cloud does not give out {address}. It keeps some addresses for itself, or this one was "
    "taken just now. Type another one, or choose Automatic."
)
NOT_YET = gettext_noop("This cannot be assigned as it is typed.")


@require_http_methods(["GET", "POST"])
def virtual_ip_assign(request: ConsoleRequest, network_id: UUID, subnet_id: UUID) -> HttpResponse:
    """As a page it has its form's key in its address (`form=`): who comes back to it with Back, and
    presses OK again, sends the same form."""
    if request.method == "POST":
        assign = partial(_assign, request, network_id, subnet_id)
        if request.POST.get("action") == "preview":
            return assign()
        return carry_out(request, vips_url(network_id, subnet_id, origin_of(request)), assign)
    key = request.GET.get("form", "")
    if not wants_fragment(request) and not is_uuid(key):
        return _with_key(request)
    details = dialog_calls(request, network_id, subnet_id, anew=True).details()
    key = key if is_uuid(key) else str(uuid4())
    form = VirtualIPAssignForm(ranges=details.own, initial={"key": key})
    earlier = once.earlier(request, UUID(key))
    return _assign_page(request, form, details, earlier=told(earlier) if earlier else "")


def _with_key(request: ConsoleRequest) -> HttpResponse:
    query = request.GET.copy()
    query["form"] = str(uuid4())
    response = redirect(f"{request.path}?{query.urlencode()}")
    patch_vary_headers(response, ["HX-Request"])
    return response


def _assign(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, attempt: Attempt | None = None
) -> HttpResponse:
    """Without an attempt, what would be assigned."""
    calls = dialog_calls(request, network_id, subnet_id)
    ports = request.cloud.start(NetworkAPI(request.cloud).list_ports, network_id=str(network_id))
    details = calls.details()
    form = VirtualIPAssignForm(
        request.POST,
        ranges=details.own,
        ports=ports.result(),
        server_name=partial(_server_name, request),
    )
    if attempt is None:
        return _assign_page(request, form, details)
    if not form.is_valid():
        return _assign_page(request, form, details, status=422)
    goals = _goals(request, network_id, subnet_id, form, attempt.run.hex[:8])
    results = perform_all(request.cloud, goals, run=attempt.run)
    if len(results) > 1:
        return _answer_several(request, form, details, attempt, results)
    [result] = results
    if not (outcome := result.outcome).is_good:
        settle_form(attempt, form, outcome)
        if _is_about_typed_address(form, outcome):
            return _assign_page(request, form, details, status=422)
        return _assign_page(request, form, details, status=422, outcome=outcome)
    attempt.finish(messages.SUCCESS, result.message)
    return done(request, CHANGED, vips_url(network_id, subnet_id, origin_of(request)))


def _goals(
    request: ConsoleRequest,
    network_id: UUID | str,
    subnet_id: UUID | str,
    form: VirtualIPAssignForm,
    run: str,
) -> list[Assign]:
    """One for each address, each with a name that only this attempt's has."""
    place = place_of(network_id, subnet_id)
    return [
        Assign(
            request.cloud,
            place,
            form.subnet.id,
            label=f"vip-{run}" if number == 1 else f"vip-{run}-{number}",
            ip_address=address,
        )
        for number, address in enumerate(form.addresses, 1)
    ]


def _answer_several(
    request: ConsoleRequest,
    form: VirtualIPAssignForm,
    details: SubnetDetails,
    attempt: Attempt,
    results: Sequence[Result],
) -> HttpResponse:
    asked = form.addresses
    reports = Reports.of(
        results,
        [_target(result, number) for number, result in enumerate(results, 1)],
        done=Done.ASSIGNED,
    )
    if reports.is_good:
        made = listed([row.target for row in reports.rows])
        words = ngettext(
            "{count} virtual IP address is assigned: {addresses}. Bind it to your servers next.",
            "{count} virtual IP addresses are assigned: {addresses}. Bind them to your servers "
            "next.",
            len(results),
        )
        attempt.finish(messages.SUCCESS, words.format(count=len(results), addresses=made))
        back = vips_url(details.network.id, details.subnet.id, origin_of(request))
        return done(request, CHANGED, back)
    settle_several(attempt, reports)
    failed = [one for one, row in zip(asked, reports.rows, strict=True) if row.has_failed]
    if not reports.is_nothing:
        form.keep(failed)
    return _assign_page(request, form, details, status=422, reports=reports, is_over=not failed)


def _target(result: Result, number: int) -> str:
    """The address, where it is known; else which of them it was."""
    change = result.outcome.made[0] if result.outcome.made else result.outcome.plan.changes[0]
    port = change.ports[0] if change.ports else None
    asked = getattr(change, "ip_address", "")
    if port:
        return port.ip_address
    # Translators: {number} is 1, 2, 3 ... of those that were asked for: it has no address yet.
    return asked or _("Address {number} (chosen by the cloud)").format(number=number)


def _is_about_typed_address(form: VirtualIPAssignForm, outcome: Outcome) -> bool:
    """Where the cloud refused the very address that was typed, that is said beside it."""
    [address], error = form.addresses, outcome.error
    if not (address and error and is_about_address(error)):
        return False
    form.add_error("ip_address", _(OTHER_ADDRESS).format(address=address))
    form.add_cloud_error(error, "ip_address")
    return True


def _server_name(request: ConsoleRequest, server_id: str) -> str:
    return names.known(request.cloud, [server_id]).get(server_id) or server_id


def _preview(
    request: ConsoleRequest, form: VirtualIPAssignForm, details: SubnetDetails
) -> Preview | None:
    if not form.is_bound:
        form = VirtualIPAssignForm(
            {"key": str(uuid4()), "mode": "automatic", "ip_version": min(form.ranges)},
            ranges=details.own,
        )
    if not form.is_valid():
        if request.POST.get("action") != "preview":
            return None  # the errors stand beside the fields
        if not form.data.get("ip_address", "").strip():
            return None  # Manual was only just chosen
        words = [Words(str(error), "") for error in form.errors.get("ip_address", [])]
        return Preview(tuple(words or [Words(_(NOT_YET), "")]), (), (), "")
    goals = _goals(request, details.network.id, details.subnet.id, form, "")
    return preview_all([goal.plan() for goal in goals])


def _assign_page(
    request: ConsoleRequest,
    form: VirtualIPAssignForm,
    details: SubnetDetails,
    status: int = 200,
    outcome: Outcome | None = None,
    reports: Reports | None = None,
    earlier: str = "",
    is_over: bool = False,
) -> HttpResponse:
    """`earlier` is what was told of this form when it was carried out. `is_over` says that nothing
    of it is left to be sent again."""
    origin = origin_of(request)
    context = {
        "form": form,
        "details": details,
        "outcome": outcome,
        "reports": reports,
        "preview": None if is_over or earlier else _preview(request, form, details),
        "is_over": is_over or bool(earlier),
        "earlier": earlier,
        "origin": origin,
        "trail": subnet_trail(details, origin, _(ASSIGN)),
        "back": vips_url(details.network.id, details.subnet.id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ip_assign.html", context, fragment=part_of(request), status=status
    )
    return tell_table(response, reports or outcome)
