"""Where a person came from: a subnet's pages opened from a NIC keep the way back to that BMS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from bms.services import names
from bms.services.listing import is_uuid
from console.htmx import wants_fragment
from console.templatetags.values import with_query
from vpc.services.subnets import SubnetCalls

if TYPE_CHECKING:
    from uuid import UUID

    from console.types import ConsoleRequest
    from vpc.services.subnets import SubnetDetails


@dataclass(frozen=True)
class Origin:
    """A server and one of its NICs; both empty when the way did not begin at a BMS."""

    server_id: str = ""
    nic_id: str = ""
    server_name: str = ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        given = [("server", self.server_id), ("nic", self.nic_id)]
        return [(name, value) for name, value in given if value]

    @property
    def query(self) -> str:
        """What a link within the subnet's pages carries on: "" or "server=…&nic=…"."""
        return urlencode(self.fields)


def origin_of(request: ConsoleRequest) -> Origin:
    server_id = request.GET.get("server", "").lower()
    nic_id = request.GET.get("nic", "").lower()
    if not is_uuid(server_id):
        return Origin()
    name = names.known(request.cloud, [server_id]).get(server_id, "")
    return Origin(server_id, nic_id if is_uuid(nic_id) else "", name or server_id)


def dialog_calls(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, *, anew: bool = False
) -> SubnetCalls:
    """What a dialog reads about its subnet. The VPC is only for the breadcrumbs of the page."""
    with_trail = not wants_fragment(request)
    return SubnetCalls(request.cloud, str(network_id), str(subnet_id), vpc=with_trail, anew=anew)


def vips_url(network_id: UUID | str, subnet_id: UUID | str, origin: Origin) -> str:
    """The Virtual IP Address tab, with the way back."""
    page = reverse("vpc:subnet_detail", args=[network_id, subnet_id])
    return with_query(f"{page}?tab=virtual-ips", origin.query)


def subnet_trail(
    details: SubnetDetails, origin: Origin, here: str | None
) -> list[tuple[str, str | None]]:
    """Breadcrumbs down to the subnet, and to `here` inside it: from the BMS one came from, else
    from the VPC."""
    trail: list[tuple[str, str | None]]
    if origin.server_id:
        server = reverse("bms:server_detail", args=[origin.server_id])
        trail = [
            (_("Bare Metal Server"), reverse("bms:server_list")),
            (origin.server_name, f"{server}?tab=nics"),
        ]
    else:
        trail = [(_("Virtual Private Cloud"), reverse("vpc:vpc_list"))]
        if details.vpc:
            vpc = reverse("vpc:vpc_detail", args=[details.vpc.id])
            trail.append((details.vpc.name or details.vpc.id, vpc))
    if here is None:
        return [*trail, (details.name, None)]
    subnet = vips_url(details.network.id, details.subnet.id, origin)
    return [*trail, (details.name, subnet), (here, None)]
