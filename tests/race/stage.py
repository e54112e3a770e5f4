"""What it is all about: VIPs, and the NICs of servers, in one subnet of some cloud."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tests.factories import ServerFactory, SubnetFactory, VirtualIPFactory, VPCFactory, state
from tests.record_making import place_of

ADDRESSES = 6
CHECK_OFF = "1.1.1.1/0"
VIP_OWNER = "neutron:VIP_PORT"


@dataclass(frozen=True)
class Seen:
    """A port as the cloud has it. `pairs` are (address, MAC)."""

    id: str
    address: str
    owner: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def listed(self) -> list[str]:
        return [address for address, _ in self.pairs]


class Stage(ABC):
    """`servers` have an `id`, an `ip_address` and a `nic` with an `id`; `addresses` are the VIPs'.
    `account` is what a person fills in at the sign-in. All else is read from the ports alone."""

    otc = False
    network_id: str
    subnet_id: str
    servers: list[Any]
    addresses: list[str]
    account: dict[str, str]
    known: dict[str, str]
    """{address of a VIP: its id, as it was when somebody last looked}"""

    @abstractmethod
    def ports(self) -> list[Seen]:
        """All ports of the network, as they are now."""

    def vip(self, address):
        """Its id now; while it is released, the last one it had."""
        self.exists(address)
        return self.known[address]

    def exists(self, address):
        found = [port.id for port in self.ports() if port.address == address]
        if found:
            self.known[address] = found[0]
        return bool(found)

    def dialog(self, name, vip=None):
        args = [self.network_id, self.subnet_id]
        return reverse(f"vpc:virtual_ip_{name}", args=[*args, vip] if vip else args)

    @property
    def tab(self):
        return reverse("vpc:subnet_detail", args=[self.network_id, self.subnet_id])

    @property
    def seen_nics(self):
        """{address of a NIC: it as it is now}, in the order of the servers."""
        now = {port.id: port for port in self.ports()}
        return {server.ip_address: now[server.nic.id] for server in self.servers}

    @property
    def bindings(self):
        """{(VIP's address, NIC's address): whether the VIP is bound there}; NIC "": whether the VIP
        exists. Read from the lists alone."""
        vips = {port.address: port for port in self.ports() if port.owner == VIP_OWNER}
        found = {(address, ""): address in vips for address in self.addresses}
        for nic_address, nic in self.seen_nics.items():
            for address in self.addresses:
                holder, entry = (vips.get(address), nic_address) if self.otc else (nic, address)
                found[address, nic_address] = entry in (holder.listed if holder else [])
        return found

    def doubled(self):
        """Entries that stand twice in one list."""
        return [
            (port.id, entry)
            for port in self.ports()
            for entry, number in Counter(port.pairs).items()
            if number > 1
        ]

    def half_bound(self):
        """NICs that a VIP lists while their check is on (Open Telekom Cloud)."""
        if not self.otc:
            return []
        listed = {nic for (_, nic), is_bound in self.bindings.items() if is_bound and nic}
        return sorted(listed & self.checked)

    @property
    def checked(self):
        """Addresses of the NICs whose source/destination check is on (Open Telekom Cloud)."""
        return frozenset(
            address for address, nic in self.seen_nics.items() if CHECK_OFF not in nic.listed
        )


class EmulatedStage(Stage):
    """In the emulator that the factories mean, which is empty so far."""

    def __init__(self, vips=ADDRESSES, servers=ADDRESSES):
        vpc = VPCFactory(name="vpc-prod")
        self.subnet = SubnetFactory(name="subnet-db", cidr="10.20.0.0/24", vpc=vpc)
        self.otc = state().otc
        self.network_id, self.subnet_id = self.subnet.network_id, self.subnet.id
        self.servers = [
            ServerFactory(name=f"db-{number}", subnet=self.subnet) for number in range(servers)
        ]
        made = [VirtualIPFactory(subnet=self.subnet) for _ in range(vips)]
        self.addresses = [vip.ip_address for vip in made]
        self.known = {vip.ip_address: vip.id for vip in made}
        self.account = {"domain": "acme", "username": "demo", "password": "demo-password"}

    @property
    def place(self):
        return place_of(self.subnet)

    @property
    def nics(self):
        """As the emulator keeps them."""
        return [server.nic.port for server in self.servers]

    def ports(self):
        return [
            Seen(
                port.id,
                port.fixed_ips[0].ip_address if port.fixed_ips else "",
                port.device_owner,
                tuple((pair.ip_address, pair.mac_address) for pair in port.allowed_address_pairs),
            )
            for port in list(state().ports.values())
        ]
