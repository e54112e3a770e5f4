"""Neutron's ports (3.6, 3.7, 4; FACTS, Neutron); their PUT stands in `neutron_port_update`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.emulator import addresses, neutron_pairs
from console.emulator.neutron_policy import forbid, may_write_port, sees
from console.emulator.neutron_port_checks import (
    check_create,
    check_delete,
    check_revision,
    check_security,
)
from console.emulator.neutron_port_views import PLAIN, PORTS
from console.emulator.neutron_query import answer, listing
from console.emulator.records import Port
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.emulator.state import State


def _visible(request: Request, port: Port) -> bool:
    """A project sees its ports, and all ports of the networks that it owns."""
    return sees(request, port) or request.state.owns_network(
        request.who().project_id, port.network_id
    )


def find_port(request: Request, port_id: str) -> Port:
    port = request.state.ports.get(port_id)
    if port is None or not _visible(request, port):
        raise PORTS.not_found(port_id)
    return port


def list_ports(request: Request) -> Response:
    return listing(
        request, PORTS, [port for port in _candidates(request) if _visible(request, port)]
    )


def _candidates(request: Request) -> list[Port]:
    """Few ports to look at when a filter has an index; the filters come after."""
    state = request.state
    found = _indexed(request)
    if found is None:
        return list(state.ports.values())
    marker = state.ports.get(request.first("marker"))
    if marker is not None and marker.id not in found:
        found[marker.id] = marker  # the page begins at its place
    return list(found.values())


def _indexed(request: Request) -> dict[str, Port] | None:
    """By id, by device, by address, by network; the first that is asked for."""
    state = request.state
    if ids := request.every("id"):
        return {each: state.ports[each] for each in ids if each in state.ports}
    devices = request.every("device_id")
    if devices and all(devices):  # those without a device have no index
        return _by_id(state.ports_of_device(device) for device in devices)
    fixed = [value.partition("=") for value in request.every("fixed_ips")]
    if addresses_wanted := [text for key, _, text in fixed if key == "ip_address"]:
        return _by_id(state.ports_at(address) for address in addresses_wanted)
    networks = request.every("network_id")
    if not networks:
        subnets = [state.subnets.get(text) for key, _, text in fixed if key == "subnet_id"]
        networks = [subnet.network_id for subnet in subnets if subnet]
    return _by_id(map(state.ports_of_network, networks)) if networks else None


def _by_id(lists: Iterable[list[Port]]) -> dict[str, Port]:
    return {port.id: port for ports in lists for port in ports}


def show_port(request: Request, port_id: str) -> Response:
    return answer(request, PORTS, find_port(request, port_id))


def create_port(request: Request) -> Response:
    state, caller = request.state, request.who()
    wanted = request.json_object("port")
    check_create(request, wanted)
    network = state.networks.get(wanted["network_id"])
    if network is None or not (sees(request, network) or network.shared):
        text = f"Network {wanted['network_id']} could not be found."
        raise Refusal(404, text, "NetworkNotFound")
    may_write_port(request, "create_port", wanted, network.id)
    project_id = str(wanted.get("project_id") or wanted.get("tenant_id") or caller.project_id)
    if project_id != caller.project_id and not caller.is_admin:
        raise forbid("rule:create_port")
    _check_quota(state, project_id)
    now = state.clock()
    port = Port(state.new_uuid(), "", project_id, now, now, network_id=network.id)
    port.mac_address = state.new_mac()
    port.port_security_enabled = network.port_security_enabled
    _fill(request, port, wanted)
    port.device_id = str(wanted.get("device_id") or "")
    check_security(port)
    port.fixed_ips = addresses.allocate(state, network.id, wanted.get("fixed_ips"))
    return answer(request, PORTS, state.add_port(port), 201)


def _check_quota(state: State, project_id: str) -> None:
    limit = state.quotas[project_id]["port"]
    if limit < 0:
        return
    if sum(port.project_id == project_id for port in state.ports.values()) >= limit:
        raise Refusal(409, "Quota exceeded for resources: ['port'].", "OverQuota")


def _fill(request: Request, port: Port, wanted: JSON) -> None:
    """Set what the body says on a new port; groups are the project's default one."""
    for name, attribute in PLAIN.items():
        if name in wanted and wanted[name] is not None:
            setattr(port, attribute, wanted[name])
    trusted = port.device_owner.startswith("network:") or not port.port_security_enabled
    groups = wanted.get("security_groups")
    if groups is None and not trusted:
        groups = [request.state.default_group(port.project_id).id]
    port.security_groups = list(groups or [])
    if wanted.get("allowed_address_pairs") is not None:
        port.allowed_address_pairs = neutron_pairs.parse(
            wanted["allowed_address_pairs"], port.mac_address, otc=request.state.otc
        )


def delete_port(request: Request, port_id: str) -> Response:
    port = find_port(request, port_id)
    if not request.who().may_write:
        raise forbid("rule:delete_port")
    check_revision(request, port.revision_number)
    check_delete(request, port)
    request.state.remove_port(port)
    return Response(204)


def put_tags(request: Request, port_id: str) -> Response:
    """Tags live beside the port and raise its revision."""
    port = find_port(request, port_id)
    if not request.who().may_write:
        raise forbid("rule:update_ports_tags")
    body = request.json()
    tags = body.get("tags") if isinstance(body, dict) else None
    if not isinstance(tags, list):
        raise Refusal(400, "Invalid input for tags.", "HTTPBadRequest")
    port.tags = [str(tag) for tag in tags]
    request.state.touch(port)
    return json_response({"tags": port.tags})


ROUTES = [
    Route("GET", "/v2.0/ports", list_ports),
    Route("POST", "/v2.0/ports", create_port),
    Route("GET", "/v2.0/ports/{port_id}", show_port),
    Route("DELETE", "/v2.0/ports/{port_id}", delete_port),
    Route("PUT", "/v2.0/ports/{port_id}/tags", put_tags),
]
