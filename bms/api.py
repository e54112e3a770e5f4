"""The calls to Nova (and to Glance, for names) that the console makes. Each raises `CloudError`."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from bms.resources import BMS_TAG, Image, Server
from console.cloud.errors import BadRequest
from console.cloud.paging import Link, Page, every_item, next_marker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.cloud.client import CloudClient

T = TypeVar("T")

MICROVERSIONS = {"otc": "2.26", "openstack": "2.47"}
"""2.26 brings tags, by which Open Telekom Cloud marks a BMS; from 2.47 on a flavor comes with its
name and size. Both are long in every release that is still supported."""

_without_tags: set[str] = set()
"""Clouds (their compute URLs) that answered 406 to the microversion above."""


class _Servers(msgspec.Struct, frozen=True):
    servers: tuple[Server, ...]
    servers_links: tuple[Link, ...] = ()


class _Server(msgspec.Struct, frozen=True):
    server: Server


class _Images(msgspec.Struct, frozen=True):
    images: tuple[Image, ...]
    next: str = ""


class BareMetalAPI:
    """The bare metal servers of one project."""

    def __init__(self, cloud: CloudClient) -> None:
        self._cloud = cloud
        self._place = cloud.scope.catalog.get("compute", {}).get(cloud.region, "")

    def list_servers(
        self,
        *,
        limit: int,
        marker: str | None = None,
        name: str = "",
        ip: str = "",
        status: str = "",
        sort_dir: Literal["asc", "desc"] = "desc",
    ) -> Page[Server]:
        """GET /servers/detail: one page, by time of creation (and ID, among those of one second).

        `name` is matched as a regular expression, `ip` too or as a part of the address. Where the
        cloud cannot pick out BMSs itself a page holds fewer servers than `limit`, even none,
        though more pages follow. `BadRequest` when the marker's server is gone.
        """
        params = [
            ("limit", str(limit)),
            ("sort_key", "created_at"),
            ("sort_dir", sort_dir),
            ("sort_key", "uuid"),  # Nova keeps seconds, and breaks ties alike in both directions
            ("sort_dir", sort_dir),
            ("marker", marker or ""),
            ("name", name),
            ("ip6" if ":" in ip else "ip", ip),
            ("status", status),
        ]
        given = [(key, value) for key, value in params if value]
        tags = [("tags", BMS_TAG)] if self._cloud.profile == "otc" else []
        answer = self._get("/servers/detail", _Servers, given, tags)
        chosen = tuple(server for server in answer.servers if self.is_bare_metal(server))
        return Page(chosen, next_marker(answer.servers_links))

    def get_server(self, server_id: str) -> Server:
        """GET /servers/{id}, whatever kind of server it is. `NotFound` also for a server of another
        project."""
        return self._get(f"/servers/{server_id}", _Server).server

    def is_bare_metal(self, server: Server) -> bool:
        """Whether the cloud counts it among its BMSs."""
        if self._cloud.profile == "otc":
            return server.is_bare_metal()
        patterns = self._cloud.config.bms_flavors
        names = (server.flavor.id, server.flavor.original_name)
        return not patterns or any(fnmatch(name, p) for name in names for p in patterns)

    @property
    def missing_version(self) -> str:
        """The microversion that this Nova turned out not to know; empty where it knows it, or was
        not asked yet."""
        return MICROVERSIONS[self._cloud.profile] if self._place in _without_tags else ""

    def list_images(self) -> tuple[Image, ...]:
        """GET /v2/images, all pages."""

        def fetch(marker: str | None) -> Page[Image]:
            params = [("limit", "1000"), *([("marker", marker)] if marker else [])]
            answer = self._cloud.get("image", "/images", _Images, params=params)
            return Page(answer.images, next_marker([Link("next", answer.next)]))

        return every_item(fetch)

    def _get(
        self,
        path: str,
        answer: type[T],
        params: Sequence[tuple[str, str]] = (),
        newer: Sequence[tuple[str, str]] = (),
    ) -> T:
        """GET at the microversion of the profile; `newer` are parameters that came with it. Where
        the cloud is too old for it (406), once without both, and from then on at once."""
        if self._place not in _without_tags:
            microversion = MICROVERSIONS[self._cloud.profile]
            try:
                return self._cloud.get(
                    "compute", path, answer, params=[*params, *newer], microversion=microversion
                )
            except BadRequest as error:
                if error.status != 406:
                    raise
                _without_tags.add(self._place)
        return self._cloud.get("compute", path, answer, params=params)
