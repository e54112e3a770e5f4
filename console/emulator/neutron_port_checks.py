"""What is refused when a port is made, changed or deleted (3.6, 3.7, 4.5; FACTS)."""

from __future__ import annotations

import ipaddress
import re
import uuid
from typing import TYPE_CHECKING, Any

from console.emulator import neutron_pairs
from console.emulator.records import VIP_OWNER
from console.emulator.wire import JSON, Refusal, Request

if TYPE_CHECKING:
    from console.emulator.records import Port

_BOTH = {
    "name",
    "security_groups",
    "allowed_address_pairs",
    "extra_dhcp_opts",
    "binding:profile",
    "binding:vnic_type",
    "port_security_enabled",
}
_OTC_UPDATE = _BOTH
_OTC_CREATE = _BOTH | {
    "network_id",
    "fixed_ips",
    "device_owner",
    "device_id",
    "admin_state_up",
    "tenant_id",
    "project_id",
    "mac_address",
}
_UPDATE = _BOTH | {
    "admin_state_up",
    "description",
    "device_id",
    "device_owner",
    "fixed_ips",
    "mac_address",
    "binding:host_id",
    "dns_name",
    "qos_policy_id",
}
_CREATE = _UPDATE | {"network_id", "tenant_id", "project_id"}
_KNOWN = _CREATE | {"id", "status", "revision_number", "created_at", "updated_at", "tags"}


def _bad(text: str, kind: str = "HTTPBadRequest") -> Refusal:
    return Refusal(400, text, kind)


def check_create(request: Request, wanted: JSON) -> None:
    allowed = _OTC_CREATE if request.state.otc else _CREATE
    _check_names(wanted, allowed, "POST")
    if "network_id" not in wanted:
        raise _bad("Failed to parse request. Required attribute 'network_id' not specified")
    if not _is_uuid(wanted["network_id"]):
        text = f"'{wanted['network_id']}' is not a valid UUID."
        raise _bad(f"Invalid input for network_id. Reason: {text}")
    if request.state.otc and wanted.get("device_owner", "") not in ("", VIP_OWNER):
        owner = wanted["device_owner"]
        raise _bad(f"Invalid input for device_owner. Reason: '{owner}' is not in ['{VIP_OWNER}'].")
    _check_values(request, wanted)


def check_update(request: Request, changes: JSON) -> None:
    allowed = _OTC_UPDATE if request.state.otc else _UPDATE
    if not changes and request.state.otc:
        raise _bad("At least one attribute is needed.")
    _check_names(changes, allowed, "PUT")
    if request.state.otc and changes.get("security_groups", True) in ([], None):
        raise _bad("Invalid input for security_groups. Reason: the list must not be empty.")
    _check_values(request, changes)


def _check_names(body: JSON, allowed: set[str], method: str) -> None:
    unknown = [name for name in body if name not in allowed]
    known = [name for name in unknown if name in _KNOWN]
    if known:
        text = "Cannot update read-only attribute" if method == "PUT" else "Attribute"
        end = "" if method == "PUT" else " not allowed in POST"
        raise _bad(f"{text} {known[0]}{end}")
    if unknown:
        raise _bad(f"Unrecognized attribute(s) '{', '.join(unknown)}'")


def _check_values(request: Request, body: JSON) -> None:
    _check_scalars(body)
    if "fixed_ips" in body:
        _check_fixed_ips(body["fixed_ips"])
    if body.get("allowed_address_pairs") is not None:
        neutron_pairs.parse(body["allowed_address_pairs"], "", otc=request.state.otc)
    if body.get("security_groups") is not None:
        _check_groups(request, body["security_groups"])


def _check_scalars(body: JSON) -> None:
    for name in ("name", "description", "device_id", "device_owner", "binding:vnic_type"):
        value = body.get(name, "")
        if not isinstance(value, str) or len(value) > 255:
            raise _bad(f"Invalid input for {name}. Reason: '{value}' is not a valid string.")
    for name in ("admin_state_up", "port_security_enabled"):
        if not isinstance(body.get(name, True), bool):
            raise _bad(f"'{body[name]}' cannot be converted to boolean")
    for name, kind in (("extra_dhcp_opts", list), ("binding:profile", dict)):
        if not isinstance(body.get(name), kind | None):
            raise _bad(f"Invalid input for {name}. Reason: '{body[name]}' is no {kind.__name__}.")
    mac = body.get("mac_address")
    if mac is not None and not (isinstance(mac, str) and neutron_pairs.MAC.fullmatch(mac)):
        raise _bad(f"Invalid input for mac_address. Reason: '{mac}' is not a valid MAC address.")


def _check_fixed_ips(value: Any) -> None:
    if value is None:
        return
    text = "Invalid input for fixed_ips. Reason:"
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _bad(f"{text} Invalid data format for fixed IP: '{value}'.")
    for entry in value:
        address, subnet = entry.get("ip_address"), entry.get("subnet_id")
        if address is not None and not is_address(address):
            raise _bad(f"{text} '{address}' is not a valid IP address.")
        if subnet is not None and not _is_uuid(subnet):
            raise _bad(f"{text} '{subnet}' is not a valid UUID.")


def _check_groups(request: Request, groups: Any) -> None:
    if not isinstance(groups, list):
        raise _bad(f"Invalid input for security_groups. Reason: '{groups}' is not a list.")
    for group_id in groups:
        group = request.state.security_groups.get(str(group_id))
        if group is None or group.project_id != request.who().project_id:
            text = f"Security group {group_id} does not exist"
            raise Refusal(404, text, "SecurityGroupNotFound")


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


def is_address(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def check_security(port: Port) -> None:
    """Pairs and groups need port security (3.7)."""
    if port.port_security_enabled:
        return
    if port.allowed_address_pairs:
        text = "Port Security must be enabled in order to have allowed address pairs on a port."
        raise Refusal(409, text, "AddressPairAndPortSecurityRequired")
    if port.security_groups:
        text = (
            "Port has security group associated. "
            "Cannot disable port security or IP address until security group is removed."
        )
        raise Refusal(409, text, "PortSecurityPortHasSecurityGroup")


def check_revision(request: Request, current: int) -> None:
    """`If-Match: revision_number=N`; any other form is ignored, and OTC has no revisions (3.7).

    Neutron compares once, at the start of a transaction, so that two that overlap both pass (FACTS,
    two writers). Here one lock serialises them unless `overlap_ms` is set (`neutron_port_update`).
    """
    sent = request.headers.get("if-match", "").strip('"')
    if request.state.otc or not sent.startswith("revision_number="):
        return
    wanted = sent.removeprefix("revision_number=")
    if not re.fullmatch(r"\d+", wanted):
        text = "Revision number etag must be in the format of revision_number=<int>."
        raise _bad(f"Bad if-match request: {text}", "BadRequest")
    if int(wanted) != current:
        raise _stale(wanted, current)


def _stale(wanted: str | int, current: int) -> Refusal:
    text = f"Constrained to {wanted}, but current revision is {current}"
    return Refusal(412, text, "RevisionNumberConstraintFailed")


def refuse_as_stale(request: Request) -> Refusal:
    """What a fault of the status 412 answers: as if somebody had written just before."""
    sent = re.search(r"revision_number=(\d+)", request.headers.get("if-match", ""))
    port = request.state.ports.get(request.path.rstrip("/").rpartition("/")[2])
    current = port.revision_number if port else 2
    if sent is None:
        return _stale(current - 1, current)
    return _stale(sent[1], current if current != int(sent[1]) else current + 1)


def check_delete(request: Request, port: Port) -> None:
    owner = port.device_owner
    if owner.startswith("network:") and (port.device_id or request.state.otc):
        raise _service_port(port)
    if not request.state.otc:
        return
    if port.device_id:
        raise _in_use(port, port.device_id)
    if owner not in ("", VIP_OWNER):
        raise _service_port(port)
    if owner == VIP_OWNER and port.allowed_address_pairs:
        raise _in_use(port, ", ".join(pair.ip_address for pair in port.allowed_address_pairs))
    if floating := request.state.floating_ips_of(port.id):
        raise _in_use(port, floating[0].floating_ip_address)


def _in_use(port: Port, device: str) -> Refusal:
    text = (
        f"Unable to complete operation on port {port.id} for network {port.network_id}. "
        f"Port already has an attached device {device}."
    )
    return Refusal(409, text, "PortInUse")


def _service_port(port: Port) -> Refusal:
    text = f"Port {port.id} cannot be deleted directly via the port API: "
    return Refusal(409, f"{text}has device owner {port.device_owner}.", "ServicePortInUse")
