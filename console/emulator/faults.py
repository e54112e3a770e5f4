"""Faults that can be switched on for single calls (product.md 5, cloud-api.md 4.10)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal, get_args

from console.emulator.wire import Refusal, Response, json_response

Kind = Literal[
    "status",
    "delay",
    "timeout",
    "reset",
    "refused",
    "cut_body",
    "malformed",
    "wrong_shape",
    "empty",
]


class HeldOpen(TimeoutError):
    """No answer: a socket server keeps the connection open for `seconds` (None: till its end)."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("the emulated cloud does not answer")
        self.seconds = seconds


@dataclass
class Fault:
    """Spoil the calls whose method and path match.

    `path` is a regular expression searched in the full path, and in the path with its query.
    """

    method: str
    path: str
    kind: Kind
    _: KW_ONLY
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    times: int | None = 1
    skip: int = 0
    after_effect: bool = False
    delay_ms: float = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"{self.kind} is no kind of fault")

    def matches(self, method: str, path: str, query: str) -> bool:
        if self.method.upper() not in {method, "*", "ANY"}:
            return False
        full = f"{path}?{query}" if query else path
        return bool(re.search(self.path, path) or re.search(self.path, full))

    def apply(
        self, perform: Callable[[], Response], explain: Callable[[Refusal], Response]
    ) -> Response:
        """The spoiled answer. `explain` makes the error body of the service's family."""
        hidden = perform() if self.after_effect or self.kind in ("delay", "cut_body") else None
        if self.delay_ms and self.kind != "timeout":
            time.sleep(self.delay_ms / 1000)
        if self.kind == "status":
            return self._refuse(explain)
        if self.kind == "delay" and hidden is not None:
            return hidden
        if self.kind == "cut_body" and hidden is not None:
            whole = hidden.body or b'{"cut": true}'
            return Response(hidden.status, whole[: len(whole) // 2], hidden.headers, len(whole))
        if self.kind in ("timeout", "reset", "refused"):
            raise self._transport_error()
        return self._nonsense()

    def _refuse(self, explain: Callable[[Refusal], Response]) -> Response:
        if self.body is None:
            return explain(Refusal(self.status, headers=self.headers))
        if isinstance(self.body, (str, bytes)):
            raw = self.body.encode() if isinstance(self.body, str) else self.body
            return Response(self.status, raw, {"Content-Type": "text/html", **self.headers})
        return explain(Refusal(self.status, body=self.body, headers=self.headers))

    def _transport_error(self) -> OSError:
        if self.kind == "timeout":
            return HeldOpen(self.delay_ms / 1000 if self.delay_ms else None)
        if self.kind == "reset":
            return ConnectionResetError("the emulated cloud reset the connection")
        return ConnectionRefusedError("the emulated cloud refused the connection")

    def _nonsense(self) -> Response:
        if self.kind == "malformed":
            return Response(200, b'{"servers": [{"id": ', {"Content-Type": "application/json"})
        if self.kind == "empty":
            return Response(200, b"", {"Content-Type": "application/json"})
        return json_response({"unexpected": [1, "two", None], "server": 7, "port": "none"})


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str, query: str) -> Fault | None:
        """The fault for this call, and count it."""
        with self._lock:
            for fault in self._faults:
                if fault.times == 0 or not fault.matches(method, path, query):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
