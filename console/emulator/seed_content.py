"""What the demo cloud holds: VPCs, servers in every state, VIPs of every kind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from console.emulator import build, seed_addresses
from console.emulator.records import Pair, SecurityGroupRule

if TYPE_CHECKING:
    from console.emulator.records import Port, Project, Router, Server, ServerState, Subnet
    from console.emulator.state import State

HOUR = 3600
# A range of this size holds so many of the numbered servers.
BATCH_SIZE = 3500
BATCH_PREFIX = 20

# name, status, subnets of its NICs
SERVERS: list[tuple[str, str, tuple[str, ...]]] = [
    ("db-1", "ACTIVE", ("db",)),
    ("db-2", "ACTIVE", ("db",)),
    ("db-3", "ACTIVE", ("db",)),
    ("db-standby", "SHUTOFF", ("db",)),
    ("db-stopping", "powering-off", ("db",)),
    ("db-starting", "powering-on", ("db",)),
    ("web-1", "ACTIVE", ("web", "db")),
    ("web-2", "ACTIVE", ("web",)),
    ("web-rebooting", "REBOOT", ("web",)),
    ("web-hard-rebooting", "HARD_REBOOT", ("web",)),
    ("gateway-1", "ACTIVE", ("web", "web")),
    ("new-1", "BUILD", ("web",)),
    ("broken-1", "ERROR", ("db",)),
    ("rebuilt-1", "rebuilding", ("db",)),
    ("leaving-1", "deleting", ("db",)),
    ("windows-1", "ACTIVE", ("small",)),
    ("volume-1", "ACTIVE", ("small",)),
    ("<script>alert(1)</script>", "ACTIVE", ("edge",)),
    ('O\'Brien "quoted" & co; $(reboot) `id`', "ACTIVE", ("edge",)),
    ("=cmd|'/C calc'!A0", "SHUTOFF", ("edge",)),
    ("\u202eخادم قاعدة البيانات", "ACTIVE", ("edge",)),  # noqa: RUF001 - a name from right to left
    ("🚀 rocket 火箭", "ACTIVE", ("edge",)),
]


@dataclass
class Demo:
    """What is made, by name, while it is being made."""

    state: State
    project: Project
    subnets: dict[str, Subnet] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    vpcs: dict[str, Router] = field(default_factory=dict)

    def nic(self, server: str, index: int = 0) -> Port:
        return self.state.ports_of_device(self.servers[server].id)[index]


def fill(state: State, first: Project, second: Project, servers: int) -> None:
    demo = Demo(state, first)
    _quotas(demo, servers)
    _networks(demo)
    _named_servers(demo)
    _numbered_servers(demo, servers - len(demo.servers))
    _virtual_machines(demo)
    _security(demo)
    _vips(demo)
    seed_addresses.bound_eips(state, first, vip=_vip(demo, "vip-db"), nic=demo.nic("web-1"))
    lab = Demo(state, second)
    _second_project(lab)
    # What follows was added later: the ids of what stands above stay as they were.
    seed_addresses.free_eips(state, first, second)
    for each in (demo, lab):
        for subnet in each.subnets.values():
            seed_addresses.unused(state, each.project, subnet)
            seed_addresses.dhcp(state, subnet)
    seed_addresses.system(state, demo.subnets["web"])


def _quotas(demo: Demo, servers: int) -> None:
    demo.state.quotas[demo.project.id]["port"] = -1 if servers > 200 else 500


# networks


def _networks(demo: Demo) -> None:
    _vpc(demo, "prod", "vpc-prod", "10.20.0.0/16", {"db": "10.20.0.0/24", "web": "10.20.8.0/24"})
    _vpc(demo, "test", "vpc-test", "10.30.0.0/16", {"small": "10.30.0.0/28"})
    _vpc(demo, "edge", 'vpc-edge <b>&"', "172.16.0.0/16", {"edge": "172.16.4.0/22"})
    web = demo.subnets["web"]
    network = demo.state.networks[web.network_id]
    range6 = "2001:db8:20:8::/64"
    demo.subnets["web6"] = build.add_subnet(
        demo.state, network, range6, "subnet-web-ipv6", demo.vpcs["prod"]
    )
    if not demo.state.otc:
        _networks_without_router(demo)


def _vpc(demo: Demo, key: str, name: str, cidr: str, subnets: dict[str, str]) -> None:
    demo.vpcs[key] = build.add_vpc(demo.state, demo.project.id, name, cidr)
    for subnet, block in subnets.items():
        _subnet(demo, demo.vpcs[key], subnet, block)


def _subnet(demo: Demo, vpc: Router, key: str, cidr: str) -> Subnet:
    network = build.add_network(demo.state, demo.project.id, f"net-{key}", vpc)
    subnet = build.add_subnet(demo.state, network, cidr, f"subnet-{key}", vpc)
    demo.subnets[key] = subnet
    return subnet


def _networks_without_router(demo: Demo) -> None:
    """Vanilla's odd ones: nobody routes the first, somebody else owns the second."""
    state = demo.state
    isolated = build.add_network(state, demo.project.id, "net-isolated")
    demo.subnets["isolated"] = build.add_subnet(
        state, isolated, "192.168.50.0/24", "subnet-isolated"
    )
    domain = state.domains[demo.project.domain_id]
    infra = build.add_project(state, "infra", domain)
    shared = build.add_network(state, infra.id, "lan-shared", shared=True)
    demo.subnets["shared"] = build.add_subnet(state, shared, "172.20.0.0/22", "lan-shared")


# servers


def _named_servers(demo: Demo) -> None:
    state = demo.state
    longest = 63 if state.otc else 255
    names = [*SERVERS, ("long-" + "x" * (longest - 5), "ACTIVE", ("edge",))]
    if not state.otc:
        names += [
            ("isolated-1", "ACTIVE", ("isolated",)),
            ("shared-1", "ACTIVE", ("shared", "db")),
        ]
    for number, (name, status, subnets) in enumerate(names):
        _server(demo, name, status, subnets, hours=number + 1)
    windows = build.add_image(state, "Standard_Windows_2022_BMS_latest", os_type="windows")
    demo.servers["windows-1"].image_id = windows.id
    if state.otc:
        demo.servers["windows-1"].metadata |= {"os_type": "Windows", "image_name": windows.name}
    demo.servers["volume-1"].image_id = ""
    demo.servers["volume-1"].volumes = [state.new_uuid(), state.new_uuid()]
    demo.servers["db-1"].tags.append("team=db")
    for name in ("web-1", "web-2"):
        build.add_address(state, demo.nic(name), demo.subnets["web6"])


def _server(demo: Demo, name: str, status: str, subnets: tuple[str, ...], hours: float) -> Server:
    state = demo.state
    owner = next(user for user in state.users.values() if demo.project.id in user.roles)
    server = build.add_server(
        state,
        demo.project.id,
        name,
        status=status if status in build.SERVER_STATES else "ACTIVE",
        user_id=owner.id,
        created=float(int(state.clock() - hours * HOUR)),
    )
    server.key_name = "kp-ops"
    for subnet in subnets:
        build.add_nic(state, server, demo.subnets[subnet])
    _on_the_way(state, server, status)
    demo.servers[name] = server
    return server


def _on_the_way(state: State, server: Server, status: str) -> None:
    """States that end: some minutes after the start everything is at rest."""
    active, off = build.SERVER_STATES["ACTIVE"], build.SERVER_STATES["SHUTOFF"]
    rebuilding = off if state.otc else build.SERVER_STATES["REBUILD"]
    ways: dict[str, tuple[ServerState, float, ServerState | None]] = {
        "powering-off": (replace(active, task_state="powering-off"), 90, off),
        "powering-on": (replace(off, task_state="powering-on"), 120, active),
        "REBOOT": (server.now, 150, active),
        "HARD_REBOOT": (server.now, 180, active),
        "BUILD": (server.now, 240, active),
        "rebuilding": (replace(rebuilding, task_state="rebuilding"), 300, active),
        "deleting": (replace(active, task_state="deleting"), 360, None),
    }
    if status in ways:
        server.now, seconds, then = ways[status]
        state.move(server, (seconds, then))


def _numbered_servers(demo: Demo, count: int) -> None:
    """A few in the subnet of the applications; many in large ranges of a VPC of their own."""
    if count <= 0:
        return
    prefix = BATCH_PREFIX if count > 200 else 24
    blocks = -(-count // BATCH_SIZE)
    vpc = demo.vpcs["prod"]
    if count > 200:
        vpc = demo.vpcs["batch"] = build.add_vpc(
            demo.state, demo.project.id, "vpc-batch", "10.64.0.0/12"
        )
    keys = []
    for block in range(blocks):
        second, third = divmod(block * 16, 256)
        base = f"10.{64 + second}.{third}.0" if count > 200 else "10.20.16.0"
        keys.append(f"batch-{block + 1}" if count > 200 else "app")
        _subnet(demo, vpc, keys[-1], f"{base}/{prefix}")
    for number in range(count):
        status = "SHUTOFF" if number % 10 == 9 else "ACTIVE"
        key = keys[number // BATCH_SIZE]
        _server(demo, f"bms-{number + 1:04d}", status, (key,), hours=48 + number / 60)


def _virtual_machines(demo: Demo) -> None:
    """Nova of `otc` lists virtual machines too: no BMS tag, another flavor (2.4)."""
    if not demo.state.otc:
        return
    state = demo.state
    flavor = build.add_flavor(state, "s3.medium.4", 1, 4096, 0)
    image = build.add_image(state, "Standard_Debian_12_amd64_uefi_latest", os_type="linux")
    for number in (1, 2, 3):
        server = build.add_server(
            state,
            demo.project.id,
            f"ecs-{number}",
            flavor=flavor,
            image=image,
            bare_metal=False,
            created=float(int(state.clock() - 30 * number)),
        )
        build.add_nic(state, server, demo.subnets["db"])


def _security(demo: Demo) -> None:
    """One group lets VRRP in (protocol 112) and two servers are in it."""
    state = demo.state
    group = state.add_group(demo.project.id, "sg-keepalived", "VRRP between the pair")
    now = state.clock()
    for protocol, port in (("112", None), ("tcp", 22)):
        rule = SecurityGroupRule(state.new_uuid(), "", demo.project.id, now, now)
        rule.security_group_id, rule.protocol = group.id, protocol
        rule.port_range_min = rule.port_range_max = port
        rule.remote_ip_prefix = "10.20.0.0/24"
        state.security_group_rules[rule.id] = rule
    for name in ("db-1", "db-2"):
        demo.nic(name).security_groups = [group.id]


# VIPs


def _vips(demo: Demo) -> None:
    state, db, web = demo.state, demo.subnets["db"], demo.subnets["web"]
    pair = build.add_vip(state, db, "10.20.0.100", "vip-db")
    for name in ("db-1", "db-2"):
        build.bind(state, pair, demo.nic(name))
    build.add_vip(state, db, "10.20.0.101", "vip-free")
    half = build.add_vip(state, db, "10.20.0.102", "vip-half")
    build.bind(state, half, demo.nic("db-3"), half=True)
    orphan = build.add_vip(state, db, "10.20.0.103", "vip-orphan")
    lost = orphan if state.otc else demo.nic("db-3")
    lost.allowed_address_pairs.append(Pair("10.20.0.199", lost.mac_address))
    system = build.add_vip(state, db, "10.20.0.104", "vip-rds")
    system.device_id = ""
    state.set_device(system, "rds-9f2c41")
    build.add_vip(state, db, "10.20.0.105", "<img src=x onerror=alert(1)>")
    build.add_vip(state, db, "10.20.0.106")
    two = build.add_vip(state, web, "10.20.8.100", "vip-web")
    for name in ("web-1", "web-2"):
        build.bind(state, two, demo.nic(name))
    build.add_vip(state, demo.subnets["web6"], "2001:db8:20:8::100", "vip-web-ipv6")
    build.add_vip(state, demo.subnets["edge"], "172.16.4.100", "vip-edge")
    for address in ("192.0.2.10", "10.99.0.0/24"):  # somebody else's, to be kept
        nic = demo.nic("db-2")
        nic.allowed_address_pairs.append(Pair(address, nic.mac_address))
    _fill_small(demo)


def _fill_small(demo: Demo) -> None:
    """All but two addresses of the /28 are taken."""
    subnet = demo.subnets["small"]
    start, end = subnet.pools[0]
    total = int(end) - int(start) + 1
    inside = sum(int(start) <= int(type(start)(a)) <= int(end) for a in subnet.used)
    for _ in range(total - inside - 2):
        build.add_port(demo.state, subnet, name="reserved")


def _vip(demo: Demo, name: str) -> Port:
    return next(port for port in demo.state.ports.values() if port.name == name)


def _second_project(demo: Demo) -> None:
    _vpc(demo, "lab", "vpc-lab", "10.40.0.0/16", {"lab": "10.40.0.0/24"})
    _server(demo, "lab-1", "ACTIVE", ("lab",), hours=5)
    build.add_vip(demo.state, demo.subnets["lab"], "10.40.0.100", "vip-lab")
