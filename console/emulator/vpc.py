"""OTC's own VPC API, version 1: the VPCs (3.2) and the EIPs (3.9).

A VPC is a router with a name and a CIDR (3.1), an EIP is a floating IP with a bandwidth. The other
v1 calls (`subnets`, `privateips`) belong here when a screen needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from console.emulator.records import FloatingIP, Router
from console.emulator.times import bare
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.emulator.state import State

Thing = TypeVar("Thing", Router, FloatingIP)

_MAX_LIMIT = 2000


def _check_project(request: Request, project_id: str) -> str:
    if project_id != request.who().project_id:
        text = "The project ID in the URL does not match the project ID in the token."
        raise Refusal(400, text, "VPC.0007")
    return project_id


def _vpc(router: Router) -> JSON:
    return {
        "id": router.id,
        "name": router.name,
        "description": router.description,
        "cidr": router.cidr,
        "status": "OK",
        "enterprise_project_id": router.enterprise_project_id,
        "routes": [],
        "enable_shared_snat": False,
        "tenant_id": router.project_id,
        "created_at": bare(router.created),
        "updated_at": bare(router.updated),
    }


def _page(request: Request, things: Iterable[Thing]) -> list[Thing]:
    """`limit` 0 to 2000, `marker` the last id of the page before."""
    wanted = request.first("limit", str(_MAX_LIMIT))
    if not wanted.isdecimal() or int(wanted) > _MAX_LIMIT:
        raise Refusal(400, "Invalid parameter limit.", "VPC.0002")
    ordered = sorted(things, key=lambda thing: thing.id)
    marker = request.first("marker")
    if marker and all(thing.id != marker for thing in ordered):
        raise Refusal(400, f"Marker {marker} could not be found.", "VPC.0002")
    return [thing for thing in ordered if thing.id > marker][: int(wanted)]


def list_vpcs(request: Request, project_id: str) -> Response:
    _check_project(request, project_id)
    found = [
        router
        for router in request.state.routers.values()
        if router.project_id == project_id
        and request.first("id", router.id) == router.id
        and request.first("enterprise_project_id") in ("", "all_granted_eps", "0")
    ]
    return json_response({"vpcs": [_vpc(router) for router in _page(request, found)]})


def show_vpc(request: Request, project_id: str, vpc_id: str) -> Response:
    _check_project(request, project_id)
    router = request.state.routers.get(vpc_id)
    if router is None or router.project_id != project_id:
        raise Refusal(404, f"Router {vpc_id} could not be found", "VPC.0003")
    return json_response({"vpc": _vpc(router)})


def _publicip(state: State, floating: FloatingIP) -> JSON:
    bandwidth = floating.bandwidth
    view: JSON = {
        "id": floating.id,
        "status": state.status_of(floating),
        "type": floating.kind,
        "alias": floating.alias,
        "ip_version": 4,
        "public_ip_address": floating.floating_ip_address,
        "profile": {},
        "tenant_id": floating.project_id,
        "create_time": bare(floating.created).replace("T", " "),
        "bandwidth_id": bandwidth.id,
        "bandwidth_name": bandwidth.name,
        "bandwidth_size": bandwidth.size,
        "bandwidth_share_type": bandwidth.share_type,
        "enterprise_project_id": "0",
        "public_border_group": "center",
    }
    if floating.port_id:  # both are absent while it is free
        view["port_id"] = floating.port_id
        view["private_ip_address"] = floating.fixed_ip_address
    return view


def list_publicips(request: Request, project_id: str) -> Response:
    """No filters: what else stands in the query has no effect."""
    _check_project(request, project_id)
    state = request.state
    found = [f for f in state.floating_ips.values() if f.project_id == project_id]
    return json_response({"publicips": [_publicip(state, f) for f in _page(request, found)]})


def show_publicip(request: Request, project_id: str, publicip_id: str) -> Response:
    _check_project(request, project_id)
    floating = request.state.floating_ips.get(publicip_id)
    if floating is None or floating.project_id != project_id:
        raise Refusal(404, f"Floating IP {publicip_id} could not be found", "VPC.0504")
    return json_response({"publicip": _publicip(request.state, floating)})


ROUTES = [
    Route("GET", "/v1/{project_id}/vpcs", list_vpcs),
    Route("GET", "/v1/{project_id}/vpcs/{vpc_id}", show_vpc),
    Route("GET", "/v1/{project_id}/publicips", list_publicips),
    Route("GET", "/v1/{project_id}/publicips/{publicip_id}", show_publicip),
]
