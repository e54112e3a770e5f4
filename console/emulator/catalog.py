"""The service catalogue, as the profile publishes it (1.2; FACTS, the token)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.emulator.records import Project
    from console.emulator.state import State
    from console.emulator.wire import JSON

# type, name, url below the host; {p} is the project, and an entry that needs one is left out of a
# token without.
_OTC = [
    ("identity", "keystone", "/v3"),
    ("compute", "nova", "/compute/v2.1/{p}"),
    ("ecs", "ecs", "/ecs/v1/{p}"),
    ("bms", "bms", "/bms/v1/{p}"),
    ("network", "neutron", "/network"),
    ("vpc", "vpc", "/vpc/v1/{p}"),
    ("image", "glance", "/image"),
]
_OPENSTACK = [
    ("identity", "keystone", "/v3/"),
    ("placement", "placement", "/placement"),
    ("compute", "nova", "/compute/v2.1"),
    ("network", "neutron", "/network"),
    ("image", "glance", "/image"),
]


def catalog(state: State, host_url: str, project: Project | None) -> list[JSON]:
    entries = []
    for kind, name, path in _OTC if state.otc else _OPENSTACK:
        if "{p}" in path and project is None:
            continue
        url = host_url + path.format(p=project.id if project else "")
        # IAM's own samples show the identity endpoint in the region `*`.
        region = "*" if state.otc and kind == "identity" else state.region
        entries.append(
            {
                "endpoints": [
                    {
                        "id": _id(kind, interface),
                        "interface": interface,
                        "region": region,
                        "region_id": region,
                        "url": url,
                    }
                    for interface in (("public",) if state.otc else ("public", "internal", "admin"))
                ],
                "id": _id(kind),
                "type": kind,
                "name": name,
            }
        )
    return entries


def _id(*words: str) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]
