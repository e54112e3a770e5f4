"""Nova's spelling of a server, by profile and microversion (2.1, 2.2, 2.4; FACTS, one server)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from console.emulator.times import micro, zulu

if TYPE_CHECKING:
    from console.emulator.records import FloatingIP, Port, Server
    from console.emulator.wire import JSON, Request

_WITH_PROGRESS = {"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"}
_WITH_FAULT = {"ERROR", "DELETED"}


class ServerViews:
    """Renders many servers of one answer; what they share is looked up once."""

    def __init__(self, request: Request) -> None:
        self.state = request.state
        self.version = request.version
        middle = f"/{request.who().project_id}" if self.state.otc else ""
        self.api = f"{request.service_url}/v2.1{middle}"
        self.bookmark = f"{request.service_url}{middle}"
        self._floating: dict[str, list[FloatingIP]] = defaultdict(list)
        for floating in self.state.floating_ips.values():
            if floating.port_id:
                self._floating[floating.port_id].append(floating)
        self._groups = {
            group.id: {"name": group.name} for group in self.state.security_groups.values()
        }

    def links(self, kind: str, thing_id: str) -> list[JSON]:
        return [
            {"rel": "self", "href": f"{self.api}/{kind}/{thing_id}"},
            {"rel": "bookmark", "href": f"{self.bookmark}/{kind}/{thing_id}"},
        ]

    def brief(self, server: Server) -> JSON:
        links = self.links("servers", server.id)
        return {"id": server.id, "name": server.name, "links": links}

    def detail(self, server: Server) -> JSON:
        now = server.now
        if now.status == "UNKNOWN" and self.version >= (2, 69) and not self.state.otc:
            return self._of_a_cell_that_is_down(server)
        ports = self.state.ports_of_device(server.id)
        view: JSON = {
            "accessIPv4": "",
            "accessIPv6": "",
            "addresses": self._addresses(ports),
            "created": zulu(server.created),
            "flavor": self._flavor(server),
            "hostId": server.host_id,
            "id": server.id,
            "image": self._image(server),
            "links": self.links("servers", server.id),
            "metadata": server.metadata,
            "name": server.name,
            "status": now.status,
            "tenant_id": server.project_id,
            "user_id": server.user_id,
            "updated": zulu(server.updated),
        }
        self._extended(view, server)
        groups = [self._groups[g] for p in ports for g in p.security_groups if g in self._groups]
        if groups:
            view["security_groups"] = groups
        if now.status in _WITH_PROGRESS:
            view["progress"] = 0
        if now.status in _WITH_FAULT and server.fault:
            created = zulu(server.updated)
            view["fault"] = {"code": 500, "created": created, "message": server.fault}
        self._newer(view, server)
        return view

    def _extended(self, view: JSON, server: Server) -> None:
        """What Nova's old extensions add, in every microversion."""
        now = server.now
        view |= {
            "OS-DCF:diskConfig": "MANUAL",
            "OS-EXT-AZ:availability_zone": server.availability_zone,
            "config_drive": "",
            "key_name": server.key_name,
            "OS-SRV-USG:launched_at": micro(server.launched) if server.launched else None,
            "OS-SRV-USG:terminated_at": None,
            "OS-EXT-STS:task_state": now.task_state,
            "OS-EXT-STS:vm_state": now.vm_state,
            "OS-EXT-STS:power_state": now.power_state,
            "os-extended-volumes:volumes_attached": self._volumes(server),
        }

    def _of_a_cell_that_is_down(self, server: Server) -> JSON:
        """Nova knows no more than this, not even the name (FACTS, newest microversion)."""
        return {
            "id": server.id,
            "status": "UNKNOWN",
            "created": zulu(server.created),
            "tenant_id": server.project_id,
            "links": self.links("servers", server.id),
        }

    def _newer(self, view: JSON, server: Server) -> None:
        """What later microversions add, and what the profile `otc` always shows."""
        added: list[tuple[int, JSON]] = [
            (9, {"locked": server.locked}),
            (19, {"description": server.description}),
            (26, {"tags": server.tags}),
            (63, {"trusted_image_certificates": None}),
            (71, {"server_groups": []}),
            (73, {"locked_reason": None}),
            (90, {"OS-EXT-SRV-ATTR:hostname": _hostname(server)}),
            (96, {"pinned_availability_zone": None}),
            (100, {"scheduler_hints": {}}),
        ]
        if self.state.otc:
            added += [
                (1, {"OS-EXT-SRV-ATTR:host": "bms.az1"}),
                (1, {"OS-EXT-SRV-ATTR:hypervisor_hostname": "nova011@3"}),
                (1, {"OS-EXT-SRV-ATTR:instance_name": f"instance-{server.id[:8]}"}),
                (3, {"OS-EXT-SRV-ATTR:hostname": _hostname(server)}),
                (3, {"OS-EXT-SRV-ATTR:root_device_name": "/dev/sda"}),
                (16, {"host_status": server.host_status}),
            ]
        for minor, more in added:
            if self.version >= (2, minor):
                view |= more

    def _flavor(self, server: Server) -> JSON:
        flavor = server.flavor
        if self.version < (2, 47):
            href = f"{self.bookmark}/flavors/{flavor.id}"
            return {"id": flavor.id, "links": [{"rel": "bookmark", "href": href}]}
        return {
            "vcpus": flavor.vcpus,
            "ram": flavor.ram,
            "disk": flavor.disk,
            "ephemeral": 0,
            "swap": 0,
            "original_name": flavor.name,
            "extra_specs": flavor.extra_specs,
        }

    def _image(self, server: Server) -> JSON | str:
        """An empty string is Nova's word for "boots from a volume"."""
        if not server.image_id:
            return ""
        href = f"{self.bookmark}/images/{server.image_id}"
        view: JSON = {"id": server.image_id, "links": [{"rel": "bookmark", "href": href}]}
        if self.version >= (2, 98):
            view["properties"] = {}
        return view

    def _volumes(self, server: Server) -> list[JSON]:
        with_flag = self.version >= (2, 3)
        flag = {"delete_on_termination": False} if with_flag else {}
        return [{"id": volume, **flag} for volume in server.volumes]

    def _addresses(self, ports: list[Port]) -> dict[str, list[JSON]]:
        """By name of the network, which in `otc` is the VPC's id (2.4)."""
        found: dict[str, list[JSON]] = {}
        for port in ports:
            mac = port.mac_address
            network = self.state.networks.get(port.network_id)
            entries = found.setdefault(network.name if network else "", [])
            for fixed in port.fixed_ips:
                entries.append(_entry(fixed.ip_address, "fixed", mac))
                entries.extend(
                    _entry(floating.floating_ip_address, "floating", mac)
                    for floating in self._floating.get(port.id, ())
                    if floating.fixed_ip_address == fixed.ip_address
                )
        return found


def _hostname(server: Server) -> str:
    """What of a name can stand in a host's name."""
    return re.sub(r"[^a-z0-9-]", "", server.name.lower())[:63] or f"server-{server.id}"


def _entry(address: str, kind: str, mac: str) -> JSON:
    return {
        "version": 6 if ":" in address else 4,
        "addr": address,
        "OS-EXT-IPS:type": kind,
        "OS-EXT-IPS-MAC:mac_addr": mac,
    }
