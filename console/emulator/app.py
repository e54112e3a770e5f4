"""The embedded cloud: one WSGI application that speaks the cloud's own REST APIs from memory.

    request -> fault? -> service by path prefix -> token -> route -> handler, under the state's lock

Each service is a module with its routes; this one only finds the route. The application imports
neither Django nor the client, so that it can serve anybody.
"""

from __future__ import annotations

import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from console.emulator import (
    errors,
    glance,
    keystone,
    keystone_tokens,
    neutron,
    neutron_floatingips,
    neutron_port_checks,
    neutron_port_update,
    neutron_ports,
    neutron_quotas,
    neutron_security,
    nova,
    nova_actions,
    nova_resources,
    versions,
    vpc,
)
from console.emulator.faults import Faults
from console.emulator.state import Profile, State
from console.emulator.wire import Handler, Refusal, Request, Response, Route

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

LOG_LENGTH = 20_000
LOG_BODY = 10 * 1024


class Call(NamedTuple):
    """One line of the request log, written when the call ends.

    Times are monotonic seconds, status 0 is no answer at all. `body` is what a write sent, at most
    its first 10 kB; identity's is never kept, for it holds passwords and tokens.
    """

    method: str
    path: str
    query: str
    status: int
    request_id: str
    started: float
    ended: float
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body of a write; None when there is none, or when it was cut or is no JSON."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


@dataclass(frozen=True, slots=True)
class Service:
    prefix: str
    family: str
    routes: list[tuple[re.Pattern[str], dict[str, Handler]]]
    open_routes: list[tuple[re.Pattern[str], dict[str, Handler]]]


def _compile(routes: Iterable[Route]) -> list[tuple[re.Pattern[str], dict[str, Handler]]]:
    handlers: dict[str, dict[str, Handler]] = {}
    for route in routes:
        handlers.setdefault(route.template, {})[route.method] = route.handler
    return [
        (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + r"/?$"), by_method)
        for template, by_method in handlers.items()
    ]


def _services() -> list[Service]:
    """The longest prefix first: identity also answers at the root."""
    neutrons = [
        *neutron.ROUTES,
        *neutron_ports.ROUTES,
        *neutron_port_update.ROUTES,
        *neutron_floatingips.ROUTES,
        *neutron_security.ROUTES,
        *neutron_quotas.ROUTES,
    ]
    tables: list[tuple[str, str, list[Route], list[Route]]] = [
        (
            "/compute",
            "nova",
            [*nova.ROUTES, *nova_resources.ROUTES, *nova_actions.ROUTES],
            versions.COMPUTE,
        ),
        ("/network", "neutron", neutrons, versions.NETWORK),
        ("/image", "glance", glance.ROUTES, versions.IMAGE),
        ("/vpc", "vpc", vpc.ROUTES, []),
        ("", "keystone", keystone.ROUTES, [*versions.IDENTITY, *keystone_tokens.ROUTES]),
    ]
    return [Service(p, f, _compile(routes), _compile(free)) for p, f, routes, free in tables]


SERVICES = _services()


class Emulator:
    """A cloud with nothing in it. Fill it with `seed.demo` or the tests' factories."""

    def __init__(
        self,
        profile: Profile = "otc",
        latency_ms: float = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.latency_ms = latency_ms
        self.state = State(profile, clock)
        self.faults = Faults()
        self.log: deque[Call] = deque(maxlen=LOG_LENGTH)

    @property
    def overlap_ms(self) -> float:
        """So long is each PUT of a port held open between its check and its write; 0 is not."""
        return self.state.overlap_ms

    @overlap_ms.setter
    def overlap_ms(self, milliseconds: float) -> None:
        self.state.overlap_ms = milliseconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.monotonic()
        request = self._request(environ)
        service = self._service(request.path)
        status = 0
        try:
            response = self._answer(service, request)
            status = response.status
        finally:
            if self.latency_ms:
                time.sleep(self.latency_ms / 1000)
            self.log.append(self._line(service, request, status, started))
        return self._send(service, request, response, start_response)

    def _line(self, service: Service, request: Request, status: int, started: float) -> Call:
        kept = request.method not in ("GET", "HEAD") and service.family != "keystone"
        return Call(
            request.method,
            request.path,
            request.query_string,
            status,
            request.request_id,
            started,
            time.monotonic(),
            request.body[:LOG_BODY] if kept else b"",
        )

    def _request(self, environ: WSGIEnvironment) -> Request:
        host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        length = environ.get("CONTENT_LENGTH") or "0"
        headers = {
            key[5:].replace("_", "-").lower(): value
            for key, value in environ.items()
            if key.startswith("HTTP_")
        }
        return Request(
            method=environ["REQUEST_METHOD"].upper(),
            path=environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "/"),
            query_string=environ.get("QUERY_STRING", ""),
            headers=headers,
            body=environ["wsgi.input"].read(int(length)) if length.isdecimal() else b"",
            host_url=f"{environ['wsgi.url_scheme']}://{host}",
            state=self.state,
            request_id=f"req-{uuid.uuid4()}",
        )

    def _service(self, path: str) -> Service:
        for service in SERVICES:
            within = path == service.prefix or path.startswith(service.prefix + "/")
            if within and (service.family != "vpc" or self.state.otc):
                return service
        return SERVICES[-1]

    def _answer(self, service: Service, request: Request) -> Response:
        explain = partial(self._explain, service, request)
        perform = partial(self._perform, service, request, explain)
        fault = self.faults.take(request.method, request.path, request.query_string)
        return fault.apply(perform, explain) if fault else perform()

    def _explain(self, service: Service, request: Request, refusal: Refusal) -> Response:
        if refusal.status == 412 and service.family == "neutron" and not refusal.kind:
            stale = neutron_port_checks.refuse_as_stale(request)
            refusal.message, refusal.kind = stale.message, stale.kind
        return errors.render(service.family, self.state.profile, refusal, f"{request.host_url}/v3")

    def _perform(
        self, service: Service, request: Request, explain: Callable[[Refusal], Response]
    ) -> Response:
        try:
            request.service_url = request.host_url + service.prefix
            with self.state.lock:
                return self._dispatch(service, request)
        except Refusal as refusal:
            return explain(refusal)

    def _dispatch(self, service: Service, request: Request) -> Response:
        path = request.path[len(service.prefix) :] or "/"
        if service.family == "nova":
            path = nova.enter(request, path)
        found = _find(service.open_routes, path)
        if found is None:
            request.caller = keystone_tokens.caller(request)
            if request.project_in_url not in ("", request.caller.project_id):
                raise Refusal(400, "Malformed request url")
            found = _find(service.routes, path)
        if found is None:
            raise Refusal(404)
        handlers, parts = found
        method = "GET" if request.method == "HEAD" and "HEAD" not in handlers else request.method
        if method not in handlers:
            raise Refusal(405, headers={"Allow": ", ".join(sorted(handlers))})
        return handlers[method](request, **parts)

    def _send(
        self,
        service: Service,
        request: Request,
        response: Response,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        headers = {"x-openstack-request-id": request.request_id, **response.headers}
        if service.family == "nova":
            headers["x-compute-request-id"] = request.request_id
            if response.status != 401:  # answered by the middleware before Nova
                headers |= nova.version_headers(request)
        announced = len(response.body) if response.announced is None else response.announced
        if response.status != 204:
            headers["Content-Length"] = str(announced)
        start_response(_status_line(service.family, response.status), list(headers.items()))
        return [] if request.method == "HEAD" else [response.body]


def _find(
    routes: list[tuple[re.Pattern[str], dict[str, Handler]]], path: str
) -> tuple[dict[str, Handler], dict[str, Any]] | None:
    for pattern, handlers in routes:
        if match := pattern.match(path):
            return handlers, match.groupdict()
    return None


def _status_line(family: str, status: int) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    return f"{status} {phrase.upper() if family == 'keystone' else phrase}"
