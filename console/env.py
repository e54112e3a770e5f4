"""Typed reading of the environment.

Every helper raises `ImproperlyConfigured` with the variable's name when its value cannot be used,
so a wrong setting stops the start and never surfaces as a strange error later. A value may also
stand in a file: `NAME_FILE` names it (the usual way to hand over secrets).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_fallbacks: dict[str, str] = {}

TRUE = {"1", "on", "true", "yes"}
FALSE = {"0", "off", "false", "no"}


def fall_back_on(values: Mapping[str, str]) -> None:
    """What is taken for variables that are not set, before their defaults."""
    _fallbacks.clear()
    _fallbacks.update(values)


def raw(name: str, default: str | None = None) -> str | None:
    """The variable's text, or the contents of the file that NAME_FILE names. An empty variable is
    as good as none."""
    value = os.environ.get(name, "").strip()
    file_name = os.environ.get(f"{name}_FILE")
    if value:
        return value
    if not file_name:
        return _fallbacks.get(name, default)
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE: {file_name} cannot be read ({error}).") from error


def text(name: str, default: str = "") -> str:
    return raw(name, default) or default


def required(name: str, hint: str) -> str:
    value = raw(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {hint}")
    return value


def unset(*names: str, why: str) -> None:
    """These must not be set."""
    for name in names:
        if raw(name):
            raise ImproperlyConfigured(f"{name} is set, but {why}")


def secret(name: str, hint: str, *, least: int = 50, different: int = 5) -> str:
    """A text that cannot be guessed, as far as its looks tell (Django's security.W009). It is never
    repeated in a message."""
    value = required(name, hint)
    if len(value) < least or len(set(value)) < different:
        raise ImproperlyConfigured(
            f"{name} is too easy to guess: it needs {least} characters or more, "
            f"{different} or more of them different. {hint}"
        )
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name}={value!r} is neither on nor off.")


def number(name: str, default: float, *, least: float = 0, most: float = 1e9) -> float:
    value = text(name)
    try:
        result = float(value) if value else float(default)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a number.") from None
    if not least <= result <= most:
        raise ImproperlyConfigured(f"{name}={value!r} is not between {least:g} and {most:g}.")
    return result


def integer(name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    result = number(name, default, least=least, most=most)
    if result != int(result):
        raise ImproperlyConfigured(f"{name}={result!r} is not a whole number.")
    return int(result)


def choice(name: str, default: str, choices: Sequence[str]) -> str:
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(choices)}.")
    return value


def matching(name: str, pattern: str, what: str) -> str:
    """A text of that shape, empty where it is not set; `what` says the shape in words."""
    value = text(name)
    if value and not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name}={value!r} is not {what}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def url(name: str, default: str = "", *, schemes: Sequence[str] = ("https", "http")) -> str:
    """An absolute URL without its trailing slash; empty when neither set nor given a default."""
    value = text(name, default).rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not an address that starts with {' or '.join(schemes)}://."
        )
    return value


def origins(name: str) -> list[str]:
    """A comma-separated list of schemes with hosts, such as https://*.example.com."""
    found = words(name)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"https", "http"} or not parts.netloc or parts.path:
            raise ImproperlyConfigured(
                f"{name}: {origin!r} is not an origin such as https://console.example.com."
            )
    return found


def owners(name: str) -> tuple[str, ...]:
    """A comma-separated list of `device_owner` values that members may give to ports."""
    found = words(name)
    for owner in found:
        if owner.startswith(("network:", "compute:", "baremetal:")):
            raise ImproperlyConfigured(
                f"{name}: {owner!r} is what the cloud calls ports of servers, routers and DHCP."
            )
    return tuple(found)


def existing_path(name: str) -> str:
    value = text(name)
    if value and not Path(value).exists():
        raise ImproperlyConfigured(f"{name}: {value} does not exist.")
    return value
