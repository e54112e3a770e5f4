from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from bms.services import names
from bms.services.listing import virtual_machines
from console.cloud.errors import CloudError, NotFound, Unauthorized
from console.htmx import done, render_page, wants_fragment
from console.templatetags.values import with_query
from vpc.forms import BindForm, ServerFilterForm, UnbindForm
from vpc.services.candidates import candidates, find_servers, in_subnet
from vpc.services.execution import OutcomeState
from vpc.services.listing import VIPCalls
from vpc.services.operations import BindingOperation, NotAsShown
from vpc.services.planning import idle_checks, plan_bind, plan_unbind
from vpc.services.preview import preview
from vpc.services.server_notices import with_servers
from vpc.views.guide import guide_page
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.sending import CHANGED, carry_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse, QueryDict

    from console.types import ConsoleRequest
    from vpc.forms import OnceForm
    from vpc.resources import Port
    from vpc.services.execution import Outcome
    from vpc.views.sending import Attempt

    Where = tuple[UUID, UUID, UUID]
    """Network, subnet, VIP: what the address of a dialog names."""

PARTS = {"bind-servers": "servers", "bind-preview": "preview"}
"""The parts of the dialog that are exchanged while one chooses: element id → fragment."""
LOOK_AGAIN = "What will change was not shown yet, or is something else by now. Look, then press OK."
NOBODY = "No bare metal server has a NIC in this subnet."
NOBODY_IPV6 = "No bare metal server has an IPv6 address in this subnet."
NOT_ALL_BARE_METAL = "Nothing was changed: not all that you chose are bare metal servers."
LEFT = "This could neither be finished nor taken back. The table shows what is left."


@require_http_methods(["GET", "POST"])
def virtual_ip_bind(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    """The dialog. Its search and preview come as POST too, so that what is ticked is kept."""
    where = (network_id, subnet_id, vip_id)
    if request.method == "GET":
        return _bind_page(request, where, BindForm())
    if request.POST.get("action") in ("search", "preview") or "first" in request.POST:
        return _bind_page(request, where, BindForm(request.POST))
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_bind, request, where))


def _bind(request: ConsoleRequest, where: Where, attempt: Attempt) -> HttpResponse:
    form = BindForm(request.POST)
    if not form.is_valid():
        return _bind_page(request, where, form, status=422)
    if virtual_machines(request.cloud, form.servers):
        form.add_error(None, NOT_ALL_BARE_METAL)
        return _bind_page(request, where, form, status=422)
    network_id, _, vip_id = where
    shown = _shown(request)
    operation = BindingOperation(request.cloud, str(network_id), str(vip_id), shown=shown)
    try:
        outcome = operation.bind(form.nics)
    except NotFound as error:
        form.add_cloud_error(error)
        return _bind_page(request, where, form, status=422)
    except NotAsShown:
        form.add_error(None, LOOK_AGAIN)
        return _bind_page(request, where, form, status=422)
    if not outcome.is_good:
        _settle(attempt, form, outcome)
        page = partial(_bind_page, request, where, form, status=422, outcome=outcome)
        return _failed(request, where, outcome, page, "Bind to Server")
    servers = _server_words(request, operation.nics)
    if outcome.state is OutcomeState.DONE:
        attempt.finish(messages.SUCCESS, f"Bound to {servers}.")
    else:
        attempt.finish(messages.INFO, f"Nothing to change: bound to {servers} already.")
    return _to_guide(request, where, form.nics)


def _to_guide(request: ConsoleRequest, where: Where, nics: list[str]) -> HttpResponse:
    """What comes after a bind: in the dialog itself, or as the next page."""
    guide = reverse("vpc:virtual_ip_guide", args=where)
    query = urlencode({"bound": nics}, doseq=True)
    url = with_query(f"{guide}?{query}", origin_of(request).query)
    if not wants_fragment(request):
        return redirect(url)
    try:
        page = guide_page(request, *where, nics)
    except CloudError:
        # It is bound all the same, and that must not look like a failure.
        return done(request, CHANGED, url)
    return trigger_client_event(page, CHANGED, after="settle")


def _bind_page(
    request: ConsoleRequest,
    where: Where,
    form: BindForm,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    network_id, subnet_id, vip_id = where
    cloud, origin = request.cloud, origin_of(request)
    chosen = form.servers if form.is_bound else [origin.server_id] if origin.server_id else []
    search = ServerFilterForm(request.POST if request.method == "POST" else request.GET)
    calls = dialog_calls(request, network_id, subnet_id)
    vips = VIPCalls(cloud, str(network_id), eips=False)
    found = find_servers(cloud, search.text, chosen)
    details = calls.details()
    vip = vips.virtual_ip(str(vip_id))
    ports = vips.ports.result()
    nics = form.nics if form.is_bound else [origin.nic_id]
    servers = in_subnet(cloud, found, ports, vip.subnet_id, text=search.text, first=search.place)
    rows = candidates(servers.rows, vip, chosen, nics)
    chosen_nics = [row.chosen_nic or row.free[0].id for row in rows if row.is_chosen and row.free]
    by_id = {port.id: port for port in ports}
    plan = plan_bind(cloud.profile, vip.port, [by_id[nic] for nic in chosen_nics], ports)
    in_use = {by_id[nic].device_id for nic in chosen_nics}
    plan = with_servers(plan, [s for s in found.chosen if s.id in in_use], found.machines)
    server_names = {row.server.id: row.server.label for row in rows}
    server_names |= {machine.id: machine.name or machine.id for machine in found.machines}
    context = {
        "form": form,
        "search": search,
        "vip": vip,
        "details": details,
        "rows": rows,
        "servers": servers,
        "nobody": NOBODY_IPV6 if vip.is_ipv6 else NOBODY,
        "preview": preview(plan, server_names) if chosen_nics or found.machines else None,
        "names": server_names,
        "outcome": outcome,
        "trail": subnet_trail(details, origin, "Bind to Server"),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ip_bind.html", context, fragment=_part(request), status=status
    )
    return _tell_table(response, outcome)


@require_http_methods(["GET", "POST"])
def virtual_ip_unbind(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    where = (network_id, subnet_id, vip_id)
    if request.method == "GET":
        return _unbind_page(request, where)
    if request.POST.get("action") == "preview":
        return _unbind_page(request, where, request.POST)
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_unbind, request, where))


def _unbind(request: ConsoleRequest, where: Where, attempt: Attempt) -> HttpResponse:
    network_id, subnet_id, vip_id = where
    calls = VIPCalls(request.cloud, str(network_id), eips=False)
    vip = calls.virtual_ip(str(vip_id))
    form = UnbindForm(request.POST, vip=vip)
    if not form.is_valid():
        return _unbind_page(request, where, form=form, status=422)
    nics = form.cleaned_data["nic"]
    chosen = [binding.nic for binding in vip.bindings if binding.nic.id in nics]
    idle = idle_checks(request.cloud.profile, vip.port, chosen, calls.ports.result())
    shown = _shown(request)
    operation = BindingOperation(request.cloud, str(network_id), str(vip_id), shown=shown)
    try:
        outcome = operation.unbind(
            nics,
            orphans=form.cleaned_data["orphan"],
            check_on=[nic.id for nic in idle] if form.cleaned_data["check_on"] else [],
        )
    except NotFound as error:
        form.add_cloud_error(error)
        return _unbind_page(request, where, form=form, status=422)
    except NotAsShown:
        form.add_error(None, LOOK_AGAIN)
        return _unbind_page(request, where, form=form, status=422)
    if not outcome.is_good:
        _settle(attempt, form, outcome)
        page = partial(_unbind_page, request, where, form=form, status=422, outcome=outcome)
        return _failed(request, where, outcome, page, "Unbind from Server")
    what = _server_words(request, operation.nics) if nics else "entries that led nowhere"
    text = f"Virtual IP address {vip.address} is unbound from {what}."
    if outcome.state is OutcomeState.UNCHANGED:
        text = (
            f"Virtual IP address {vip.address} was not bound there any more. Nothing was changed."
        )
    attempt.finish(messages.SUCCESS, text)
    return done(request, CHANGED, vips_url(network_id, subnet_id, origin_of(request)))


def _unbind_page(
    request: ConsoleRequest,
    where: Where,
    data: QueryDict | None = None,
    *,
    form: UnbindForm | None = None,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    network_id, subnet_id, vip_id = where
    cloud, origin = request.cloud, origin_of(request)
    calls = dialog_calls(request, network_id, subnet_id)
    vips = VIPCalls(cloud, str(network_id), eips=False)
    details = calls.details()
    vip = vips.virtual_ip(str(vip_id))
    ports = vips.ports.result()
    form = form or UnbindForm(data, vip=vip)
    nics, orphans, check_on = form.chosen()
    bound = [binding.nic for binding in vip.bindings]
    idle = idle_checks(cloud.profile, vip.port, bound, ports)
    plan = plan_unbind(
        cloud.profile,
        vip.port,
        [nic for nic in bound if nic.id in nics],
        ports,
        check_on=[nic.id for nic in idle if check_on and nic.id in nics],
        orphans=orphans,
    )
    server_names = names.known(cloud, {nic.device_id for nic in bound})
    context = {
        "form": form,
        "chosen": nics,
        "chosen_orphans": orphans,
        "vip": vip,
        "details": details,
        "idle": idle,
        "names": server_names,
        "preview": preview(plan, server_names) if nics or orphans else None,
        "outcome": outcome,
        "trail": subnet_trail(details, origin, "Unbind from Server"),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ip_unbind.html", context, fragment=_part(request), status=status
    )
    return _tell_table(response, outcome)


def _part(request: ConsoleRequest) -> str:
    """The whole dialog, or the part of it that was asked for while one chooses."""
    target = request.htmx.target if request.htmx else None
    return PARTS.get(target or "", "dialog")


def _shown(request: ConsoleRequest) -> str | None:
    """The plan that the dialog showed at OK. A plain page shows one only where it was asked to."""
    return request.POST.get("shown", "") if wants_fragment(request) else None


def _settle(attempt: Attempt, form: OnceForm, outcome: Outcome) -> None:
    """After a failure the form may be sent again: the same one where all is as it was. Where
    something of ours was left behind, only the one that says so: it has a new key."""
    if outcome.state is OutcomeState.NEEDS_REPAIR:
        attempt.finish(messages.ERROR, LEFT)
        form.renew()
    elif isinstance(outcome.error, Unauthorized):
        raise outcome.error


def _failed(
    request: ConsoleRequest,
    where: Where,
    outcome: Outcome,
    page: Callable[[], HttpResponse],
    title: str,
) -> HttpResponse:
    """The dialog again, with how it ended. Where it cannot be read again, at least how it ended:
    what was left behind must be told whatever else fails."""
    try:
        return page()
    except CloudError:
        context = {
            "outcome": outcome,
            "title": title,
            "trail": [("Virtual Private Cloud", reverse("vpc:vpc_list")), (title, None)],
            "back": vips_url(*where[:2], origin_of(request)),
        }
        response = render_page(
            request, "vpc/outcome_page.html", context, fragment="dialog", status=422
        )
        return _tell_table(response, outcome)


def _tell_table(response: HttpResponse, outcome: Outcome | None) -> HttpResponse:
    """What is left of a failed operation stands in the table at once."""
    if outcome is None:
        return response
    return trigger_client_event(response, CHANGED, after="settle")


def _server_words(request: ConsoleRequest, nics: list[Port]) -> str:
    """`db-1 (10.20.0.31) and db-2 (10.20.0.32)`"""
    known = names.known(request.cloud, {nic.device_id for nic in nics})
    words = [f"{known.get(nic.device_id, nic.device_id)} ({nic.ip_address})" for nic in nics]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
