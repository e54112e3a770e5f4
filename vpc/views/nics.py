from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bms.services import names
from console.cloud.errors import Conflict, NotFound
from console.htmx import done, render_page
from vpc.api import NetworkAPI
from vpc.forms import NICCheckForm
from vpc.resources import CHECK_OFF
from vpc.services.execution import OutcomeState
from vpc.services.nic_check import dependents, plan_check
from vpc.services.nic_goals import CHECK, SwitchCheck
from vpc.services.operations import NotAsShown, Place, perform
from vpc.services.pairs import lists
from vpc.services.preview import preview
from vpc.views.origin import origin_of
from vpc.views.outcomes import LOOK_AGAIN, failed_page, settle_form, shown_plan, tell_table
from vpc.views.sending import carry_out

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.resources import Port
    from vpc.services.execution import Outcome
    from vpc.views.sending import Attempt

CHANGED = "nics-changed"
"""The event at which a server's NICs tab reads itself again."""


@require_http_methods(["GET", "POST"])
def nic_check(request: ConsoleRequest, network_id: UUID, nic_id: UUID) -> HttpResponse:
    if request.method == "GET":
        return _check_page(request, network_id, nic_id)
    back = _nics_url(origin_of(request).server_id)
    return carry_out(request, back, partial(_switch, request, network_id, nic_id), CHANGED)


def _switch(
    request: ConsoleRequest, network_id: UUID, nic_id: UUID, attempt: Attempt
) -> HttpResponse:
    form = NICCheckForm(request.POST)
    page = partial(_check_page, request, network_id, nic_id, form, status=422)
    if not form.is_valid():
        return page()
    place = Place(str(network_id), _nics_url(origin_of(request).server_id))
    goal = SwitchCheck(request.cloud, place, str(nic_id), on=form.on, accepted=form.accepted)
    shown = request.POST.get("shown") or shown_plan(request)
    try:
        result = perform(request.cloud, goal, run=attempt.run, shown=shown)
    except Conflict as error:
        form.add_cloud_error(error)
        return page()
    except NotAsShown:
        form.add_error(None, _(LOOK_AGAIN))
        return page()
    outcome = result.outcome
    if not outcome.is_good:
        settle_form(attempt, form, outcome)
        return failed_page(
            request, place, partial(page, outcome=outcome), _(CHECK), outcome=outcome, event=CHANGED
        )
    is_done = outcome.state is OutcomeState.DONE
    attempt.finish(messages.SUCCESS if is_done else messages.INFO, result.message)
    return done(request, CHANGED, _nics_url(goal.nic.device_id if goal.nic else ""))


def _check_page(
    request: ConsoleRequest,
    network_id: UUID,
    nic_id: UUID,
    form: NICCheckForm | None = None,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    """The question: about the state that was asked for, else the other one than now."""
    profile = request.cloud.profile
    ports = NetworkAPI(request.cloud).list_ports(network_id=str(network_id))
    nic = _find(ports, str(nic_id))
    form = form or NICCheckForm(initial={"to": "on" if lists(nic, CHECK_OFF) else "off"})
    vips = dependents(profile, nic, ports) if form.on and lists(nic, CHECK_OFF) else ()
    plan = plan_check(profile, nic, ports, on=form.on, accepted=[vip.id for vip in vips])
    server_names = names.known(request.cloud, {nic.device_id})
    server_name = server_names.get(nic.device_id) or nic.device_id
    back = _nics_url(nic.device_id)
    context = {
        "form": form,
        "nic": nic,
        "server_name": server_name,
        "vips": vips,
        "plan": plan,
        "preview": preview(plan, server_names),
        "outcome": outcome,
        "trail": [
            (_("Bare Metal Server"), reverse("bms:server_list")),
            *([(server_name, back)] if nic.device_id else []),
            (_(CHECK), None),
        ],
        "back": back,
    }
    response = render_page(request, "vpc/nic_check.html", context, fragment="dialog", status=status)
    return tell_table(response, outcome, CHANGED)


def _find(ports: tuple[Port, ...], nic_id: str) -> Port:
    for port in ports:
        if port.id == nic_id:
            return port
    raise NotFound(_("There is no port with the id {id} in this network.").format(id=nic_id))


def _nics_url(server_id: str) -> str:
    """The server's NICs tab; the list of servers where it is not known which one."""
    if not server_id:
        return reverse("bms:server_list")
    return f"{reverse('bms:server_detail', args=[server_id])}?tab=nics"
