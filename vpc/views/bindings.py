from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from bms.services import names
from bms.services.listing import virtual_machines
from console.cloud.errors import CloudError, Conflict, NotFound
from console.htmx import done, render_page, wants_fragment
from console.templatetags.values import with_query
from vpc.forms import BindForm, ServerFilterForm, UnbindForm, alone
from vpc.services.bind_goals import BIND, UNBIND, Bind, Unbind
from vpc.services.candidates import candidates, find_servers, in_subnet
from vpc.services.execution import OutcomeState
from vpc.services.listing import VIPCalls
from vpc.services.nic_check import switched_off_here
from vpc.services.operations import NotAsShown, perform
from vpc.services.planning import idle_checks, plan_bind, plan_unbind
from vpc.services.preview import preview
from vpc.services.server_notices import with_servers
from vpc.views.guide import guide_page
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
    from uuid import UUID

    from django.http import HttpResponse, QueryDict

    from console.types import ConsoleRequest
    from vpc.services.execution import Outcome
    from vpc.views.sending import Attempt

    Where = tuple[UUID, UUID, UUID]
    """Network, subnet, VIP: what the address of a dialog names."""

NOBODY = gettext_noop("No bare metal server has a NIC in this subnet.")
NOBODY_IPV6 = gettext_noop("No bare metal server has an IPv6 address in this subnet.")
NOT_ALL_BARE_METAL = gettext_noop(
    "Nothing was changed: not all that you chose are bare metal servers."
)


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
        form.add_error(None, _(NOT_ALL_BARE_METAL))
        return _bind_page(request, where, form, status=422)
    goal = Bind(request.cloud, place_of(*where[:2]), str(where[2]), form.nics)
    try:
        result = perform(request.cloud, goal, run=attempt.run, shown=shown_plan(request))
    except (NotFound, Conflict) as error:
        form.add_cloud_error(error)
        return _bind_page(request, where, form, status=422)
    except NotAsShown:
        form.add_error(None, _(LOOK_AGAIN))
        return _bind_page(request, where, form, status=422)
    outcome = result.outcome
    if not outcome.is_good:
        settle_form(attempt, form, outcome)
        page = partial(_bind_page, request, where, form, status=422, outcome=outcome)
        return failed_page(request, place_of(*where[:2]), page, _(BIND), outcome=outcome)
    is_done = outcome.state is OutcomeState.DONE
    attempt.finish(messages.SUCCESS if is_done else messages.INFO, result.message)
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
        "nobody": _(NOBODY_IPV6) if vip.is_ipv6 else _(NOBODY),
        "preview": preview(plan, server_names) if chosen_nics or found.machines else None,
        "names": server_names,
        "outcome": outcome,
        "trail": subnet_trail(details, origin, _(BIND)),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ip_bind.html", context, fragment=part_of(request), status=status
    )
    return tell_table(response, outcome)


@require_http_methods(["GET", "POST"])
def virtual_ip_unbind(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    where = (network_id, subnet_id, vip_id)
    if request.method == "GET":
        return _unbind_page(request, where)
    if request.POST.get("action") == "preview" or "only" in request.POST:
        return _unbind_page(request, where, alone(request.POST))
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_unbind, request, where))


def _unbind(request: ConsoleRequest, where: Where, attempt: Attempt) -> HttpResponse:
    network_id, subnet_id, vip_id = where
    calls = VIPCalls(request.cloud, str(network_id), eips=False)
    vip = calls.virtual_ip(str(vip_id))
    bound = [binding.nic for binding in vip.bindings]
    ports = calls.ports.result()
    idle = [nic.id for nic in idle_checks(request.cloud.profile, vip.port, bound, ports)]
    form = UnbindForm(request.POST, vip=vip, idle=idle)
    if not form.is_valid():
        return _unbind_page(request, where, form=form, status=422)
    nics = form.cleaned_data["nic"]
    goal = Unbind(
        request.cloud,
        place_of(*where[:2]),
        str(vip_id),
        nics,
        orphans=form.cleaned_data["orphan"],
        check_on=[nic for nic in form.cleaned_data["check_on"] if nic in nics],
    )
    try:
        result = perform(request.cloud, goal, run=attempt.run, shown=shown_plan(request))
    except (NotFound, Conflict) as error:
        form.add_cloud_error(error)
        return _unbind_page(request, where, form=form, status=422)
    except NotAsShown:
        form.add_error(None, _(LOOK_AGAIN))
        return _unbind_page(request, where, form=form, status=422)
    outcome = result.outcome
    if not outcome.is_good:
        settle_form(attempt, form, outcome)
        page = partial(_unbind_page, request, where, form=form, status=422, outcome=outcome)
        return failed_page(request, place_of(*where[:2]), page, _(UNBIND), outcome=outcome)
    attempt.finish(messages.SUCCESS, result.message)
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
    bound = [binding.nic for binding in vip.bindings]
    idle = [nic.id for nic in idle_checks(cloud.profile, vip.port, bound, ports)]
    if form is None:
        ours = switched_off_here(cloud, idle) if idle and data is None else ()
        form = UnbindForm(data, vip=vip, idle=idle, ours=ours)
    nics, orphans, check_on = form.chosen()
    plan = plan_unbind(
        cloud.profile,
        vip.port,
        [nic for nic in bound if nic.id in nics],
        ports,
        check_on=[nic for nic in idle if nic in check_on and nic in nics],
        orphans=orphans,
    )
    server_names = names.known(cloud, {nic.device_id for nic in bound})
    context = {
        "form": form,
        "alone": "only" in request.POST,
        "chosen": nics,
        "chosen_orphans": orphans,
        "vip": vip,
        "details": details,
        "idle": idle,
        "check_on": check_on,
        "names": server_names,
        "preview": preview(plan, server_names) if nics or orphans else None,
        "outcome": outcome,
        "trail": subnet_trail(details, origin, _(UNBIND)),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ip_unbind.html", context, fragment=part_of(request), status=status
    )
    return tell_table(response, outcome)
