"""The servers of a subnet, and which of them may carry a VIP.

Nova cannot list the servers of a subnet; the subnet's ports can. So the ports say which servers
there are, and one page of Nova's list, read at the same time, gives names and states. In a large
project that page does not hold all of them: the others appear by what was seen lately or by their
id, and the page loads their names and states afterwards (`bms:server_names`). That is also when it
turns out which of them are virtual machines, where nobody has seen them lately.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from bms.api import BareMetalAPI
from bms.services import names
from bms.services.listing import ServerQuery, existing, server_page, start_servers
from vpc.resources import ip_order
from vpc.services.nic_order import primary_first, primary_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bms.resources import Server, ServerState
    from bms.services.listing import ServerPage
    from console.cloud.client import CloudClient
    from vpc.resources import Port
    from vpc.services.bindings import Binding, Covered, VirtualIP

PAGE_SIZE = 50
MORE_MATCH = gettext_noop("More servers have such a name than could be looked at. Type more of it.")


@dataclass(frozen=True, kw_only=True)
class SubnetServer:
    """A server and its NICs in the subnet, the primary one first where it is known.

    `primary_nic` is that one's id: empty where it is in another subnet, or nobody tells. `name` is
    empty and `state` None where Nova has not told them (yet).
    """

    id: str
    nics: tuple[Port, ...]
    primary_nic: str = ""
    name: str = ""
    state: ServerState | None = None

    @property
    def label(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, kw_only=True)
class SubnetServers:
    """One page of them, by address. `total` counts all that match; pages begin at `first`."""

    rows: tuple[SubnetServer, ...]
    total: int
    first: int = 0
    notice: str = ""

    @property
    def next_first(self) -> int | None:
        following = self.first + PAGE_SIZE
        return following if following < self.total else None

    @property
    def previous_first(self) -> int | None:
        return max(0, self.first - PAGE_SIZE) if self.first else None

    @property
    def words(self) -> str:
        """Which of them the page shows."""
        if self.total <= PAGE_SIZE:
            words = ngettext("{count} server", "{count} servers", self.total)
            return words.format(count=self.total)
        last = min(self.first + PAGE_SIZE, self.total)
        # Translators: A page of a list: "51-100 of 230 servers".
        return _("{first}-{last} of {count} servers").format(
            first=self.first + 1, last=last, count=self.total
        )

    @property
    def unnamed(self) -> tuple[str, ...]:
        return tuple(row.id for row in self.rows if row.state is None)


@dataclass(frozen=True, kw_only=True)
class FoundServers:
    """What Nova told: the `chosen` servers, those of them that are no bare metal servers apart, and
    a page of its list."""

    query: ServerQuery
    chosen: tuple[Server, ...]
    machines: tuple[Server, ...]
    page: ServerPage

    @property
    def by_id(self) -> dict[str, Server]:
        return {server.id: server for server in (*self.page.servers, *self.chosen)}

    @property
    def is_complete(self) -> bool:
        """Whether the page is the project's whole list: what is not on it is no BMS then."""
        return not (self.page.next_after or self.query.name)


def find_servers(cloud: CloudClient, text: str, chosen: Collection[str] = ()) -> FoundServers:
    """One round trip deep. Only names are left to Nova: addresses are the ports' matter."""
    started = start_servers(cloud, list(chosen))
    query = ServerQuery(text=text)
    query = ServerQuery() if query.ip else query
    page = server_page(cloud, query)
    read = existing(cloud, started)
    is_bare_metal = BareMetalAPI(cloud).is_bare_metal
    return FoundServers(
        query=query,
        chosen=tuple(server for server in read if is_bare_metal(server)),
        machines=tuple(server for server in read if not is_bare_metal(server)),
        page=page,
    )


def in_subnet(
    cloud: CloudClient,
    found: FoundServers,
    ports: Iterable[Port],
    subnet_id: str,
    *,
    text: str = "",
    first: int = 0,
) -> SubnetServers:
    """The page that begins at `first`; the chosen servers stand on top of it, matching or not. What
    is known to be a virtual machine is left out."""
    nics: dict[str, list[Port]] = {}
    places: dict[str, tuple[int, int]] = {}
    for port in ports:
        if port.is_nic and (address := port.address_in(subnet_id)):
            nics.setdefault(port.device_id, []).append(port)
            place = ip_order(address)
            places[port.device_id] = min(places.get(port.device_id, place), place)
    known = found.by_id
    kinds = {} if found.is_complete else names.kinds(cloud, nics)
    kinds |= dict.fromkeys(known, True) | {server.id: False for server in found.machines}
    nics = {one: its for one, its in nics.items() if kinds.get(one, not found.is_complete)}
    chosen = [server.id for server in found.chosen if server.id in nics]
    named = {server.id for server in found.page.servers} if found.query.name else set()
    matching = [one for one, its in nics.items() if one in named or _matches(text, one, its)]
    matching.sort(key=places.__getitem__)
    first = first if first < len(matching) else 0
    page = [one for one in matching[first : first + PAGE_SIZE] if one not in chosen]
    seen = names.known(cloud, page)
    return SubnetServers(
        rows=tuple(
            _row(one, nics[one], known.get(one), seen.get(one, "")) for one in (*chosen, *page)
        ),
        total=len(matching),
        first=first,
        notice=_(MORE_MATCH) if found.query.name and found.page.next_after else "",
    )


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A server that may be chosen for a VIP: through one of `free`. `bindings` it has already;
    through the NICs of `covered` it may use the address without."""

    server: SubnetServer
    bindings: tuple[Binding, ...]
    covered: tuple[Covered, ...]
    is_chosen: bool
    chosen_nic: str

    @property
    def content(self) -> str:
        """All that its row is made of: rows are kept by it."""
        return msgspec.json.encode(self).decode()

    @property
    def nics(self) -> tuple[Port, ...]:
        return self.server.nics

    @property
    def free(self) -> tuple[Port, ...]:
        """NICs that the VIP is not bound to, or only half."""
        done = {binding.nic.id for binding in self.bindings if not binding.is_half}
        return tuple(nic for nic in self.nics if nic.id not in done)


def candidates(
    rows: Iterable[SubnetServer], vip: VirtualIP, chosen: Collection[str], nics: Collection[str]
) -> tuple[Candidate, ...]:
    """`chosen` are ids of the ticked servers, `nics` of the NICs chosen with them."""
    found = []
    for row in rows:
        ids = [nic.id for nic in row.nics]
        found.append(
            Candidate(
                server=row,
                bindings=tuple(b for b in vip.bindings if b.nic.id in ids),
                covered=tuple(c for c in vip.only_covered if c.nic.id in ids),
                is_chosen=row.id in chosen,
                chosen_nic=next((nic for nic in ids if nic in nics), ""),
            )
        )
    return tuple(found)


def _matches(text: str, server_id: str, ports: Iterable[Port]) -> bool:
    wanted = text.strip().lower()
    return (
        not wanted
        or wanted in server_id
        or any(wanted in address.lower() for port in ports for address in port.addresses)
    )


def _row(server_id: str, ports: list[Port], server: Server | None, seen_name: str) -> SubnetServer:
    in_order = primary_first(ports, server)
    return SubnetServer(
        id=server_id,
        nics=in_order,
        primary_nic=primary_of(in_order, server),
        name=server.name if server else seen_name,
        state=server.state if server else None,
    )
