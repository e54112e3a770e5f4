"""One cloud of a clouds.yaml, the file in which OpenStack's own tools are told where clouds are.

What it says stands for the CLOUD_… variables that are not set. Who signs in is asked on the sign-in
page, so user names, passwords and projects in the file are not looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ImproperlyConfigured

PLACES = ("clouds.yaml", "~/.config/openstack/clouds.yaml", "/etc/openstack/clouds.yaml")
"""Where the file is looked for: the first one found."""

OVERRIDES = ("compute", "identity", "image", "network", "vpc")
VARIABLES = (
    *("CLOUD_REGIONS", "CLOUD_INTERFACE", "CLOUD_CA_BUNDLE"),
    *(f"CLOUD_ENDPOINT_{service.upper()}" for service in OVERRIDES),
)
"""What it may say, beside the address."""

VENDORS = ("profile", "cloud", "vendor")


def variables(name: str, file: str = "") -> dict[str, str]:
    """{variable: value} of the cloud of that name; nothing without a name. `file` is the file where
    it is none of `PLACES`.

    Raises `ImproperlyConfigured` where there is no such file or cloud, or it says something that
    this console cannot do.
    """
    if not name:
        return {}
    path = _path(file)
    clouds = _mapping(_mapping(_read(path)).get("clouds"))
    entry = clouds.get(name)
    if not isinstance(entry, dict):
        known = ", ".join(sorted(map(str, clouds))) or "none"
        raise ImproperlyConfigured(f"OS_CLOUD={name!r} is not in {path}, which has: {known}.")
    try:
        return {variable: value for variable, value in _variables(entry) if value}
    except ValueError as error:
        raise ImproperlyConfigured(f"OS_CLOUD={name!r}, in {path}: {error}") from None


def _variables(entry: dict[str, Any]) -> list[tuple[str, str]]:
    auth_url = str(_mapping(entry.get("auth")).get("auth_url") or "").rstrip("/")
    if not auth_url:
        vendor = next((entry[word] for word in VENDORS if entry.get(word)), None)
        more = f" What vendor {vendor!r} is, this console does not know." if vendor else ""
        raise ValueError(f"auth.auth_url is missing.{more}")
    if entry.get("verify", True) is not True:
        raise ValueError(
            "verify is not true. This console always checks certificates; cacert may name those to "
            "trust."
        )
    regions = entry.get("regions") or [entry.get("region_name") or ""]
    if not isinstance(regions, list):
        raise ValueError("regions is not a list.")
    names = [
        str(_mapping(one).get("name", "")) if isinstance(one, dict) else one for one in regions
    ]
    interface = str(entry.get("interface") or entry.get("endpoint_type") or "")
    cacert = str(entry.get("cacert") or "")
    return [
        ("CLOUD_AUTH_URL", auth_url if auth_url.endswith("/v3") else f"{auth_url}/v3"),
        ("CLOUD_REGIONS", ",".join(map(str, names))),
        ("CLOUD_INTERFACE", interface.removesuffix("URL")),
        ("CLOUD_CA_BUNDLE", str(Path(cacert).expanduser()) if cacert else ""),
        *(
            (
                f"CLOUD_ENDPOINT_{service.upper()}",
                str(entry.get(f"{service}_endpoint_override") or ""),
            )
            for service in OVERRIDES
        ),
    ]


def _path(file: str) -> Path:
    places = (file,) if file else PLACES
    for place in places:
        path = Path(place).expanduser()
        if path.is_file():
            return path
    raise ImproperlyConfigured(f"OS_CLOUD is set, but there is no file {', '.join(places)}.")


def _read(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        # A parser's error quotes the file, which holds passwords.
        raise ImproperlyConfigured(
            f"OS_CLOUD: {path} cannot be read ({type(error).__name__})."
        ) from None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
