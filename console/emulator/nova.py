"""Nova: servers as lists and one by one, flavors, limits (2.4; FACTS, Nova)."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from console.emulator.nova_views import ServerViews
from console.emulator.versions import MAX_MICROVERSION, dotted
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.emulator.records import Server

MAX_LIMIT = 1000
SORT_KEYS: dict[str, Callable[[Server], Any]] = {
    "availability_zone": lambda server: server.availability_zone,
    "created_at": lambda server: int(server.created),  # Nova keeps seconds
    "display_description": lambda server: server.description or "",
    "display_name": lambda server: server.name,
    "image_ref": lambda server: server.image_id,
    "instance_type_id": lambda server: server.flavor.id,
    "key_name": lambda server: server.key_name or "",
    "launched_at": lambda server: server.launched or 0,
    "power_state": lambda server: server.now.power_state,
    "task_state": lambda server: server.now.task_state or "",
    "updated_at": lambda server: server.updated,
    "uuid": lambda server: server.id,
    "vm_state": lambda server: server.now.vm_state,
}


# microversions


def enter(request: Request, path: str) -> str:
    """Read the microversion and take a project id out of the path; gives the path without."""
    if match := re.match(r"/v2\.1/([0-9a-f]{32})(?=/.)", path):
        request.project_in_url = match[1]
        path = "/v2.1" + path[match.end() :]
    wanted = request.headers.get("x-openstack-nova-api-version", "").strip()
    for part in request.headers.get("openstack-api-version", "").split(","):
        service, _, version = part.strip().partition(" ")
        if service in ("compute", "nova"):
            wanted = version.strip()
    highest = MAX_MICROVERSION[request.state.profile]
    if wanted == "latest":
        request.version = highest
    elif wanted:
        match = re.fullmatch(r"([1-9]\d*)\.([1-9]\d*|0)", wanted)
        if match is None:
            text = "of invalid format. Must be of format MajorNum.MinorNum."
            raise Refusal(400, f"API Version String {wanted} is {text}")
        request.version = (int(match[1]), int(match[2]))
        if not (2, 1) <= request.version <= highest:
            request.version = (2, 1)
            raise Refusal(
                406,
                f"Version {wanted} is not supported by the API. "
                f"Minimum is 2.1 and maximum is {dotted(highest)}.",
            )
    return path


def version_headers(request: Request) -> dict[str, str]:
    version = dotted(request.version)
    return {
        "X-OpenStack-Nova-API-Version": version,
        "OpenStack-API-Version": f"compute {version}",
        "Vary": "OpenStack-API-Version, X-OpenStack-Nova-API-Version",
    }


# servers


def find_server(request: Request, server_id: str) -> Server:
    request.state.settle()
    server = request.state.servers.get(server_id)
    if server is None or not _mine(request, server):
        raise Refusal(404, f"Instance {server_id} could not be found.")
    return server


def _mine(request: Request, server: Server) -> bool:
    return server.project_id == request.who().project_id or request.who().is_admin


def list_brief(request: Request) -> Response:
    return _list(request, "servers", ServerViews(request).brief)


def list_detail(request: Request) -> Response:
    return _list(request, "servers/detail", ServerViews(request).detail)


def show_server(request: Request, server_id: str) -> Response:
    server = find_server(request, server_id)
    return json_response({"server": ServerViews(request).detail(server)})


def _list(request: Request, name: str, view: Callable[[Server], JSON]) -> Response:
    request.state.settle()
    servers = _visible(request)
    if request.state.otc and request.first("image"):
        # "With image set, every other filter and paging is ignored" (2.4).
        image = request.first("image")
        return json_response({"servers": [view(s) for s in servers if s.image_id == image]})
    limit = _limit(request)
    servers = _after_marker(request, _sorted(request, servers))
    for matches in _filters(request):
        servers = [server for server in servers if matches(server)]
    page = servers[:limit]
    body: JSON = {"servers": [view(server) for server in page]}
    if page and len(page) == limit:  # Nova does not look whether there is more
        body["servers_links"] = [{"rel": "next", "href": _next(request, name, page[-1].id)}]
    return json_response(body)


def _visible(request: Request) -> list[Server]:
    everybody = request.first("all_tenants") or request.first("all_projects")
    if everybody.lower() in ("1", "true", "yes", "on"):
        if not request.who().is_admin:
            detail = "detail" if request.path.endswith("detail") else "index"
            rule = f"os_compute_api:servers:{detail}:get_all_tenants"
            raise Refusal(403, f"Policy doesn't allow {rule} to be performed.")
        return list(request.state.servers.values())
    project = request.who().project_id
    return [server for server in request.state.servers.values() if server.project_id == project]


def _limit(request: Request) -> int:
    wanted = request.first("limit")
    if not re.fullmatch("[0-9]*", wanted):
        raise _bad_parameter("limit", wanted, f"'{wanted}' does not match '^[0-9]*$'")
    return min(int(wanted), MAX_LIMIT) if wanted else MAX_LIMIT


def _bad_parameter(name: str, value: str, why: str) -> Refusal:
    return Refusal(400, f"Invalid input for query parameters {name}. Value: {value}. {why}")


def _sorted(request: Request, servers: list[Server]) -> list[Server]:
    """Newest first unless told. What is equal follows by ascending id, whatever the direction."""
    keys = [key for key in request.every("sort_key") if key]
    directions = request.every("sort_dir")
    for key in keys:
        if key not in SORT_KEYS:
            why = f"'{key}' is not one of {sorted(SORT_KEYS)}"
            raise _bad_parameter("sort_key", key, why)
    for direction in directions:
        if direction.lower() not in ("asc", "desc"):
            raise Refusal(400, f"Unknown sort direction: {direction}")
    servers = sorted(servers, key=lambda server: server.id)
    for position, key in reversed(list(enumerate(keys or ["created_at"]))):
        direction = directions[min(position, len(directions) - 1)] if directions else "desc"
        servers.sort(key=SORT_KEYS[key], reverse=direction.lower() == "desc")
    return servers


def _after_marker(request: Request, servers: list[Server]) -> list[Server]:
    marker = request.first("marker")
    if not marker:
        return servers
    for position, server in enumerate(servers):
        if server.id == marker:
            return servers[position + 1 :]
    raise Refusal(400, f"marker [{marker}] not found")


def _next(request: Request, name: str, marker: str) -> str:
    """Nova sorts the parameters of the link."""
    query = [(key, value) for key, value in request.query if key != "marker"]
    query = sorted([*query, ("marker", marker)])
    return f"{ServerViews(request).api}/{name}?{urlencode(query)}"


# filters


def _filters(request: Request) -> list[Callable[[Server], bool]]:
    found: list[Callable[[Server], bool]] = []
    if name := request.first("name"):
        pattern = _regex("name", name)
        found.append(lambda server: pattern.search(server.name) is not None)
    if statuses := {value.upper() for value in request.every("status")}:
        found.append(lambda server: server.now.status in statuses)
    if flavor := request.first("flavor"):
        found.append(lambda server: server.flavor.id == flavor)
    if image := request.first("image"):
        found.append(lambda server: server.image_id == image)
    if since := request.first("changes-since"):
        moment = _moment("changes-since", since)
        found.append(lambda server: server.updated >= moment)
    found += _tag_filters(request)
    if not request.state.otc:  # OTC documents no filter by address
        found += _address_filters(request)
    return found


def _regex(name: str, text: str) -> re.Pattern[str]:
    """The database matches, and MySQL's REGEXP does not heed case."""
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as wrong:
        raise _bad_parameter(name, text, f"'{text}' is not a 'regex'") from wrong


def _moment(name: str, text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise _bad_parameter(name, text, f"'{text}' is not a 'date-time'") from None


def _tag_filters(request: Request) -> list[Callable[[Server], bool]]:
    """From 2.26 on; before, Nova does not look at these parameters."""
    if request.version < (2, 26):
        return []
    rules: dict[str, Callable[[set[str], Server], bool]] = {
        "tags": lambda wanted, server: wanted <= set(server.tags),
        "tags-any": lambda wanted, server: not wanted.isdisjoint(server.tags),
        "not-tags": lambda wanted, server: not wanted <= set(server.tags),
        "not-tags-any": lambda wanted, server: wanted.isdisjoint(server.tags),
    }
    return [
        partial(rule, set(value.split(",")))
        for name, rule in rules.items()
        if (value := request.first(name))
    ]


def _address_filters(request: Request) -> list[Callable[[Server], bool]]:
    return [
        partial(_has_address, request, version, _regex(name, text))
        for name, version in (("ip", 4), ("ip6", 6))
        if (text := request.first(name))
    ]


def _has_address(request: Request, version: int, pattern: re.Pattern[str], server: Server) -> bool:
    return any(
        (version == 6) == (":" in fixed.ip_address) and pattern.search(fixed.ip_address) is not None
        for port in request.state.ports_of_device(server.id)
        for fixed in port.fixed_ips
    )


ROUTES = [
    Route("GET", "/v2.1/servers", list_brief),
    Route("GET", "/v2.1/servers/detail", list_detail),
    Route("GET", "/v2.1/servers/{server_id}", show_server),
]
