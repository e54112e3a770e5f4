"""Writing: which entries make a NIC carry a VIP. One object for each family of clouds.

Nothing is decided here (see `rules`) and nothing is sent: each method says what one port would
need, and says nothing where it is already so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vpc.resources import CHECK_OFF, AddressPair
from vpc.services.bindings import BindingState, otc_state
from vpc.services.changes import PortChange
from vpc.services.pairs import entries, key, keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vpc.resources import Port
    from vpc.services.bindings import Orphan, Profile


class Wiring(Protocol):
    """How one family of clouds ties a VIP to a NIC."""

    def bind(self, vip: Port, nic: Port) -> Iterator[PortChange]: ...

    def unbind(self, vip: Port, nic: Port) -> Iterator[PortChange]: ...

    def drop(self, orphan: Orphan) -> PortChange: ...

    def check_on(self, nic: Port) -> PortChange:
        """Switch the NIC's source/destination check on again."""


class OpenTelekomCloud:
    """The VIP lists the NICs' addresses, and each NIC's check is off (cloud-api 4.2, 4.4)."""

    def bind(self, vip: Port, nic: Port) -> Iterator[PortChange]:
        if otc_state(nic) is BindingState.HALF_BOUND:
            yield PortChange(nic, add=(AddressPair(CHECK_OFF),))
        if not entries(vip, keys(nic)):
            address = nic.address_in(vip.subnet_id)
            yield PortChange(vip, add=(AddressPair(address),))

    def unbind(self, vip: Port, nic: Port) -> Iterator[PortChange]:
        yield PortChange(vip, remove=entries(vip, keys(nic)))

    def drop(self, orphan: Orphan) -> PortChange:
        return PortChange(orphan.vip, remove=(orphan.pair,))

    def check_on(self, nic: Port) -> PortChange:
        return PortChange(nic, remove=entries(nic, {key(CHECK_OFF)}))


class OpenStack:
    """The NIC lists the VIP; the VIP's own port is left alone (cloud-api 4.6).

    1.1.1.1/0 is never written: here it is a network that holds every address there is.
    """

    def bind(self, vip: Port, nic: Port) -> Iterator[PortChange]:
        if not entries(nic, keys(vip)):
            yield PortChange(nic, add=(AddressPair(vip.ip_address),))

    def unbind(self, vip: Port, nic: Port) -> Iterator[PortChange]:
        yield PortChange(nic, remove=entries(nic, keys(vip)))

    def drop(self, orphan: Orphan) -> PortChange:
        holder = orphan.port or orphan.vip
        return PortChange(holder, remove=entries(holder, keys(orphan.vip)))

    def check_on(self, nic: Port) -> PortChange:
        return PortChange(nic)


WIRINGS: dict[Profile, Wiring] = {"otc": OpenTelekomCloud(), "openstack": OpenStack()}
