"""The other addresses of a subnet: who holds each, and whether it can be released.

What is not a virtual IP address and has an address in the subnet. All of it is read from the ports
of the network, which the page has read already.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bms.services import names
from vpc.resources import GATEWAY_OWNERS, ip_order
from vpc.services.changes import subject
from vpc.services.notices import UNBIND, Code, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from console.cloud.client import CloudClient
    from vpc.resources import FixedIP, FloatingIP, Port, Subnet
    from vpc.services.bindings import Profile

    _Held = tuple[Port, tuple[FixedIP, ...]]
    """A port and its addresses in the subnet. Of thousands only those of a page become rows."""

PAGE_SIZE = 50
UNUSED = gettext_noop("Unused")
OWNERS = {
    **dict.fromkeys(GATEWAY_OWNERS, gettext_noop("Gateway")),
    "network:dhcp": gettext_noop("DHCP"),
    "neutron:LOADBALANCERV2": gettext_noop("Shared load balancer"),
    "neutron:LOADBALANCERV3": gettext_noop("Dedicated load balancer"),
    "Octavia": gettext_noop("Load balancer"),
    "network:nat_gateway": gettext_noop("NAT gateway"),
    "network:endpoint_interface": gettext_noop("VPC endpoint"),
}
"""cloud-api 3.5; `Octavia` is the load balancer of OpenStack."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """A port's addresses in the subnet, and the port's EIP."""

    port: Port
    fixed_ips: tuple[FixedIP, ...]
    eip: FloatingIP | None
    profile: Profile

    @property
    def content(self) -> str:
        """All that its row is made of, beside the names of servers: rows are kept by it."""
        everything = self.port, self.fixed_ips, self.eip, self.profile
        return msgspec.json.encode(everything).decode()

    @cached_property
    def reason(self) -> str:
        """Why it cannot be released now; empty when it can."""
        notice = next(_refusals(self.port, self.eip), None)
        return notice.message if notice else ""

    @property
    def can_be_vip(self) -> bool:
        """Whether nobody uses it and the cloud lets it become one."""
        return not use_refusals(self.profile, self.port)

    @property
    def id(self) -> str:
        return self.port.id

    @property
    def main(self) -> str:
        return self.fixed_ips[0].ip_address

    @property
    def server_id(self) -> str:
        """The server that holds it; empty where none does."""
        return self.port.device_id if self.port.is_nic else ""

    @property
    def owner(self) -> str:
        return owner_words(self.port)


@dataclass(frozen=True, kw_only=True)
class AddressTable:
    """One page. `total` counts all addresses of the subnet, `found` those that match the search."""

    rows: tuple[Address, ...]
    total: int
    found: int
    first: int
    server_names: Mapping[str, str]
    unnamed: tuple[str, ...]

    @property
    def previous_first(self) -> int | None:
        return max(0, self.first - PAGE_SIZE) if self.first else None

    @property
    def next_first(self) -> int | None:
        after = self.first + PAGE_SIZE
        return after if after < self.found else None

    @property
    def words(self) -> str:
        """`51-100 of 230`"""
        if not self.rows:
            return ""
        # Translators: A page of a list: "51-100 of 230".
        return _("{first}-{last} of {count}").format(
            first=self.first + 1, last=self.first + len(self.rows), count=self.found
        )


def address_table(
    cloud: CloudClient,
    ports: Iterable[Port],
    eips: Iterable[FloatingIP],
    ranges: Iterable[Subnet],
    *,
    search: str = "",
    first: int = 0,
) -> AddressTable:
    """The addresses in one of the ranges, in their order: `PAGE_SIZE` of them, from the page that
    `first` lies on. A page that does not exist is the last one."""
    by_port = {eip.port_id: eip for eip in eips if eip.port_id}
    inside = {subnet.id for subnet in ranges}
    everything = sorted(_held(ports, inside), key=_by_address)

    def address(held: _Held) -> Address:
        port, fixed_ips = held
        return Address(
            port=port, fixed_ips=fixed_ips, eip=by_port.get(port.id), profile=cloud.profile
        )

    found, wanted = everything, search.strip().casefold()
    if wanted:
        known = names.known(cloud, {held[0].device_id for held in everything if held[0].is_nic})
        found = [one for one in everything if wanted in _words(address(one), known)]
    first = min(first, max(0, len(found) - 1)) // PAGE_SIZE * PAGE_SIZE
    rows = tuple(address(one) for one in found[first : first + PAGE_SIZE])
    servers = {row.server_id for row in rows if row.server_id}
    known = names.known(cloud, servers)
    return AddressTable(
        rows=rows,
        total=len(everything),
        found=len(found),
        first=first,
        server_names=known,
        unnamed=tuple(sorted(servers - known.keys())),
    )


def owner_words(port: Port) -> str:
    """Who holds it: what is not known by another name is called as the cloud calls it."""
    if port.is_vip:
        return _("Virtual IP address")
    if port.is_nic:
        return _("Server {server}").format(server=port.device_id)
    if port.device_owner:
        known = OWNERS.get(port.device_owner)
        return _(known) if known else port.device_owner
    return _("Device {device}").format(device=port.device_id) if port.device_id else _(UNUSED)


def address_refusals(port: Port, eip: FloatingIP | None) -> tuple[Notice, ...]:
    """Why the address cannot be released now (cloud-api 3.6); nothing when it can."""
    return tuple(_refusals(port, eip))


def use_refusals(profile: Profile, port: Port) -> tuple[Notice, ...]:
    """Why the address cannot be used as a VIP now; nothing when it can."""
    if port.is_vip:
        words = _("{address} is a virtual IP address already.").format(address=_name(port))
        return (Notice(Code.IN_USE, words, _("Bind it in its row."), port.id),)
    if used := tuple(_in_use(port)):
        return used
    return () if profile == "openstack" else (_fixed_owner(port),)


def _fixed_owner(port: Port) -> Notice:
    return Notice(
        Code.FIXED_OWNER,
        _(
            "Address {address} was not assigned as a virtual IP address, and this cloud does not "
            "let that be changed."
        ).format(address=_name(port)),
        _("Release it, and choose Assign Virtual IP Address with the same address."),
        port.id,
    )


def _name(port: Port) -> str:
    # Translators: It stands for an address that is not known: "Address of port 1234 is in use."
    return port.ip_address or _("of port {port}").format(port=port.id)


def _in_use(port: Port) -> Iterator[Notice]:
    if port.device_owner or port.device_id:
        yield Notice(
            Code.IN_USE,
            # Translators: {owner} is what the list shows: "NAT gateway", "Server 1234".
            _("Address {address} is in use. Used by: {owner}.").format(
                address=_name(port), owner=owner_words(port)
            ),
            _("It becomes free when what uses it is removed, in the cloud's own console."),
            port.id,
        )


def _refusals(port: Port, eip: FloatingIP | None) -> Iterator[Notice]:
    name = _name(port)
    if port.is_vip:
        yield Notice(
            Code.IN_USE,
            _("{address} is a virtual IP address.").format(address=name),
            _("Release it in its row on the Virtual IP Address tab."),
            port.id,
        )
        return
    yield from _in_use(port)
    if eip:
        yield Notice(
            Code.HAS_EIP,
            _("Address {address} holds EIP {eip}.").format(
                address=name, eip=eip.floating_ip_address
            ),
            _("Unbind the EIP first, in the cloud's own console."),
            port.id,
        )
    if port.allowed_address_pairs:
        listed = ", ".join(pair.ip_address for pair in port.allowed_address_pairs)
        yield Notice(
            Code.HAS_PAIRS,
            _(
                "{port} lists allowed address pairs ({addresses}): somebody set them for a purpose."
            ).format(port=subject(port), addresses=listed),
            _(
                "If one is a virtual IP address, remove it there with {control}. Others can be "
                "removed in the cloud's own console."
            ).format(control=_(UNBIND)),
            port.id,
        )


def _held(ports: Iterable[Port], inside: set[str]) -> Iterator[_Held]:
    for port in ports:
        fixed_ips = tuple([fixed for fixed in port.fixed_ips if fixed.subnet_id in inside])
        if fixed_ips and not port.is_vip:
            yield port, fixed_ips


def _words(address: Address, server_names: Mapping[str, str]) -> str:
    """All that a search looks at."""
    port = address.port
    parts = [port.id, port.name, port.device_id, address.owner]
    parts += [fixed.ip_address for fixed in address.fixed_ips]
    parts.append(server_names.get(address.server_id, ""))
    return " ".join(parts).casefold()


def _by_address(held: _Held) -> tuple[int, int, str]:
    port, fixed_ips = held
    return *ip_order(fixed_ips[0].ip_address), port.id
