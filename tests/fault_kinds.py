"""All the ways in which a call to the cloud goes wrong in the tests of pages and dialogs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from console.emulator.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.emulator.app import Call

WAIT = {"Retry-After": "99"}
"""Longer than any page waits, so that nothing is tried again and no test sleeps."""

KINDS: dict[str, dict[str, Any]] = {
    "timeout": {"kind": "timeout"},
    "refused": {"kind": "refused"},
    "reset": {"kind": "reset"},
    "cut_body": {"kind": "cut_body"},
    "malformed": {"kind": "malformed"},
    "wrong_shape": {"kind": "wrong_shape"},
    "400": {"kind": "status", "status": 400},
    "401": {"kind": "status", "status": 401},
    "403": {"kind": "status", "status": 403},
    "404": {"kind": "status", "status": 404},
    "409": {"kind": "status", "status": 409},
    "429": {"kind": "status", "status": 429, "headers": WAIT},
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502, "headers": WAIT},
    "503": {"kind": "status", "status": 503, "headers": WAIT},
}
UNANSWERED = {"timeout", "refused", "reset", "cut_body"}


def place(call: Call) -> tuple[str, str]:
    """What names a call of a page among the page's others: method, and path with its filter."""
    query = re.sub(r"&?fields=[^&]*", "", call.query)
    return call.method, f"{call.path}?{query}" if query else call.path


def fault_at(
    where: tuple[str, str],
    name: str,
    *,
    ways: Mapping[str, dict[str, Any]] = KINDS,
    **more: Any,
) -> Fault:
    """A fault of this kind at the call named by `place`."""
    method, path = where
    return Fault(method, f"^{re.escape(path)}", **{"times": None} | ways[name] | more)
