"""The things the embedded cloud holds, one plain record each."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CIDR = ipaddress.IPv4Network | ipaddress.IPv6Network

VIP_OWNER = "neutron:VIP_PORT"
WRITING_ROLES = frozenset({"member", "manager", "admin", "te_admin"})


@dataclass(slots=True)
class Domain:
    id: str
    name: str


@dataclass(slots=True)
class Project:
    id: str
    name: str
    domain_id: str
    description: str = ""
    enabled: bool = True


@dataclass(slots=True)
class User:
    id: str
    name: str
    password: str
    domain_id: str
    # project id (or domain id) -> names of roles
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    passcode: str | None = None
    default_project_id: str | None = None
    enabled: bool = True


@dataclass(slots=True)
class Token:
    value: str
    user: User
    methods: tuple[str, ...]
    issued: float
    expires: float
    project: Project | None
    domain: Domain | None
    roles: tuple[str, ...]
    audit_id: str
    mfa: bool = False


@dataclass(slots=True)
class Caller:
    """Who is calling, as the services see a token."""

    token: Token

    @property
    def user_id(self) -> str:
        return self.token.user.id

    @property
    def project_id(self) -> str:
        return self.token.project.id if self.token.project else ""

    @property
    def is_admin(self) -> bool:
        return "admin" in self.token.roles

    @property
    def may_write(self) -> bool:
        return not WRITING_ROLES.isdisjoint(self.token.roles)


@dataclass(slots=True)
class NetworkObject:
    """What every Neutron object has."""

    id: str
    name: str
    project_id: str
    created: float
    updated: float
    description: str = ""
    revision_number: int = 1
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Network(NetworkObject):
    shared: bool = False
    external: bool = False
    status: str = "ACTIVE"
    admin_state_up: bool = True
    port_security_enabled: bool = True
    mtu: int = 1450


@dataclass(slots=True)
class Subnet(NetworkObject):
    network_id: str = ""
    cidr: CIDR = field(default_factory=lambda: ipaddress.IPv4Network("0.0.0.0/32"))
    gateway_ip: str | None = None
    pools: list[tuple[Address, Address]] = field(default_factory=list)
    dns_nameservers: list[str] = field(default_factory=list)
    enable_dhcp: bool = True
    used: dict[str, str] = field(default_factory=dict)  # address -> port id, "" for the system's
    lowest: int = 0  # no address of the pools below this number is free

    @property
    def ip_version(self) -> int:
        return self.cidr.version


@dataclass(slots=True)
class Router(NetworkObject):
    """A router; in the profile `otc` the same thing is a VPC (3.1) and has a `cidr`."""

    cidr: str = ""
    external_network_id: str | None = None
    external_ip: str = ""
    status: str = "ACTIVE"
    admin_state_up: bool = True
    enterprise_project_id: str = "0"


@dataclass(slots=True)
class FixedIP:
    subnet_id: str
    ip_address: str


@dataclass(slots=True)
class Pair:
    ip_address: str
    mac_address: str


@dataclass(slots=True)
class Port(NetworkObject):
    network_id: str = ""
    mac_address: str = ""
    fixed_ips: list[FixedIP] = field(default_factory=list)
    device_id: str = ""
    device_owner: str = ""
    status: str = "DOWN"
    admin_state_up: bool = True
    security_groups: list[str] = field(default_factory=list)
    allowed_address_pairs: list[Pair] = field(default_factory=list)
    port_security_enabled: bool = True
    vnic_type: str = "normal"
    profile: dict[str, object] = field(default_factory=dict)
    extra_dhcp_opts: list[object] = field(default_factory=list)
    primary: bool = False


@dataclass(slots=True)
class Bandwidth:
    """What an EIP of `otc` may carry, in Mbit/s; several share one of the type WHOLE (3.9)."""

    id: str
    name: str
    size: int = 5
    share_type: str = "PER"


@dataclass(slots=True)
class FloatingIP(NetworkObject):
    """An EIP. `status` is a word of VPC v1 (3.9); `neutron_eips` says which one is shown."""

    floating_network_id: str = ""
    floating_ip_address: str = ""
    port_id: str | None = None
    fixed_ip_address: str | None = None
    router_id: str | None = None
    status: str = "DOWN"
    alias: str = ""
    kind: str = "5_bgp"
    bandwidth: Bandwidth = field(default_factory=lambda: Bandwidth("", ""))
    # Until this moment it is in between and shows this status.
    busy_until: float = 0.0
    busy_status: str = "BINDING"


@dataclass(slots=True)
class SecurityGroup(NetworkObject):
    stateful: bool = True


@dataclass(slots=True)
class SecurityGroupRule(NetworkObject):
    security_group_id: str = ""
    direction: str = "ingress"
    ethertype: str = "IPv4"
    protocol: str | None = None
    port_range_min: int | None = None
    port_range_max: int | None = None
    remote_ip_prefix: str | None = None
    remote_group_id: str | None = None


@dataclass(slots=True)
class Flavor:
    id: str
    name: str
    vcpus: int
    ram: int
    disk: int
    extra_specs: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Image:
    id: str
    name: str
    created: float
    min_disk: int = 10
    visibility: str = "public"
    owner: str = ""
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ServerState:
    """Nova's four words for what a server is doing."""

    status: str
    vm_state: str
    task_state: str | None
    power_state: int


@dataclass(slots=True)
class Server:
    id: str
    name: str
    project_id: str
    user_id: str
    flavor: Flavor
    image_id: str
    created: float
    updated: float
    now: ServerState
    metadata: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    availability_zone: str = "nova"
    key_name: str | None = None
    description: str | None = None
    fault: str | None = None
    host_status: str = "UP"
    host_id: str = ""
    locked: bool = False
    volumes: list[str] = field(default_factory=list)
    launched: float | None = None
    # The states still to come, each with the time it begins; None means gone.
    to_come: list[tuple[float, ServerState | None]] = field(default_factory=list)
