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
from vpc.forms import MOST_CHOSEN, ReleaseForm
from vpc.services.operations import NotAsShown, perform, perform_all
from vpc.services.planning import SinglePlan
from vpc.services.preview import preview, preview_all
from vpc.services.recent_binds import recent_binds
from vpc.services.reports import Done, Reports, listed
from vpc.services.rules import release_refusals
from vpc.services.single import PortDeletion
from vpc.services.vip_goals import RELEASE, Release, ReleaseOfSeveral, VIPReading
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
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.services.bindings import VirtualIP
    from vpc.services.execution import Outcome
    from vpc.services.notices import Notice
    from vpc.views.sending import Attempt

    Where = tuple[UUID, UUID, UUID]

NONE_TICKED = gettext_noop(
    "Tick at least one virtual IP address in the table, then choose Release."
)
TOO_MANY = gettext_noop("At most {limit} virtual IP addresses can be released at once. Tick fewer.")
NONE_LEFT = gettext_noop("None of these can be released now.")


@require_http_methods(["GET", "POST"])
def virtual_ip_release(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    where = (network_id, subnet_id, vip_id)
    if request.method == "GET":
        return _release_page(request, where)
    if request.POST.get("action") == "preview":
        recent = recent_binds(request.cloud, [str(vip_id)])
        return _release_page(request, where, ReleaseForm(request.POST, recent=recent))
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_release, request, where))


def _release(request: ConsoleRequest, where: Where, attempt: Attempt) -> HttpResponse:
    vip_id, place = str(where[2]), place_of(*where[:2])
    form = ReleaseForm(request.POST, recent=recent_binds(request.cloud, [vip_id]))
    if not form.is_valid():
        return _release_page(request, where, form, status=422)
    goal = Release(request.cloud, place, vip_id, confirmed=vip_id in form.confirmed)
    try:
        result = perform(request.cloud, goal, run=attempt.run, shown=shown_plan(request))
    except Conflict as error:
        form.add_cloud_error(error)
        return _release_page(request, where, form, status=422)
    except NotAsShown:
        form.add_error(None, _(LOOK_AGAIN))
        return _release_page(request, where, form, status=422)
    if not (outcome := result.outcome).is_good:
        settle_form(attempt, form, outcome)
        page = partial(_release_page, request, where, form, status=422, outcome=outcome)
        return failed_page(request, place, page, _(RELEASE), outcome=outcome)
    attempt.finish(messages.SUCCESS, result.message)
    return done(request, CHANGED, vips_url(*where[:2], origin_of(request)))


def _release_page(
    request: ConsoleRequest,
    where: Where,
    form: ReleaseForm | None = None,
    status: int = 200,
    outcome: Outcome | None = None,
) -> HttpResponse:
    network_id, subnet_id, vip_id = where
    calls = dialog_calls(request, network_id, subnet_id)
    goal = Release(request.cloud, place_of(network_id, subnet_id), str(vip_id), confirmed=True)
    plan = goal.plan()
    details = calls.details()
    origin = origin_of(request)
    context = {
        "form": form or ReleaseForm(recent=recent_binds(request.cloud, [str(vip_id)])),
        "vip": goal.vip,
        "details": details,
        "refusals": plan.refusals,
        "preview": preview(plan, {}),
        "outcome": outcome,
        "origin": origin,
        "trail": subnet_trail(details, origin, _(RELEASE)),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ip_release.html", context, fragment=part_of(request), status=status
    )
    return tell_table(response, outcome)


@dataclass(frozen=True)
class Candidates:
    """What was ticked: what can be released, what is held (and by what), what is gone."""

    free: tuple[VirtualIP, ...]
    held: tuple[tuple[VirtualIP, tuple[Notice, ...]], ...]
    gone: tuple[str, ...]

    @classmethod
    def of(
        cls, request: ConsoleRequest, ids: Iterable[str], vips: Mapping[str, VirtualIP]
    ) -> Candidates:
        found = [(vip_id, vips.get(vip_id)) for vip_id in ids]
        judged = [(vip, release_refusals(request.cloud.profile, vip)) for _id, vip in found if vip]
        return cls(
            tuple(vip for vip, refusals in judged if not refusals),
            tuple((vip, refusals) for vip, refusals in judged if refusals),
            tuple(vip_id for vip_id, vip in found if vip is None),
        )

    @property
    def left_out(self) -> int:
        return len(self.held) + len(self.gone)


@require_http_methods(["GET", "POST"])
def virtual_ips_release(request: ConsoleRequest, network_id: UUID, subnet_id: UUID) -> HttpResponse:
    """`vip=` in its address are the ticked ones; `release=` in its form those that it showed as
    free. Only those are released, whatever has become free since."""
    ids = ids_among(request.GET.getlist("vip"))
    if request.method == "GET" or request.POST.get("action") == "preview":
        form = None
        if request.method == "POST":
            chosen = ids_among(request.POST.getlist("release"))
            form = ReleaseForm(request.POST, recent=recent_binds(request.cloud, chosen))
        return _several_page(request, network_id, subnet_id, ids, form)
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_release_several, request, network_id, subnet_id, ids))


def _release_several(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, ids: list[str], attempt: Attempt
) -> HttpResponse:
    cloud, place = request.cloud, place_of(network_id, subnet_id)
    chosen = [one for one in ids_among(request.POST.getlist("release")) if one in ids]
    form = ReleaseForm(request.POST, recent=recent_binds(cloud, chosen))
    page = partial(_several_page, request, network_id, subnet_id, status=422)
    if form.is_valid() and not 1 <= len(chosen) <= MOST_CHOSEN:
        form.add_error(None, _too_many() if chosen else _(NONE_LEFT))
    if not form.is_valid():
        return page(ids, form)
    reading = VIPReading(cloud, str(network_id))
    goals = [
        ReleaseOfSeveral(cloud, place, one, confirmed=one in form.confirmed, reading=reading)
        for one in chosen
    ]
    try:
        results = perform_all(cloud, goals, run=attempt.run)
    except Conflict as error:
        form.add_cloud_error(error)
        return page(ids, form)
    targets = [goal.target for goal in goals]
    reports = Reports.of(results, targets, done=Done.RELEASED)
    if reports.is_good:
        attempt.finish(messages.SUCCESS, _all_words(targets))
        return done(request, CHANGED, vips_url(network_id, subnet_id, origin_of(request)))
    settle_several(attempt, reports)
    gone = [goal.vip_id for goal, row in zip(goals, reports.rows, strict=True) if row.is_good]
    if not reports.is_nothing:
        form.renew()
    left = [one for one in ids if one not in gone]
    again = partial(page, left, form, reports=reports)
    return failed_page(request, place, again, _(RELEASE), reports=reports)


def _all_words(addresses: list[str]) -> str:
    if len(addresses) == 1:
        return _("Virtual IP address {vip} is released.").format(vip=addresses[0])
    words = ngettext(
        "{count} virtual IP address is released: {addresses}.",
        "{count} virtual IP addresses are released: {addresses}.",
        len(addresses),
    )
    return words.format(count=len(addresses), addresses=listed(addresses))


def _too_many() -> str:
    return _(TOO_MANY).format(limit=MOST_CHOSEN)


def _several_page(
    request: ConsoleRequest,
    network_id: UUID,
    subnet_id: UUID,
    ids: list[str],
    form: ReleaseForm | None = None,
    status: int = 200,
    reports: Reports | None = None,
) -> HttpResponse:
    calls = dialog_calls(request, network_id, subnet_id)
    vips = VIPReading(request.cloud, str(network_id)).vips()
    details = calls.details()
    origin = origin_of(request)
    found = Candidates.of(request, ids[:MOST_CHOSEN], vips)
    if ids and not (found.free or found.held or reports):
        raise NotFound(_("None of these virtual IP addresses exists any more."))
    problem = _too_many() if len(ids) > MOST_CHOSEN else ""
    if not ids and not reports:
        problem = _(NONE_TICKED)
    recent = recent_binds(request.cloud, [vip.id for vip in found.free])
    plans = [SinglePlan(PortDeletion(port=vip.port)) for vip in found.free]
    context = {
        "form": form or ReleaseForm(recent=recent),
        "found": found,
        "can_send": bool(found.free) and not problem,
        "problem": problem,
        "details": details,
        "preview": preview_all(plans),
        "reports": reports,
        "origin": origin,
        "trail": subnet_trail(details, origin, _(RELEASE)),
        "back": vips_url(network_id, subnet_id, origin),
    }
    response = render_page(
        request, "vpc/virtual_ips_release.html", context, fragment=part_of(request), status=status
    )
    return tell_table(response, reports)
