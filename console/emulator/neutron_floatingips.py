"""Floating IPs, called EIPs in `otc` (3.8, 3.9).

What the documents leave open, decided here: from the PUT on, an EIP belongs to its new port (or to
none); only its status takes time. Meanwhile `otc` refuses to change or release it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.emulator import addresses
from console.emulator.build import default_bandwidth
from console.emulator.neutron_policy import may_write, sees
from console.emulator.neutron_port_checks import check_revision, is_address
from console.emulator.neutron_ports import find_port
from console.emulator.neutron_query import Collection, Predicate, answer, common_view, listing
from console.emulator.records import FloatingIP
from console.emulator.wire import JSON, Refusal, Request, Response, Route

if TYPE_CHECKING:
    from console.emulator.records import FixedIP, Port
    from console.emulator.state import State


_SHOWN = {"ACTIVE": "ACTIVE", "ELB": "ACTIVE", "VPN": "ACTIVE"}
_SHOWN |= {"ERROR": "ERROR", "BIND_ERROR": "ERROR"}
# The states of `otc` that a PUT may start from.
_AT_REST = ("ACTIVE", "DOWN", "BIND_ERROR")


def shown_status(request: Request, floating: FloatingIP) -> str:
    """Neutron has three words for the thirteen of VPC v1."""
    status = request.state.status_of(floating)
    if status == "FREEZED" and floating.port_id:
        return "ACTIVE"
    return _SHOWN.get(status, "DOWN")


def _by_status(request: Request, values: list[str]) -> Predicate:
    return lambda floating: shown_status(request, floating) in values


def _view(request: Request, floating: FloatingIP) -> JSON:
    view: JSON = {
        "id": floating.id,
        "tenant_id": floating.project_id,
        "project_id": floating.project_id,
        "floating_ip_address": floating.floating_ip_address,
        "floating_network_id": floating.floating_network_id,
        "router_id": floating.router_id,
        "port_id": floating.port_id,
        "fixed_ip_address": floating.fixed_ip_address,
        "status": shown_status(request, floating),
    }
    if request.state.otc:
        return view | {"dns_name": "", "dns_domain": "", **common_view(request, floating)}
    port = request.state.ports.get(floating.port_id or "")
    details: JSON | None = None
    if port:
        details = {
            "name": port.name,
            "network_id": port.network_id,
            "mac_address": port.mac_address,
            "admin_state_up": port.admin_state_up,
            "status": port.status,
            "device_id": port.device_id,
            "device_owner": port.device_owner,
        }
    more: JSON = {"port_details": details, "port_forwardings": [], "qos_policy_id": None}
    return view | more | common_view(request, floating)


FLOATING_IPS = Collection(
    "floatingip",
    "floatingips",
    _view,
    label="Floating IP",
    attributes=(
        "floating_ip_address",
        "floating_network_id",
        "router_id",
        "port_id",
        "fixed_ip_address",
    ),
    filters={"status": _by_status},
)


def _find(request: Request, floatingip_id: str) -> FloatingIP:
    floating = request.state.floating_ips.get(floatingip_id)
    if floating is None or not sees(request, floating):
        text = f"Floating IP {floatingip_id} could not be found"
        raise Refusal(404, text, "FloatingIPNotFound")
    return floating


def list_floating_ips(request: Request) -> Response:
    found = [f for f in request.state.floating_ips.values() if sees(request, f)]
    return listing(request, FLOATING_IPS, found)


def show_floating_ip(request: Request, floatingip_id: str) -> Response:
    return answer(request, FLOATING_IPS, _find(request, floatingip_id))


def create_floating_ip(request: Request) -> Response:
    wanted = request.json_object("floatingip")
    may_write(request, "create_floatingip")
    state, project_id = request.state, request.who().project_id
    network = state.networks.get(str(wanted.get("floating_network_id")))
    if network is None or not network.external:
        text = f"Network {wanted.get('floating_network_id')} is not a valid external network"
        raise Refusal(400, f"Bad floatingip request: {text}.", "BadRequest")
    limit = state.quotas[project_id]["floatingip"]
    if 0 <= limit <= sum(f.project_id == project_id for f in state.floating_ips.values()):
        raise Refusal(409, "Quota exceeded for resources: ['floatingip'].", "OverQuota")
    now = state.clock()
    floating = FloatingIP(state.new_uuid(), "", project_id, now, now)
    floating.floating_network_id = network.id
    floating.description = str(wanted.get("description") or "")
    binding = _binding(request, floating, wanted) if wanted.get("port_id") else None
    asked = wanted.get("floating_ip_address")
    if asked is not None and not is_address(asked):
        text = (
            f"Invalid input for floating_ip_address. Reason: '{asked}' is not a valid IP address."
        )
        raise Refusal(400, text, "HTTPBadRequest")
    fixed = [{"ip_address": asked}] if asked else None
    floating.floating_ip_address = addresses.allocate(state, network.id, fixed)[0].ip_address
    floating.bandwidth = default_bandwidth(state, floating)
    if binding:
        _bind(state, floating, *binding)
    state.floating_ips[floating.id] = floating
    return answer(request, FLOATING_IPS, floating, 201)


def update_floating_ip(request: Request, floatingip_id: str) -> Response:
    """Bind with a port id, unbind with null; a PUT without `port_id` only describes."""
    changes = request.json_object("floatingip")
    floating = _find(request, floatingip_id)
    may_write(request, "update_floatingip")
    check_revision(request, floating.revision_number)
    if "port_id" in changes:
        _check_at_rest(request, floating)
    if changes.get("port_id"):
        _bind(request.state, floating, *_binding(request, floating, changes))
        request.state.touch(floating)
    elif "port_id" in changes:
        _unbind(request.state, floating)
    if "description" in changes:
        floating.description = str(changes["description"] or "")
    return answer(request, FLOATING_IPS, floating)


def _binding(request: Request, floating: FloatingIP, wanted: JSON) -> tuple[Port, FixedIP, str]:
    """The port, its address and the router on the way; each may be what is refused."""
    port = find_port(request, str(wanted["port_id"]))
    fixed = _fixed(port, wanted.get("fixed_ip_address"))
    state = request.state
    for other in state.floating_ips_of(port.id):
        if other is not floating and other.fixed_ip_address == fixed.ip_address:
            address = floating.floating_ip_address
            text = (
                f"Cannot associate floating IP {address} ({floating.id}) with port {port.id} using "
                f"fixed IP {fixed.ip_address}, as that fixed IP already has a floating IP on "
                f"external network {floating.floating_network_id}."
            )
            raise Refusal(409, text, "FloatingIPPortAlreadyAssociated")
    router = state.router_of_network(port.network_id)
    if router is None or router.external_network_id != floating.floating_network_id:
        text = (
            f"External network {floating.floating_network_id} is not reachable from subnet "
            f"{fixed.subnet_id}.  Therefore, cannot associate Port {port.id} with a Floating IP."
        )
        raise Refusal(404, text, "ExternalGatewayForFloatingIPNotFound")
    return port, fixed, router.id


def _fixed(port: Port, wanted: Any) -> FixedIP:
    four = [fixed for fixed in port.fixed_ips if ":" not in fixed.ip_address]
    if wanted is not None:
        four = [fixed for fixed in four if fixed.ip_address == wanted]
    if not four:
        text = f"Cannot add floating IP to port {port.id} that has no fixed IPv4 addresses"
        raise Refusal(400, f"Bad floatingip request: {text}.", "BadRequest")
    return four[0]


def _bind(state: State, floating: FloatingIP, port: Port, fixed: FixedIP, router_id: str) -> None:
    floating.port_id = port.id
    floating.fixed_ip_address = fixed.ip_address
    floating.router_id = router_id
    floating.status = "ACTIVE"
    floating.busy_status = "BINDING" if state.otc else "DOWN"
    floating.busy_until = state.clock() + state.eip_seconds


def _unbind(state: State, floating: FloatingIP) -> None:
    """Nothing takes time where nothing was bound; vanilla is DOWN at once in any case."""
    bound = floating.port_id is not None
    state.unbind(floating)
    floating.busy_status = "PENDING_UPDATE" if state.otc else "DOWN"
    floating.busy_until = state.clock() + (state.eip_seconds if bound else 0)


def _check_at_rest(request: Request, floating: FloatingIP) -> None:
    """`otc` changes an EIP at rest only: v1 says VPC.0512 (3.12); vanilla takes the next change."""
    status = request.state.status_of(floating)
    if not request.state.otc or status in _AT_REST:
        return
    text = (
        f"Floating IP {floating.floating_ip_address} ({floating.id}) cannot be changed "
        f"in the status {status}."
    )
    raise Refusal(409, text, "Conflict")


def delete_floating_ip(request: Request, floatingip_id: str) -> Response:
    floating = _find(request, floatingip_id)
    may_write(request, "delete_floatingip")
    check_revision(request, floating.revision_number)
    if request.state.status_of(floating) in ("BINDING", "PENDING_UPDATE"):
        _check_at_rest(request, floating)
    state = request.state
    for subnet in state.subnets_of(floating.floating_network_id):
        subnet.used.pop(floating.floating_ip_address, None)
        subnet.lowest = 0
    del state.floating_ips[floating.id]
    return Response(204)


ROUTES = [
    Route("GET", "/v2.0/floatingips", list_floating_ips),
    Route("POST", "/v2.0/floatingips", create_floating_ip),
    Route("GET", "/v2.0/floatingips/{floatingip_id}", show_floating_ip),
    Route("PUT", "/v2.0/floatingips/{floatingip_id}", update_floating_ip),
    Route("DELETE", "/v2.0/floatingips/{floatingip_id}", delete_floating_ip),
]
