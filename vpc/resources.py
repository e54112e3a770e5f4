"""What Neutron and the VPC API answer, as typed values: only the fields that are used.

`Subnet` is Neutron's subnet (the console's *IPv4 Subnet ID*); `Network` is what the VPC API calls a
subnet (the console's *Network ID*). The two are never mixed up (cloud-api 3.1).
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Literal

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

VIP_OWNER = "neutron:VIP_PORT"
CHECK_OFF = "1.1.1.1/0"
"""The pair with which Open Telekom Cloud switches a NIC's source/destination check off."""

GATEWAY_OWNERS = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)

ID = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""What our own addresses are made of: an answer with another one cannot be understood."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=32_768)
def ip(text: str) -> IPAddress:
    """The address that the text names. Raises `ValueError`. Results are kept: pages of a large
    network parse the same thousands each time."""
    return ipaddress.ip_address(text)


@lru_cache(maxsize=32_768)
def ip_order(text: str) -> tuple[int, int]:
    """What addresses are sorted by, IPv4 first. What is no address comes before all."""
    try:
        address = ip(text)
    except ValueError:
        return 0, 0
    return address.version, int(address)


class PortStatus(StrEnum):
    ACTIVE = "ACTIVE"
    BUILD = "BUILD"
    DOWN = "DOWN"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def _missing_(cls, value: object) -> PortStatus:
        return cls.UNKNOWN

    @property
    def is_trouble(self) -> bool:
        """Whether no packet passes."""
        return self in (PortStatus.DOWN, PortStatus.ERROR)

    @property
    def label(self) -> str:
        return {
            PortStatus.ACTIVE: _("Active"),
            PortStatus.BUILD: _("Starting"),
            PortStatus.DOWN: _("Down"),
            PortStatus.ERROR: _("Faulty"),
        }.get(self, _("Unknown"))

    @property
    def tone(self) -> str:
        """One of the tones of `components/status.html`."""
        return {"ACTIVE": "good", "BUILD": "busy", "ERROR": "bad"}.get(self.value, "quiet")


class AddressPair(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry of `allowed_address_pairs`. Without a MAC, Neutron takes the port's."""

    ip_address: str
    mac_address: str | None = None


class FixedIP(msgspec.Struct, frozen=True):
    """`subnet_id` is the Neutron subnet's id here (in v1 calls the same name means the network)."""

    subnet_id: ID
    ip_address: str

    def __post_init__(self) -> None:
        ip(self.ip_address)

    @property
    def is_ipv6(self) -> bool:
        return ":" in self.ip_address


class VIFDetails(msgspec.Struct, frozen=True):
    primary_interface: bool | None = None


class Port(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """A NIC, a VIP, a gateway: everything that has addresses in a network."""

    id: ID
    network_id: ID = ""
    name: str = ""
    device_id: str = ""
    device_owner: str = ""
    mac_address: str = ""
    status: str = "UNKNOWN"
    fixed_ips: tuple[FixedIP, ...] = ()
    allowed_address_pairs: tuple[AddressPair, ...] = ()
    security_groups: tuple[str, ...] = ()
    port_security_enabled: bool | None = None
    revision_number: int | None = None
    created_at: str = ""
    vif_details: VIFDetails | None = msgspec.field(name="binding:vif_details", default=None)

    @property
    def state(self) -> PortStatus:
        return PortStatus(self.status)

    @property
    def is_primary(self) -> bool | None:
        """Whether it is its server's primary NIC. None where the cloud does not tell: only Open
        Telekom Cloud does."""
        return self.vif_details.primary_interface if self.vif_details else None

    @property
    def is_vip(self) -> bool:
        return self.device_owner == VIP_OWNER

    @property
    def is_nic(self) -> bool:
        """Whether a server holds it: `compute:<az>`, or `baremetal:…` on Ironic."""
        return bool(self.device_id) and self.device_owner.startswith(("compute:", "baremetal:"))

    @property
    def is_gateway(self) -> bool:
        """Whether a router (`device_id`) reaches its network through it."""
        return self.device_owner in GATEWAY_OWNERS

    @property
    def main_ip(self) -> FixedIP | None:
        """The address a person knows the port by: the first IPv4 one, else the first."""
        ipv4 = (fixed for fixed in self.fixed_ips if ":" not in fixed.ip_address)
        return next(ipv4, self.fixed_ips[0] if self.fixed_ips else None)

    @property
    def ip_address(self) -> str:
        """The text of `main_ip`; empty for a port without an address."""
        return self.main_ip.ip_address if self.main_ip else ""

    @property
    def subnet_id(self) -> str:
        """The subnet of `main_ip`; empty for a port without an address."""
        return self.main_ip.subnet_id if self.main_ip else ""

    @cached_property
    def addresses(self) -> frozenset[str]:
        return frozenset(fixed.ip_address for fixed in self.fixed_ips)

    def address_in(self, subnet_id: str) -> str:
        """The first fixed address in that subnet; empty when there is none."""
        return next((f.ip_address for f in self.fixed_ips if f.subnet_id == subnet_id), "")

    @property
    def check_is_off(self) -> bool:
        """Whether the source/destination check is off, the Open Telekom Cloud way."""
        return any(pair.ip_address == CHECK_OFF for pair in self.allowed_address_pairs)


class AllocationPool(msgspec.Struct, frozen=True):
    start: str
    end: str


class Subnet(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """An address range of a network."""

    id: ID
    network_id: ID
    cidr: str
    ip_version: Literal[4, 6] = 4
    name: str = ""
    gateway_ip: str | None = None
    enable_dhcp: bool = False
    dns_nameservers: tuple[str, ...] = ()
    allocation_pools: tuple[AllocationPool, ...] = ()
    created_at: str = ""

    def __post_init__(self) -> None:
        if self.range.version != self.ip_version:
            raise ValueError(f"{self.cidr} is no IPv{self.ip_version} range")
        if self.gateway_ip:
            ipaddress.ip_address(self.gateway_ip)

    @cached_property
    def range(self) -> IPNetwork:
        return ipaddress.ip_network(self.cidr, strict=False)

    @property
    def label(self) -> str:
        return self.name or self.cidr


class _WithStatus(msgspec.Struct, frozen=True, kw_only=True):
    status: str = "UNKNOWN"

    @property
    def label(self) -> str:
        """The status in words: what works is "Available", as in the console being cloned."""
        return _(NETWORK_STATES.get(self.status, UNKNOWN_STATE)[0])

    @property
    def tone(self) -> str:
        """One of the tones of `components/status.html`."""
        return NETWORK_STATES.get(self.status, UNKNOWN_STATE)[1]


NETWORK_STATES = {
    "ACTIVE": (gettext_noop("Available"), "good"),
    "OK": (gettext_noop("Available"), "good"),
    "BUILD": (gettext_noop("Starting"), "busy"),
    "CREATING": (gettext_noop("Creating"), "busy"),
    "DOWN": (gettext_noop("Down"), "warn"),
    "ERROR": (gettext_noop("Faulty"), "bad"),
}
UNKNOWN_STATE = (gettext_noop("Unknown"), "warn")


class Network(_WithStatus, frozen=True, kw_only=True):
    id: ID
    name: str = ""
    description: str = ""
    shared: bool = False
    is_external: bool = msgspec.field(name="router:external", default=False)
    project_id: str = ""
    subnets: tuple[str, ...] = ()
    created_at: str = ""


class VPC(_WithStatus, frozen=True, kw_only=True):
    """A VPC of the VPC API, or a router where there is no such API."""

    id: ID
    name: str = ""
    cidr: str = ""
    description: str = ""
    created_at: str = ""


class EIPState(StrEnum):
    """What an EIP is doing, in one set of words for both families of clouds. The value is the
    label in English."""

    BOUND = gettext_noop("Bound")
    UNBOUND = gettext_noop("Unbound")
    DOWN = gettext_noop("Down")
    """It has a port, and the cloud does not say that it works. On OpenStack it may stay so for
    good where no agent reports, so it is no fault."""
    BINDING = gettext_noop("Binding…")
    UNBINDING = gettext_noop("Unbinding…")
    CHANGING = gettext_noop("Changing…")
    CREATING = gettext_noop("Being assigned…")
    DELETING = gettext_noop("Being released…")
    FROZEN = gettext_noop("Frozen")
    FAULTY = gettext_noop("Faulty")
    UNKNOWN = gettext_noop("Unknown")

    @classmethod
    def _missing_(cls, value: object) -> EIPState:
        return cls.UNKNOWN

    @property
    def label(self) -> str:
        return _(self.value)

    @property
    def is_final(self) -> bool:
        return not self.value.endswith("…")

    @property
    def tone(self) -> str:
        """One of the tones of `components/status.html`."""
        if not self.is_final:
            return "busy"
        return {"Bound": "good", "Frozen": "warn", "Faulty": "bad"}.get(self.value, "quiet")


class FloatingIP(msgspec.Struct, frozen=True, kw_only=True):
    """An EIP. `floating_network_id` is the external network that it is an address of."""

    id: ID
    floating_ip_address: str
    floating_network_id: str = ""
    fixed_ip_address: str | None = None
    port_id: str | None = None
    status: str = "UNKNOWN"
    description: str = ""
    revision_number: int | None = None
    updated_at: str | None = None

    @property
    def state(self) -> EIPState:
        """As far as Neutron tells: it has three words, and "DOWN" means two things."""
        if self.status == "DOWN":
            return EIPState.DOWN if self.port_id else EIPState.UNBOUND
        known = {"ACTIVE": EIPState.BOUND, "ERROR": EIPState.FAULTY}
        return known.get(self.status, EIPState.UNKNOWN)


class PublicIP(msgspec.Struct, frozen=True, kw_only=True):
    """The same EIP as the VPC API tells it: its bandwidth, and more of its status (cloud-api 3.9).

    `bandwidth_size` is in Mbit/s.
    """

    id: str
    status: str = "UNKNOWN"
    type: str = ""
    alias: str | None = None
    bandwidth_name: str = ""
    bandwidth_size: int | None = None
    bandwidth_share_type: str = ""

    @property
    def state(self) -> EIPState:
        return PUBLIC_IP_STATES.get(self.status, EIPState.UNKNOWN)

    @property
    def bandwidth_type(self) -> str:
        # Translators: Of a bandwidth: for one EIP alone, or for several.
        known = {"PER": _("Dedicated"), "WHOLE": _("Shared")}
        return known.get(self.bandwidth_share_type, self.bandwidth_share_type)


PUBLIC_IP_STATES = {
    "ACTIVE": EIPState.BOUND,
    "ELB": EIPState.BOUND,
    "VPN": EIPState.BOUND,
    "DOWN": EIPState.UNBOUND,
    "BINDING": EIPState.BINDING,
    "PENDING_UPDATE": EIPState.CHANGING,
    "NOTIFYING": EIPState.CHANGING,
    "PENDING_CREATE": EIPState.CREATING,
    "PENDING_DELETE": EIPState.DELETING,
    "NOTIFY_DELETE": EIPState.DELETING,
    "FREEZED": EIPState.FROZEN,
    "BIND_ERROR": EIPState.FAULTY,
    "ERROR": EIPState.FAULTY,
}


class ExternalGateway(msgspec.Struct, frozen=True, kw_only=True):
    network_id: str = ""


class Router(msgspec.Struct, frozen=True, kw_only=True):
    """A router as a way out: which external network it leads to, if any."""

    id: str
    external_gateway_info: ExternalGateway | None = None

    @property
    def external_network_id(self) -> str:
        return self.external_gateway_info.network_id if self.external_gateway_info else ""


class SecurityGroup(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str = ""
