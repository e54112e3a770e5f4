"""Who may do what in Neutron (3.7, 3.13; FACTS, who may write)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.emulator.wire import JSON, Refusal, Request

if TYPE_CHECKING:
    from console.emulator.records import NetworkObject

_SUB_ATTRIBUTES = {
    "allowed_address_pairs": ("ip_address", "mac_address"),
    "fixed_ips": ("ip_address", "subnet_id"),
}
# Attributes with a rule of their own that the project's member passes on own networks only.
_OF_NETWORK_OWNER = ("mac_address", "port_security_enabled")
_OF_ADMIN = ("binding:host_id", "binding:profile")


def sees(request: Request, thing: NetworkObject) -> bool:
    return request.who().is_admin or thing.project_id == request.who().project_id


def forbid(rule: str) -> Refusal:
    return Refusal(403, f"{rule} is disallowed by policy", "PolicyNotAuthorized")


def may_write(request: Request, action: str) -> None:
    """A reader may not; the rule named is the action's own."""
    if not request.who().may_write:
        raise forbid(f"rule:{action}")


def may_write_port(request: Request, action: str, changes: JSON, network_id: str) -> None:
    """The default policies of ports, in the words Neutron refuses with."""
    caller = request.who()
    if caller.is_admin:
        return
    owner = request.state.owns_network(caller.project_id, network_id)
    rules = _rules(action, changes)
    if not caller.may_write:
        raise forbid(_and([f"rule:{action}", *rules.values()]))
    if request.state.otc:
        return  # OTC's own rules are checked with the attributes
    refused = (not owner and _needs_owner(changes, rules)) or any(a in changes for a in _OF_ADMIN)
    if refused:
        raise forbid(_and([f"rule:{action}", *rules.values()]))


def _and(rules: list[str]) -> str:
    return rules[0] if len(rules) == 1 else f"({' and '.join(rules)})"


def _rules(action: str, changes: JSON) -> dict[str, str]:
    """The rule of each attribute that has one, sub-attributes with it."""
    found: dict[str, str] = {}
    for name, value in changes.items():
        rule = f"rule:{action}:{name}"
        if name in _SUB_ATTRIBUTES and value:
            inner = [f"{rule}:{key}" for key in _SUB_ATTRIBUTES[name] if _uses(value, key)]
            found[name] = f"({rule} and {_and_always(inner)})"
        elif name in (*_OF_NETWORK_OWNER, *_OF_ADMIN, *_SUB_ATTRIBUTES) or (
            name == "device_owner" and value
        ):
            found[name] = rule
    return found


def _and_always(rules: list[str]) -> str:
    return f"({' and '.join(rules)})"


def _uses(entries: Any, key: str) -> bool:
    return isinstance(entries, list) and any(isinstance(e, dict) and key in e for e in entries)


def _needs_owner(changes: JSON, rules: dict[str, str]) -> bool:
    if any(name in rules for name in ("allowed_address_pairs", *_OF_NETWORK_OWNER)):
        return True
    if str(changes.get("device_owner", "")).startswith("network:"):
        return True
    return _uses(changes.get("fixed_ips"), "ip_address")
