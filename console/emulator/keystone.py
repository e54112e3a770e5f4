"""Projects, domains and regions (1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.emulator.catalog import catalog
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.emulator.records import Project, User

FORBIDDEN = "You are not authorized to perform the requested action: identity:{}."


def project_view(request: Request, project: Project) -> JSON:
    view: JSON = {
        "id": project.id,
        "name": project.name,
        "domain_id": project.domain_id,
        "description": project.description,
        "enabled": project.enabled,
        "parent_id": project.domain_id,
        "is_domain": False,
        "links": {"self": f"{request.host_url}/v3/projects/{project.id}"},
    }
    if not request.state.otc:
        view |= {"tags": [], "options": {}}
    return view


def _listing(request: Request, key: str, items: list[JSON]) -> Response:
    links = {"next": None, "self": request.host_url + request.path, "previous": None}
    return json_response({key: items, "links": links}, Vary="X-Auth-Token")


def _projects_of(request: Request, user: User) -> Iterable[Project]:
    return (p for p in request.state.projects.values() if p.id in user.roles and p.enabled)


def auth_projects(request: Request) -> Response:
    projects = _projects_of(request, request.who().token.user)
    return _listing(request, "projects", [project_view(request, p) for p in projects])


def user_projects(request: Request, user_id: str) -> Response:
    if user_id != request.who().user_id and not request.who().is_admin:
        raise Refusal(403, FORBIDDEN.format("list_user_projects"))
    user = request.state.users.get(user_id)
    if user is None:
        raise Refusal(404, f"Could not find user: {user_id}.")
    projects = _projects_of(request, user)
    return _listing(request, "projects", [project_view(request, p) for p in projects])


def list_projects(request: Request) -> Response:
    """All projects of the domain: for a token of the domain (otc) or an administrator."""
    token = request.who().token
    if not request.who().is_admin and not (request.state.otc and token.domain):
        raise Refusal(403, FORBIDDEN.format("list_projects"))
    found = [
        project
        for project in request.state.projects.values()
        if (not request.state.otc or project.domain_id == token.user.domain_id)
        and request.first("name", project.name) == project.name
        and request.first("domain_id", project.domain_id) == project.domain_id
    ]
    if request.first("page") and request.first("per_page").isdecimal():
        size = int(request.first("per_page"))
        start = (int(request.first("page")) - 1) * size if request.first("page").isdecimal() else 0
        found = found[start : start + size]
    return _listing(request, "projects", [project_view(request, p) for p in found])


def show_project(request: Request, project_id: str) -> Response:
    project = request.state.projects.get(project_id)
    if project is None:
        raise Refusal(404, f"Could not find project: {project_id}.")
    if project_id not in request.who().token.user.roles and not request.who().is_admin:
        raise Refusal(403, FORBIDDEN.format("get_project"))
    return json_response({"project": project_view(request, project)})


def auth_domains(request: Request) -> Response:
    user = request.who().token.user
    domains = [
        {
            "id": domain.id,
            "name": domain.name,
            "description": "",
            "enabled": True,
            "links": {"self": f"{request.host_url}/v3/domains/{domain.id}"},
        }
        for domain in request.state.domains.values()
        if domain.id in user.roles or (request.state.otc and domain.id == user.domain_id)
    ]
    return _listing(request, "domains", domains)


def auth_catalog(request: Request) -> Response:
    entries = catalog(request.state, request.host_url, request.who().token.project)
    return _listing(request, "catalog", entries)


def regions(request: Request) -> Response:
    region = {
        "id": request.state.region,
        "description": "",
        "parent_region_id": None,
        "links": {"self": f"{request.host_url}/v3/regions/{request.state.region}"},
    }
    return _listing(request, "regions", [region])


ROUTES = [
    Route("GET", "/v3/auth/projects", auth_projects),
    Route("GET", "/v3/auth/domains", auth_domains),
    Route("GET", "/v3/auth/catalog", auth_catalog),
    Route("GET", "/v3/users/{user_id}/projects", user_projects),
    Route("GET", "/v3/projects", list_projects),
    Route("GET", "/v3/projects/{project_id}", show_project),
    Route("GET", "/v3/regions", regions),
]
