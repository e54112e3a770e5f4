"""The calls to Neutron, and the few to Open Telekom Cloud's VPC API, that the console makes.

One method, one call (or one call a page, where a decision needs the whole list). Each raises
`CloudError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from console.cloud.paging import Link, Listing, Page, every_item, next_marker
from vpc.resources import (
    GATEWAY_OWNERS,
    VIP_OWNER,
    VPC,
    AddressPair,
    FloatingIP,
    Network,
    Port,
    PublicIP,
    Router,
    SecurityGroup,
    Subnet,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from console.cloud.client import CloudClient

    Filters = Mapping[str, str | Sequence[str]]

T = TypeVar("T")


def _fields(resource: type[msgspec.Struct]) -> tuple[str, ...]:
    """`fields=` of a list: all that the resource holds, by its names on the wire, and no more."""
    return tuple(field.encode_name for field in msgspec.structs.fields(resource))


PORT_FIELDS = _fields(Port)
NETWORK_FIELDS = _fields(Network)
SUBNET_FIELDS = _fields(Subnet)
FLOATING_IP_FIELDS = _fields(FloatingIP)
SECURITY_GROUP_FIELDS = _fields(SecurityGroup)


def _list_of(item: type[T], name: str) -> type[Listing[T]]:
    """The envelope of a Neutron list: the items under `name`, links under `name` + _links."""
    envelope: Any = msgspec.defstruct(
        f"{name}_listing",
        [
            ("items", tuple[item, ...], msgspec.field(name=name)),  # type: ignore[valid-type]
            ("links", tuple[Link, ...], msgspec.field(name=f"{name}_links", default=())),
        ],
        frozen=True,
    )
    return envelope  # type: ignore[no-any-return]


PORTS = _list_of(Port, "ports")
SUBNETS = _list_of(Subnet, "subnets")
NETWORKS = _list_of(Network, "networks")
ROUTERS = _list_of(VPC, "routers")
GATEWAYS = _list_of(Router, "routers")
FLOATING_IPS = _list_of(FloatingIP, "floatingips")
SECURITY_GROUPS = _list_of(SecurityGroup, "security_groups")


PUBLIC_IPS_PER_PAGE = 2000
"""The most that the VPC API gives at once."""


class _Port(msgspec.Struct, frozen=True):
    port: Port


class _FloatingIP(msgspec.Struct, frozen=True):
    floatingip: FloatingIP


class _Network(msgspec.Struct, frozen=True):
    network: Network


class _Router(msgspec.Struct, frozen=True):
    router: VPC


class _VPCs(msgspec.Struct, frozen=True):
    vpcs: tuple[VPC, ...]


class _VPC(msgspec.Struct, frozen=True):
    vpc: VPC


class _PublicIPs(msgspec.Struct, frozen=True):
    publicips: tuple[PublicIP, ...]


def _if_match(revision: int | None) -> dict[str, str]:
    return {} if revision is None else {"If-Match": f"revision_number={revision}"}


class NetworkAPI:
    """Ports, networks, subnets, VPCs, EIPs and security groups of one project."""

    def __init__(self, cloud: CloudClient) -> None:
        self._cloud = cloud

    @property
    def request_ids(self) -> tuple[str, ...]:
        """The cloud's ids of all calls made so far, oldest first."""
        return self._cloud.request_ids

    def allow_at_least(self, seconds: float) -> None:
        """Put the deadline off: what was begun must be ended even where it has run out."""
        self._cloud.deadline.at_least(seconds)

    # --- ports ------------------------------------------------------------------------------------

    def list_ports(self, **filters: str | Sequence[str]) -> tuple[Port, ...]:
        """GET /v2.0/ports, all pages. A filter with several values means any of them.

        Every owner that the settings count as a VIP's is told as `VIP_OWNER`.
        """
        ports = self._list("/ports", PORTS, filters, fields=PORT_FIELDS)
        return tuple(map(self._told, ports)) if self._further_owners else ports

    def list_vip_ports(self, **filters: str | Sequence[str]) -> tuple[Port, ...]:
        return self.list_ports(device_owner=(VIP_OWNER, *self._further_owners), **filters)

    def list_gateway_ports(self, **filters: str | Sequence[str]) -> tuple[Port, ...]:
        """Router interfaces: their `device_id` is the router, so they tie networks to VPCs."""
        return self.list_ports(device_owner=GATEWAY_OWNERS, **filters)

    def get_port(self, port_id: str) -> Port:
        """GET /v2.0/ports/{id}"""
        return self._told(self._cloud.get("network", f"/ports/{port_id}", _Port).port)

    def create_vip_port(
        self, *, network_id: str, subnet_id: str, ip_address: str | None = None, name: str = ""
    ) -> Port:
        """POST /v2.0/ports. `Conflict` when the address is in use, `QuotaExceeded` when none is
        left, `BadRequest` when it does not lie in the subnet (cloud-api 3.6)."""
        fixed_ip = {"subnet_id": subnet_id}
        if ip_address:
            fixed_ip["ip_address"] = ip_address
        port: dict[str, object] = {
            "network_id": network_id,
            "device_owner": VIP_OWNER,
            "fixed_ips": [fixed_ip],
        }
        if name:
            port["name"] = name
        return self._cloud.post("network", "/ports", _Port, json={"port": port}).port

    def set_address_pairs(
        self, port_id: str, pairs: Iterable[AddressPair], *, revision: int | None = None
    ) -> Port:
        """PUT /v2.0/ports/{id}: the whole list is replaced. With `revision`, `Changed` is raised
        when the port is no longer at it (Neutron's If-Match; only guards writes that do not
        overlap, so read back afterwards)."""
        headers = _if_match(revision)
        body = {"port": {"allowed_address_pairs": msgspec.to_builtins(tuple(pairs))}}
        path = f"/ports/{port_id}"
        return self._told(self._cloud.put("network", path, _Port, json=body, headers=headers).port)

    def rename_port(self, port_id: str, name: str, *, revision: int | None = None) -> Port:
        """PUT /v2.0/ports/{id}. With `revision`, `Changed` as in `set_address_pairs`."""
        path, body = f"/ports/{port_id}", {"port": {"name": name}}
        headers = _if_match(revision)
        return self._told(self._cloud.put("network", path, _Port, json=body, headers=headers).port)

    def set_port_owner(self, port_id: str, owner: str, *, revision: int | None = None) -> Port:
        """PUT /v2.0/ports/{id}: another `device_owner`, "" for none. OpenStack lets a member give
        any that does not begin with `network:`; Open Telekom Cloud lets nobody (cloud-api 3.6).
        With `revision`, `Changed` as in `set_address_pairs`."""
        path, body = f"/ports/{port_id}", {"port": {"device_owner": owner}}
        headers = _if_match(revision)
        return self._told(self._cloud.put("network", path, _Port, json=body, headers=headers).port)

    def delete_port(self, port_id: str, *, revision: int | None = None) -> None:
        """DELETE /v2.0/ports/{id}"""
        headers = _if_match(revision)
        self._cloud.delete("network", f"/ports/{port_id}", headers=headers)

    @property
    def _further_owners(self) -> tuple[str, ...]:
        return self._cloud.config.vip_owners

    def _told(self, port: Port) -> Port:
        if port.device_owner in self._further_owners:
            return msgspec.structs.replace(port, device_owner=VIP_OWNER)
        return port

    # --- networks and subnets ---------------------------------------------------------------------

    def get_network(self, network_id: str) -> Network:
        """GET /v2.0/networks/{id}"""
        return self._cloud.get("network", f"/networks/{network_id}", _Network).network

    def list_networks(self, **filters: str | Sequence[str]) -> tuple[Network, ...]:
        """GET /v2.0/networks, all pages."""
        return self._list("/networks", NETWORKS, filters, fields=NETWORK_FIELDS)

    def list_subnets(self, **filters: str | Sequence[str]) -> tuple[Subnet, ...]:
        """GET /v2.0/subnets, all pages."""
        return self._list("/subnets", SUBNETS, filters, fields=SUBNET_FIELDS)

    # --- VPCs -------------------------------------------------------------------------------------

    def list_vpcs(self) -> tuple[VPC, ...]:
        """The project's VPCs. Routers know no CIDR, so on Open Telekom Cloud the VPC API is asked
        (GET /v1/{project}/vpcs); a VPC's id is its router's id there."""
        if self.has_vpc_api:
            return self._cloud.get("vpc", "/vpcs", _VPCs).vpcs

        return self._list("/routers", ROUTERS, {})

    def get_vpc(self, vpc_id: str) -> VPC:
        """GET /v1/{project}/vpcs/{id}, or GET /v2.0/routers/{id}"""
        if self.has_vpc_api:
            return self._cloud.get("vpc", f"/vpcs/{vpc_id}", _VPC).vpc
        return self._cloud.get("network", f"/routers/{vpc_id}", _Router).router

    def list_routers(self) -> tuple[Router, ...]:
        """GET /v2.0/routers, all pages: which external network each leads to."""
        return self._list("/routers", GATEWAYS, {}, fields=("id", "external_gateway_info"))

    @property
    def has_vpc_api(self) -> bool:
        return self._cloud.profile == "otc" and self._cloud.offers("vpc")

    # --- EIPs and security groups -----------------------------------------------------------------

    def list_floating_ips(self, **filters: str | Sequence[str]) -> tuple[FloatingIP, ...]:
        """GET /v2.0/floatingips, all pages."""
        return self._list("/floatingips", FLOATING_IPS, filters, fields=FLOATING_IP_FIELDS)

    def list_public_ips(self) -> tuple[PublicIP, ...]:
        """GET /v1/{project}/publicips, all pages: the EIPs with their bandwidth, type and alias,
        and the states in between, which no native API of Open Telekom Cloud tells. Elsewhere there
        is no such API, and nothing to tell."""
        if not self.has_vpc_api:
            return ()

        def fetch(marker: str | None) -> Page[PublicIP]:
            params = [("limit", str(PUBLIC_IPS_PER_PAGE))]
            params += [("marker", marker)] if marker else []
            found = self._cloud.get("vpc", "/publicips", _PublicIPs, params=params).publicips
            # It gives no links: a page that is not full is the last one.
            is_last = len(found) < PUBLIC_IPS_PER_PAGE
            return Page(found, None if is_last else found[-1].id)

        return every_item(fetch)

    def bind_floating_ip(
        self, eip_id: str, port_id: str | None, *, revision: int | None = None
    ) -> FloatingIP:
        """PUT /v2.0/floatingips/{id}: to that port, or to none. `Conflict` when the port has an EIP
        already, `NotFound` when the port's network has no way to the EIP's (cloud-api 3.9)."""
        path, body = f"/floatingips/{eip_id}", {"floatingip": {"port_id": port_id}}
        headers = _if_match(revision)
        answer = self._cloud.put("network", path, _FloatingIP, json=body, headers=headers)
        return answer.floatingip

    def list_security_groups(self) -> tuple[SecurityGroup, ...]:
        """GET /v2.0/security-groups, names only, all pages."""
        return self._list("/security-groups", SECURITY_GROUPS, {}, fields=SECURITY_GROUP_FIELDS)

    def _list(
        self, path: str, envelope: type[Listing[T]], filters: Filters, fields: Iterable[str] = ()
    ) -> tuple[T, ...]:
        params = [
            (name, value)
            for name, values in filters.items()
            for value in ([values] if isinstance(values, str) else values)
        ]
        params += [("fields", field) for field in fields]

        def fetch(marker: str | None) -> Page[T]:
            page = params if marker is None else [*params, ("marker", marker)]
            answer = self._cloud.get("network", path, envelope, params=page)
            return Page(tuple(answer.items), next_marker(answer.links))

        return every_item(fetch)
