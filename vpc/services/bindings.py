"""Reading: which VIPs a network has, and which NICs carry them.

There is no bind call and no VIP object in any of the clouds. A binding is a finding about the
`allowed_address_pairs` of ports (cloud-api 4): on Open Telekom Cloud the VIP lists the NIC and the
NIC's source/destination check is off; on OpenStack the NIC lists the VIP.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext as _

from vpc.services.pairs import entries, is_address, key, keys, network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from vpc.resources import AddressPair, FloatingIP, Port

Profile = Literal["otc", "openstack"]


class BindingState(StrEnum):
    BOUND = "bound"
    HALF_BOUND = "half bound"

    @property
    def label(self) -> str:
        return _("Bound") if self is BindingState.BOUND else _("Half bound")

    @property
    def tone(self) -> str:
        """One of the tones of `components/status.html`."""
        return "good" if self is BindingState.BOUND else "bad"


@dataclass(frozen=True)
class Binding:
    """A server's NIC that carries the VIP. Half bound: the NIC still drops the VIP's packets."""

    vip: Port
    nic: Port
    state: BindingState

    @property
    def is_half(self) -> bool:
        return self.state is BindingState.HALF_BOUND


@dataclass(frozen=True)
class Orphan:
    """An entry left over from something that is gone.

    Open Telekom Cloud: the VIP lists an address of no port (`port` is None). OpenStack: a port that
    no server holds lists the VIP.
    """

    vip: Port
    pair: AddressPair
    port: Port | None = None

    @property
    def id(self) -> str:
        """What a form sends to name it: the port's id, or the address where there is no port."""
        return self.port.id if self.port else self.pair.ip_address


@dataclass(frozen=True)
class OtherPair:
    """An entry of the VIP that is neither a binding nor an orphan: a network, or an address of a
    port that no server holds (a gateway, another VIP, a detached NIC). Not ours to judge."""

    vip: Port
    pair: AddressPair


@dataclass(frozen=True)
class Covered:
    """OpenStack: a NIC that lists a network which holds the VIP's address, so it may send with it
    although nobody bound it. Somebody else's entry: neither counted nor removed."""

    vip: Port
    nic: Port
    pair: AddressPair


@dataclass(frozen=True)
class VirtualIP:
    """A VIP and everything that hangs on it."""

    port: Port
    bindings: tuple[Binding, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    others: tuple[OtherPair, ...] = ()
    covered: tuple[Covered, ...] = ()
    floating_ip: FloatingIP | None = None

    @property
    def id(self) -> str:
        return self.port.id

    @property
    def address(self) -> str:
        return self.port.ip_address

    @property
    def subnet_id(self) -> str:
        return self.port.subnet_id

    @property
    def is_ipv6(self) -> bool:
        return ":" in self.address

    @property
    def is_system_owned(self) -> bool:
        """Whether a component of the cloud holds it (a database instance, a load balancer)."""
        return bool(self.port.device_id)

    @property
    def half_bound(self) -> tuple[Binding, ...]:
        return tuple(binding for binding in self.bindings if binding.is_half)

    @property
    def only_covered(self) -> tuple[Covered, ...]:
        """NICs that may use the address without being bound."""
        return tuple(covered for covered in self.covered if not self.carried_by(covered.nic))

    @property
    def named_nics(self) -> tuple[Port, ...]:
        """The NICs that are shown with it, bound ones first."""
        bound = tuple(binding.nic for binding in self.bindings)
        return bound + tuple(covered.nic for covered in self.only_covered)

    def carried_by(self, nic: Port) -> bool:
        """Whether the NIC is bound, fully or half."""
        return any(binding.nic.id == nic.id for binding in self.bindings)


Finding = Binding | Orphan | OtherPair | Covered


def virtual_ips(
    profile: Profile, ports: Iterable[Port], floating_ips: Iterable[FloatingIP] = ()
) -> tuple[VirtualIP, ...]:
    """The VIPs among the ports of one network, in the order of the ports.

    `ports` are all ports of the network: an address whose port is left out looks like an orphan.
    """
    ports = tuple(ports)
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in READERS[profile](ports):
        found[finding.vip.id].append(finding)
    eips: dict[str | None, FloatingIP] = {}
    for eip in floating_ips:
        eips.setdefault(eip.port_id, eip)
    return tuple(
        _virtual_ip(port, found[port.id], eips.get(port.id)) for port in ports if port.is_vip
    )


def _virtual_ip(port: Port, found: Iterable[Finding], eip: FloatingIP | None) -> VirtualIP:
    bindings: dict[str, Binding] = {}
    covered: dict[str, Covered] = {}
    orphans, others = [], []
    for finding in found:
        if isinstance(finding, Binding):
            # A NIC may be listed by several of its addresses, or once per MAC: one binding.
            bindings.setdefault(finding.nic.id, finding)
        elif isinstance(finding, Orphan):
            orphans.append(finding)
        elif isinstance(finding, Covered):
            covered.setdefault(finding.nic.id, finding)
        else:
            others.append(finding)
    return VirtualIP(
        port=port,
        bindings=tuple(bindings.values()),
        orphans=tuple(orphans),
        others=tuple(others),
        covered=tuple(covered.values()),
        floating_ip=eip,
    )


def _read_otc(ports: Sequence[Port]) -> Iterator[Finding]:
    """4.3: a NIC is bound when any of its addresses is in the VIP's pairs."""
    owners = {key(fixed.ip_address): port for port in ports for fixed in port.fixed_ips}
    for vip in ports:
        for pair in vip.allowed_address_pairs if vip.is_vip else ():
            port = owners.get(key(pair.ip_address))
            if port is not None and port.is_nic:
                yield Binding(vip, port, otc_state(port))
            elif port is None and is_address(pair.ip_address):
                yield Orphan(vip, pair)
            else:
                yield OtherPair(vip, pair)


def _read_openstack(ports: Sequence[Port]) -> Iterator[Finding]:
    """4.6: a NIC is bound when the VIP's address is in its pairs."""
    vips = {address: port for port in ports if port.is_vip for address in keys(port)}
    for port in ports:
        for pair in entries(port, vips):
            vip = vips[key(pair.ip_address)]
            if port.is_nic:
                yield Binding(vip, port, BindingState.BOUND)
            elif port.id != vip.id:
                yield Orphan(vip, pair, port)
        for pair in port.allowed_address_pairs if port.is_nic else ():
            if around := network(pair.ip_address):
                yield from (
                    Covered(vip, port, pair)
                    for address, vip in vips.items()
                    if not isinstance(address, str) and address in around
                )


def otc_state(nic: Port) -> BindingState:
    """What it means on Open Telekom Cloud that the VIP lists this NIC."""
    unchecked = nic.check_is_off or nic.port_security_enabled is False
    return BindingState.BOUND if unchecked else BindingState.HALF_BOUND


READERS: dict[Profile, Callable[[Sequence[Port]], Iterator[Finding]]] = {
    "otc": _read_otc,
    "openstack": _read_openstack,
}
