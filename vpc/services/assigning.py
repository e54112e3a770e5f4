"""Assigning a VIP: the check of a chosen address before it is sent."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from vpc.services.pairs import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from console.cloud.errors import CloudError
    from vpc.resources import IPAddress, Port, Subnet


ADDRESS_CODES = frozenset(
    ("IpAddressAlreadyAllocated", "IpAddressInUse", "InvalidIpForSubnet", "InvalidIpForNetwork")
)
"""With these Neutron refuses the very address that was asked for (cloud-api 3.12)."""


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
        address = ipaddress.ip_address(text)
    except ValueError:
        return f"{text} is not an IP address."
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
