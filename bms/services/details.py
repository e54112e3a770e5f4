"""A server with what other services know about it: its VPC, its NICs, their subnets and VIPs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from bms.api import BareMetalAPI
from bms.services import names
from bms.services.images import ImageCalls
from console.kept import Kept
from vpc.api import NetworkAPI
from vpc.resources import SecurityGroup
from vpc.services.bindings import virtual_ips
from vpc.services.nic_order import primary_first, primary_of
from vpc.services.topology import VPCLookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bms.resources import Server
    from console.cloud.client import CloudClient
    from console.cloud.errors import CloudError
    from vpc.resources import VPC, Port, Subnet
    from vpc.services.bindings import Binding, Covered, VirtualIP


@dataclass(frozen=True, kw_only=True)
class NIC:
    """One NIC of a server with everything its block on the page shows.

    `subnet` is that of its main address: None for a NIC without an address, or where the subnet
    cannot be seen. `switch` says what can be done to its check, if anything.
    """

    port: Port
    subnet: Subnet | None
    security_groups: tuple[SecurityGroup, ...]
    eips: tuple[str, ...]
    bindings: tuple[Binding, ...]
    covered: tuple[Covered, ...]
    check: str
    switch: str
    is_primary: bool
    is_only: bool

    @property
    def ipv4_subnets(self) -> tuple[str, ...]:
        return self._subnets(is_ipv6=False)

    @property
    def ipv6_subnets(self) -> tuple[str, ...]:
        return self._subnets(is_ipv6=True)

    def _subnets(self, *, is_ipv6: bool) -> tuple[str, ...]:
        """Ids of the subnets in which it has addresses of that family."""
        addresses = (fixed for fixed in self.port.fixed_ips if fixed.is_ipv6 == is_ipv6)
        return tuple(dict.fromkeys(fixed.subnet_id for fixed in addresses))


@dataclass(frozen=True, kw_only=True)
class ServerDetails:
    server: Server
    image_name: str
    vpcs: tuple[VPC, ...]
    nics: tuple[NIC, ...] = ()
    problems: tuple[CloudError, ...] = ()


def server_summary(cloud: CloudClient, server_id: str) -> ServerDetails:
    """Raises `NotFound` for a server that is not the project's. One round trip deep."""
    return _Calls(cloud, server_id).details()


def server_nics(cloud: CloudClient, server_id: str) -> ServerDetails:
    """The same with the server's NICs."""
    calls = _Calls(cloud, server_id)
    subnets = Kept(cloud, calls.api.list_subnets)
    groups = Kept(cloud, calls.api.list_security_groups)
    vip_ports = cloud.start(calls.api.list_vip_ports)
    details = calls.details()
    problems = list(details.problems)
    subnet_by_id = {subnet.id: subnet for subnet in subnets.otherwise((), problems)}
    group_by_id = {group.id: group for group in groups.otherwise((), problems)}
    ports = primary_first(calls.ports.result(), details.server)
    primary = primary_of(ports, details.server)
    vips = _virtual_ips(cloud, ports, vip_ports.otherwise((), problems))
    nics = tuple(
        NIC(
            port=port,
            subnet=subnet_by_id.get(port.subnet_id),
            security_groups=tuple(
                group_by_id.get(group, SecurityGroup(id=group)) for group in port.security_groups
            ),
            eips=details.server.eips_of(port.mac_address),
            bindings=tuple(b for vip in vips for b in vip.bindings if b.nic.id == port.id),
            covered=tuple(c for vip in vips for c in vip.only_covered if c.nic.id == port.id),
            check=_check_words(cloud, port),
            switch=_switch_words(cloud, port),
            is_primary=port.id == primary,
            is_only=len(ports) == 1,
        )
        for port in ports
    )
    return replace(details, nics=nics, problems=tuple(problems))


class _Calls:
    """What every tab of the page reads. All of it starts at once."""

    def __init__(self, cloud: CloudClient, server_id: str) -> None:
        self.api = NetworkAPI(cloud)
        self.server = cloud.start(BareMetalAPI(cloud).get_server, server_id)
        self.ports = cloud.start(self.api.list_ports, device_id=server_id)
        self._images = ImageCalls(cloud)
        self._vpcs = VPCLookup(cloud)
        self._cloud = cloud

    def details(self) -> ServerDetails:
        problems: list[CloudError] = []
        server = self.server.result()
        names.remember(self._cloud, [server])
        by_network = self._vpcs.vpc_by_network(problems)
        inside = {
            by_network[port.network_id].id: by_network[port.network_id]
            for port in self.ports.result()
            if port.network_id in by_network
        }
        return ServerDetails(
            server=server,
            image_name=self._images.names().of(server),
            vpcs=tuple(inside.values()),
            problems=tuple(problems),
        )


def _virtual_ips(
    cloud: CloudClient, nics: Iterable[Port], vip_ports: Iterable[Port]
) -> tuple[VirtualIP, ...]:
    """The VIPs with what these NICs have to do with them. Network by network: the same address may
    be in use in several."""
    by_network: dict[str, list[Port]] = {nic.network_id: [] for nic in nics}
    for port in (*nics, *vip_ports):
        if port.network_id in by_network:
            by_network[port.network_id].append(port)
    return tuple(vip for ports in by_network.values() for vip in virtual_ips(cloud.profile, ports))


def _check_words(cloud: CloudClient, port: Port) -> str:
    """The state of the source/destination check. Elsewhere than on Open Telekom Cloud there is
    no such switch: what comes nearest is port security with its allowed address pairs."""
    if cloud.profile == "otc":
        return (
            pgettext("source/destination check", "Off")
            if port.check_is_off
            else pgettext("source/destination check", "On")
        )
    if port.port_security_enabled is False:
        return pgettext("source/destination check", "Off (port security is off)")
    pairs = len(port.allowed_address_pairs)
    if not pairs:
        return pgettext("source/destination check", "On")
    return npgettext(
        "source/destination check",
        "On, with {count} allowed address pair",
        "On, with {count} allowed address pairs",
        pairs,
    ).format(count=pairs)


def _switch_words(cloud: CloudClient, port: Port) -> str:
    if cloud.profile != "otc":
        return ""
    return _("Switch on") if port.check_is_off else _("Switch off")
