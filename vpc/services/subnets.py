"""A subnet with what its page shows around it: its network, the other address range, its VPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from console.cloud.errors import NotFound
from console.kept import Kept
from vpc.api import NetworkAPI
from vpc.services.topology import VPCLookup

if TYPE_CHECKING:
    from console.cloud.client import CloudClient
    from console.cloud.errors import CloudError
    from vpc.resources import VPC, Network, Subnet


@dataclass(frozen=True, kw_only=True)
class SubnetDetails:
    """`ranges` are all subnets of the network, this one first. `owner_id` is the project that the
    network belongs to where that is another one, which shares it: then what ports list, and chosen
    addresses, are that project's to say (measured on OpenStack; Open Telekom Cloud shares none)."""

    network: Network
    subnet: Subnet
    ranges: tuple[Subnet, ...]
    vpc: VPC | None
    owner_id: str = ""
    problems: tuple[CloudError, ...] = ()

    @property
    def ipv6(self) -> Subnet | None:
        """The IPv6 range beside this IPv4 one, if there is one."""
        if self.subnet.ip_version == 6:
            return None
        return next((subnet for subnet in self.ranges if subnet.ip_version == 6), None)

    @property
    def name(self) -> str:
        return self.subnet.name or self.network.name or self.subnet.cidr

    @property
    def own(self) -> tuple[Subnet, ...]:
        """The ranges that this page is about: an IPv4 one with the IPv6 one beside it, which the
        console of Open Telekom Cloud shows as one subnet. A network may have more of them."""
        return (self.subnet, self.ipv6) if self.ipv6 else (self.subnet,)


class SubnetCalls:
    """What every tab and dialog of a subnet reads. All of it starts at once, unless it was kept;
    without `vpc`, nothing is known of the VPC. What is about the subnet itself wants it `anew`."""

    def __init__(
        self,
        cloud: CloudClient,
        network_id: str,
        subnet_id: str,
        *,
        vpc: bool = True,
        anew: bool = False,
    ) -> None:
        api = NetworkAPI(cloud)
        self.network_id = network_id
        self.subnet_id = subnet_id
        self._project_id = cloud.project_id
        self._network = Kept(cloud, api.get_network, network_id, anew=anew)
        self._subnets = Kept(cloud, api.list_subnets, network_id=network_id, anew=anew)
        self._vpcs = VPCLookup(cloud, network_id=network_id) if vpc else None

    def details(self) -> SubnetDetails:
        """Raises `NotFound` for a network that is not the project's or has no such subnet."""
        problems: list[CloudError] = []
        network = self._network.result()
        subnets = self._subnets.result()
        if self.subnet_id not in {subnet.id for subnet in subnets}:
            subnets = self._subnets.renewed().result()  # it may be new
        subnet = next((subnet for subnet in subnets if subnet.id == self.subnet_id), None)
        if subnet is None:
            words = _("Network {network} has no subnet {subnet}.")
            raise NotFound(words.format(network=network.id, subnet=self.subnet_id))
        others = (other for other in subnets if other is not subnet)
        is_ours = network.project_id in ("", self._project_id)
        return SubnetDetails(
            network=network,
            subnet=subnet,
            ranges=(subnet, *sorted(others, key=lambda other: (other.ip_version, other.cidr))),
            vpc=self._vpcs.vpc_by_network(problems).get(network.id) if self._vpcs else None,
            owner_id="" if is_ours else network.project_id,
            problems=tuple(problems),
        )
