"""Faults that can be switched on for single calls (product.md 5, cloud-api.md 4.10)."""

from __future__ import annotations

import contextlib
import os
import re
import signal
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
    "kill",
    "hook",
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
    `kill` ends the client's process `pid` for good when its call arrives, or (`after_effect`) when
    the call is done but not answered. `hook` runs a callable before or after the effect, outside
    the lock of the state, so that it may call the cloud itself; the answer is not spoiled.
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
    pid: int = 0
    hook: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"{self.kind} is no kind of fault")
        if self.kind == "hook" and self.hook is None:
            raise ValueError("a fault of the kind hook needs a hook")
        if self.kind == "kill":
            self._check_pid()

    def _check_pid(self) -> None:
        """0 and below are groups of processes, 1 is the system's first."""
        if self.pid <= 1 or self.pid == os.getpid():
            raise ValueError(f"{self.pid} is no process to kill")

    def matches(self, method: str, path: str, query: str) -> bool:
        if self.method.upper() not in {method, "*", "ANY"}:
            return False
        full = f"{path}?{query}" if query else path
        return bool(re.search(self.path, path) or re.search(self.path, full))

    def apply(
        self, perform: Callable[[], Response], explain: Callable[[Refusal], Response]
    ) -> Response:
        """The spoiled answer. `explain` makes the error body of the service's family."""
        hidden = self._effect(perform)
        if self.delay_ms and self.kind != "timeout":
            time.sleep(self.delay_ms / 1000)
        if self.kind == "status":
            return self._refuse(explain)
        if hidden is not None and self.kind in ("delay", "hook"):
            return hidden
        if hidden is not None and self.kind == "cut_body":
            return _cut(hidden)
        if self.kind == "kill":
            self._kill()
        if self.kind in ("timeout", "reset", "refused", "kill"):
            raise self._transport_error()
        return self._nonsense()

    def _effect(self, perform: Callable[[], Response]) -> Response | None:
        """The true answer, if the call is to have its effect; with the hook before or after."""
        if self.hook is not None and not self.after_effect:
            self.hook()
        needed = self.after_effect or self.kind in ("delay", "cut_body", "hook")
        answer = perform() if needed else None
        if self.hook is not None and self.after_effect:
            self.hook()
        return answer

    def _kill(self) -> None:
        self._check_pid()  # a test may have changed it
        with contextlib.suppress(ProcessLookupError):  # gone already
            os.kill(self.pid, signal.SIGKILL)

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
        if self.kind in ("reset", "kill"):
            return ConnectionResetError("the emulated cloud reset the connection")
        return ConnectionRefusedError("the emulated cloud refused the connection")

    def _nonsense(self) -> Response:
        if self.kind == "malformed":
            return Response(200, b'{"servers": [{"id": ', {"Content-Type": "application/json"})
        if self.kind == "empty":
            return Response(200, b"", {"Content-Type": "application/json"})
        return json_response({"unexpected": [1, "two", None], "server": 7, "port": "none"})


def _cut(whole: Response) -> Response:
    body = whole.body or b'{"cut": true}'
    return Response(whole.status, body[: len(body) // 2], whole.headers, len(body))


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
