"""OTC's own VPC API, version 1: the VPCs (3.2). A VPC is a router with a name and a CIDR (3.1).

The other v1 calls (`publicips`, `subnets`, `privateips`) belong here when a screen needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.emulator.times import bare
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from console.emulator.records import Router

_MAX_LIMIT = 2000


def _check_project(request: Request, project_id: str) -> str:
    if project_id != request.who().project_id:
        text = "The project ID in the URL does not match the project ID in the token."
        raise Refusal(400, text, "VPC.0007")
    return project_id


def _view(router: Router) -> JSON:
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


def list_vpcs(request: Request, project_id: str) -> Response:
    """`limit` 0 to 2000, `marker` the last id of the page before."""
    _check_project(request, project_id)
    wanted = request.first("limit", str(_MAX_LIMIT))
    if not wanted.isdecimal() or int(wanted) > _MAX_LIMIT:
        raise Refusal(400, "Invalid parameter limit.", "VPC.0002")
    routers = sorted(
        (r for r in request.state.routers.values() if r.project_id == project_id),
        key=lambda router: router.id,
    )
    marker = request.first("marker")
    if marker and marker not in request.state.routers:
        raise Refusal(400, f"Marker {marker} could not be found.", "VPC.0002")
    found = [
        router
        for router in routers
        if router.id > marker
        and request.first("id", router.id) == router.id
        and request.first("enterprise_project_id") in ("", "all_granted_eps", "0")
    ]
    return json_response({"vpcs": [_view(router) for router in found[: int(wanted)]]})


def show_vpc(request: Request, project_id: str, vpc_id: str) -> Response:
    _check_project(request, project_id)
    router = request.state.routers.get(vpc_id)
    if router is None or router.project_id != project_id:
        raise Refusal(404, f"Router {vpc_id} could not be found", "VPC.0003")
    return json_response({"vpc": _view(router)})


ROUTES = [
    Route("GET", "/v1/{project_id}/vpcs", list_vpcs),
    Route("GET", "/v1/{project_id}/vpcs/{vpc_id}", show_vpc),
]
