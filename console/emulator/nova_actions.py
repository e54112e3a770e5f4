"""Nova: power, rename, delete; states take time (2.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from console.emulator.nova import find_server
from console.emulator.nova_resources import deny
from console.emulator.nova_views import ServerViews
from console.emulator.records import ServerState
from console.emulator.wire import Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from console.emulator.records import Server

ACTIVE = ServerState("ACTIVE", "active", None, 1)
SHUTOFF = ServerState("SHUTOFF", "stopped", None, 4)
BUILD = ServerState("BUILD", "building", "scheduling", 0)

_BUSY_REBOOTS = {None, "rebooting", "reboot_pending", "reboot_started", "rebooting_hard"}


def act(request: Request, server_id: str) -> Response:
    body = request.json()
    if not isinstance(body, dict) or len(body) != 1:
        raise Refusal(400, "Malformed request body")
    name, arguments = next(iter(body.items()))
    action = _ACTIONS.get(name)
    if action is None:
        raise Refusal(400, f"There is no such action: {name}")
    server = find_server(request, server_id)
    return action(request, server, arguments) or _accepted(request)


def _accepted(request: Request) -> Response:
    """OTC documents 204 for the actions, Nova answers 202."""
    return Response(204 if request.state.otc else 202)


def _require(server: Server, verb: str, vm_states: set[str], tasks: set[str | None]) -> None:
    text = f"Cannot '{verb}' instance {server.id} while it is in"
    if server.now.vm_state not in vm_states:
        raise Refusal(409, f"{text} vm_state {server.now.vm_state}")
    if server.now.task_state not in tasks:
        raise Refusal(409, f"{text} task_state {server.now.task_state}")


def _begin(request: Request, server: Server, on_the_way: ServerState, then: ServerState) -> None:
    state = request.state
    server.now = on_the_way
    server.updated = state.clock()
    state.move(server, (state.power_seconds, then))


def _start(request: Request, server: Server, _: Any) -> None:
    deny(request, "os-start-stop:start")
    _require(server, "start", {"stopped"}, {None})
    _begin(request, server, replace(server.now, task_state="powering-on"), ACTIVE)


def _stop(request: Request, server: Server, _: Any) -> None:
    deny(request, "os-start-stop:stop")
    _require(server, "stop", {"active", "error"}, {None})
    _begin(request, server, replace(server.now, task_state="powering-off"), SHUTOFF)


def _reboot(request: Request, server: Server, arguments: Any) -> None:
    deny(request, "servers:reboot")
    kind = arguments.get("type") if isinstance(arguments, dict) else None
    if not isinstance(kind, str) or kind.upper() not in ("SOFT", "HARD"):
        text = f"Invalid input for field/attribute type. Value: {kind}. {kind!r} is not one of "
        raise Refusal(400, text + "['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']")
    if kind.upper() == "SOFT":
        _require(server, "reboot", {"active"}, {None})
        on_the_way = ServerState("REBOOT", "active", "rebooting", 1)
    else:
        states = {"active", "stopped", "paused", "suspended", "error"}
        _require(server, "reboot", states, {*_BUSY_REBOOTS})
        on_the_way = ServerState("HARD_REBOOT", server.now.vm_state, "rebooting_hard", 1)
    _begin(request, server, on_the_way, ACTIVE)


def _console(request: Request, server: Server, _: Any) -> Response:
    """A link that lives ten minutes; Windows has no remote login (2.5)."""
    deny(request, "os-remote-consoles")
    if not request.state.otc:
        raise Refusal(400, "Unavailable console type serial.")
    if server.metadata.get("os_type") == "Windows":
        raise Refusal(400, "A BMS running Windows does not support remote login. (BMS.0395)")
    _require(server, "os-getSerialConsole", {"active"}, {None})
    url = f"{request.host_url}/console/{request.state.new_hex()}"
    return json_response({"console": {"type": "serial", "url": url}})


_ACTIONS: dict[str, Callable[[Request, Server, Any], Response | None]] = {
    "os-start": _start,
    "os-stop": _stop,
    "reboot": _reboot,
    "os-getSerialConsole": _console,
}


def rename(request: Request, server_id: str) -> Response:
    changes = request.json_object("server")
    server = find_server(request, server_id)
    deny(request, "servers:update")
    name = changes.get("name", server.name)
    allowed = r"[A-Za-z0-9_.-]{1,63}" if request.state.otc else r"(?s)\S(.{0,253}\S)?"
    if not isinstance(name, str) or not re.fullmatch(allowed, name):
        raise Refusal(400, f"Invalid input for field/attribute name. Value: {name}.")
    server.name = name
    if request.version >= (2, 19) and "description" in changes:
        server.description = changes["description"]
    server.updated = request.state.clock()
    return json_response({"server": ServerViews(request).detail(server)})


def delete(request: Request, server_id: str) -> Response:
    server = find_server(request, server_id)
    deny(request, "servers:delete")
    server.now = replace(server.now, task_state="deleting")
    server.updated = request.state.clock()
    request.state.move(server, (request.state.power_seconds, None))
    return Response(204)


ROUTES = [
    Route("POST", "/v2.1/servers/{server_id}/action", act),
    Route("PUT", "/v2.1/servers/{server_id}", rename),
    Route("DELETE", "/v2.1/servers/{server_id}", delete),
]
