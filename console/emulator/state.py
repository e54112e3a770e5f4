"""Everything the embedded cloud knows, in memory, with its clock and its ids.

One lock guards it: the entry (`app.py`) holds `state.lock` while a handler runs and never while
it sleeps, so handlers may read and write freely. Only `let_others_in` opens it in between.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from console.emulator.records import Domain, Pair, Port, SecurityGroup, SecurityGroupRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.emulator.records import (
        FixedIP,
        Flavor,
        FloatingIP,
        Image,
        Network,
        Project,
        Router,
        Server,
        ServerState,
        Subnet,
        Token,
        User,
    )

Profile = Literal["otc", "openstack"]

REGIONS: dict[Profile, str] = {"otc": "eu-de", "openstack": "RegionOne"}
# Neutron's own defaults; -1 is without limit.
DEFAULT_QUOTA = {
    "network": 100,
    "subnet": 100,
    "subnetpool": -1,
    "port": 500,
    "router": 10,
    "floatingip": 50,
    "rbac_policy": 10,
    "security_group": 10,
    "security_group_rule": 100,
}


class State:
    def __init__(self, profile: Profile, clock: Callable[[], float]) -> None:
        self.profile: Profile = profile
        self.otc = profile == "otc"
        self.clock = clock
        self.region = REGIONS[profile]
        self.lock = threading.RLock()
        # The same seed each time: ids of the demo cloud survive a restart, and bookmarks with them.
        self._random = random.Random(20260302)  # noqa: S311 - ids, no secrets
        self._macs = 0
        # How long a server stays in a state on its way, in seconds (2.5, 2.6).
        self.power_seconds = 6.0
        # How long binding and unbinding an EIP takes (3.9); `inf` is for ever.
        self.eip_seconds = 0.0
        # How long a PUT of a port is held open between its check and its write (FACTS).
        self.overlap_ms = 0.0

        self.domains: dict[str, Domain] = {}
        self.projects: dict[str, Project] = {}
        self.users: dict[str, User] = {}
        self.tokens: dict[str, Token] = {}
        self.receipts: dict[str, tuple[str, float]] = {}
        self.flavors: dict[str, Flavor] = {}
        self.images: dict[str, Image] = {}
        self.servers: dict[str, Server] = {}
        self.moving: set[str] = set()
        self.networks: dict[str, Network] = {}
        self.subnets: dict[str, Subnet] = {}
        self.routers: dict[str, Router] = {}
        self.ports: dict[str, Port] = {}
        self.floating_ips: dict[str, FloatingIP] = {}
        self.security_groups: dict[str, SecurityGroup] = {}
        self.security_group_rules: dict[str, SecurityGroupRule] = {}
        self.quotas: dict[str, dict[str, int]] = defaultdict(lambda: dict(DEFAULT_QUOTA))
        self._ports_of_device: dict[str, dict[str, Port]] = defaultdict(dict)
        self._ports_of_network: dict[str, dict[str, Port]] = defaultdict(dict)

    def let_others_in(self, seconds: float) -> None:
        """Give the lock away for a while. What the handler has read may not hold afterwards."""
        threading.Condition(self.lock).wait(seconds)

    # ids

    def new_uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def new_hex(self) -> str:
        """Keystone's ids have no dashes."""
        return self.new_uuid().replace("-", "")

    def new_mac(self) -> str:
        # An odd factor makes this a permutation: it looks random and never repeats.
        self._macs += 1
        low = self._macs * 0x9E3779 & 0xFFFFFF
        return f"fa:16:3e:{low >> 16:02x}:{low >> 8 & 255:02x}:{low & 255:02x}"

    # ports

    def add_port(self, port: Port) -> Port:
        """Put a port in: its addresses are taken from now on, other lists find it."""
        self.ports[port.id] = port
        self._ports_of_network[port.network_id][port.id] = port
        if port.device_id:
            self._ports_of_device[port.device_id][port.id] = port
        for fixed in port.fixed_ips:
            self.subnets[fixed.subnet_id].used[fixed.ip_address] = port.id
        return port

    def remove_port(self, port: Port) -> None:
        del self.ports[port.id]
        self._ports_of_network[port.network_id].pop(port.id, None)
        self._ports_of_device[port.device_id].pop(port.id, None)
        self.release(port.fixed_ips)
        for floating in self.floating_ips_of(port.id):
            self.unbind(floating)

    def release(self, fixed_ips: list[FixedIP]) -> None:
        for fixed in fixed_ips:
            subnet = self.subnets[fixed.subnet_id]
            subnet.used.pop(fixed.ip_address, None)
            subnet.lowest = 0

    def set_device(self, port: Port, device_id: str) -> None:
        self._ports_of_device[port.device_id].pop(port.id, None)
        port.device_id = device_id
        if device_id:
            self._ports_of_device[device_id][port.id] = port

    def ports_of_device(self, device_id: str) -> list[Port]:
        return list(self._ports_of_device[device_id].values()) if device_id else []

    def ports_of_network(self, network_id: str) -> list[Port]:
        return list(self._ports_of_network[network_id].values())

    def ports_at(self, address: str) -> list[Port]:
        """The ports with this address, in any subnet."""
        ids = [subnet.used.get(address, "") for subnet in self.subnets.values()]
        return [self.ports[port_id] for port_id in ids if port_id in self.ports]

    def set_pairs(self, port_id: str, *addresses: str) -> None:
        """What somebody outside writes, in one line of a test."""
        port = self.ports[port_id]
        port.allowed_address_pairs = [Pair(address, port.mac_address) for address in addresses]
        self.touch(port)

    def pairs_of(self, port_id: str) -> list[str]:
        return [pair.ip_address for pair in self.ports[port_id].allowed_address_pairs]

    def touch(self, thing: Port | FloatingIP | Network | Subnet | Router | SecurityGroup) -> None:
        thing.revision_number += 1
        thing.updated = self.clock()

    # floating IPs

    def floating_ips_of(self, port_id: str) -> list[FloatingIP]:
        return [each for each in self.floating_ips.values() if each.port_id == port_id]

    def unbind(self, floating: FloatingIP) -> None:
        floating.port_id = floating.fixed_ip_address = floating.router_id = None
        floating.status = "DOWN"
        self.touch(floating)

    def status_of(self, floating: FloatingIP) -> str:
        """The status now, in the words of VPC v1: for a while after a change one in between."""
        return floating.busy_status if self.clock() < floating.busy_until else floating.status

    # networks

    def subnets_of(self, network_id: str) -> list[Subnet]:
        return [each for each in self.subnets.values() if each.network_id == network_id]

    def owns_network(self, project_id: str, network_id: str) -> bool:
        network = self.networks.get(network_id)
        return network is not None and network.project_id == project_id

    def router_of_network(self, network_id: str) -> Router | None:
        for port in self._ports_of_network[network_id].values():
            if port.device_owner.startswith("network:router_interface"):
                return self.routers.get(port.device_id)
        return None

    def default_group(self, project_id: str) -> SecurityGroup:
        """The group `default`, made on first use as Neutron does (3.10)."""
        for group in self.security_groups.values():
            if group.project_id == project_id and group.name == "default":
                return group
        return self.add_group(project_id, "default", "Default security group")

    def add_group(self, project_id: str, name: str, description: str = "") -> SecurityGroup:
        """A new group lets everything out and its own members in (3.10)."""
        now = self.clock()
        group = SecurityGroup(self.new_uuid(), name, project_id, now, now, description)
        self.security_groups[group.id] = group
        for direction, remote in (("egress", None), ("ingress", group.id)):
            if remote and name != "default" and not self.otc:
                continue  # vanilla lets the members of the default group in only
            for ethertype in ("IPv4", "IPv6"):
                rule = SecurityGroupRule(self.new_uuid(), "", project_id, now, now)
                rule.security_group_id = group.id
                rule.direction, rule.ethertype, rule.remote_group_id = direction, ethertype, remote
                self.security_group_rules[rule.id] = rule
        return group

    # servers

    def move(self, server: Server, *steps: tuple[float, ServerState | None]) -> None:
        """Let the server pass through `steps`, each so many seconds after the last."""
        due = self.clock()
        server.to_come = []
        for seconds, following in steps:
            due += seconds
            server.to_come.append((due, following))
        self.moving.add(server.id)
        self.settle()

    def settle(self) -> None:
        """Bring every server on its way to where it is by now."""
        now = self.clock()
        for server_id in list(self.moving):
            server = self.servers.get(server_id)
            while server and server.to_come and server.to_come[0][0] <= now:
                due, following = server.to_come.pop(0)
                server.updated = due
                if following is None:
                    self.remove_server(server)
                    server = None
                else:
                    server.now = following
            if server is None or not server.to_come:
                self.moving.discard(server_id)

    def remove_server(self, server: Server) -> None:
        del self.servers[server.id]
        for port in self.ports_of_device(server.id):
            self.remove_port(port)
