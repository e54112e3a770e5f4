"""What all dialogs that change something have in common: which part of the dialog is answered, what
was shown before OK, and what is said when it did not go well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_htmx.http import trigger_client_event

from console.cloud.errors import CloudError, Unauthorized
from console.htmx import render_page, wants_fragment
from vpc.services.execution import OutcomeState
from vpc.services.operations import Place
from vpc.views.origin import Origin, origin_of, vips_url
from vpc.views.sending import CHANGED, IN_DOUBT

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.forms import OnceForm
    from vpc.services.execution import Outcome
    from vpc.services.reports import Reports
    from vpc.views.sending import Attempt

PARTS = {"bind-servers": "servers", "bind-eips": "eips", "bind-preview": "preview"}
"""The parts of a dialog that are exchanged while one chooses: element id → fragment."""
LOOK_AGAIN = gettext_noop(
    "What will change was not shown yet, or is something else by now. Look, then press OK."
)
LEFT = gettext_noop("This could neither be finished nor taken back. The table shows what is left.")


def place_of(network_id: UUID | str, subnet_id: UUID | str) -> Place:
    """Where an operation takes place, with the page that a record of it leads to."""
    return Place(str(network_id), vips_url(network_id, subnet_id, Origin()))


def part_of(request: ConsoleRequest) -> str:
    """The whole dialog, or the part of it that was asked for while one chooses."""
    target = request.htmx.target if request.htmx else None
    return PARTS.get(target or "", "dialog")


def shown_plan(request: ConsoleRequest) -> str | None:
    """The plan that the dialog showed at OK. A plain page shows one only where it was asked to."""
    return request.POST.get("shown", "") if wants_fragment(request) else None


def settle_form(attempt: Attempt, form: OnceForm, outcome: Outcome) -> None:
    """After a failure the form may be sent again: the same one where all is as it was. Where
    something of ours was left behind, only the one that says so: it has a new key."""
    if outcome.state is OutcomeState.NEEDS_REPAIR:
        attempt.finish(messages.ERROR, _(IN_DOUBT) if outcome.is_unknown else _(LEFT))
        form.renew()
    elif isinstance(outcome.error, Unauthorized):
        raise outcome.error


def settle_several(attempt: Attempt, reports: Reports) -> None:
    """The same for several in one submit. Where anything of it was done, or may have been, this
    form is spent, and whoever sends it again is told what became of each."""
    if not reports.is_nothing:
        attempt.keep(messages.WARNING, reports.words)
        return
    for row in reports.rows:
        if isinstance(row.error, Unauthorized):
            raise row.error


def failed_page(
    request: ConsoleRequest,
    place: Place,
    page: Callable[[], HttpResponse],
    title: str,
    *,
    outcome: Outcome | None = None,
    reports: Reports | None = None,
    event: str = CHANGED,
) -> HttpResponse:
    """The dialog again, with how it ended. Where it cannot be read again, at least how it ended:
    what was left behind must be told whatever else fails."""
    try:
        return page()
    except CloudError:
        origin = origin_of(request)
        context = {
            "outcome": outcome,
            "reports": reports,
            "title": title,
            "trail": [(_("Virtual Private Cloud"), reverse("vpc:vpc_list")), (title, None)],
            "back": place.url if not origin.query else f"{place.url}&{origin.query}",
        }
        response = render_page(
            request, "vpc/outcome_page.html", context, fragment="dialog", status=422
        )
        return tell_table(response, reports or outcome, event)


def tell_table(
    response: HttpResponse, ended: Outcome | Reports | None, event: str = CHANGED
) -> HttpResponse:
    """What is left of a failed operation stands in the table at once."""
    if ended is None:
        return response
    return trigger_client_event(response, event, after="settle")
