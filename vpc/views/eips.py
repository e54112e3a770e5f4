from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from bms.services import names
from bms.services.listing import ids_among, is_uuid
from console.cloud.errors import CloudError, Conflict, NotFound, Unauthorized
from console.htmx import done, render_page, wants_fragment
from vpc.api import NetworkAPI
from vpc.forms import BindEIPForm, EIPFilterForm, UnbindEIPForm
from vpc.resources import EIPState, ip_order
from vpc.services.eip_goals import BindEIP, UnbindEIP
from vpc.services.eip_planning import plan_bind_eip, plan_unbind_eip, vip_gone
from vpc.services.eips import BIND_EIP, UNBIND_EIP, EIPCalls, eips_of
from vpc.services.execution import OutcomeState
from vpc.services.operations import NotAsShown, perform
from vpc.services.preview import preview
from vpc.services.rules import eip_refusals
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.outcomes import (
    LOOK_AGAIN,
    failed_page,
    part_of,
    place_of,
    settle_form,
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
    from vpc.services.eips import EIPFacts
    from vpc.services.execution import Outcome
    from vpc.services.planning import SinglePlan
    from vpc.services.preview import Preview
    from vpc.views.sending import Attempt

    Where = tuple[UUID, UUID, UUID]
    """Network, subnet, VIP: what the address of a dialog names."""

SEARCHED_FROM = 10
"""With more free EIPs than this there is a search."""
MOST_WATCHED = 50
MOST_LOOKS = 200
"""After so many, ten minutes long, a table no longer asks by itself what became of its EIPs."""


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
        form.add_error(None, _(LOOK_AGAIN))
        return page()
    outcome = result.outcome
    if outcome.state is OutcomeState.REFUSED:
        return page(outcome=outcome)
    if not outcome.is_good:
        settle_form(attempt, form, outcome)
        again = partial(page, outcome=outcome)
        return failed_page(request, goal.place, again, _(goal.name), outcome=outcome)
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
    context = _context(request, where, calls, _(BIND_EIP))
    facts, vip = context["facts"], context["vip"]
    free = [eip for eip in facts.eips.values() if eip.is_free]
    free.sort(key=lambda eip: ip_order(eip.address))
    plan = plan_bind_eip(facts, vip.id, chosen) if chosen else None
    refusals = eip_refusals(vip)
    shown = _preview(request, facts, plan) if plan else None
    refused = shown.refusals if shown and _is_refused(outcome) else ()
    context |= {
        "form": form,
        "search": search,
        "chosen": chosen,
        "free": free,
        "rows": [eip for eip in free if eip.id == chosen or eip.matches(search.text)],
        "has_bandwidth": any(eip.public_ip for eip in free),
        "unusable": sum(not eip.can_be_bound for eip in free),
        "has_search": len(free) > SEARCHED_FROM,
        "refusals": refusals,
        "refused": refused,
        "preview": None if refused else shown,
        "outcome": None if refused or (refusals and _is_refused(outcome)) else outcome,
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


def _is_refused(outcome: Outcome | None) -> bool:
    """Then the page says why by itself, as long as it is so."""
    return outcome is not None and outcome.state is OutcomeState.REFUSED


def _preview(request: ConsoleRequest, facts: EIPFacts, plan: SinglePlan) -> Preview:
    servers = {port.device_id for port in facts.ports if port.is_nic}
    return preview(plan, names.known(request.cloud, servers))


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
    context = _context(request, where, EIPCalls(request.cloud, str(where[0])), _(UNBIND_EIP))
    facts, vip = context["facts"], context["vip"]
    eip = facts.eip_of(vip)
    plan = plan_unbind_eip(facts, vip.id, eip.id) if eip else None
    refusals = plan.refusals if plan else ()
    context |= {
        "form": form or UnbindEIPForm(vip_ids=[]),
        "eip": eip,
        "refusals": refusals,
        "preview": _preview(request, facts, plan) if plan else None,
        "outcome": None if refusals and _is_refused(outcome) else outcome,
    }
    response = render_page(
        request, "vpc/virtual_ip_unbind_eip.html", context, fragment="dialog", status=status
    )
    return tell_table(response, outcome)


@require_GET
@vary_on_headers("HX-Request")
def virtual_ip_eips(request: ConsoleRequest, network_id: UUID, subnet_id: UUID) -> HttpResponse:
    """What became of EIPs on their way. Where that cannot be read, or takes too long, the table
    says so and stops asking: it asks by itself, so nobody waits for an answer."""
    if not wants_fragment(request):
        return redirect(vips_url(network_id, subnet_id, origin_of(request)))
    asked = ids_among(request.GET.getlist("vip"))[:MOST_WATCHED]
    looks = _looks(request)
    drawn = request.GET.get("drawn", "")
    is_drawn_moving = drawn != "" and not EIPState(drawn).is_final
    context: dict[str, Any] = {
        "network_id": network_id,
        "subnet_id": subnet_id,
        "looks": looks,
        "drawn": drawn,
    }
    have_settled = False
    try:
        eips = eips_of(request.cloud, asked)
    except Unauthorized:
        raise
    except CloudError as error:
        context["problems"] = [error]
    else:
        context["cells"] = [(vip_id, eips.get(vip_id)) for vip_id in asked]
        under_way = [one for one, eip in eips.items() if not eip.state.is_final]
        if is_drawn_moving and not under_way:
            # The VPC API may know before Neutron does: then the page would be drawn as it was.
            have_settled = looks > 1 or not NetworkAPI(request.cloud).has_vpc_api
            under_way = [] if have_settled else asked
        context["watched"] = under_way if looks < MOST_LOOKS else []
        context["is_given_up"] = bool(under_way) and looks >= MOST_LOOKS
    response = render_page(request, "vpc/virtual_ip_eips.html", context, fragment="eips")
    if have_settled:
        # The picture on a VIP's own page shows it too, and is drawn anew.
        trigger_client_event(response, "eips-settled", after="settle")
    return response


def _looks(request: ConsoleRequest) -> int:
    """How often the table has asked, this time included."""
    before = request.GET.get("looks", "")
    return 1 + (int(before) if before.isascii() and before.isdigit() and len(before) < 7 else 0)
