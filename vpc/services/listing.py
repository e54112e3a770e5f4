"""The VIPs of a subnet as its tab shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from django.utils.translation import gettext as _

from bms.services import names
from console.cloud.errors import NotFound
from vpc.api import NetworkAPI
from vpc.resources import ip_order
from vpc.services.bindings import virtual_ips
from vpc.services.eips import by_vip, join
from vpc.services.ha_picture import picture
from vpc.services.settling import Unsettled, settle
from vpc.services.standing import Now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.cloud.client import CloudClient
    from console.cloud.errors import CloudError
    from console.models import Operation
    from vpc.resources import FloatingIP, Subnet
    from vpc.services.bindings import VirtualIP
    from vpc.services.eips import EIP
    from vpc.services.ha_picture import Picture


@dataclass(frozen=True, kw_only=True)
class VIPTable:
    """`total` counts all VIPs of the subnet, `rows` are those that match the search. `eips` are the
    rows' by the VIP's id; those of the VIPs in `watched` are on their way."""

    rows: tuple[VirtualIP, ...]
    total: int
    server_names: dict[str, str]
    unnamed: tuple[str, ...] = ()
    eips: dict[str, EIP] = field(default_factory=dict)
    eips_known: bool = True
    unsettled: Unsettled = field(default_factory=Unsettled)
    watched: tuple[str, ...] = ()
    problems: list[CloudError] = field(default_factory=list)

    @cached_property
    def pictures(self) -> dict[str, Picture]:
        """{VIP's id: its picture}, as far as one can be drawn without Nova"""
        names = self.server_names
        return {vip.id: picture(vip, self.eips.get(vip.id), names, {}) for vip in self.rows}

    @cached_property
    def contents(self) -> dict[str, str]:
        """{VIP's id: all that its row is made of}: rows are kept by it. The state of an EIP depends
        on the time, too."""
        found = {}
        for vip in self.rows:
            eip = self.eips.get(vip.id)
            names = [self.server_names.get(nic.device_id) for nic in vip.named_nics]
            standing = vip.id in self.under_way, self.needing_repair[vip.id], self.eips_known
            everything = vip, names, standing, eip, eip and eip.state
            found[vip.id] = msgspec.json.encode(everything).decode()
        return found

    @cached_property
    def needing_repair(self) -> dict[str, bool]:
        """{VIP's id: whether it is half bound, or a record about it needs repair}"""
        return {
            vip.id: bool(vip.half_bound or self.unsettled.about(vip.id).broken) for vip in self.rows
        }

    @cached_property
    def under_way(self) -> dict[str, Operation]:
        """{VIP's id: the operation that is being carried out on it right now}"""
        return {
            vip.id: one for vip in self.rows for one in self.unsettled.about(vip.id).under_way[:1]
        }


class VIPCalls:
    """What the table and the dialogs read. All of it starts at once; without `eips`, no VIP knows
    its EIP, and without `bandwidths` nothing is known of that."""

    def __init__(
        self, cloud: CloudClient, network_id: str, *, eips: bool = True, bandwidths: bool = False
    ) -> None:
        api = NetworkAPI(cloud)
        self._cloud = cloud
        self.network_id = network_id
        self.ports = cloud.start(api.list_ports, network_id=network_id)
        self._eips = cloud.start(api.list_floating_ips) if eips else None
        self._public_ips = cloud.start(api.list_public_ips) if bandwidths else None

    def virtual_ips(self, problems: list[CloudError] | None = None) -> tuple[VirtualIP, ...]:
        """All VIPs of the network. With `problems`, EIPs that cannot be read are left out."""
        return virtual_ips(self._cloud.profile, self.ports.result(), self.eips(problems))

    def eips(self, problems: list[CloudError] | None = None) -> tuple[FloatingIP, ...]:
        """All EIPs of the project, with `problems` as in `virtual_ips`."""
        if not self._eips:
            return ()
        return self._eips.result() if problems is None else self._eips.otherwise((), problems)

    def virtual_ip(self, vip_id: str) -> VirtualIP:
        """Raises `NotFound` where the network has no such VIP."""
        for vip in self.virtual_ips():
            if vip.id == vip_id:
                return vip
        words = _("There is no virtual IP address with the id {id} in this subnet.")
        raise NotFound(words.format(id=vip_id))

    def unsettled(self) -> Unsettled:
        """What is open here, after all that can be told from this reading was closed."""
        unread: list[CloudError] = []
        eips = self._eips.otherwise((), unread) if self._eips else None
        now = Now.of(self.ports.result(), None if unread else eips)
        return settle(self._cloud, self.network_id, now)

    def table(self, ranges: tuple[Subnet, ...], search: str) -> VIPTable:
        """The VIPs that lie in one of the ranges, by address."""
        problems: list[CloudError] = []
        inside = {subnet.id for subnet in ranges}
        vips = [
            vip
            for vip in self.virtual_ips(problems)
            if not vip.subnet_id or vip.subnet_id in inside
        ]
        known = names.known(self._cloud, _servers_of(vips))
        wanted = search.strip().casefold()
        eips_known = not problems
        rows = sorted((vip for vip in vips if wanted in _words(vip, known)), key=_by_address)
        eips = self._eips_of(rows, problems) if eips_known else {}
        return VIPTable(
            rows=tuple(rows),
            total=len(vips),
            server_names=known,
            unnamed=tuple(sorted(_servers_of(rows) - known.keys())),
            unsettled=self.unsettled(),
            eips=eips,
            eips_known=eips_known,
            watched=tuple(vip_id for vip_id, eip in eips.items() if not eip.state.is_final),
            problems=problems,
        )

    def _eips_of(self, vips: list[VirtualIP], problems: list[CloudError]) -> dict[str, EIP]:
        public_ips = self._public_ips.otherwise((), problems) if self._public_ips else ()
        floating_ips = self._eips.result() if self._eips else ()
        found = by_vip(self._cloud, join(floating_ips, public_ips))
        return {vip.id: found[vip.id] for vip in vips if vip.id in found}


def _servers_of(vips: Iterable[VirtualIP]) -> set[str]:
    return {nic.device_id for vip in vips for nic in vip.named_nics}


def _words(vip: VirtualIP, server_names: dict[str, str]) -> str:
    """All that a search looks at."""
    parts = [vip.address, vip.port.name, vip.id]
    if vip.floating_ip:
        parts.append(vip.floating_ip.floating_ip_address)
    for nic in vip.named_nics:
        parts += [nic.ip_address, nic.device_id, server_names.get(nic.device_id, "")]
    return " ".join(parts).casefold()


def _by_address(vip: VirtualIP) -> tuple[int, int, str]:
    return *ip_order(vip.address), vip.id
