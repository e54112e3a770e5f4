from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from console.htmx import render_page
from console.templatetags.values import with_query
from vpc.api import NetworkAPI
from vpc.forms import AddressFilterForm, ServerFilterForm, VirtualIPFilterForm
from vpc.services.addresses import address_table
from vpc.services.candidates import find_servers, in_subnet
from vpc.services.listing import VIPCalls
from vpc.services.subnets import SubnetCalls
from vpc.views.origin import origin_of, subnet_trail

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest
    from vpc.services.listing import VIPTable
    from vpc.services.subnets import SubnetDetails

PARTS = ("vips", "addresses")
"""The parts of the Virtual IP Address tab that are exchanged alone."""

TABS = (
    ("summary", gettext_noop("Summary")),
    ("virtual-ips", gettext_noop("Virtual IP Address")),
    ("servers", gettext_noop("Servers")),
)


@require_GET
def subnet_detail(request: ConsoleRequest, network_id: UUID, subnet_id: UUID) -> HttpResponse:
    tab = request.GET.get("tab", "summary")
    tab = tab if tab in dict(TABS) else "summary"
    is_about_it = tab == "summary"
    calls = SubnetCalls(request.cloud, str(network_id), str(subnet_id), anew=is_about_it)
    context = TAB_CONTEXT[tab](request, calls)
    details, origin = context["details"], origin_of(request)
    context |= {
        "tab": tab,
        "tabs": [
            {
                "label": _(label),
                "url": with_query(f"{request.path}?tab={name}", origin.query),
                "is_current": name == tab,
            }
            for name, label in TABS
        ],
        "hidden": [("tab", tab), *origin.fields, *_kept(request, "pq")],
        "address_hidden": [("tab", tab), *origin.fields, *_kept(request, "q")],
        "origin": origin,
        "trail": subnet_trail(details, origin, None),
    }
    target = request.htmx.target if request.htmx else None
    fragment = target if target in PARTS else "details"
    return render_page(request, "vpc/subnet_detail.html", context, fragment=fragment)


def _kept(request: ConsoleRequest, name: str) -> list[tuple[str, str]]:
    """What one of two searches on a page keeps of the other."""
    text = request.GET.get(name, "")
    return [(name, text)] if text else []


def _summary(request: ConsoleRequest, calls: SubnetCalls) -> dict[str, Any]:
    return {"details": calls.details()}


def _virtual_ips(request: ConsoleRequest, calls: SubnetCalls) -> dict[str, Any]:
    vips = VIPCalls(request.cloud, calls.network_id, bandwidths=True)
    form = VirtualIPFilterForm(request.GET)
    form.is_valid()
    search = form.cleaned_data.get("q", "")
    details = calls.details()
    table = vips.table(details.own, search)
    return {"details": details, "form": form, "search": search, "vips": table} | _addresses(
        request, vips, table, details
    )


def _addresses(
    request: ConsoleRequest, vips: VIPCalls, table: VIPTable, details: SubnetDetails
) -> dict[str, Any]:
    """The lower card, from the same ports. It asks for no name that the upper one asks for."""
    form = AddressFilterForm(request.GET)
    addresses = address_table(
        request.cloud,
        vips.ports.result(),
        vips.eips([]),
        details.own,
        search=form.text,
        first=form.place,
    )
    alone = request.htmx and request.htmx.target == "addresses"
    asked = () if alone else table.unnamed
    return {
        "addresses": addresses,
        "address_search": form.text,
        "unnamed_owners": [one for one in addresses.unnamed if one not in asked],
    }


def _servers(request: ConsoleRequest, calls: SubnetCalls) -> dict[str, Any]:
    ports = request.cloud.start(NetworkAPI(request.cloud).list_ports, network_id=calls.network_id)
    form = ServerFilterForm(request.GET)
    found = find_servers(request.cloud, form.text)
    servers = in_subnet(
        request.cloud, found, ports.result(), calls.subnet_id, text=form.text, first=form.place
    )
    return {"details": calls.details(), "form": form, "servers": servers}


TAB_CONTEXT = {"summary": _summary, "virtual-ips": _virtual_ips, "servers": _servers}
