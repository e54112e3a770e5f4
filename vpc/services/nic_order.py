"""Which NIC of a server is its primary one, as far as anybody tells.

On Open Telekom Cloud the port itself does (`binding:vif_details.primary_interface`, cloud-api 3.6).
Elsewhere it is the one with the server's first address: Nova lists its NICs in their order. Where
neither is known nothing is claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bms.resources import Server
    from vpc.resources import Port


def primary_first(nics: Iterable[Port], server: Server | None) -> tuple[Port, ...]:
    """`server` as Nova shows it, or None where it was not read."""

    def place(nic: Port) -> tuple[bool, int, str]:
        return nic.is_primary is not True, _place(nic, server), nic.id

    return tuple(sorted(nics, key=place))


def primary_of(nics: Iterable[Port], server: Server | None) -> str:
    """The id of the primary NIC; empty where it is not among them, or nobody tells."""
    nics = tuple(nics)
    if any(nic.is_primary is not None for nic in nics):
        found = [nic.id for nic in nics if nic.is_primary]
    else:
        found = [nic.id for nic in nics if server and _place(nic, server) == 0]
    return found[0] if len(found) == 1 else ""


def _place(nic: Port, server: Server | None) -> int:
    """The place of its first address in the server's list; behind all where it is not there."""
    places = server.places_of(nic.addresses, nic.mac_address) if server else []
    return min(places, default=10**6)
