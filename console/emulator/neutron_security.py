"""Security groups and their rules (3.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.emulator.neutron_policy import may_write, sees
from console.emulator.neutron_query import Collection, answer, common_view, listing
from console.emulator.records import SecurityGroupRule
from console.emulator.wire import JSON, Refusal, Request, Response, Route

if TYPE_CHECKING:
    from console.emulator.records import SecurityGroup

_RULE_MEMBERS = (
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
)


def _rule(request: Request, rule: SecurityGroupRule) -> JSON:
    return {
        "id": rule.id,
        "tenant_id": rule.project_id,
        "project_id": rule.project_id,
        "security_group_id": rule.security_group_id,
        "direction": rule.direction,
        "ethertype": rule.ethertype,
        **{name: getattr(rule, name) for name in _RULE_MEMBERS},
        "description": rule.description,
        **common_view(request, rule),
    }


def _group(request: Request, group: SecurityGroup) -> JSON:
    rules = request.state.security_group_rules.values()
    view = {
        "id": group.id,
        "name": group.name,
        "tenant_id": group.project_id,
        "project_id": group.project_id,
        "description": group.description,
        "security_group_rules": [
            _rule(request, rule) for rule in rules if rule.security_group_id == group.id
        ],
        **common_view(request, group),
    }
    return view if request.state.otc else view | {"stateful": group.stateful, "shared": False}


GROUPS = Collection("security_group", "security_groups", _group, label="Security group")
RULES = Collection(
    "security_group_rule",
    "security_group_rules",
    _rule,
    label="Security group rule",
    attributes=("security_group_id", "direction", "ethertype", *_RULE_MEMBERS),
)


def _find_group(request: Request, group_id: str) -> SecurityGroup:
    group = request.state.security_groups.get(group_id)
    if group is None or not sees(request, group):
        raise GROUPS.not_found(group_id)
    return group


def _find_rule(request: Request, rule_id: str) -> SecurityGroupRule:
    rule = request.state.security_group_rules.get(rule_id)
    if rule is None or not sees(request, rule):
        raise RULES.not_found(rule_id)
    return rule


def list_groups(request: Request) -> Response:
    if request.who().project_id:
        request.state.default_group(
            request.who().project_id
        )  # made on first sight, as Neutron does
    found = [g for g in request.state.security_groups.values() if sees(request, g)]
    return listing(request, GROUPS, found)


def show_group(request: Request, group_id: str) -> Response:
    return answer(request, GROUPS, _find_group(request, group_id))


def list_rules(request: Request) -> Response:
    found = [r for r in request.state.security_group_rules.values() if sees(request, r)]
    return listing(request, RULES, found)


def show_rule(request: Request, rule_id: str) -> Response:
    return answer(request, RULES, _find_rule(request, rule_id))


def create_rule(request: Request) -> Response:
    wanted = request.json_object("security_group_rule")
    may_write(request, "create_security_group_rule")
    group = _find_group(request, str(wanted.get("security_group_id")))
    _check_rule(wanted)
    state = request.state
    now = state.clock()
    rule = SecurityGroupRule(state.new_uuid(), "", group.project_id, now, now)
    rule.security_group_id, rule.direction = group.id, wanted["direction"]
    rule.ethertype = wanted.get("ethertype") or "IPv4"
    rule.description = wanted.get("description") or ""
    for name in _RULE_MEMBERS:
        setattr(rule, name, wanted.get(name))
    rule.protocol = None if rule.protocol is None else str(rule.protocol)
    _refuse_double(request, rule)
    state.security_group_rules[rule.id] = rule
    state.touch(group)
    return answer(request, RULES, rule, 201)


def _check_rule(wanted: JSON) -> None:
    choices: dict[str, list[Any]] = {
        "direction": ["ingress", "egress"],
        "ethertype": ["IPv4", "IPv6", None],
    }
    for name, allowed in choices.items():
        if wanted.get(name) not in allowed:
            text = f"Invalid input for {name}. Reason: '{wanted.get(name)}' is not in {allowed}."
            raise Refusal(400, text, "HTTPBadRequest")
    for name in ("port_range_min", "port_range_max"):
        if not isinstance(wanted.get(name), int | None):
            text = f"Invalid input for {name}. Reason: '{wanted[name]}' is not an integer."
            raise Refusal(400, text, "HTTPBadRequest")


def _refuse_double(request: Request, rule: SecurityGroupRule) -> None:
    def essence(one: SecurityGroupRule) -> tuple[Any, ...]:
        names = ("security_group_id", "direction", "ethertype", *_RULE_MEMBERS)
        return tuple(getattr(one, name) for name in names)

    for other in request.state.security_group_rules.values():
        if essence(other) == essence(rule):
            text = f"Security group rule already exists. Rule id is {other.id}."
            raise Refusal(409, text, "SecurityGroupRuleExists")


def delete_rule(request: Request, rule_id: str) -> Response:
    rule = _find_rule(request, rule_id)
    may_write(request, "delete_security_group_rule")
    del request.state.security_group_rules[rule.id]
    return Response(204)


ROUTES = [
    Route("GET", "/v2.0/security-groups", list_groups),
    Route("GET", "/v2.0/security-groups/{group_id}", show_group),
    Route("GET", "/v2.0/security-group-rules", list_rules),
    Route("POST", "/v2.0/security-group-rules", create_rule),
    Route("GET", "/v2.0/security-group-rules/{rule_id}", show_rule),
    Route("DELETE", "/v2.0/security-group-rules/{rule_id}", delete_rule),
]
