"""Neutron's quotas and the list of its extensions (FACTS, quota)."""

from __future__ import annotations

from typing import Any

from console.emulator.neutron_policy import forbid
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

EXTENSIONS = (
    ("address-scope", "Address scope"),
    ("allowed-address-pairs", "Allowed Address Pairs"),
    ("binding", "Port Binding"),
    ("external-net", "Neutron external network"),
    ("filter-validation", "Filter parameters validation"),
    ("pagination", "Pagination support"),
    ("port-security", "Port Security"),
    ("quotas", "Quota management support"),
    ("quota_details", "Quota details management support"),
    ("revision-if-match", "If-Match constraints based on revision_number"),
    ("router", "Neutron L3 Router"),
    ("security-group", "security-group"),
    ("sorting", "Sorting support"),
    ("standard-attr-revisions", "Resource revision numbers"),
    ("standard-attr-tag", "Tag support for resources with standard attribute"),
)
_NOT_IN_OTC = {
    "filter-validation",
    "revision-if-match",
    "standard-attr-revisions",
    "standard-attr-tag",
    "sorting",
}


# quotas


def _used(request: Request, project_id: str) -> dict[str, int]:
    state = request.state
    tables: dict[str, Any] = {
        "network": state.networks,
        "subnet": state.subnets,
        "port": state.ports,
        "router": state.routers,
        "floatingip": state.floating_ips,
        "security_group": state.security_groups,
        "security_group_rule": state.security_group_rules,
    }
    return {
        name: sum(thing.project_id == project_id for thing in table.values())
        for name, table in tables.items()
    }


def _own_quota(request: Request, project_id: str) -> dict[str, int]:
    if project_id.removesuffix(".json") != request.who().project_id and not request.who().is_admin:
        raise forbid("rule:get_quota")
    return request.state.quotas[project_id.removesuffix(".json")]


def show_quota(request: Request, project_id: str) -> Response:
    return json_response({"quota": _own_quota(request, project_id)})


def quota_details(request: Request, project_id: str) -> Response:
    limits, used = _own_quota(request, project_id), _used(request, project_id)
    details = {
        name: {"limit": limit, "used": used.get(name, 0), "reserved": 0}
        for name, limit in limits.items()
    }
    return json_response({"quota": details})


def update_quota(request: Request, project_id: str) -> Response:
    if not request.who().is_admin:
        raise forbid("rule:update_quota")
    quota = _own_quota(request, project_id)
    quota |= {k: int(v) for k, v in request.json_object("quota").items() if k in quota}
    return json_response({"quota": quota})


# extensions


def _extensions(request: Request) -> list[JSON]:
    return [
        {
            "alias": alias,
            "name": name,
            "description": name,
            "updated": "2016-04-11T10:00:00-00:00",
            "links": [],
        }
        for alias, name in EXTENSIONS
        if not (request.state.otc and alias in _NOT_IN_OTC)
    ]


def list_extensions(request: Request) -> Response:
    return json_response({"extensions": _extensions(request)})


def show_extension(request: Request, alias: str) -> Response:
    for extension in _extensions(request):
        if extension["alias"] == alias:
            return json_response({"extension": extension})
    raise Refusal(404, f"Extension with alias {alias} does not exist", "ExtensionNotFound")


ROUTES = [
    Route("GET", "/v2.0/quotas/{project_id}", show_quota),
    Route("PUT", "/v2.0/quotas/{project_id}", update_quota),
    Route("GET", "/v2.0/quotas/{project_id}/details", quota_details),
    Route("GET", "/v2.0/quotas/{project_id}/details.json", quota_details),
    Route("GET", "/v2.0/extensions", list_extensions),
    Route("GET", "/v2.0/extensions/{alias}", show_extension),
]
