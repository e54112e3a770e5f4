"""How a port looks on the wire, and the filters of its list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.emulator.neutron_query import Collection, Predicate, common_view
from console.emulator.wire import JSON, Refusal, Request

if TYPE_CHECKING:
    from console.emulator.records import Pair, Port

# What a PUT or POST may set straight on the record: the wire's name and ours.
PLAIN = {
    "name": "name",
    "description": "description",
    "admin_state_up": "admin_state_up",
    "device_owner": "device_owner",
    "mac_address": "mac_address",
    "binding:vnic_type": "vnic_type",
    "binding:profile": "profile",
    "extra_dhcp_opts": "extra_dhcp_opts",
    "port_security_enabled": "port_security_enabled",
}


def view(request: Request, port: Port) -> JSON:
    common = {
        "id": port.id,
        "name": port.name,
        "network_id": port.network_id,
        "project_id": port.project_id,
        "tenant_id": port.project_id,
        "mac_address": port.mac_address,
        "admin_state_up": port.admin_state_up,
        "status": port.status,
        "device_id": port.device_id,
        "device_owner": port.device_owner,
        "fixed_ips": [
            {"subnet_id": fixed.subnet_id, "ip_address": fixed.ip_address}
            for fixed in port.fixed_ips
        ],
        "allowed_address_pairs": [
            {"mac_address": pair.mac_address, "ip_address": pair.ip_address}
            for pair in _pairs(request, port)
        ],
        "extra_dhcp_opts": port.extra_dhcp_opts,
        "security_groups": port.security_groups,
        "binding:vnic_type": port.vnic_type,
        "port_security_enabled": port.port_security_enabled,
        **common_view(request, port),
    }
    return common | (_otc(port) if request.state.otc else _vanilla(request, port))


def _pairs(request: Request, port: Port) -> list[Pair]:
    """Neutron's order is that of its table's key, whatever the order they were written in. Of OTC
    none is known, so there it is the written one."""
    if request.state.otc:
        return port.allowed_address_pairs
    return sorted(port.allowed_address_pairs, key=lambda pair: (pair.mac_address, pair.ip_address))


def _otc(port: Port) -> JSON:
    """OTC shows the binding to everybody, but no revision, tags or description (3.6)."""
    details: JSON = {"primary_interface": port.primary} if port.device_id else {}
    name = f"ip-{port.fixed_ips[0].ip_address.replace('.', '-')}" if port.fixed_ips else ""
    dns = []
    if port.primary and port.fixed_ips:
        address = port.fixed_ips[0].ip_address
        dns = [{"hostname": name, "ip_address": address, "fqdn": f"{name}.example.internal."}]
    return {
        "binding:profile": port.profile,
        "binding:vif_details": details,
        "dns_name": name if port.primary else "",
        "dns_assignment": dns,
    }


def _vanilla(request: Request, port: Port) -> JSON:
    more: JSON = {"qos_policy_id": None, "qos_network_policy_id": None}
    if request.who().is_admin:
        more |= {
            "binding:profile": port.profile,
            "binding:host_id": "compute-1" if port.device_id else "",
            "binding:vif_type": "other" if port.device_id else "unbound",
            "binding:vif_details": {},
            "resource_request": None,
        }
    return more


# filters


def _by_address(request: Request, values: list[str]) -> Predicate:
    """`fixed_ips=ip_address=…`, `subnet_id=…`, and in vanilla a part of an address."""
    known = ["ip_address", "subnet_id"] + ([] if request.state.otc else ["ip_address_substr"])
    wanted: dict[str, list[str]] = {}
    for value in values:
        key, equals, text = value.partition("=")
        if equals and key in known:
            wanted.setdefault(key, []).append(text)
        elif not request.state.otc:
            raise Refusal(400, f"['{value}'] is invalid attribute for filtering", "HTTPBadRequest")
    if not wanted:
        return lambda _: True
    addresses, subnets = wanted.get("ip_address"), wanted.get("subnet_id")
    parts = wanted.get("ip_address_substr")
    return lambda port: any(
        (addresses is None or fixed.ip_address in addresses)
        and (subnets is None or fixed.subnet_id in subnets)
        and (parts is None or any(part in fixed.ip_address for part in parts))
        for fixed in port.fixed_ips
    )


def _by_pair(request: Request, values: list[str]) -> Predicate:
    """Vanilla only (3.7). OTC documents no such filter, so it has no effect there."""
    if request.state.otc:
        return lambda _: True
    wanted = {value.partition("=")[2] for value in values if value.startswith("ip_address=")}
    return lambda port: any(pair.ip_address in wanted for pair in port.allowed_address_pairs)


def _by_group(_: Request, values: list[str]) -> Predicate:
    return lambda port: not set(values).isdisjoint(port.security_groups)


def _by_vnic_type(_: Request, values: list[str]) -> Predicate:
    return lambda port: port.vnic_type in values


PORTS = Collection(
    "port",
    "ports",
    view,
    attributes=(
        "network_id",
        "mac_address",
        "admin_state_up",
        "status",
        "device_id",
        "device_owner",
        "port_security_enabled",
    ),
    filters={
        "fixed_ips": _by_address,
        "allowed_address_pairs": _by_pair,
        "security_groups": _by_group,
        "binding:vnic_type": _by_vnic_type,
    },
)
