from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods

from bms.services.listing import ids_among
from console.cloud.errors import Conflict, NotFound
from console.htmx import done, render_page
from vpc.forms import MOST_CHOSEN, UnbindEIPForm
from vpc.services.eip_goals import EIPReading, UnbindEIPOfSeveral
from vpc.services.eip_planning import plan_unbind_eip
from vpc.services.eips import EIPCalls
from vpc.services.execution import OutcomeState
from vpc.services.operations import perform_all
from vpc.services.preview import preview_all
from vpc.services.reports import Done, Reports, listed
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.outcomes import failed_page, place_of, settle_several, tell_table
from vpc.views.sending import CHANGED, carry_out

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.services.bindings import VirtualIP
    from vpc.services.eips import EIP, EIPFacts
    from vpc.services.operations import Result
    from vpc.services.planning import SinglePlan
    from vpc.views.sending import Attempt

UNBIND_EIPS = gettext_noop("Unbind EIP")


@dataclass(frozen=True)
class Chosen:
    """A chosen VIP with its EIP and the plan to unbind it; `reason` is why it is left out."""

    label: str
    vip: VirtualIP | None = None
    eip: EIP | None = None
    plan: SinglePlan | None = None
    reason: str = ""

    @classmethod
    def of(cls, facts: EIPFacts, vip_id: str) -> Chosen:
        vip = facts.vips.get(vip_id)
        if vip is None:
            return cls(vip_id, reason=_("There is no virtual IP address with this id any more."))
        eip = facts.eip_of(vip)
        if eip is None:
            return cls(vip.address, vip, reason=_("It has no EIP."))
        plan = plan_unbind_eip(facts, vip_id, eip.id)
        return cls(vip.address, vip, eip, plan, " ".join(str(one) for one in plan.refusals))


@require_http_methods(["GET", "POST"])
def virtual_ips_unbind_eip(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID
) -> HttpResponse:
    """For the VIPs that the address names as `vip`: each EIP is unbound for itself."""
    if request.method == "GET":
        return _page(request, network_id, subnet_id)
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_unbind_all, request, network_id, subnet_id))


def _unbind_all(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, attempt: Attempt
) -> HttpResponse:
    form = UnbindEIPForm(request.POST, vip_ids=_vip_ids(request)[:MOST_CHOSEN])
    page = partial(_page, request, network_id, subnet_id, form, status=422)
    if not form.is_valid():
        return page()
    cloud, place = request.cloud, place_of(network_id, subnet_id)
    reading = EIPReading(cloud, place.network_id)
    goals = [
        UnbindEIPOfSeveral(cloud, place, vip, eip, reading=reading)
        for vip, eip in form.eip_of.items()
    ]
    try:
        results = perform_all(cloud, goals, run=attempt.run)
    except Conflict as error:
        form.add_cloud_error(error)
        return page()
    targets = [goal.target for goal in goals]
    reports = Reports.of(results, targets, done=Done.UNBOUND)
    if reports.is_good:
        attempt.finish(messages.SUCCESS, _all_words(goals, results))
        return done(request, CHANGED, vips_url(network_id, subnet_id, origin_of(request)))
    settle_several(attempt, reports)
    if not reports.is_nothing:
        form.renew()
    free = [goal.vip_id for goal, row in zip(goals, reports.rows, strict=True) if row.is_good]
    again = partial(page, reports=reports, told=free)
    return failed_page(request, place, again, _(UNBIND_EIPS), reports=reports)


def _all_words(goals: Sequence[UnbindEIPOfSeveral], results: Sequence[Result]) -> str:
    both = list(zip(goals, results, strict=True))
    unbound = [goal for goal, result in both if result.outcome.state is OutcomeState.DONE]
    if len(unbound) < 2:
        return " ".join(result.message for result in results)
    # Translators: One of several in a list: {eip} and {vip} are addresses.
    pair = _("{eip} from {vip}")
    pairs = listed([pair.format(eip=goal.eip_address, vip=goal.target) for goal in unbound])
    words = ngettext(
        "{count} EIP is unbound: {pairs}.", "{count} EIPs are unbound: {pairs}.", len(unbound)
    )
    rest = (result.message for goal, result in both if goal not in unbound)
    return " ".join([words.format(count=len(unbound), pairs=pairs), *rest])


def _page(
    request: ConsoleRequest,
    network_id: UUID,
    subnet_id: UUID,
    form: UnbindEIPForm | None = None,
    status: int = 200,
    reports: Reports | None = None,
    told: Collection[str] = (),
) -> HttpResponse:
    """`told` are VIPs whose good end stands in the reports."""
    origin, wanted = origin_of(request), _vip_ids(request)
    calls = EIPCalls(request.cloud, str(network_id))
    subnet = dialog_calls(request, network_id, subnet_id)
    facts, details = calls.facts(), subnet.details()
    chosen = [Chosen.of(facts, one) for one in wanted[:MOST_CHOSEN] if one not in told]
    if wanted and not reports and not any(one.vip for one in chosen):
        raise NotFound(_("None of these virtual IP addresses exists any more."))
    rows = [one for one in chosen if not one.reason]
    context = {
        "form": form or UnbindEIPForm(vip_ids=[]),
        "facts": facts,
        "details": details,
        "rows": rows,
        "preview": preview_all(one.plan for one in rows if one.plan),
        "left_out": [one for one in chosen if one.reason],
        "is_chosen": bool(wanted),
        "too_many": len(wanted) - MOST_CHOSEN,
        "most": MOST_CHOSEN,
        "reports": reports,
        "trail": subnet_trail(details, origin, _(UNBIND_EIPS)),
        "back": vips_url(network_id, subnet_id, origin),
    }
    template = "vpc/virtual_ips_unbind_eip.html"
    response = render_page(request, template, context, fragment="dialog", status=status)
    return tell_table(response, reports)


def _vip_ids(request: ConsoleRequest) -> list[str]:
    return ids_among(request.GET.getlist("vip"))
