"""What was chosen, seen against the network as it is now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vpc.services.bindings import VirtualIP, virtual_ips
from vpc.services.pairs import entries, keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vpc.resources import Port
    from vpc.services.bindings import Profile


@dataclass(frozen=True)
class Selection:
    """A VIP, the NICs chosen for it, and all ports of the network as they are now."""

    profile: Profile
    vip: VirtualIP
    nics: tuple[Port, ...]
    ports: tuple[Port, ...]
    vips: tuple[VirtualIP, ...]

    @classmethod
    def of(
        cls, profile: Profile, vip: Port, nics: Iterable[Port], ports: Iterable[Port]
    ) -> Selection:
        """Where `ports` has a newer version of the VIP or of a NIC, that one counts."""
        chosen = {nic.id: nic for nic in nics}
        now = {vip.id: vip} | chosen | {port.id: port for port in ports}
        vips = virtual_ips(profile, now.values())
        return cls(
            profile,
            next((one for one in vips if one.id == vip.id), VirtualIP(now[vip.id])),
            tuple(now[nic_id] for nic_id in chosen),
            tuple(now.values()),
            vips,
        )

    def vips_listing(self, nic: Port) -> tuple[VirtualIP, ...]:
        """The VIPs that list the NIC (Open Telekom Cloud): those that need its check off."""
        addresses = keys(nic)
        return tuple(vip for vip in self.vips if entries(vip.port, addresses))

    @cached_property
    def new(self) -> tuple[Port, ...]:
        """The chosen NICs that do not carry the VIP yet, not even half."""
        carrying = {binding.nic.id for binding in self.vip.bindings}
        return tuple(nic for nic in self.nics if nic.id not in carrying)

    @cached_property
    def vips_of(self) -> dict[str, set[str]]:
        """NIC → the VIPs it carries."""
        carried: dict[str, set[str]] = defaultdict(set)
        for vip in self.vips:
            for binding in vip.bindings:
                carried[binding.nic.id].add(vip.id)
        return carried

    @cached_property
    def nics_of(self) -> dict[str, list[Port]]:
        """Server → its NICs in this network."""
        nics: dict[str, list[Port]] = defaultdict(list)
        for port in self.ports:
            if port.is_nic:
                nics[port.device_id].append(port)
        return nics
