from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bms.services import names
from console.htmx import render_page
from vpc.services.guide import nic_guide
from vpc.services.listing import VIPCalls
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest


@require_GET
def virtual_ip_guide(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    return guide_page(request, network_id, subnet_id, vip_id, request.GET.getlist("bound"))


def guide_page(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID, nic_ids: list[str]
) -> HttpResponse:
    """What is left to do inside the servers: for these NICs, or for all that are bound.

    Its own address names them as `bound`; `nic` is that of the way back (see `Origin`).
    """
    calls = dialog_calls(request, network_id, subnet_id)
    vips = VIPCalls(request.cloud, str(network_id), eips=False)
    details = calls.details()
    vip = vips.virtual_ip(str(vip_id))
    bound = vip.bindings if vip.address else ()
    chosen = [binding for binding in bound if not nic_ids or binding.nic.id in nic_ids]
    servers = {binding.nic.device_id for binding in chosen}
    known, systems = (look(request.cloud, servers) for look in (names.known, names.systems))
    origin = origin_of(request)
    context = {
        "vip": vip,
        "details": details,
        "guides": [
            nic_guide(
                vip,
                binding,
                known.get(binding.nic.device_id) or binding.nic.device_id,
                systems.get(binding.nic.device_id, ""),
            )
            for binding in chosen
        ],
        "trail": subnet_trail(details, origin, _("Configure the address")),
        "back": vips_url(network_id, subnet_id, origin),
    }
    return render_page(request, "vpc/virtual_ip_guide.html", context, fragment="dialog")
