"""What it is all about: VIPs, and the NICs of servers, in one subnet."""

from __future__ import annotations

from collections import Counter

from django.urls import reverse

from tests.factories import ServerFactory, SubnetFactory, VirtualIPFactory, VPCFactory, state
from tests.record_making import place_of

ADDRESSES = 6
CHECK_OFF = "1.1.1.1/0"


class Stage:
    def __init__(self, vips=ADDRESSES, servers=ADDRESSES):
        vpc = VPCFactory(name="vpc-prod")
        self.subnet = SubnetFactory(name="subnet-db", cidr="10.20.0.0/24", vpc=vpc)
        self.servers = [
            ServerFactory(name=f"db-{number}", subnet=self.subnet) for number in range(servers)
        ]
        made = [VirtualIPFactory(subnet=self.subnet) for _ in range(vips)]
        self.addresses = [vip.ip_address for vip in made]
        self._known = {vip.ip_address: vip.id for vip in made}

    @property
    def place(self):
        return place_of(self.subnet)

    def vip(self, address):
        """Its id now; while it is released, the last one it had."""
        for port in list(state().ports.values()):
            if port.fixed_ips and port.fixed_ips[0].ip_address == address:
                self._known[address] = port.id
        return self._known[address]

    def exists(self, address):
        return any(
            port.fixed_ips and port.fixed_ips[0].ip_address == address
            for port in list(state().ports.values())
        )

    def dialog(self, name, vip=None):
        args = [self.subnet.network_id, self.subnet.id]
        return reverse(f"vpc:virtual_ip_{name}", args=[*args, vip] if vip else args)

    @property
    def tab(self):
        return reverse("vpc:subnet_detail", args=[self.subnet.network_id, self.subnet.id])

    @property
    def nics(self):
        return [server.nic.port for server in self.servers]

    @property
    def bindings(self):
        """{(VIP's address, NIC's address): whether the VIP is bound there}; NIC "": whether the VIP
        exists. Read from the lists alone."""
        vips = {
            port.fixed_ips[0].ip_address: port
            for port in state().ports.values()
            if port.device_owner == "neutron:VIP_PORT"
        }
        found = {(address, ""): address in vips for address in self.addresses}
        for address in self.addresses:
            for server in self.servers:
                nic = server.ip_address
                if state().otc:
                    holder, entry = vips.get(address), nic
                else:
                    holder, entry = server.nic.port, address
                listed = holder.allowed_address_pairs if holder else []
                found[address, nic] = entry in [pair.ip_address for pair in listed]
        return found

    def doubled(self):
        """Entries that stand twice in one list."""
        return [
            (port.id, entry)
            for port in state().ports.values()
            for entry, number in Counter(
                (pair.ip_address, pair.mac_address) for pair in port.allowed_address_pairs
            ).items()
            if number > 1
        ]

    def half_bound(self):
        """NICs that a VIP lists while their check is on (Open Telekom Cloud)."""
        if not state().otc:
            return []
        listed = {nic for (_, nic), is_bound in self.bindings.items() if is_bound and nic}
        return sorted(listed & self.checked)

    @property
    def checked(self):
        """Addresses of the NICs whose source/destination check is on (Open Telekom Cloud)."""
        return frozenset(
            server.ip_address
            for server in self.servers
            if CHECK_OFF not in [pair.ip_address for pair in server.nic.port.allowed_address_pairs]
        )
