"""Who is signed in to the cloud, with which token, and where the cloud's services are.

Plain values: they are what the encrypted part of a session keeps, and all that a `CloudClient`
needs to be made again for the next request.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.cloud.config import CloudConfig

VERSION_SUFFIX = re.compile(r"(?<!/)/v\d+(\.\d+)?$")


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token's text and end. Its `repr` never shows the text."""

    text: str
    expires_at: dt.datetime

    def __repr__(self) -> str:
        return f"Token(expires_at={self.expires_at:%Y-%m-%dT%H:%M:%SZ})"


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    domain_name: str = ""


class Project(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """A project's token with what came along: roles, and a URL for each service and region."""

    token: Token
    project: Project
    roles: tuple[str, ...] = ()
    catalog: dict[str, dict[str, str]] = {}

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions in which servers can be found."""
        return tuple(sorted(region for region in self.catalog.get("compute", {}) if region != "*"))

    def home_region(self, wanted: str = "", configured: Sequence[str] = ()) -> str:
        """The region to work in: the wanted one where it exists, else the project's own, else the
        first of those that the settings name.

        Open Telekom Cloud names projects after their region: the part before the first
        underscore (cloud-api 1.6).
        """
        own = self.project.name.split("_")[0]
        for region in (wanted, own, *configured):
            if region in self.regions:
                return region
        return self.regions[0] if self.regions else ""

    def profile(self, config: CloudConfig) -> Literal["otc", "openstack"]:
        """Which family of cloud this is (product rule: entry `vpc` or `bms` means OTC)."""
        if config.profile != "auto":
            return config.profile
        return "otc" if {"vpc", "bms"} & self.catalog.keys() else "openstack"

    def can_write(self, config: CloudConfig) -> bool:
        """False only when every role is known to be read-only; the cloud's policy decides."""
        return not self.roles or not set(self.roles) <= config.read_only_roles

    def endpoint(self, service: str, region: str, config: CloudConfig) -> str | None:
        """The service's base URL with the version its API class expects, or None.

        Catalogues write `network` and `image` with or without version (cloud-api 1.2).
        """
        urls = self.catalog.get(service, {})
        url = config.endpoints.get(service) or urls.get(region) or urls.get("*")
        if url is None:
            return None
        url = url.rstrip("/")
        version = {"network": "v2.0", "image": "v2"}.get(service)
        return f"{VERSION_SUFFIX.sub('', url)}/{version}" if version else url
