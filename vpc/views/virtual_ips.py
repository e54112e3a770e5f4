from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_http_methods

from bms.services import names
from console.cloud.errors import BadRequest, Conflict, Forbidden, QuotaExceeded
from console.htmx import done, render_page
from vpc.api import NetworkAPI
from vpc.forms import OnceForm, VirtualIPAssignForm
from vpc.services.assigning import assign_virtual_ip, is_about_address
from vpc.services.listing import VIPCalls
from vpc.services.releasing import release_virtual_ip
from vpc.services.rules import release_refusals
from vpc.views.origin import dialog_calls, origin_of, subnet_trail, vips_url
from vpc.views.sending import CHANGED, carry_out

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.cloud.errors import CloudError
    from console.types import ConsoleRequest
    from vpc.services.subnets import SubnetDetails
    from vpc.views.sending import Attempt

REFUSALS = (BadRequest, Conflict, Forbidden, QuotaExceeded)
"""What the cloud may say to a dialog: it belongs there, with what was typed."""
OTHER_ADDRESS = (
    "It keeps some addresses for itself, or this one was taken just now. "
    "Type another one, or choose Automatic."
)


@require_http_methods(["GET", "POST"])
def virtual_ip_assign(request: ConsoleRequest, network_id: UUID, subnet_id: UUID) -> HttpResponse:
    if request.method == "GET":
        details = dialog_calls(request, network_id, subnet_id).details()
        return _assign_page(request, VirtualIPAssignForm(ranges=details.own), details)
    back = vips_url(network_id, subnet_id, origin_of(request))
    return carry_out(request, back, partial(_assign, request, network_id, subnet_id))


def _assign(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, attempt: Attempt
) -> HttpResponse:
    calls = dialog_calls(request, network_id, subnet_id)
    ports = request.cloud.start(NetworkAPI(request.cloud).list_ports, network_id=str(network_id))
    details = calls.details()
    form = VirtualIPAssignForm(
        request.POST,
        ranges=details.own,
        ports=ports.result(),
        server_name=partial(_server_name, request),
    )
    if not form.is_valid():
        return _assign_page(request, form, details, status=422)
    address = form.cleaned_data["ip_address"]
    try:
        vip = assign_virtual_ip(
            request.cloud,
            form.subnet,
            ip_address=address or None,
            name=f"vip-{form.cleaned_data['key'].hex[:8]}",
        )
    except REFUSALS as error:
        _refuse(form, error, address)
        return _assign_page(request, form, details, status=422)
    text = f"Virtual IP address {vip.ip_address} is assigned. Bind it to your servers next."
    attempt.finish(messages.SUCCESS, text)
    return done(request, CHANGED, vips_url(network_id, subnet_id, origin_of(request)))


def _refuse(form: VirtualIPAssignForm, error: CloudError, address: str) -> None:
    """Beside the address where the cloud refused the very one that was typed."""
    if not (address and is_about_address(error)):
        form.add_cloud_error(error)
        return
    form.add_error("ip_address", f"The cloud does not give out {address}. {OTHER_ADDRESS}")
    form.add_cloud_error(error, "ip_address")


def _server_name(request: ConsoleRequest, server_id: str) -> str:
    return names.known(request.cloud, [server_id]).get(server_id) or server_id


def _assign_page(
    request: ConsoleRequest, form: VirtualIPAssignForm, details: SubnetDetails, status: int = 200
) -> HttpResponse:
    origin = origin_of(request)
    back = vips_url(details.network.id, details.subnet.id, origin)
    trail = subnet_trail(details, origin, "Assign Virtual IP Address")
    context = {"form": form, "details": details, "trail": trail, "back": back}
    return render_page(
        request, "vpc/virtual_ip_assign.html", context, fragment="dialog", status=status
    )


@require_http_methods(["GET", "POST"])
def virtual_ip_release(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    release = partial(_release, request, network_id, subnet_id, vip_id)
    if request.method == "GET":
        return release()
    return carry_out(request, vips_url(network_id, subnet_id, origin_of(request)), release)


def _release(
    request: ConsoleRequest,
    network_id: UUID,
    subnet_id: UUID,
    vip_id: UUID,
    attempt: Attempt | None = None,
) -> HttpResponse:
    """The question, or with an attempt the answer to it."""
    calls = dialog_calls(request, network_id, subnet_id)
    vips = VIPCalls(request.cloud, str(network_id))
    details = calls.details()
    vip = vips.virtual_ip(str(vip_id))
    origin = origin_of(request)
    back = vips_url(network_id, subnet_id, origin)
    refusals = release_refusals(request.cloud.profile, vip)
    form = OnceForm(request.POST if attempt else None)
    if attempt and not refusals and form.is_valid():
        try:
            release_virtual_ip(request.cloud, vip)
        except REFUSALS as error:
            form.add_cloud_error(error)
        else:
            text = f"Virtual IP address {vip.address} is released."
            attempt.finish(messages.SUCCESS, text)
            return done(request, CHANGED, back)
    context = {
        "form": form,
        "vip": vip,
        "details": details,
        "refusals": refusals,
        "origin": origin,
        "trail": subnet_trail(details, origin, "Release"),
        "back": back,
    }
    status = 422 if attempt else 200
    return render_page(
        request, "vpc/virtual_ip_release.html", context, fragment="dialog", status=status
    )
