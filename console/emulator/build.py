"""Putting things into the cloud without its API: what the demo and the tests are made with.

No rule is checked here, so that a test can also build what the API would refuse.
"""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING, Any

from console.emulator import addresses
from console.emulator.records import (
    VIP_OWNER,
    Bandwidth,
    Domain,
    FixedIP,
    Flavor,
    FloatingIP,
    Image,
    Network,
    Pair,
    Port,
    Project,
    Router,
    Server,
    ServerState,
    Subnet,
    User,
)

if TYPE_CHECKING:
    from console.emulator.state import State

# The sample id of the documents (3.8).
EXTERNAL_NETWORK_ID = "0a2228f2-7f8a-45f1-8e09-9039e1d09975"
CHECK_OFF = "1.1.1.1/0"
BMS_TAG = "__type_baremetal"
DNS = {"otc": ["100.125.4.25", "100.125.129.199"], "openstack": ["9.9.9.9"]}
SERVER_STATES = {
    "ACTIVE": ServerState("ACTIVE", "active", None, 1),
    "SHUTOFF": ServerState("SHUTOFF", "stopped", None, 4),
    "BUILD": ServerState("BUILD", "building", "scheduling", 0),
    "ERROR": ServerState("ERROR", "error", None, 0),
    "REBOOT": ServerState("REBOOT", "active", "rebooting", 1),
    "HARD_REBOOT": ServerState("HARD_REBOOT", "active", "rebooting_hard", 1),
    "REBUILD": ServerState("REBUILD", "active", "rebuilding", 1),
    "PAUSED": ServerState("PAUSED", "paused", None, 3),
    "SUSPENDED": ServerState("SUSPENDED", "suspended", None, 4),
    "DELETED": ServerState("DELETED", "deleted", None, 0),
    "UNKNOWN": ServerState("UNKNOWN", "active", None, 0),
}


def add_domain(state: State, name: str) -> Domain:
    domain = Domain(state.new_hex(), name)
    state.domains[domain.id] = domain
    return domain


def add_project(state: State, name: str, domain: Domain, project_id: str = "") -> Project:
    project = Project(project_id or state.new_hex(), name, domain.id)
    state.projects[project.id] = project
    return project


def add_user(
    state: State,
    name: str,
    password: str,
    domain: Domain,
    roles: dict[str, tuple[str, ...]],
    passcode: str | None = None,
) -> User:
    user = User(state.new_hex(), name, password, domain.id, roles, passcode)
    state.users[user.id] = user
    return user


def writer_roles(state: State) -> tuple[str, ...]:
    return ("te_admin", "op_gated_vpc") if state.otc else ("reader", "member")


def reader_roles(state: State) -> tuple[str, ...]:
    return ("readonly",) if state.otc else ("reader",)


# networks


def external_network(state: State) -> Network:
    """The network of the public addresses; made on first use."""
    if EXTERNAL_NETWORK_ID in state.networks:
        return state.networks[EXTERNAL_NETWORK_ID]
    now = state.clock()
    name = "admin_external_net" if state.otc else "public"
    network = Network(EXTERNAL_NETWORK_ID, name, state.new_hex(), now, now, external=True)
    state.networks[network.id] = network
    add_subnet(state, network, "203.0.113.0/24", "public")
    return network


def add_vpc(
    state: State, project_id: str, name: str, cidr: str = "10.20.0.0/16", *, reachable: bool = True
) -> Router:
    """A VPC of `otc`; in `openstack` the router that stands for one."""
    now = state.clock()
    router = Router(state.new_uuid(), name, project_id, now, now, cidr=cidr)
    if reachable:
        network = external_network(state)
        router.external_network_id = network.id
        router.external_ip = addresses.allocate(state, network.id, None)[0].ip_address
    state.routers[router.id] = router
    return router


def add_network(
    state: State, project_id: str, name: str, vpc: Router | None = None, *, shared: bool = False
) -> Network:
    """In `otc` a network is named after its VPC (2.4)."""
    now = state.clock()
    if state.otc and vpc is not None:
        name = vpc.id
    network = Network(state.new_uuid(), name, project_id, now, now, shared=shared)
    state.networks[network.id] = network
    return network


def add_subnet(
    state: State, network: Network, cidr: str, name: str, vpc: Router | None = None
) -> Subnet:
    """A range of a network, with the gateway's port when a router is given."""
    now = state.clock()
    block = ipaddress.ip_network(cidr)
    subnet = Subnet(state.new_uuid(), name, network.project_id, now, now, network_id=network.id)
    subnet.cidr = block
    subnet.gateway_ip = str(block[1])
    subnet.pools = addresses.pools_for(block, subnet.gateway_ip, otc=state.otc)
    subnet.dns_nameservers = list(DNS[state.profile]) if block.version == 4 else []
    state.subnets[subnet.id] = subnet
    if vpc is not None:
        kind = "router_interface_distributed" if state.otc else "router_interface"
        service_port(state, subnet, subnet.gateway_ip, f"network:{kind}", vpc.id)
    if state.otc and block.version == 4 and not network.external:
        service_port(state, subnet, str(block[-2]), "network:dhcp", f"dhcp-{network.id}")
        subnet.used[str(block[-3])] = ""  # the system interface, no port of the tenant
    return subnet


def service_port(state: State, subnet: Subnet, address: str, owner: str, device_id: str) -> Port:
    return add_port(
        state, subnet, address, device_owner=owner, device_id=device_id, status="ACTIVE", groups=[]
    )


def add_port(
    state: State,
    subnet: Subnet,
    address: str | None = None,
    *,
    groups: list[str] | None = None,
    project_id: str = "",
    fixed_ips: list[FixedIP] | None = None,
    **attributes: Any,
) -> Port:
    now = state.clock()
    owner = project_id or subnet.project_id
    if fixed_ips is None:
        chosen = address or addresses.free(subnet)
        if chosen is None:
            raise addresses.no_more(subnet.network_id)
        fixed_ips = [FixedIP(subnet.id, chosen)]
    port = Port(
        state.new_uuid(),
        attributes.pop("name", ""),
        owner,
        now,
        now,
        network_id=subnet.network_id,
        mac_address=attributes.pop("mac_address", None) or state.new_mac(),
        fixed_ips=fixed_ips,
        **attributes,
    )
    port.security_groups = [state.default_group(owner).id] if groups is None else groups
    return state.add_port(port)


# servers


def add_flavor(
    state: State, name: str, vcpus: int, ram: int, disk: int, specs: dict[str, str] | None = None
) -> Flavor:
    for flavor in state.flavors.values():
        if flavor.name == name:
            return flavor
    flavor = Flavor(name if state.otc else state.new_uuid(), name, vcpus, ram, disk, specs or {})
    state.flavors[flavor.id] = flavor
    return flavor


def bms_flavor(state: State) -> Flavor:
    """The one flavor of the current manual (2.7), or a plain one."""
    if not state.otc:
        return add_flavor(state, "bm.large", 112, 524288, 960, {"resources:CUSTOM_BM_LARGE": "1"})
    specs = {
        "capabilities:cpu_arch": "x86_64",
        "capabilities:hypervisor_type": "ironic",
        "capabilities:board_type": "i7n",
        "resource_type": "ironic",
        "baremetal:cpu_detail": "2*28 Core Intel Xeon Gold 6330",
        "baremetal:memory_detail": "512 GB DDR4 RAM",
        "baremetal:disk_detail": "2*480G SATA SSD",
        "baremetal:netcard_detail": "2*25GE + 2*25GE",
        "baremetal:net_num": "2",
        "baremetal:__support_evs": "true",
        "baremetal:extBootType": "LocalDisk",
        "cond:operation:status": "normal",
    }
    return add_flavor(state, "physical.i7n.28xlarge.4", 112, 524288, 960, specs)


def add_image(state: State, name: str, **properties: str) -> Image:
    for image in state.images.values():
        if image.name == name:
            return image
    image = Image(state.new_uuid(), name, state.clock(), properties=properties)
    state.images[image.id] = image
    return image


def add_server(
    state: State,
    project_id: str,
    name: str,
    *,
    flavor: Flavor | None = None,
    image: Image | None = None,
    status: str = "ACTIVE",
    user_id: str = "",
    bare_metal: bool = True,
    created: float | None = None,
) -> Server:
    """A server without NICs. In `otc` a BMS is marked by its tag, its flavor and metadata (2.1)."""
    made = state.clock() if created is None else created
    flavor = flavor or bms_flavor(state)
    image = image or add_image(state, "Standard_Ubuntu_22.04_BMS_latest", os_type="linux")
    server_id = state.new_uuid()
    updated = min(made + 400, state.clock())
    now = SERVER_STATES.get(status) or ServerState(status, status.lower(), None, 1)
    server = Server(server_id, name, project_id, user_id, flavor, image.id, made, updated, now=now)
    server.host_id = hashlib.sha224(server_id.encode()).hexdigest()
    server.launched = updated if now.vm_state != "building" else None
    server.availability_zone = f"{state.region}-01" if state.otc else "nova"
    if state.otc:
        server.description = name
        server.metadata = _metadata(server, image, bare_metal=bare_metal)
        server.tags = [BMS_TAG] if bare_metal else []
    if now.status == "ERROR":
        server.fault = "No valid host was found. There are not enough hosts available."
    state.servers[server_id] = server
    return server


def _metadata(server: Server, image: Image, *, bare_metal: bool) -> dict[str, str]:
    windows = image.properties.get("os_type") == "windows"
    found = {
        "chargingMode": "0",
        "metering.image_id": image.id,
        "metering.imagetype": "gold",
        "metering.resourcespeccode": f"{server.flavor.name}.{'win' if windows else 'linux'}",
        "image_name": image.name,
        "op_svc_userid": server.user_id,
        "os_type": "Windows" if windows else "Linux",
        "os_bit": "64",
    }
    if bare_metal:
        found |= {"metering.resourcetype": BMS_TAG, "__bms_support_evs": "true"}
    return found


def add_nic(state: State, server: Server, subnet: Subnet, address: str | None = None) -> Port:
    first = not state.ports_of_device(server.id)
    port = add_port(
        state,
        subnet,
        address,
        project_id=server.project_id,
        device_id=server.id,
        device_owner=f"compute:{server.availability_zone}",
        status="BUILD" if server.now.status == "BUILD" else "ACTIVE",
        primary=first,
    )
    if state.otc:
        router = state.router_of_network(subnet.network_id)
        if router and first:
            server.metadata["vpc_id"] = router.id
        ids = ",".join(nic.id for nic in state.ports_of_device(server.id))
        if BMS_TAG in server.tags:
            server.metadata["baremetalPortIDList"] = f"[{ids}]"
    return port


def add_address(state: State, port: Port, subnet: Subnet) -> None:
    """A further address for the port: the second one of a dual-stack NIC."""
    port.fixed_ips += addresses.allocate(state, subnet.network_id, [{"subnet_id": subnet.id}])
    state.add_port(port)


# VIPs


def add_vip(state: State, subnet: Subnet, address: str | None = None, name: str = "") -> Port:
    return add_port(state, subnet, address, name=name, device_owner=VIP_OWNER)


def bind(state: State, vip: Port, nic: Port, *, half: bool = False) -> None:
    """As the profile's users do it (4.2, 4.6). Half bound is the first of OTC's two steps."""
    if not state.otc:
        _add_pair(nic, vip.fixed_ips[0].ip_address)
        return
    _add_pair(vip, nic.fixed_ips[0].ip_address)
    if not half:
        _add_pair(nic, CHECK_OFF)


def _add_pair(port: Port, address: str) -> None:
    if address not in {pair.ip_address for pair in port.allowed_address_pairs}:
        port.allowed_address_pairs.append(Pair(address, port.mac_address))
        port.revision_number += 1


def add_floating_ip(
    state: State,
    project_id: str,
    port: Port | None = None,
    address: str | None = None,
    **attributes: Any,
) -> FloatingIP:
    """An EIP, free or bound; `attributes` are those of the record, `status` among them."""
    network = external_network(state)
    wanted = [{"ip_address": address}] if address else None
    now = state.clock()
    floating = FloatingIP(
        state.new_uuid(),
        "",
        project_id,
        now,
        now,
        floating_network_id=network.id,
        floating_ip_address=addresses.allocate(state, network.id, wanted)[0].ip_address,
    )
    floating.bandwidth = default_bandwidth(state, floating)
    if port is not None:
        router = state.router_of_network(port.network_id)
        floating.port_id = port.id
        floating.fixed_ip_address = port.fixed_ips[0].ip_address
        floating.router_id = router.id if router else None
        floating.status = "ACTIVE"
    for name, value in attributes.items():
        setattr(floating, name, value)
    state.floating_ips[floating.id] = floating
    return floating


def default_bandwidth(state: State, floating: FloatingIP) -> Bandwidth:
    """An EIP always has one in `otc`; which one an EIP made over Neutron gets is not documented."""
    if not state.otc:
        return Bandwidth("", "")
    return Bandwidth(state.new_uuid(), f"bandwidth-{floating.floating_ip_address}")
