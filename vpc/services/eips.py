"""EIPs as pages show them: what Neutron tells, and beside it what only the VPC API does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_noop

from console import operations
from console.kept import Kept
from vpc.api import NetworkAPI
from vpc.resources import EIPState
from vpc.services.bindings import virtual_ips
from vpc.services.recording import changes_of
from vpc.services.single import EIPBinding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from console.cloud.client import CloudClient
    from console.cloud.errors import CloudError
    from vpc.resources import FloatingIP, Port, PublicIP, Router
    from vpc.services.bindings import VirtualIP

BIND_EIP, UNBIND_EIP = gettext_noop("Bind to EIP"), gettext_noop("Unbind from EIP")

SETTLING = dt.timedelta(seconds=60)
"""How long after a change an EIP that Neutron calls "DOWN" counts as on its way. Then it is simply
down: where no agent reports, it stays so for good."""

LEAVING = dt.timedelta(minutes=10)
"""How long ago an EIP that is still changing may have been unbound here."""


@dataclass(frozen=True, kw_only=True)
class EIP:
    """`public_ip` is None where only Neutron told. `is_leaving`: it was unbound here, and the cloud
    is still at it."""

    floating_ip: FloatingIP
    public_ip: PublicIP | None = None
    is_leaving: bool = False

    @property
    def id(self) -> str:
        return self.floating_ip.id

    @property
    def address(self) -> str:
        return self.floating_ip.floating_ip_address

    @property
    def name(self) -> str:
        """What people call it. Neutron knows no names of EIPs, so its description stands in."""
        alias = self.public_ip.alias if self.public_ip else None
        return alias or self.floating_ip.description

    @property
    def told(self) -> EIPState:
        """What the cloud itself says of it. Of the two APIs the VPC API has more words."""
        told = self.public_ip.state if self.public_ip else EIPState.UNKNOWN
        return self.floating_ip.state if told is EIPState.UNKNOWN else told

    @property
    def state(self) -> EIPState:
        """What a person is shown."""
        if self.is_leaving:
            return EIPState.UNBINDING
        if not self.floating_ip.port_id:
            return self.told
        if self.told is EIPState.UNBOUND:
            return EIPState.BINDING  # read from the two APIs at the moment when it was bound
        if self.told is EIPState.DOWN and _is_recent(self.floating_ip.updated_at):
            return EIPState.BINDING
        return self.told

    @property
    def is_free(self) -> bool:
        """Whether nothing holds it. A load balancer or a VPN gateway holds one without a port."""
        return not self.floating_ip.port_id and self.told is not EIPState.BOUND

    @property
    def can_be_bound(self) -> bool:
        return self.is_free and self.told in (EIPState.UNBOUND, EIPState.UNKNOWN)

    def matches(self, text: str) -> bool:
        """Whether a search by address, name or bandwidth finds it."""
        words = [self.address, self.id, self.name, self.floating_ip.description]
        if self.public_ip:
            words.append(self.public_ip.bandwidth_name)
        return text.strip().casefold() in " ".join(words).casefold()


def _is_recent(time: str | None) -> bool:
    """Either way: the cloud's clock may be ahead of ours."""
    try:
        moment = dt.datetime.fromisoformat(time or "")
    except ValueError:
        return False
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return abs(timezone.now() - moment) < SETTLING


def join(floating_ips: Iterable[FloatingIP], public_ips: Iterable[PublicIP]) -> tuple[EIP, ...]:
    known = {public_ip.id: public_ip for public_ip in public_ips}
    return tuple(
        EIP(floating_ip=floating_ip, public_ip=known.get(floating_ip.id))
        for floating_ip in floating_ips
    )


def by_vip(cloud: CloudClient, eips: Iterable[EIP]) -> dict[str, EIP]:
    """{port id: its EIP}. What was just unbound is still with its old port while the cloud is at
    it: Neutron has forgotten which one that was, the operation's record knows."""
    eips = tuple(eips)
    found: dict[str, EIP] = {}
    for eip in eips:
        if eip.floating_ip.port_id:
            found.setdefault(eip.floating_ip.port_id, eip)
    changing = {eip.id: eip for eip in eips if eip.is_free and eip.told is EIPState.CHANGING}
    if not changing:
        return found
    since = timezone.now() - LEAVING
    for eip_id, record in operations.latest(cloud, [UNBIND_EIP], changing, since=since).items():
        for change in changes_of(record):
            if isinstance(change, EIPBinding) and change.eip.id == eip_id and change.was:
                found.setdefault(change.was.id, replace(changing[eip_id], is_leaving=True))
    return found


def eips_of(cloud: CloudClient, port_ids: Collection[str]) -> dict[str, EIP]:
    """{port id: its EIP} of these ports, as it is now. Raises `CloudError`."""
    api = NetworkAPI(cloud)
    public_ips = cloud.start(api.list_public_ips)
    eips = join(api.list_floating_ips(), public_ips.result())
    return {port_id: eip for port_id, eip in by_vip(cloud, eips).items() if port_id in port_ids}


@dataclass(frozen=True, kw_only=True)
class EIPFacts:
    """A network and the project's EIPs as they are now. `routers` is None where they could not be
    read, `problems` is why the VPC API told nothing."""

    vips: dict[str, VirtualIP]
    eips: dict[str, EIP]
    ports: tuple[Port, ...]
    routers: dict[str, Router] | None = None
    problems: list[CloudError] = field(default_factory=list)

    def eip_of(self, vip: VirtualIP) -> EIP | None:
        return self.eips[vip.floating_ip.id] if vip.floating_ip else None


class EIPCalls:
    """What an EIP is bound or unbound on. All of it starts at once; `routers` are needed to bind.

    Bandwidths and the states in between come from Open Telekom Cloud's own VPC API, because no
    native one has them. Nothing depends on it: without it they are not known.
    """

    def __init__(self, cloud: CloudClient, network_id: str, *, routers: bool = False) -> None:
        api = NetworkAPI(cloud)
        self._cloud = cloud
        self._ports = cloud.start(api.list_ports, network_id=network_id)
        self._floating_ips = cloud.start(api.list_floating_ips)
        self._public_ips = cloud.start(api.list_public_ips)
        self._routers = Kept(cloud, api.list_routers) if routers else None

    def facts(self) -> EIPFacts:
        """Raises `CloudError` where Neutron does not tell the ports or the EIPs."""
        problems: list[CloudError] = []
        ports, floating_ips = self._ports.result(), self._floating_ips.result()
        vips = virtual_ips(self._cloud.profile, ports, floating_ips)
        eips = join(floating_ips, self._public_ips.otherwise((), problems))
        return EIPFacts(
            vips={vip.id: vip for vip in vips},
            eips={eip.id: eip for eip in eips},
            ports=ports,
            routers=self._known_routers(),
            problems=problems,
        )

    def _known_routers(self) -> dict[str, Router] | None:
        """They only make a refusal earlier and plainer: the cloud itself knows the way."""
        unread: list[CloudError] = []
        routers = self._routers.otherwise((), unread) if self._routers else ()
        return None if unread else {router.id: router for router in routers}
