"""msgspec among threads.

The first use of a Struct makes msgspec look at its fields, which runs Python code and so lets other
threads in; one that uses the same Struct meanwhile meets it half looked at, and the process dies of
it. So every type is looked at here, one thread at a time, before it is used.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_looking = threading.Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def _decoder(of: type[T]) -> msgspec.json.Decoder[T]:
    found = _decoders.get(of)
    if found is None:
        with _looking:
            found = _decoders[of] = msgspec.json.Decoder(of)
    return found


def decode(body: bytes, of: type[T]) -> T:
    """JSON as a value. Raises `msgspec.DecodeError`, or its `ValidationError` that names the field
    which does not fit."""
    return _decoder(of).decode(body)


def convert(value: Any, of: type[T]) -> T:
    """What some JSON held as a value. Raises `msgspec.ValidationError`."""
    _decoder(of)
    return msgspec.convert(value, of)
