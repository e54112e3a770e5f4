"""What answers are made of: {key: type}, all the way down, whatever they say.

Compared are the answers to the calls that the console makes, as its own client gets them.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from urllib3 import HTTPResponse

ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
PROPERTIES = re.compile(r"^(os_type|owner_specified\..*)$")
"""Of an image, whatever those who uploaded it said of it."""
MAPS = frozenset({"addresses", "metadata"})
"""Their keys are names that somebody gave."""

Shape = dict[str, Any] | str
"""A dict of its members' shapes, "[]" standing for every item and "{}" for every member of a map;
or the names of the types that were seen, like "null|str"."""


def shape_of(value: object, name: str = "") -> Shape:
    if isinstance(value, dict):
        if name in MAPS:
            return {"{}": _of_all(value.values())} if value else {}
        return {
            key: shape_of(item, key)
            for key, item in sorted(value.items())
            if not PROPERTIES.match(key)
        }
    if isinstance(value, list):
        return {"[]": _of_all(value)} if value else {}
    return "null" if value is None else type(value).__name__


def _of_all(values: Any) -> Shape:
    first, *others = [shape_of(value) for value in values]
    for other in others:
        first = both(first, other)
    return first


def both(one: Shape, other: Shape) -> Shape:
    """What either may be. An object or a list tells more than a null."""
    if isinstance(one, dict) and isinstance(other, dict):
        shared = {key: both(one[key], other[key]) for key in one.keys() & other.keys()}
        return dict(sorted((one | other | shared).items()))
    if isinstance(one, dict):
        return one
    if isinstance(other, dict):
        return other
    return "|".join(sorted({*one.split("|"), *other.split("|")}))


def differences(ours: Shape, theirs: Shape, where: str = "") -> list[str]:
    """What `ours` has otherwise than `theirs`. Nothing is said of what was empty or null on a side:
    that depends on what there was to tell."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if not ours or not theirs:
            return []
        found = [f"{where}.{key} is not there" for key in theirs.keys() - ours.keys()]
        found += [f"{where}.{key} is no answer of OpenStack" for key in ours.keys() - theirs.keys()]
        for key in sorted(ours.keys() & theirs.keys()):
            found += differences(ours[key], theirs[key], f"{where}.{key}")
        return found
    if "null" in (ours, theirs):
        return []
    if isinstance(ours, dict) or isinstance(theirs, dict):
        return [f"{where} is {_kind(ours)}, not {_kind(theirs)}"]
    further = set(ours.split("|")) - set(theirs.split("|")) - {"null"}
    is_told = bool(set(theirs.split("|")) - {"null"})
    return [f"{where} is {ours}, not {theirs}"] if further and is_told else []


def _kind(shape: Shape) -> str:
    return shape if isinstance(shape, str) else ("a list" if "[]" in shape else "an object")


class _Listening(requests.adapters.BaseAdapter):
    def __init__(self, inner: Any, heard: dict[str, Shape]) -> None:
        super().__init__()
        self._inner, self._heard = inner, heard

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        response: requests.Response = self._inner.send(request, **options)
        raw: Any = response.raw
        body = raw.read(decode_content=True)
        headers = {key: value for key, value in raw.headers.items() if key != "content-encoding"}
        response.raw = HTTPResponse(BytesIO(body), headers, raw.status, preload_content=False)
        call = call_of(request)
        said = shape_of(json.loads(body)) if body else "null"
        self._heard[call] = both(self._heard[call], said) if call in self._heard else said
        return response

    def close(self) -> None:
        """The one behind it goes on."""


def call_of(request: requests.PreparedRequest) -> str:
    """Method, path without ids and versions in front, and what was asked for by name."""
    url = urlsplit(str(request.url))
    path = ID.sub("{id}", re.sub(r"^.*?/v[0-9.]+/(\\{id\\}/)?", "/", url.path))
    path = re.sub(r"^/\{id\}(?=/)", "", path)
    asked = sorted({key for key, _ in parse_qsl(url.query)} - {"marker", "limit"})
    return f"{request.method} {path}" + (f"?{'&'.join(asked)}" if asked else "")


@contextmanager
def listening(http: requests.Session, heard: dict[str, Shape]) -> Any:
    """All that is answered meanwhile is heard: {call: shape}."""
    adapters = dict(http.adapters)
    try:
        for prefix, adapter in adapters.items():
            http.adapters[prefix] = _Listening(adapter, heard)
        yield
    finally:
        http.adapters.clear()
        http.adapters.update(adapters)
