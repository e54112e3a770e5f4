"""One page of the list of bare metal servers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bms.api import BareMetalAPI
from bms.services import names
from bms.services.images import ImageCalls, ImageNames
from console.cloud.errors import BadRequest, NotFound
from vpc.api import NetworkAPI

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bms.resources import Server
    from console.cloud.client import CloudClient, Started
    from console.cloud.paging import Page
    from vpc.resources import Port

PAGE_SIZE = 50
REGEX_SPECIAL = re.compile(r"([.^$*+?{}\[\]\\|()])")
IP_PART = re.compile(r"^(\d{1,3}(\.\d{0,3}){1,3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:]+)$")


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def ids_among(texts: Iterable[str]) -> list[str]:
    """Those that can be an id, each once."""
    return list(dict.fromkeys(text.lower() for text in texts if is_uuid(text)))


@dataclass(frozen=True, kw_only=True)
class ServerQuery:
    """What to show. `after` and `before` are server ids: the page beyond them."""

    text: str = ""
    status: str = ""
    after: str = ""
    before: str = ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.status)

    @property
    def server_id(self) -> str:
        """The text, if it is a whole server id."""
        return self.text.lower() if is_uuid(self.text) else ""

    @property
    def ip(self) -> str:
        """The text, if it is an address, as the cloud writes it, or the beginning of one."""
        return self._whole_address or (self.text if IP_PART.match(self.text) else "")

    @property
    def is_whole_address(self) -> bool:
        return bool(self._whole_address)

    @property
    def _whole_address(self) -> str:
        try:
            return str(ip_address(self.text))
        except ValueError:
            return ""

    @property
    def name(self) -> str:
        """The text as a regular expression that means the text itself."""
        return "" if self.ip else REGEX_SPECIAL.sub(r"\\\1", self.text)


@dataclass(frozen=True, kw_only=True)
class ServerRow:
    """What a row shows, and nothing beside it: rendered rows are kept by `content`."""

    server: Server
    image_name: str

    @property
    def content(self) -> str:
        return msgspec.json.encode((self.server, self.image_name)).decode()


@dataclass(frozen=True, kw_only=True)
class UnreadServer:
    """A server known by its NICs only. Its name is empty where it was not seen lately."""

    id: str
    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ServerPage:
    """`unread` servers belong to it too, if they turn out to be bare metal servers with the status
    asked for: `whole_rows` reads them, afterwards."""

    servers: tuple[Server, ...]
    unread: tuple[UnreadServer, ...] = ()
    images: ImageNames = field(default_factory=ImageNames)
    next_after: str = ""
    previous_before: str = ""
    notice: str = ""

    @property
    def watched(self) -> tuple[str, ...]:
        """Ids of the servers whose status is still changing."""
        return on_their_way(self.servers)

    @property
    def rows(self) -> tuple[ServerRow, ...]:
        return tuple(
            ServerRow(server=server, image_name=self.images.of(server)) for server in self.servers
        )


LIST_CHANGED = gettext_noop("The list has changed meanwhile, so this is its first page again.")
WHOLE_ADDRESS = gettext_noop(
    "This cloud cannot search for a part of an address. Type the whole address."
)


def on_their_way(servers: Iterable[Server]) -> tuple[str, ...]:
    return tuple(server.id for server in servers if not server.state.is_final)


def server_page(cloud: CloudClient, query: ServerQuery) -> ServerPage:
    """Raises `CloudError` when the list cannot be read. One round trip deep."""
    images = ImageCalls(cloud)
    if query.server_id:
        page = _by_id(cloud, query)
    elif query.ip:
        page = _by_address(cloud, query)
    else:
        page = _in_order(cloud, query)
    names.remember(cloud, page.servers)
    return replace(page, images=images.names())


def _in_order(cloud: CloudClient, query: ServerQuery) -> ServerPage:
    try:
        page = _fetch(cloud, query)
    except BadRequest:
        if not (query.after or query.before):
            raise
        return replace(_first(cloud, query), notice=_(LIST_CHANGED))
    if query.before:
        servers = tuple(reversed(page.items))
        if not servers and page.next_marker is None:
            # Nova announces a further page whenever one is full, also when nothing follows.
            return _first(cloud, query)
        return ServerPage(
            servers=servers,
            next_after=servers[-1].id if servers else "",
            previous_before=page.next_marker or "",
        )
    return ServerPage(
        servers=page.items,
        next_after=page.next_marker or "",
        previous_before=(page.items[0].id if page.items else query.after) if query.after else "",
    )


def _first(cloud: CloudClient, query: ServerQuery) -> ServerPage:
    page = _fetch(cloud, replace(query, after="", before=""))
    return ServerPage(servers=page.items, next_after=page.next_marker or "")


def _by_id(cloud: CloudClient, query: ServerQuery) -> ServerPage:
    found = servers_by_id(cloud, [query.server_id], query.status)
    return ServerPage(servers=_bare_metal(cloud, found))


def _by_address(cloud: CloudClient, query: ServerQuery) -> ServerPage:
    """Nova picks servers out by address, but Open Telekom Cloud does not document that it does
    there. So Neutron is asked at the same time, which knows whole addresses only."""
    if cloud.profile == "otc":
        if not query.is_whole_address:
            return ServerPage(servers=(), notice=_(WHOLE_ADDRESS))
        ports = cloud.start(NetworkAPI(cloud).list_ports, fixed_ips=f"ip_address={query.ip}")
        page = _in_order(cloud, query)
        return _owners(cloud, page, ports.result())
    page = _in_order(cloud, query)
    matching = tuple(server for server in page.servers if server.has_address_like(query.ip))
    return replace(page, servers=matching)


def _owners(cloud: CloudClient, page: ServerPage, ports: Iterable[Port]) -> ServerPage:
    """The servers that hold the ports: those that are on the page, and those that may be on a later
    one. Nobody waits for these: that would be a second round trip."""
    nics: dict[str, list[Port]] = {}
    for port in ports:
        if port.is_nic:
            nics.setdefault(port.device_id, []).append(port)
    servers = tuple(server for server in page.servers if server.id in nics)
    is_whole_list = not (page.next_after or page.previous_before)
    missing = [] if is_whole_list else sorted(nics.keys() - {server.id for server in servers})
    kinds, seen = names.kinds(cloud, missing), names.known(cloud, missing)
    unread = tuple(
        UnreadServer(
            id=one,
            name=seen.get(one, ""),
            addresses=tuple(fixed.ip_address for port in nics[one] for fixed in port.fixed_ips),
        )
        for one in missing
        if kinds.get(one, True)
    )
    return ServerPage(servers=servers, unread=unread)


def whole_rows(cloud: CloudClient, server_ids: Sequence[str], status: str) -> ServerPage:
    """Those of the servers that are BMSs and, if one is given, have that status. One round trip
    deep."""
    images = ImageCalls(cloud)
    servers = _bare_metal(cloud, servers_by_id(cloud, server_ids, status))
    return ServerPage(servers=servers, images=images.names())


def _bare_metal(cloud: CloudClient, servers: Iterable[Server]) -> tuple[Server, ...]:
    api = BareMetalAPI(cloud)
    return tuple(server for server in servers if api.is_bare_metal(server))


def servers_by_id(
    cloud: CloudClient, server_ids: Sequence[str], status: str = ""
) -> tuple[Server, ...]:
    """Those of the servers that exist and, if one is given, have that status."""
    found = existing(cloud, start_servers(cloud, server_ids))
    return tuple(server for server in found if status in ("", server.status))


def virtual_machines(cloud: CloudClient, server_ids: Sequence[str]) -> tuple[str, ...]:
    """Those of the servers that are no BMS. Nothing is asked where the kind was seen lately, as of
    all that a dialog has just shown."""
    kinds = names.kinds(cloud, server_ids)
    read = servers_by_id(cloud, [one for one in server_ids if one not in kinds])
    is_bare_metal = BareMetalAPI(cloud).is_bare_metal
    kinds |= {server.id: is_bare_metal(server) for server in read}
    return tuple(one for one in server_ids if kinds.get(one) is False)


def start_servers(cloud: CloudClient, server_ids: Sequence[str]) -> list[Started[Server]]:
    api = BareMetalAPI(cloud)
    return [cloud.start(api.get_server, server_id) for server_id in server_ids]


def existing(cloud: CloudClient, started: list[Started[Server]]) -> tuple[Server, ...]:
    found = []
    for call in started:
        try:
            found.append(call.result())
        except NotFound:
            continue
    names.remember(cloud, found)
    return tuple(found)


def _fetch(cloud: CloudClient, query: ServerQuery) -> Page[Server]:
    return BareMetalAPI(cloud).list_servers(
        limit=PAGE_SIZE,
        marker=query.before or query.after or None,
        name=query.name,
        ip=query.ip,
        status=query.status,
        sort_dir="asc" if query.before else "desc",
    )
