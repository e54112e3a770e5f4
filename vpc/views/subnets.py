from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_GET

from console.htmx import render_page
from console.templatetags.values import with_query
from vpc.api import NetworkAPI
from vpc.forms import ServerFilterForm, VirtualIPFilterForm
from vpc.services.candidates import find_servers, in_subnet
from vpc.services.listing import VIPCalls
from vpc.services.subnets import SubnetCalls
from vpc.views.origin import origin_of, subnet_trail

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest

TABS = (("summary", "Summary"), ("virtual-ips", "Virtual IP Address"), ("servers", "Servers"))


@require_GET
def subnet_detail(request: ConsoleRequest, network_id: UUID, subnet_id: UUID) -> HttpResponse:
    tab = request.GET.get("tab", "summary")
    tab = tab if tab in dict(TABS) else "summary"
    calls = SubnetCalls(request.cloud, str(network_id), str(subnet_id))
    context = TAB_CONTEXT[tab](request, calls)
    details, origin = context["details"], origin_of(request)
    context |= {
        "tab": tab,
        "tabs": [
            {
                "label": label,
                "url": with_query(f"{request.path}?tab={name}", origin.query),
                "is_current": name == tab,
            }
            for name, label in TABS
        ],
        "hidden": [("tab", tab), *origin.fields],
        "origin": origin,
        "trail": subnet_trail(details, origin, None),
    }
    fragment = "vips" if request.htmx and request.htmx.target == "vips" else "details"
    return render_page(request, "vpc/subnet_detail.html", context, fragment=fragment)


def _summary(request: ConsoleRequest, calls: SubnetCalls) -> dict[str, Any]:
    return {"details": calls.details()}


def _virtual_ips(request: ConsoleRequest, calls: SubnetCalls) -> dict[str, Any]:
    vips = VIPCalls(request.cloud, calls.network_id, bandwidths=True)
    form = VirtualIPFilterForm(request.GET)
    form.is_valid()
    search = form.cleaned_data.get("q", "")
    details = calls.details()
    table = vips.table(details.own, search)
    return {"details": details, "form": form, "search": search, "vips": table}


def _servers(request: ConsoleRequest, calls: SubnetCalls) -> dict[str, Any]:
    ports = request.cloud.start(NetworkAPI(request.cloud).list_ports, network_id=calls.network_id)
    form = ServerFilterForm(request.GET)
    found = find_servers(request.cloud, form.text)
    servers = in_subnet(
        request.cloud, found, ports.result(), calls.subnet_id, text=form.text, first=form.place
    )
    return {"details": calls.details(), "form": form, "servers": servers}


TAB_CONTEXT = {"summary": _summary, "virtual-ips": _virtual_ips, "servers": _servers}
