"""Neutron's PUT of a port: at once, or overlapping with others (3.7; FACTS, two writers).

Measured on a real Neutron: the revision is compared once, at the start of a transaction, so that
two PUTs of one revision that overlap are both answered 200. `state.overlap_ms` holds each PUT open
for so long between its check and its write. Then, as there:

- Pairs and groups are rows of their own. Who writes nothing else takes away the rows that it read
  and does not want, and puts in all that it wants: additions of both stay, and what the first
  took away comes back when the second still wanted it (12 times of 20).
- Who also changes the port itself is tried again without the condition, so the last one wins.
- `otc` has no revisions: the last list wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from console.emulator import addresses, neutron_pairs
from console.emulator.neutron_policy import forbid, may_write_port, sees
from console.emulator.neutron_port_checks import check_revision, check_security, check_update
from console.emulator.neutron_port_views import PLAIN, PORTS
from console.emulator.neutron_ports import find_port
from console.emulator.neutron_query import answer
from console.emulator.records import Port
from console.emulator.wire import JSON, Refusal, Request, Response, Route

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = TypeVar("Row")
Values = dict[str, Any]

_ROWS = ("allowed_address_pairs", "security_groups")


def update_port(request: Request, port_id: str) -> Response:
    """Attributes are checked before the port is looked for, and policy before the revision."""
    changes = request.json_object("port")
    check_update(request, changes)
    port = _writable(request, port_id, changes)
    check_revision(request, port.revision_number)
    read = _values(port)
    if request.state.overlap_ms:
        request.state.let_others_in(request.state.overlap_ms / 1000)
        port = _writable(request, port_id, changes)
    before = _values(port)
    staged = _staged(request, port, changes)
    if before != read and not request.state.otc and _only_rows(staged, read, changes):
        rows = [name for name in _ROWS if name in staged]
        staged = {name: _merged(read[name], before[name], staged[name]) for name in rows}
    _apply(request, port, staged, changes)
    if _values(port) != before:  # a PUT that changes nothing does not raise the revision
        request.state.touch(port)
    return answer(request, PORTS, port)


def _writable(request: Request, port_id: str, changes: JSON) -> Port:
    port = find_port(request, port_id)
    may_write_port(request, "update_port", changes, port.network_id)
    if not sees(request, port):
        raise forbid("rule:update_port")
    return port


def _staged(request: Request, port: Port, changes: JSON) -> Values:
    staged = {PLAIN[name]: value for name, value in changes.items() if name in PLAIN}
    if "allowed_address_pairs" in changes:
        staged["allowed_address_pairs"] = neutron_pairs.parse(
            changes["allowed_address_pairs"] or [], port.mac_address, otc=request.state.otc
        )
    if "security_groups" in changes:
        staged["security_groups"] = list(changes["security_groups"] or [])
    return staged


def _only_rows(staged: Values, read: Values, changes: JSON) -> bool:
    """Whether the port itself stays as it was read."""
    if "fixed_ips" in changes or changes.get("device_id", read["device_id"]) != read["device_id"]:
        return False
    return all(staged[name] == read[name] for name in staged if name not in _ROWS)


def _merged(read: Iterable[Row], now: Iterable[Row], wanted: list[Row]) -> list[Row]:
    taken_away = [row for row in read if row not in wanted]
    kept = [row for row in now if row not in taken_away]
    return kept + [row for row in wanted if row not in kept]


def _apply(request: Request, port: Port, staged: Values, changes: JSON) -> None:
    before = {attribute: getattr(port, attribute) for attribute in staged}
    for attribute, value in staged.items():
        setattr(port, attribute, value)
    try:
        check_security(port)
        _move_addresses(request, port, changes)
    except Refusal:
        for attribute in staged:
            setattr(port, attribute, before[attribute])
        raise
    if "device_id" in changes:
        request.state.set_device(port, str(changes["device_id"] or ""))


def _values(port: Port) -> Values:
    return {
        name: list(value) if isinstance(value := getattr(port, name), list) else value
        for name in Port.__dataclass_fields__
        if name not in ("revision_number", "updated")
    }


def _move_addresses(request: Request, port: Port, changes: JSON) -> None:
    """Vanilla only: addresses that stay are kept, the others are released and allocated."""
    if "fixed_ips" not in changes:
        return
    state = request.state
    old = port.fixed_ips
    state.release(old)
    try:
        port.fixed_ips = addresses.allocate(state, port.network_id, changes["fixed_ips"] or [])
    except Refusal:
        port.fixed_ips = old
        raise
    finally:
        for fixed in port.fixed_ips:
            state.subnets[fixed.subnet_id].used[fixed.ip_address] = port.id


ROUTES = [Route("PUT", "/v2.0/ports/{port_id}", update_port)]
