"""Entries of `allowed_address_pairs`, compared by what they mean, not by how they are written."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

from vpc.resources import IPAddress, IPNetwork, ip

if TYPE_CHECKING:
    from collections.abc import Collection

    from vpc.resources import AddressPair, Port

Key = IPAddress | str


@lru_cache(maxsize=32_768)
def key(text: str) -> Key:
    """What the text names: an address, or the text itself for a network and for nonsense.

    `fd00::1` and `FD00:0::1/128` have one key, so have `10.0.0.5` and `10.0.0.5/32`.
    """
    address, _, length = text.partition("/")
    try:
        value = ip(address)
    except ValueError:
        return text.lower()
    return value if length in ("", str(value.max_prefixlen)) else text.lower()


def is_address(text: str) -> bool:
    """Whether the text names one address, not a network."""
    return not isinstance(key(text), str)


@lru_cache(maxsize=4096)
def network(text: str) -> IPNetwork | None:
    """The network that the text names; None for one address and for nonsense."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return None if is_address(text) else found


def keys(port: Port) -> frozenset[Key]:
    """The addresses that belong to the port."""
    return frozenset(key(fixed.ip_address) for fixed in port.fixed_ips)


def entries(port: Port, wanted: Collection[Key]) -> tuple[AddressPair, ...]:
    """The port's entries that name one of those addresses, whatever their MAC."""
    return tuple(pair for pair in port.allowed_address_pairs if key(pair.ip_address) in wanted)


def lists(port: Port, text: str) -> bool:
    return bool(entries(port, {key(text)}))


def same(one: AddressPair, other: AddressPair) -> bool:
    """Whether two entries are one entry to the cloud: an address may be listed once per MAC."""
    return key(one.ip_address) == key(other.ip_address) and _mac(one) == _mac(other)


def has_other_mac(pair: AddressPair, port: Port) -> bool:
    """Whether the entry is for another MAC than the port's own, so somebody chose it on purpose."""
    return bool(pair.mac_address and port.mac_address) and _mac(pair) != port.mac_address.lower()


def _mac(pair: AddressPair) -> str:
    return (pair.mac_address or "").lower()
