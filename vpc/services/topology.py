"""Which VPC a network lies in, and what lies in a VPC.

Neutron has no VPC: it is the router with an interface in the network (cloud-api 3.1). A network
without a router is in no VPC, which is ordinary outside Open Telekom Cloud.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.kept import Kept
from vpc.api import NetworkAPI
from vpc.resources import VPC

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.cloud.client import CloudClient
    from console.cloud.errors import CloudError
    from vpc.resources import Network, Port, Subnet


class VPCLookup:
    """Finds the VPC of all networks, or of one. Its two calls start at once, unless their answers
    were kept, and are waited for at the end."""

    def __init__(self, cloud: CloudClient, **filters: Any) -> None:
        api = NetworkAPI(cloud)
        self._gateways = Kept(cloud, api.list_gateway_ports, **filters)
        self._vpcs = Kept(cloud, api.list_vpcs)

    def vpc_by_network(self, problems: list[CloudError]) -> dict[str, VPC]:
        """{network id: VPC}. A VPC that cannot be read keeps its id."""
        gateways: tuple[Port, ...] = self._gateways.otherwise((), problems)
        vpcs = {vpc.id: vpc for vpc in self._vpcs.otherwise((), problems)}
        return {
            gateway.network_id: vpcs.get(gateway.device_id, VPC(id=gateway.device_id))
            for gateway in gateways
        }


@dataclass(frozen=True, kw_only=True)
class SubnetRow:
    """A subnet as lists show it: an IPv4 range with the IPv6 one beside it, or a lone range."""

    subnet: Subnet
    ipv6: Subnet | None = None


@dataclass(frozen=True, kw_only=True)
class VPCRow:
    vpc: VPC
    subnets: int


@dataclass(frozen=True, kw_only=True)
class VPCList:
    rows: tuple[VPCRow, ...]
    unrouted: tuple[SubnetRow, ...]
    """Subnets of the project's networks that lie in no VPC."""


@dataclass(frozen=True, kw_only=True)
class VPCDetails:
    vpc: VPC
    subnets: tuple[SubnetRow, ...]


def vpc_list(cloud: CloudClient) -> VPCList:
    """Raises `CloudError` when the VPCs cannot be read. One round trip deep."""
    api = NetworkAPI(cloud)
    vpcs = cloud.start(api.list_vpcs)
    gateways = cloud.start(api.list_gateway_ports)
    subnets = cloud.start(api.list_subnets)
    networks = Kept(cloud, api.list_networks)
    network_vpc = {gateway.network_id: gateway.device_id for gateway in gateways.result()}
    rows = _rows(subnets.result())
    count = Counter(network_vpc.get(row.subnet.network_id) for row in rows)
    if {row.subnet.network_id for row in rows} - {network.id for network in networks.result()}:
        networks = networks.renewed()  # one may be new
    by_id = {network.id: network for network in networks.result()}
    return VPCList(
        rows=tuple(
            VPCRow(vpc=vpc, subnets=count[vpc.id])
            for vpc in sorted(vpcs.result(), key=lambda vpc: (vpc.name.casefold(), vpc.id))
        ),
        unrouted=tuple(
            row
            for row in rows
            if row.subnet.network_id not in network_vpc and not _is_external(by_id, row.subnet)
        ),
    )


def vpc_details(cloud: CloudClient, vpc_id: str) -> VPCDetails:
    """Raises `NotFound` for a VPC that is not the project's. One round trip deep."""
    api = NetworkAPI(cloud)
    vpc = cloud.start(api.get_vpc, vpc_id)
    gateways = cloud.start(api.list_gateway_ports, device_id=vpc_id)
    subnets = cloud.start(api.list_subnets)
    found = vpc.result()
    inside = {gateway.network_id for gateway in gateways.result()}
    return VPCDetails(
        vpc=found,
        subnets=_rows(s for s in subnets.result() if s.network_id in inside),
    )


def _is_external(networks: dict[str, Network], subnet: Subnet) -> bool:
    """Provider networks for EIPs are no place for servers; unseen networks are nobody's here."""
    network = networks.get(subnet.network_id)
    return network is None or network.is_external


def _rows(subnets: Iterable[Subnet]) -> tuple[SubnetRow, ...]:
    """By name. An IPv6 range stands beside the IPv4 one of its network, as its page shows it."""
    ordered = sorted(subnets, key=lambda s: (s.name.casefold(), s.ip_version, s.cidr, s.id))
    ipv6 = {subnet.network_id: subnet for subnet in reversed(ordered) if subnet.ip_version == 6}
    with_ipv4 = {subnet.network_id for subnet in ordered if subnet.ip_version == 4}
    return tuple(
        SubnetRow(
            subnet=subnet, ipv6=ipv6.get(subnet.network_id) if subnet.ip_version == 4 else None
        )
        for subnet in ordered
        if subnet.ip_version == 4 or subnet.network_id not in with_ipv4
    )
