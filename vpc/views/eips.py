from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from bms.services import names
from bms.services.listing import is_uuid
from console.cloud.errors import CloudError, Conflict, NotFound, Unauthorized
from console.htmx import done, render_page, wants_fragment
from vpc.forms import MOST_CHOSEN, BindEIPForm, EIPFilterForm, UnbindEIPForm
from vpc.services.eip_goals import BindEIP, UnbindEIP
from vpc.services.eip_planning import plan_bind_eip, plan_unbind_eip, vip_gone
from vpc.services.eips import BIND_EIP, UNBIND_EIP, EIPCalls, eips_of
from vpc.services.execution import OutcomeState
from vpc.services.operations import NotAsShown, perform, perform_all
from vpc.services.preview import preview
from vpc.services.reports import Reports
from vpc.services.rules import eip_refusals
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.outcomes import (
    LOOK_AGAIN,
    failed_page,
    part_of,
    place_of,
    settle_form,
    settle_several,
    shown_plan,
    tell_table,
)
from vpc.views.sending import CHANGED, carry_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.forms import OnceForm
    from vpc.services.bindings import VirtualIP
    from vpc.services.eips import EIP, EIPFacts
    from vpc.services.execution import Outcome
    from vpc.services.planning import SinglePlan
    from vpc.views.sending import Attempt

    Where = tuple[UUID, UUID, UUID]
    """Network, subnet, VIP: what the address of a dialog names."""

UNBIND_EIPS = "Unbind EIP"
HAVE_NONE = ("has no EIP", "have no EIP")
SEARCHED_FROM = 10
"""With more free EIPs than this there is a search."""
MOST_WATCHED = 50


@require_http_methods(["GET", "POST"])
def virtual_ip_bind_eip(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    """The dialog. Its search and preview come as POST too, so that what is chosen is kept."""
    where = (network_id, subnet_id, vip_id)
    if request.method == "GET":
        return _bind_page(request, where, BindEIPForm())
    if request.POST.get("action") in ("search", "preview"):
        return _bind_page(request, where, BindEIPForm(request.POST))
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_bind, request, where))


def _bind(request: ConsoleRequest, where: Where, attempt: Attempt) -> HttpResponse:
    form = BindEIPForm(request.POST)
    if not form.is_valid():
        return _bind_page(request, where, form, status=422)
    goal = BindEIP(request.cloud, place_of(*where[:2]), str(where[2]), form.chosen)
    page = partial(_bind_page, request, where, form, status=422)
    return _perform(request, where, attempt, form, goal, page)


def _perform(
    request: ConsoleRequest,
    where: Where,
    attempt: Attempt,
    form: OnceForm,
    goal: BindEIP | UnbindEIP,
    page: Callable[..., HttpResponse],
) -> HttpResponse:
    """The answer to OK of a dialog about one VIP; `page` shows that dialog again."""
    try:
        result = perform(request.cloud, goal, run=attempt.run, shown=shown_plan(request))
    except Conflict as error:
        form.add_cloud_error(error)
        return page()
    except NotAsShown:
        form.add_error(None, LOOK_AGAIN)
        return page()
    outcome = result.outcome
    if outcome.state is OutcomeState.REFUSED:
        return page(outcome=outcome)
    if not outcome.is_good:
        settle_form(attempt, form, outcome)
        again = partial(page, outcome=outcome)
        return failed_page(request, goal.place, again, goal.name, outcome=outcome)
    is_done = outcome.state is OutcomeState.DONE
    attempt.finish(messages.SUCCESS if is_done else messages.INFO, result.message)
    return done(request, CHANGED, vips_url(*where[:2], origin_of(request)))


def _bind_page(
    request: ConsoleRequest,
    where: Where,
    form: BindEIPForm,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    search = EIPFilterForm(request.POST if request.method == "POST" else request.GET)
    asked_for = request.GET.get("eip", "").lower()
    chosen = form.chosen if form.is_bound else asked_for if is_uuid(asked_for) else ""
    calls = EIPCalls(request.cloud, str(where[0]), routers=True)
    context = _context(request, where, calls, BIND_EIP)
    facts, vip = context["facts"], context["vip"]
    free = sorted((eip for eip in facts.eips.values() if eip.is_free), key=_by_address)
    plan = plan_bind_eip(facts, vip.id, chosen) if chosen else None
    context |= {
        "form": form,
        "search": search,
        "chosen": chosen,
        "free": free,
        "rows": [eip for eip in free if eip.id == chosen or eip.matches(search.text)],
        "has_bandwidth": any(eip.public_ip for eip in free),
        "has_search": len(free) > SEARCHED_FROM,
        "refusals": eip_refusals(vip),
        "preview": _preview(request, facts, plan) if plan else None,
        "outcome": outcome,
    }
    response = render_page(
        request, "vpc/virtual_ip_bind_eip.html", context, fragment=part_of(request), status=status
    )
    return tell_table(response, outcome)


def _context(request: ConsoleRequest, where: Where, calls: EIPCalls, title: str) -> dict[str, Any]:
    """What both dialogs about one VIP show. `NotFound` where the network has no such VIP."""
    origin = origin_of(request)
    subnet = dialog_calls(request, *where[:2])
    facts, details = calls.facts(), subnet.details()
    vip = facts.vips.get(str(where[2]))
    if vip is None:
        raise NotFound(str(vip_gone(str(where[2]))))
    return {
        "vip": vip,
        "facts": facts,
        "details": details,
        "origin": origin,
        "trail": subnet_trail(details, origin, title),
        "back": vips_url(*where[:2], origin),
    }


def _preview(request: ConsoleRequest, facts: EIPFacts, plan: SinglePlan) -> object:
    servers = {port.device_id for port in facts.ports if port.is_nic}
    return preview(plan, names.known(request.cloud, servers))


def _by_address(eip: EIP) -> tuple[int, int]:
    try:
        address = ip_address(eip.address)
    except ValueError:
        return 0, 0
    return address.version, int(address)


@require_http_methods(["GET", "POST"])
def virtual_ip_unbind_eip(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    where = (network_id, subnet_id, vip_id)
    if request.method == "GET":
        return _unbind_page(request, where)
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_unbind, request, where))


def _unbind(request: ConsoleRequest, where: Where, attempt: Attempt) -> HttpResponse:
    vip_id = str(where[2])
    form = UnbindEIPForm(request.POST, vip_ids=[vip_id])
    if not form.is_valid():
        return _unbind_page(request, where, form, status=422)
    goal = UnbindEIP(request.cloud, place_of(*where[:2]), vip_id, form.eip_of[vip_id])
    page = partial(_unbind_page, request, where, form, status=422)
    return _perform(request, where, attempt, form, goal, page)


def _unbind_page(
    request: ConsoleRequest,
    where: Where,
    form: UnbindEIPForm | None = None,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    context = _context(request, where, EIPCalls(request.cloud, str(where[0])), UNBIND_EIP)
    facts, vip = context["facts"], context["vip"]
    eip = facts.eip_of(vip)
    plan = plan_unbind_eip(facts, vip.id, eip.id) if eip else None
    context |= {
        "form": form or UnbindEIPForm(vip_ids=[]),
        "eip": eip,
        "refusals": plan.refusals if plan else (),
        "preview": _preview(request, facts, plan) if plan else None,
        "outcome": outcome,
    }
    response = render_page(
        request, "vpc/virtual_ip_unbind_eip.html", context, fragment="dialog", status=status
    )
    return tell_table(response, outcome)


@dataclass(frozen=True)
class Chosen:
    """A chosen VIP with its EIP; `reason` is why it is left out."""

    label: str
    vip: VirtualIP | None = None
    eip: EIP | None = None
    reason: str = ""


@require_http_methods(["GET", "POST"])
def virtual_ips_unbind_eip(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID
) -> HttpResponse:
    """For the VIPs that the address names as `vip`: each EIP is unbound for itself."""
    if request.method == "GET":
        return _unbind_all_page(request, network_id, subnet_id)
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_unbind_all, request, network_id, subnet_id))


def _unbind_all(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, attempt: Attempt
) -> HttpResponse:
    form = UnbindEIPForm(request.POST, vip_ids=_vip_ids(request)[:MOST_CHOSEN])
    page = partial(_unbind_all_page, request, network_id, subnet_id, form, status=422)
    if not form.is_valid():
        return page()
    place = place_of(network_id, subnet_id)
    goals = [UnbindEIP(request.cloud, place, vip, eip) for vip, eip in form.eip_of.items()]
    try:
        results = perform_all(request.cloud, goals, run=attempt.run)
    except Conflict as error:
        form.add_cloud_error(error)
        return page()
    targets = [goal.target for goal in goals]
    reports = Reports.of(results, targets, done="without an EIP", exists=HAVE_NONE)
    if reports.is_good:
        attempt.finish(messages.SUCCESS, " ".join(result.message for result in results))
        return done(request, CHANGED, vips_url(network_id, subnet_id, origin_of(request)))
    settle_several(attempt, reports)
    if not reports.is_nothing:
        form.renew()
    return failed_page(request, place, partial(page, reports=reports), UNBIND_EIPS, reports=reports)


def _unbind_all_page(
    request: ConsoleRequest,
    network_id: UUID,
    subnet_id: UUID,
    form: UnbindEIPForm | None = None,
    status: int = 200,
    reports: Reports | None = None,
) -> HttpResponse:
    origin, wanted = origin_of(request), _vip_ids(request)
    calls = EIPCalls(request.cloud, str(network_id))
    subnet = dialog_calls(request, network_id, subnet_id)
    facts, details = calls.facts(), subnet.details()
    chosen = [_chosen(facts, vip_id) for vip_id in wanted[:MOST_CHOSEN]]
    context = {
        "form": form or UnbindEIPForm(vip_ids=[]),
        "facts": facts,
        "details": details,
        "rows": [one for one in chosen if not one.reason],
        "left_out": [one for one in chosen if one.reason],
        "too_many": len(wanted) - MOST_CHOSEN,
        "most": MOST_CHOSEN,
        "reports": reports,
        "trail": subnet_trail(details, origin, UNBIND_EIPS),
        "back": vips_url(network_id, subnet_id, origin),
    }
    template = "vpc/virtual_ips_unbind_eip.html"
    response = render_page(request, template, context, fragment="dialog", status=status)
    return tell_table(response, reports)


def _vip_ids(request: ConsoleRequest) -> list[str]:
    given = (text.lower() for text in request.GET.getlist("vip") if is_uuid(text))
    return list(dict.fromkeys(given))


def _chosen(facts: EIPFacts, vip_id: str) -> Chosen:
    vip = facts.vips.get(vip_id)
    if vip is None:
        return Chosen(vip_id, reason="It is not in this subnet any more.")
    eip = facts.eip_of(vip)
    if eip is None:
        return Chosen(vip.address, vip, reason="It has no EIP.")
    refusals = plan_unbind_eip(facts, vip_id, eip.id).refusals
    return Chosen(vip.address, vip, eip, " ".join(str(notice) for notice in refusals))


@require_GET
@vary_on_headers("HX-Request")
def virtual_ip_eips(request: ConsoleRequest, network_id: UUID, subnet_id: UUID) -> HttpResponse:
    """What became of EIPs on their way. Where that cannot be read the table says so and stops
    asking: it asks by itself, so nobody waits for an answer."""
    if not wants_fragment(request):
        return redirect(vips_url(network_id, subnet_id, origin_of(request)))
    asked = _vip_ids(request)[:MOST_WATCHED]
    context: dict[str, Any] = {"network_id": network_id, "subnet_id": subnet_id}
    try:
        eips = eips_of(request.cloud, asked)
    except Unauthorized:
        raise
    except CloudError as error:
        context["problems"] = [error]
    else:
        context["cells"] = [(vip_id, eips.get(vip_id)) for vip_id in asked]
        context["watched"] = [one for one, eip in eips.items() if not eip.state.is_final]
    return render_page(request, "vpc/virtual_ip_eips.html", context, fragment="eips")
