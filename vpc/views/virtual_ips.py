from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from bms.services import names
from bms.services.listing import ServerQuery, ids_among, server_page, start_servers
from console.cloud.errors import CloudError, NotFound, Unauthorized
from console.htmx import go_to, render_page, wants_fragment
from console.templatetags.values import with_query
from vpc.api import NetworkAPI
from vpc.services.ha_picture import picture
from vpc.services.listing import VIPCalls
from vpc.services.rules import may_have_two
from vpc.services.subnets import SubnetCalls
from vpc.views.origin import origin_of, subnet_trail, vips_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.http import HttpResponse

    from bms.resources import Server
    from console.types import ConsoleRequest
    from vpc.services.ha_picture import Picture

MOST_LOOKED_AT = 50
GONE = gettext_noop("This virtual IP address is no longer there.")


@require_GET
def virtual_ip_detail(
    request: ConsoleRequest, network_id: UUID, subnet_id: UUID, vip_id: UUID
) -> HttpResponse:
    """A VIP's own page. Where a page of Nova's list does not hold all its servers, it asks for
    itself once more, and names them as `look`: these are read one by one."""
    cloud, origin = request.cloud, origin_of(request)
    looked = ids_among(request.GET.getlist("look"))[:MOST_LOOKED_AT]
    calls = SubnetCalls(cloud, str(network_id), str(subnet_id))
    vips = VIPCalls(cloud, str(network_id))
    problems: list[CloudError] = []
    servers, gone = _servers(request, looked, problems)
    details = calls.details()
    table = vips.table(details.own, "")
    vip = next((one for one in table.rows if one.id == str(vip_id)), None)
    if vip is None:
        if wants_fragment(request):  # it was released in a dialog on this very page
            messages.info(request, _(GONE))
            return go_to(request, vips_url(network_id, subnet_id, origin))
        words = _("There is no virtual IP address with the id {id} in this subnet.")
        raise NotFound(words.format(id=vip_id))
    eip = table.eips.get(vip.id)
    server_names = table.server_names | {one.id: one.name for one in servers if one.name}
    states = {one.id: one.state for one in servers}
    pair = may_have_two(cloud.profile, vip)
    drawn = picture(vip, eip, server_names, states, gone, may_have_two=pair)
    unread = not looked and any(one not in states for one in drawn.server_ids)
    more = urlencode({"look": drawn.server_ids[:MOST_LOOKED_AT]}, doseq=True)
    # A fourth call, and the least needed: it comes afterwards, as news of an EIP on its way do.
    bandwidth_is_missing = eip is not None and NetworkAPI(cloud).has_vpc_api
    context = {
        "vip": vip,
        "details": details,
        "picture": drawn,
        "variants": _variants(request, drawn, table.needing_repair[vip.id]),
        "eips_known": table.eips_known,
        "bandwidth_is_missing": bandwidth_is_missing,
        "watched": [vip.id] if bandwidth_is_missing or vip.id in table.watched else [],
        "under_way": table.under_way.get(vip.id),
        "needs_repair": table.needing_repair[vip.id],
        "problems": [*details.problems, *table.problems, *problems],
        "more_url": with_query(f"{request.path}?{more}", origin.query) if unread else "",
        "origin": origin,
        "trail": subnet_trail(details, origin, vip.address or vip.id),
    }
    return render_page(request, "vpc/virtual_ip_detail.html", context, fragment="virtual_ip")


def _variants(request: ConsoleRequest, drawn: Picture, needs_repair: bool) -> dict[str, str]:
    """Of the buttons: the one that comes next stands out, unless it is off."""
    variants = dict.fromkeys(("repair", "bind", "eip"), "secondary")
    if request.cloud.can_write and needs_repair:
        variants["repair"] = "primary"
    elif request.cloud.can_write and drawn.lacks_server:
        variants["bind"] = "primary"
    return variants


def _servers(
    request: ConsoleRequest, looked: list[str], problems: list[CloudError]
) -> tuple[list[Server], set[str]]:
    """Servers as far as Nova tells, and ids of those that it has not; the page can do without."""
    found: list[Server] = []
    gone: set[str] = set()
    if not looked:
        # Not begun as a call: it begins calls itself, and one that waits for others on their own
        # threads could keep them from ever starting.
        with _told_in(problems):
            found += server_page(request.cloud, ServerQuery()).servers
        return found, gone
    for server_id, call in zip(looked, start_servers(request.cloud, looked), strict=True):
        with _told_in(problems):
            try:
                found.append(call.result())
            except NotFound:
                gone.add(server_id)
    names.remember(request.cloud, found)
    return found, gone


@contextmanager
def _told_in(problems: list[CloudError]) -> Iterator[None]:
    """What the page can do without, as `Started.otherwise` has it. The same is told once."""
    try:
        yield
    except Unauthorized:
        raise
    except CloudError as error:
        if error.headline not in {one.headline for one in problems}:
            problems.append(error)
