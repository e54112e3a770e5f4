"""Nova: what stands beside a server: NICs, addresses, tags, volumes, flavors, images, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.emulator import build
from console.emulator.nova import find_server
from console.emulator.nova_views import ServerViews
from console.emulator.times import zulu
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from console.emulator.records import Flavor, Image, Port, Server

MAX_TAGS = 50
MAX_TAG_LENGTH = 80


def deny(request: Request, rule: str) -> None:
    """A reader is told the policy that forbids it."""
    if not request.who().may_write:
        raise Refusal(403, f"Policy doesn't allow os_compute_api:{rule} to be performed.")


# the NICs of a server, see 2.3


def _attachment(port: Port) -> JSON:
    return {
        "net_id": port.network_id,
        "port_id": port.id,
        "mac_addr": port.mac_address,
        "port_state": port.status,
        "fixed_ips": [
            {"subnet_id": fixed.subnet_id, "ip_address": fixed.ip_address}
            for fixed in port.fixed_ips
        ],
    }


def list_interfaces(request: Request, server_id: str) -> Response:
    server = find_server(request, server_id)
    ports = sorted(request.state.ports_of_device(server.id), key=lambda port: port.id)
    tag = {"tag": None} if request.version >= (2, 70) else {}
    return json_response({"interfaceAttachments": [_attachment(port) | tag for port in ports]})


def show_interface(request: Request, server_id: str, port_id: str) -> Response:
    server = find_server(request, server_id)
    for port in request.state.ports_of_device(server.id):
        if port.id == port_id:
            return json_response({"interfaceAttachment": _attachment(port)})
    raise Refusal(404, f"Instance {server.id} does not have a port with id {port_id}")


def attach_interface(request: Request, server_id: str) -> Response:
    """A port that is there, or a new one on a network (FACTS, the port of a running server)."""
    wanted = request.json_object("interfaceAttachment")
    server = find_server(request, server_id)
    deny(request, "os-attach-interfaces:create")
    state = request.state
    port = state.ports.get(str(wanted.get("port_id")))
    if port is None:
        subnets = state.subnets_of(str(wanted.get("net_id")))
        if "port_id" in wanted or not subnets:
            missing = wanted.get("port_id") or wanted.get("net_id")
            raise Refusal(404, f"Port id {missing} could not be found.")
        port = build.add_port(state, subnets[0], project_id=server.project_id)
    if port.project_id != server.project_id or port.device_id:
        raise Refusal(400, f"Port {port.id} is still in use.")
    state.set_device(port, server.id)
    port.device_owner, port.status = f"compute:{server.availability_zone}", "ACTIVE"
    state.touch(port)
    return json_response({"interfaceAttachment": _attachment(port)})


def detach_interface(request: Request, server_id: str, port_id: str) -> Response:
    """Nova answers 202 even for a port that is not attached."""
    server = find_server(request, server_id)
    deny(request, "os-attach-interfaces:delete")
    for port in request.state.ports_of_device(server.id):
        if port.id == port_id:
            request.state.remove_port(port)
    return Response(202)


def list_addresses(request: Request, server_id: str) -> Response:
    view = ServerViews(request).detail(find_server(request, server_id))
    addresses = {
        name: [{"version": entry["version"], "addr": entry["addr"]} for entry in entries]
        for name, entries in view["addresses"].items()
    }
    return json_response({"addresses": addresses})


def list_security_groups(request: Request, server_id: str) -> Response:
    server = find_server(request, server_id)
    groups = request.state.security_groups
    wanted = dict.fromkeys(
        group_id
        for port in request.state.ports_of_device(server.id)
        for group_id in port.security_groups
        if group_id in groups
    )
    views = [
        {
            "id": group_id,
            "name": groups[group_id].name,
            "description": groups[group_id].description,
            "tenant_id": groups[group_id].project_id,
            "rules": [],
        }
        for group_id in wanted
    ]
    return json_response({"security_groups": views})


def list_volumes(request: Request, server_id: str) -> Response:
    server = find_server(request, server_id)
    attached = [
        {
            "id": volume,
            "volumeId": volume,
            "serverId": server.id,
            "device": f"/dev/sd{'abcdefgh'[n]}",
        }
        for n, volume in enumerate(server.volumes[:8])
    ]
    return json_response({"volumeAttachments": attached})


# the tags of a server, see 2.4


def _tagged(request: Request, server_id: str) -> Server:
    if request.version < (2, 26):
        raise Refusal(404)
    return find_server(request, server_id)


def list_tags(request: Request, server_id: str) -> Response:
    return json_response({"tags": _tagged(request, server_id).tags})


def replace_tags(request: Request, server_id: str) -> Response:
    deny(request, "os-server-tags:update_all")
    server = _tagged(request, server_id)
    body = request.json()
    tags = body.get("tags") if isinstance(body, dict) else None
    if not isinstance(tags, list):
        raise Refusal(400, "Invalid input for field/attribute tags.")
    tags = list(dict.fromkeys(str(tag) for tag in tags))
    _check_tags(tags)
    server.tags = tags
    return json_response({"tags": tags})


def add_tag(request: Request, server_id: str, tag: str) -> Response:
    deny(request, "os-server-tags:update")
    server = _tagged(request, server_id)
    if tag in server.tags:
        return Response(204)
    _check_tags([*server.tags, tag])
    server.tags.append(tag)
    return Response(201)


def remove_tag(request: Request, server_id: str, tag: str) -> Response:
    deny(request, "os-server-tags:delete")
    server = _tagged(request, server_id)
    if tag not in server.tags:
        raise Refusal(404, f"Instance {server.id} has no tag '{tag}'")
    server.tags.remove(tag)
    return Response(204)


def _check_tags(tags: list[str]) -> None:
    if len(tags) > MAX_TAGS:
        raise Refusal(400, f"The number of tags exceeded the per-server limit {MAX_TAGS}")
    for tag in tags:
        if not 0 < len(tag) <= MAX_TAG_LENGTH or "/" in tag or "," in tag:
            raise Refusal(400, f"Invalid input for field/attribute tags. Value: {tag}.")


# flavors and images


def _flavor(request: Request, flavor: Flavor) -> JSON:
    view: JSON = {
        "id": flavor.id,
        "name": flavor.name,
        "ram": flavor.ram,
        "disk": flavor.disk,
        "swap": 0 if request.version >= (2, 75) else "",
        "OS-FLV-EXT-DATA:ephemeral": 0,
        "OS-FLV-DISABLED:disabled": False,
        "vcpus": flavor.vcpus,
        "os-flavor-access:is_public": True,
        "rxtx_factor": 1.0,
        "links": ServerViews(request).links("flavors", flavor.id),
    }
    if request.version >= (2, 55):
        view["description"] = None
    if request.version >= (2, 61):
        view["extra_specs"] = flavor.extra_specs
    return view


def list_flavors(request: Request) -> Response:
    flavors = [_flavor(request, flavor) for flavor in request.state.flavors.values()]
    if not request.path.rstrip("/").endswith("/detail"):
        flavors = [{key: f[key] for key in ("id", "name", "links")} for f in flavors]
    marker, limit = request.first("marker"), request.first("limit")
    if marker:
        ids = [flavor["id"] for flavor in flavors]
        if marker not in ids:
            raise Refusal(400, f"marker [{marker}] not found")
        flavors = flavors[ids.index(marker) + 1 :]
    return json_response({"flavors": flavors[: int(limit)] if limit.isdecimal() else flavors})


def find_flavor(request: Request, flavor_id: str) -> Flavor:
    if flavor_id not in request.state.flavors:
        raise Refusal(404, f"Flavor {flavor_id} could not be found.")
    return request.state.flavors[flavor_id]


def show_flavor(request: Request, flavor_id: str) -> Response:
    return json_response({"flavor": _flavor(request, find_flavor(request, flavor_id))})


def show_extra_specs(request: Request, flavor_id: str) -> Response:
    return json_response({"extra_specs": find_flavor(request, flavor_id).extra_specs})


def show_image(request: Request, image_id: str) -> Response:
    """Nova's own image calls ended with 2.36."""
    image: Image | None = request.state.images.get(image_id)
    if image is None or request.version >= (2, 36):
        raise Refusal(404, f"Image {image_id} could not be found.")
    view = {
        "id": image.id,
        "name": image.name,
        "status": "ACTIVE",
        "created": zulu(image.created),
        "updated": zulu(image.created),
        "minDisk": image.min_disk,
        "minRam": 0,
        "progress": 100,
        "metadata": image.properties,
        "links": ServerViews(request).links("images", image.id),
    }
    return json_response({"image": view})


# limits


def limits(request: Request) -> Response:
    project = request.who().project_id
    servers = [s for s in request.state.servers.values() if s.project_id == project]
    absolute = {
        "maxTotalCores": -1,
        "maxTotalInstances": -1,
        "maxTotalKeypairs": 100,
        "maxServerMeta": 128,
        "maxTotalRAMSize": -1,
        "maxServerGroups": 10,
        "maxServerGroupMembers": 10,
        "totalRAMUsed": sum(server.flavor.ram for server in servers),
        "totalCoresUsed": sum(server.flavor.vcpus for server in servers),
        "totalInstancesUsed": len(servers),
        "totalServerGroupsUsed": 0,
    }
    older = [
        (36, ("maxTotalFloatingIps", "maxSecurityGroups", "maxSecurityGroupRules"), -1),
        (36, ("totalFloatingIpsUsed", "totalSecurityGroupsUsed"), 0),
        (39, ("maxImageMeta",), 128),
        (57, ("maxPersonality",), 5),
        (57, ("maxPersonalitySize",), 10240),
    ]
    for minor, names, value in older:
        if request.version < (2, minor):
            absolute |= dict.fromkeys(names, value)
    return json_response({"limits": {"rate": [], "absolute": absolute}})


def extensions(request: Request) -> Response:
    return json_response({"extensions": []})


def quota_set(request: Request, project_id: str) -> Response:
    if project_id != request.who().project_id and not request.who().is_admin:
        raise Refusal(
            403, "Policy doesn't allow os_compute_api:os-quota-sets:show to be performed."
        )
    names = ("cores", "instances", "ram", "key_pairs", "metadata_items", "server_groups")
    numbers = dict.fromkeys(names, -1) | {"server_group_members": 10}
    return json_response({"quota_set": {"id": project_id, **numbers}})


ROUTES = [
    Route("GET", "/v2.1/os-quota-sets/{project_id}", quota_set),
    Route("GET", "/v2.1/servers/{server_id}/os-interface", list_interfaces),
    Route("GET", "/v2.1/servers/{server_id}/os-interface/{port_id}", show_interface),
    Route("POST", "/v2.1/servers/{server_id}/os-interface", attach_interface),
    Route("DELETE", "/v2.1/servers/{server_id}/os-interface/{port_id}", detach_interface),
    Route("GET", "/v2.1/servers/{server_id}/ips", list_addresses),
    Route("GET", "/v2.1/servers/{server_id}/os-security-groups", list_security_groups),
    Route("GET", "/v2.1/servers/{server_id}/os-volume_attachments", list_volumes),
    Route("GET", "/v2.1/servers/{server_id}/tags", list_tags),
    Route("PUT", "/v2.1/servers/{server_id}/tags", replace_tags),
    Route("PUT", "/v2.1/servers/{server_id}/tags/{tag}", add_tag),
    Route("DELETE", "/v2.1/servers/{server_id}/tags/{tag}", remove_tag),
    Route("GET", "/v2.1/flavors", list_flavors),
    Route("GET", "/v2.1/flavors/detail", list_flavors),
    Route("GET", "/v2.1/flavors/{flavor_id}", show_flavor),
    Route("GET", "/v2.1/flavors/{flavor_id}/os-extra_specs", show_extra_specs),
    Route("GET", "/v2.1/images/{image_id}", show_image),
    Route("GET", "/v2.1/limits", limits),
    Route("GET", "/v2.1/extensions", extensions),
]
