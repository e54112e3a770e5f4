"""What travels between the WSGI entry and the emulated services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

if TYPE_CHECKING:
    from console.emulator.records import Caller
    from console.emulator.state import State

JSON = dict[str, Any]


class Refusal(Exception):
    """The service says no; the error body of its family is made in `errors`."""

    def __init__(
        self,
        status: int,
        message: str = "",
        kind: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        body: JSON | None = None,
    ) -> None:
        super().__init__(status, kind, message)
        self.status = status
        self.message = message
        self.kind = kind
        self.headers = dict(headers or {})
        self.body = body


@dataclass(slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    # Set by the `cut_body` fault: what Content-Length says when it is a lie.
    announced: int | None = None


@dataclass(slots=True)
class Request:
    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    host_url: str
    state: State
    request_id: str
    service_url: str = ""
    caller: Caller | None = None
    query: list[tuple[str, str]] = field(default_factory=list)
    version: tuple[int, int] = (2, 1)  # Nova's microversion
    project_in_url: str = ""

    def __post_init__(self) -> None:
        self.query = parse_qsl(self.query_string, keep_blank_values=True)

    def first(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.query if key == name), default)

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def who(self) -> Caller:
        """The caller of a service that wants a token (the entry has checked it)."""
        if self.caller is None:
            raise Refusal(401)
        return self.caller

    def json(self) -> Any:
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Refusal(400, MALFORMED, "HTTPBadRequest") from None

    def json_object(self, name: str) -> JSON:
        """The object under `name` in the body; anything else is a 400."""
        body = self.json()
        inner = body.get(name) if isinstance(body, dict) else None
        if not isinstance(inner, dict):
            raise Refusal(
                400, f"Resource body required: '{name}' is missing or no object", "HTTPBadRequest"
            )
        return inner


MALFORMED = "The server could not comply with the request since it is malformed."

Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """`template` holds `{name}` parts, which become keyword arguments of the handler."""

    method: str
    template: str
    handler: Handler


def json_response(body: object, status: int = 200, **headers: str) -> Response:
    return Response(
        status,
        msgspec.json.encode(body),
        {
            "Content-Type": "application/json",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        },
    )
