"""Assigning VIPs: the check of chosen addresses before they are sent."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address

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
        where = f"Line {address.line}: " if len(addresses) > 1 else ""
        if problem := address_problem(address.text, subnet, ports, server_name):
            yield where + problem
        elif earlier := first_lines.get(key(address.text)):
            yield f"{where}{address.text} was typed before, in line {earlier}. Type it once only."
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
        return f"{text} is not an IP address. Enter a valid IPv4 or IPv6 address."
    address = ipaddress.ip_address(text)
    if address.version != subnet.ip_version:
        return f"{text} is no IPv{subnet.ip_version} address."
    if address not in subnet.range:
        return f"{text} lies outside the subnet's range {subnet.cidr}."
    reason = _reserved(address, subnet)
    if reason:
        return f"{text} is reserved: it is the {reason}."
    for port in ports:
        if any(key(fixed.ip_address) == address for fixed in port.fixed_ips):
            return f"{text} is already in use{_by_whom(port, server_name)}."
    return ""


def _reserved(address: IPAddress, subnet: Subnet) -> str:
    if subnet.gateway_ip and address == ipaddress.ip_address(subnet.gateway_ip):
        return "gateway of the subnet"
    if address == subnet.range.network_address:
        return "address of the network itself"
    if subnet.ip_version == 4 and address == subnet.range.broadcast_address:
        return "broadcast address of the subnet"
    return ""


def _by_whom(port: Port, server_name: Callable[[str], str]) -> str:
    if port.is_vip:
        return " by another virtual IP address"
    if port.is_nic:
        return f" by a NIC of server {server_name(port.device_id)}"
    return f" by {port.device_owner}" if port.device_owner else ""
