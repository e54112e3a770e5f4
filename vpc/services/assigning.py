"""Assigning VIPs: the check of chosen addresses before they are sent."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.utils.translation import gettext as _

from vpc.services.pairs import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from console.cloud.errors import CloudError
    from vpc.resources import IPAddress, Port, Subnet

MOST_ASSIGNED = 5
"""How many VIPs one submit may ask for."""

ADDRESS_CODES = frozenset(
    ("IpAddressAlreadyAllocated", "IpAddressInUse", "InvalidIpForSubnet", "InvalidIpForNetwork")
)
"""With these Neutron refuses the very address that was asked for (cloud-api 3.12)."""


@dataclass(frozen=True)
class Typed:
    """An address as it was typed (one that is an address as the cloud writes it), and its line."""

    text: str
    line: int


def typed(text: str) -> list[Typed]:
    """What stands in a field for several addresses."""
    return [
        Typed(_as_written(word), number)
        for number, line in enumerate(text.splitlines(), 1)
        for word in re.split(r"[\s,;]+", line)
        if word
    ]


def _as_written(word: str) -> str:
    try:
        validate_ipv46_address(word)
    except ValidationError:
        return word
    return str(ipaddress.ip_address(word))


def problems(
    addresses: Sequence[Typed],
    subnet: Subnet,
    ports: Iterable[Port],
    server_name: Callable[[str], str] = str,
) -> Iterator[str]:
    """Why these addresses cannot all become VIPs of the subnet, each with its line where there are
    several; nothing when they can."""
    ports = tuple(ports)
    first_lines: dict[object, int] = {}
    for address in addresses:
        problem = address_problem(address.text, subnet, ports, server_name)
        if not problem and (earlier := first_lines.get(key(address.text))):
            problem = _("{address} was typed before, in line {line}. Type it once only.").format(
                address=address.text, line=earlier
            )
        if problem and len(addresses) > 1:
            # Translators: {problem} is a sentence or two.
            yield _("Line {line}: {problem}").format(line=address.line, problem=problem)
        elif problem:
            yield problem
        first_lines.setdefault(key(address.text), address.line)


def is_about_address(error: CloudError) -> bool:
    return error.code in ADDRESS_CODES


def address_problem(
    text: str, subnet: Subnet, ports: Iterable[Port], server_name: Callable[[str], str] = str
) -> str:
    """Why this address cannot become a VIP of the subnet, in words; empty when it can.
    `server_name` gives the name of a server's id, or the id again.

    The cloud checks again: what it reserves beyond this (cloud-api 3.1 on `.252`) and what others
    take meanwhile only it knows.
    """
    try:
        validate_ipv46_address(text)
    except ValidationError:
        words = _("{text} is not an IP address. Enter a valid IPv4 or IPv6 address.")
        return words.format(text=text)
    address = ipaddress.ip_address(text)
    if address.version != subnet.ip_version:
        words = _("{address} is no IPv{version} address.")
        return words.format(address=text, version=subnet.ip_version)
    if address not in subnet.range:
        words = _("{address} lies outside the subnet's range {range}.")
        return words.format(address=text, range=subnet.cidr)
    if words := _reserved(address, subnet):
        return words.format(address=text)
    for port in ports:
        if any(key(fixed.ip_address) == address for fixed in port.fixed_ips):
            server = server_name(port.device_id) if port.is_nic else ""
            return _in_use(port).format(address=text, server=server, owner=port.device_owner)
    return ""


def _reserved(address: IPAddress, subnet: Subnet) -> str:
    if subnet.gateway_ip and address == ipaddress.ip_address(subnet.gateway_ip):
        return _("{address} is reserved: it is the gateway of the subnet.")
    if address == subnet.range.network_address:
        return _("{address} is reserved: it is the address of the network itself.")
    if subnet.ip_version == 4 and address == subnet.range.broadcast_address:
        return _("{address} is reserved: it is the broadcast address of the subnet.")
    return ""


def _in_use(port: Port) -> str:
    if port.is_vip:
        return _("{address} is already in use by another virtual IP address.")
    if port.is_nic:
        return _("{address} is already in use by a NIC of server {server}.")
    if port.device_owner:
        # Translators: {owner} is what the cloud calls it: "network:dhcp".
        return _("{address} is already in use by {owner}.")
    return _("{address} is already in use.")
