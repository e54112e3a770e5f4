from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from bms.api import BareMetalAPI
from bms.forms import ServerFilterForm
from bms.services.details import server_nics, server_summary
from bms.services.listing import is_uuid, on_their_way, server_page, servers_by_id, whole_rows
from console.cloud.errors import CloudError, Unauthorized
from console.htmx import render_page, wants_fragment

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest

TABS = (("summary", gettext_noop("Summary")), ("nics", gettext_noop("NICs")))
MOST_IDS = 50
NOT_RENEWED = gettext_noop(
    "The statuses below are no longer renewed by themselves: Refresh reads them again."
)
NOT_WHOLE = gettext_noop("Of a server below only its addresses are known: Refresh reads it again.")


@require_GET
def server_list(request: ConsoleRequest) -> HttpResponse:
    form = ServerFilterForm(request.GET)
    query = form.query()
    context = {
        "form": form,
        "query": query,
        "page": server_page(request.cloud, query),
        "trail": [(_("Bare Metal Server"), None)],
    }
    return render_page(request, "bms/server_list.html", context, fragment="table")


@require_GET
@vary_on_headers("HX-Request")
def server_rows(request: ConsoleRequest) -> HttpResponse:
    """What changed in the rows of servers on their way or, with `whole`, the rows of servers that
    the list could not wait for. Where that cannot be read the list says so and stops asking: it
    asks by itself, so nobody waits for an answer."""
    if not wants_fragment(request):
        return redirect("bms:server_list")
    is_whole = "whole" in request.GET
    read = _whole_rows if is_whole else _states
    try:
        context = read(request, _ids(request))
    except Unauthorized:
        raise
    except CloudError as error:
        context = {"problems": [error], "note": _(NOT_WHOLE if is_whole else NOT_RENEWED)}
    return render_page(request, "bms/server_rows.html", context, fragment="rows")


def _states(request: ConsoleRequest, wanted: list[str]) -> dict[str, Any]:
    servers = servers_by_id(request.cloud, wanted)
    gone = sorted({*wanted} - {server.id for server in servers})
    return {"servers": servers, "gone": gone, "watched": on_their_way(servers)}


def _whole_rows(request: ConsoleRequest, wanted: list[str]) -> dict[str, Any]:
    page = whole_rows(request.cloud, wanted, request.GET.get("status", ""))
    return {
        "rows": page.rows,
        "gone": sorted({*wanted} - {server.id for server in page.servers}),
        "nothing_left": "only" in request.GET and not page.servers,
        "watched": page.watched,
    }


@require_GET
def server_detail(request: ConsoleRequest, server_id: UUID) -> HttpResponse:
    tab = request.GET.get("tab", "summary")
    tab = tab if tab in dict(TABS) else "summary"
    read = server_nics if tab == "nics" else server_summary
    details = read(request.cloud, str(server_id))
    context = {
        "details": details,
        "tab": tab,
        "tabs": [
            {"label": _(label), "url": f"{request.path}?tab={name}", "is_current": name == tab}
            for name, label in TABS
        ],
        "trail": [
            (_("Bare Metal Server"), reverse("bms:server_list")),
            (details.server.name or details.server.id, None),
        ],
    }
    return render_page(request, "bms/server_detail.html", context, fragment="details")


@require_GET
@vary_on_headers("HX-Request")
def server_names(request: ConsoleRequest) -> HttpResponse:
    """Names for servers that a page about a network could only show by id; with `states` also their
    states and which are virtual machines, with `choices` also a box that cannot be ticked for
    these."""
    if not wants_fragment(request):
        return redirect("bms:server_list")
    servers = servers_by_id(request.cloud, _ids(request))
    is_bare_metal = BareMetalAPI(request.cloud).is_bare_metal
    context = {
        "servers": servers,
        "machines": [server.id for server in servers if not is_bare_metal(server)],
    }
    return render_page(request, "bms/server_names.html", context, fragment="names")


def _ids(request: ConsoleRequest) -> list[str]:
    given = {text.lower() for text in request.GET.getlist("id") if is_uuid(text)}
    return sorted(given)[:MOST_IDS]
