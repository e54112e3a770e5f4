"""Neutron's networks, subnets and routers (3.3, 3.8; FACTS)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from console.emulator.neutron_policy import forbid, sees
from console.emulator.neutron_query import (
    Collection,
    Predicate,
    answer,
    common_view,
    equals,
    listing,
)
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from console.emulator.records import Network, Router, Subnet

# views


def _network(request: Request, network: Network) -> JSON:
    view: JSON = {
        "id": network.id,
        "name": network.name,
        "tenant_id": network.project_id,
        "project_id": network.project_id,
        "admin_state_up": network.admin_state_up,
        "status": network.status,
        "subnets": [subnet.id for subnet in request.state.subnets_of(network.id)],
        "shared": network.shared,
        "router:external": network.external,
        "availability_zone_hints": [],
        "availability_zones": [],
        "port_security_enabled": network.port_security_enabled,
        **common_view(request, network),
    }
    if request.state.otc:
        return view | {"provider:network_type": "vxlan", "dns_domain": ""}
    more: JSON = {
        "mtu": network.mtu,
        "ipv4_address_scope": None,
        "ipv6_address_scope": None,
        "qos_policy_id": None,
        "vlan_transparent": False,
        "qinq": False,
    }
    if network.external:
        more["is_default"] = False
    if request.who().is_admin:
        more |= {
            "provider:network_type": "vxlan",
            "provider:physical_network": None,
            "provider:segmentation_id": 110,
        }
    return view | more


def _subnet(request: Request, subnet: Subnet) -> JSON:
    stateful = "dhcpv6-stateful" if subnet.ip_version == 6 else None
    view: JSON = {
        "id": subnet.id,
        "name": subnet.name,
        "tenant_id": subnet.project_id,
        "project_id": subnet.project_id,
        "network_id": subnet.network_id,
        "ip_version": subnet.ip_version,
        "subnetpool_id": None,
        "enable_dhcp": subnet.enable_dhcp,
        "ipv6_ra_mode": stateful,
        "ipv6_address_mode": stateful,
        "gateway_ip": subnet.gateway_ip,
        "cidr": str(subnet.cidr),
        "allocation_pools": [{"start": str(a), "end": str(b)} for a, b in subnet.pools],
        "host_routes": [],
        "dns_nameservers": subnet.dns_nameservers,
        **common_view(request, subnet),
    }
    if not request.state.otc:
        view |= {"service_types": [], "dns_publish_fixed_ip": False, "router:external": False}
    return view


def _router(request: Request, router: Router) -> JSON:
    gateway: JSON | None = None
    if router.external_network_id:
        gateway = {"network_id": router.external_network_id, "enable_snat": True}
        if not request.state.otc:
            subnets = request.state.subnets_of(router.external_network_id)
            gateway["external_fixed_ips"] = [
                {"subnet_id": subnet.id, "ip_address": router.external_ip} for subnet in subnets[:1]
            ]
    view: JSON = {
        "id": router.id,
        "name": router.name,
        "tenant_id": router.project_id,
        "project_id": router.project_id,
        "admin_state_up": router.admin_state_up,
        "status": router.status,
        "external_gateway_info": gateway,
        "routes": [],
    }
    if not request.state.otc:
        more: JSON = {"availability_zones": [], "availability_zone_hints": [], "flavor_id": None}
        view |= {**more, **common_view(request, router)}
    return view


# lists


def _by_cidr(_: Request, values: list[str]) -> Predicate:
    return lambda subnet: str(subnet.cidr) in values


NETWORKS = Collection(
    "network",
    "networks",
    _network,
    attributes=("status", "admin_state_up", "shared", "mtu"),
    filters={"router:external": equals("external")},
)
SUBNETS = Collection(
    "subnet",
    "subnets",
    _subnet,
    attributes=("network_id", "ip_version", "gateway_ip", "enable_dhcp"),
    filters={"cidr": _by_cidr},
)
ROUTERS = Collection("router", "routers", _router, attributes=("status", "admin_state_up"))


def _sees_network(request: Request, network: Network) -> bool:
    return sees(request, network) or network.shared or network.external


def _sees_subnet(request: Request, subnet: Subnet) -> bool:
    network = request.state.networks[subnet.network_id]
    return sees(request, subnet) or network.shared


def list_networks(request: Request) -> Response:
    found = [n for n in request.state.networks.values() if _sees_network(request, n)]
    return listing(request, NETWORKS, found)


def show_network(request: Request, network_id: str) -> Response:
    network = request.state.networks.get(network_id)
    if network is None or not _sees_network(request, network):
        raise NETWORKS.not_found(network_id)
    return answer(request, NETWORKS, network)


def list_subnets(request: Request) -> Response:
    found = [s for s in request.state.subnets.values() if _sees_subnet(request, s)]
    return listing(request, SUBNETS, found)


def show_subnet(request: Request, subnet_id: str) -> Response:
    subnet = request.state.subnets.get(subnet_id)
    if subnet is None or not _sees_subnet(request, subnet):
        raise SUBNETS.not_found(subnet_id)
    return answer(request, SUBNETS, subnet)


def list_routers(request: Request) -> Response:
    found = [r for r in request.state.routers.values() if sees(request, r)]
    return listing(request, ROUTERS, found)


def show_router(request: Request, router_id: str) -> Response:
    router = request.state.routers.get(router_id)
    if router is None or not sees(request, router):
        raise ROUTERS.not_found(router_id)
    return answer(request, ROUTERS, router)


def _usage(subnet: Subnet) -> JSON:
    """Addresses outside the pools are the system's and in neither number."""
    pools = [(int(start), int(end)) for start, end in subnet.pools]
    used = [int(ip_address(address)) for address in subnet.used]
    return {
        "subnet_id": subnet.id,
        "subnet_name": subnet.name,
        "cidr": str(subnet.cidr),
        "ip_version": subnet.ip_version,
        "total_ips": sum(end - start + 1 for start, end in pools),
        "used_ips": sum(start <= address <= end for address in used for start, end in pools),
    }


def address_usage(request: Request, network_id: str) -> Response:
    """IP usage (3.3); vanilla keeps it for administrators."""
    if not request.state.otc and not request.who().is_admin:
        raise forbid("rule:get_network_ip_availability")
    network = request.state.networks.get(network_id)
    if network is None or not _sees_network(request, network):
        raise NETWORKS.not_found(network_id)
    parts = [_usage(subnet) for subnet in request.state.subnets_of(network_id)]
    body = {
        "network_id": network.id,
        "network_name": network.name,
        "tenant_id": network.project_id,
        "total_ips": sum(part["total_ips"] for part in parts),
        "used_ips": sum(part["used_ips"] for part in parts),
        "subnet_ip_availability": parts,
    }
    return json_response({"network_ip_availability": body})


# removal


def delete_network(request: Request, network_id: str) -> Response:
    network = request.state.networks.get(network_id)
    if network is None or not _sees_network(request, network):
        raise NETWORKS.not_found(network_id)
    if not sees(request, network) or not request.who().may_write:
        raise forbid("rule:delete_network")
    if ports := request.state.ports_of_network(network_id):
        ids = ",".join(sorted(port.id for port in ports))
        text = (
            f"Unable to complete operation on network {network_id}. There are one or more ports "
            f"still in use on the network, id for these ports is: {ids}."
        )
        raise Refusal(409, text, "NetworkInUse")
    for subnet in request.state.subnets_of(network_id):
        del request.state.subnets[subnet.id]
    del request.state.networks[network_id]
    return Response(204)


def delete_subnet(request: Request, subnet_id: str) -> Response:
    subnet = request.state.subnets.get(subnet_id)
    if subnet is None or not _sees_subnet(request, subnet):
        raise SUBNETS.not_found(subnet_id)
    if not sees(request, subnet) or not request.who().may_write:
        raise forbid("rule:delete_subnet")
    if any(subnet.used.values()):
        text = (
            f"Unable to complete operation on subnet {subnet_id}: "
            "One or more ports have an IP allocation from this subnet."
        )
        raise Refusal(409, text, "SubnetInUse")
    del request.state.subnets[subnet_id]
    return Response(204)


ROUTES = [
    Route("GET", "/v2.0/networks", list_networks),
    Route("GET", "/v2.0/networks/{network_id}", show_network),
    Route("DELETE", "/v2.0/networks/{network_id}", delete_network),
    Route("GET", "/v2.0/subnets", list_subnets),
    Route("GET", "/v2.0/subnets/{subnet_id}", show_subnet),
    Route("DELETE", "/v2.0/subnets/{subnet_id}", delete_subnet),
    Route("GET", "/v2.0/routers", list_routers),
    Route("GET", "/v2.0/routers/{router_id}", show_router),
    Route("GET", "/v2.0/network-ip-availabilities/{network_id}", address_usage),
]
