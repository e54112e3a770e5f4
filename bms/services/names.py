"""Server names, operating systems and kinds that pages have already seen.

Neutron knows servers by id only. A page about a subnet would have to wait for Nova a second time
to name them, so names seen in passing are kept for a short while, and a page loads the missing ones
afterwards (`bms:server_names`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from bms.api import BareMetalAPI

if TYPE_CHECKING:
    from collections.abc import Collection

    from bms.resources import Server
    from console.cloud.client import CloudClient

SECONDS = 600


def remember(cloud: CloudClient, servers: Collection[Server]) -> None:
    is_bare_metal = BareMetalAPI(cloud).is_bare_metal
    names = {_key(cloud, server.id): server.name for server in servers}
    kinds = {server.id: is_bare_metal(server) for server in servers}
    systems = {
        _key(cloud, server.id, "os"): server.metadata["os_type"]
        for server in servers
        if server.metadata.get("os_type")
    }
    if names:
        cache.set_many(names | systems, SECONDS)
        # A server never changes its kind, and pages ask for those of a whole network: one entry.
        # Where two add to it at once, what one of them added is read from Nova another time.
        cache.set(_kinds_key(cloud), cache.get(_kinds_key(cloud), {}) | kinds, SECONDS)


def known(cloud: CloudClient, server_ids: Collection[str]) -> dict[str, str]:
    """{server id: name} of those that were seen lately, in this very project."""
    keys = {_key(cloud, server_id): server_id for server_id in server_ids}
    return {keys[key]: name for key, name in cache.get_many(keys).items()}


def kinds(cloud: CloudClient, server_ids: Collection[str]) -> dict[str, bool]:
    """{server id: whether it is a bare metal server} of those that were seen lately. The others of
    a list of Nova's are virtual machines."""
    seen = cache.get(_kinds_key(cloud), {})
    return {server_id: seen[server_id] for server_id in server_ids if server_id in seen}


def systems(cloud: CloudClient, server_ids: Collection[str]) -> dict[str, str]:
    """{server id: "Linux" or "Windows"} of those that were seen lately and say so themselves (Open
    Telekom Cloud)."""
    keys = {_key(cloud, server_id, "os"): server_id for server_id in server_ids}
    return {keys[key]: system for key, system in cache.get_many(keys).items()}


def _kinds_key(cloud: CloudClient) -> str:
    return f"server-kinds:{cloud.config.auth_url}:{cloud.project_id}:{cloud.region}"


def _key(cloud: CloudClient, server_id: str, what: str = "name") -> str:
    return f"server-{what}:{cloud.config.auth_url}:{cloud.project_id}:{cloud.region}:{server_id}"
