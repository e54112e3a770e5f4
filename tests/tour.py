"""A small furnished cloud and the address of every page in it, for tests of all pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from django.urls import reverse

from tests.factories import (
    FloatingIPFactory,
    PortFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
    VPCFactory,
    state,
)
from tests.record_factories import operation_about

if TYPE_CHECKING:
    from tests.factories import FloatingIPRecord, PortRecord, ServerRecord, SubnetRecord, VPCRecord

PAGES = (
    "server_list",
    "server_list_by_id",
    "server_list_by_address",
    "server_detail",
    "server_nics",
    "vpc_list",
    "vpc_detail",
    "subnet_summary",
    "subnet_virtual_ips",
    "subnet_servers",
    "virtual_ip_detail",
    "virtual_ip_assign",
    "virtual_ip_bind",
    "virtual_ip_bind_chosen",
    "virtual_ip_unbind",
    "virtual_ip_release",
    "virtual_ips_release",
    "virtual_ip_guide",
    "virtual_ip_name",
    "address_release",
    "address_use",
    "nic_check",
    "virtual_ip_bind_eip",
    "virtual_ip_bind_eip_chosen",
    "virtual_ip_unbind_eip",
    "virtual_ips_unbind_eip",
    "virtual_ip_repair",
)
FRAGMENTS = ("server_rows", "server_rows_whole", "server_names", "virtual_ip_eips")
"""Addresses that answer to htmx only, or with a part only."""

DIALOGS = (
    *("assign", "bind", "unbind", "release", "guide", "name", "nic_check"),
    *("address_release", "address_use"),
    *("bind_eip", "unbind_eip", "repair"),
)

RECORDS = ("operation_list", "operation_detail")
"""Pages that ask nothing of the cloud. `furnish(records=True)` has one record for them."""


def assign_url(subnet: SubnetRecord) -> str:
    return reverse("vpc:virtual_ip_assign", args=[subnet.network_id, subnet.id])


@dataclass
class Tour:
    """Two servers, a VIP bound to both with an EIP, a free VIP, an unused address and a free EIP,
    in one subnet of a VPC."""

    vpc: VPCRecord
    subnet: SubnetRecord
    servers: list[ServerRecord]
    vip: PortRecord
    free: PortRecord
    unused: PortRecord
    eip: FloatingIPRecord
    free_eip: FloatingIPRecord
    record_id: str = ""
    form: str = field(default_factory=lambda: str(uuid4()))
    """The key of the form that a page of Assign shows."""

    @property
    def subnet_args(self) -> list[str]:
        return [self.subnet.network_id, self.subnet.id]

    def dialog(self, name: str, vip: PortRecord | None = None) -> str:
        if name == "assign":
            return assign_url(self.subnet)
        if name == "nic_check":
            nic = self.servers[0].nic
            return reverse("vpc:nic_check", args=[nic.network_id, nic.id])
        if name.startswith("address_"):
            return reverse(f"vpc:{name}", args=[*self.subnet_args, self.unused.id])
        return reverse(f"vpc:virtual_ip_{name}", args=[*self.subnet_args, (vip or self.vip).id])

    def several(self, name: str, *vips: PortRecord) -> str:
        """The dialog for ticked rows."""
        url = reverse(f"vpc:virtual_ips_{name}", args=self.subnet_args)
        return f"{url}?{urlencode({'vip': [vip.id for vip in vips]}, doseq=True)}"

    @property
    def urls(self) -> dict[str, str]:
        first = self.servers[0]
        servers = reverse("bms:server_list")
        server = reverse("bms:server_detail", args=[first.id])
        subnet = reverse("vpc:subnet_detail", args=self.subnet_args)
        origin = f"server={first.id}&nic={first.nic.id}"
        return {
            "server_list": servers,
            "server_list_by_id": f"{servers}?q={first.id}",
            "server_list_by_address": f"{servers}?q={first.ip_address}",
            "server_detail": server,
            "server_nics": f"{server}?tab=nics",
            "server_rows": f"{reverse('bms:server_rows')}?id={first.id}&id={self.servers[1].id}",
            "server_rows_whole": f"{reverse('bms:server_rows')}?whole=1&id={first.id}",
            "server_names": f"{reverse('bms:server_names')}?id={first.id}&id={self.servers[1].id}",
            "vpc_list": reverse("vpc:vpc_list"),
            "vpc_detail": reverse("vpc:vpc_detail", args=[self.vpc.id]),
            "subnet_summary": subnet,
            "subnet_virtual_ips": f"{subnet}?tab=virtual-ips",
            "subnet_servers": f"{subnet}?tab=servers",
            "virtual_ip_detail": self.dialog("detail"),
            "virtual_ip_assign": f"{self.dialog('assign')}?form={self.form}",
            "virtual_ip_bind": self.dialog("bind", self.free),
            "virtual_ip_bind_chosen": f"{self.dialog('bind', self.free)}?{origin}",
            "virtual_ip_unbind": self.dialog("unbind"),
            "virtual_ip_release": self.dialog("release", self.free),
            "virtual_ips_release": self.several("release", self.vip, self.free),
            "virtual_ip_guide": self.dialog("guide"),
            "virtual_ip_name": self.dialog("name"),
            "address_release": self.dialog("address_release"),
            "address_use": self.dialog("address_use"),
            "nic_check": self.dialog("nic_check"),
            "virtual_ip_bind_eip": self.dialog("bind_eip", self.free),
            "virtual_ip_bind_eip_chosen": (
                f"{self.dialog('bind_eip', self.free)}?eip={self.free_eip.id}"
            ),
            "virtual_ip_unbind_eip": self.dialog("unbind_eip"),
            "virtual_ips_unbind_eip": self.several("unbind_eip", self.vip, self.free),
            "virtual_ip_repair": self.dialog("repair"),
            "virtual_ip_eips": (
                f"{reverse('vpc:virtual_ip_eips', args=self.subnet_args)}?vip={self.vip.id}"
            ),
            **self._record_urls(),
        }

    def _record_urls(self) -> dict[str, str]:
        if not self.record_id:
            return {}
        records = reverse("console:operation_list")
        return {
            "operation_list": f"{records}?server={self.servers[0].id}",
            "operation_detail": reverse("console:operation_detail", args=[self.record_id]),
        }


def furnish(servers: int = 2, name: str = "", *, records: bool = False, **more: Any) -> Tour:
    """Into the emulator in use. `name` is what everything is called that can be given a name."""
    vpc = VPCFactory(name=name or "vpc-prod")
    subnet = SubnetFactory(name=name or "subnet-db", cidr="10.20.0.0/23", vpc=vpc, **more)
    made = [
        ServerFactory(name=name or f"db-{number}", subnet=subnet)
        for number in range(1, servers + 1)
    ]
    vip = VirtualIPFactory(
        name=name or "vip-db",
        subnet=subnet,
        ip_address="10.20.1.10",
        bound_to=[server.nic for server in made[:2]],
    )
    eip = FloatingIPFactory(port=vip, alias=name or "eip-db")
    free_eip = FloatingIPFactory(alias=name or "eip-free")
    free = VirtualIPFactory(name=name or "vip-free", subnet=subnet, ip_address="10.20.1.11")
    unused = PortFactory(name=name or "put-aside", subnet=subnet, ip_address="10.20.1.12")
    if name:
        for server in made:
            state().servers[server.id].description = name
    tour = Tour(vpc, subnet, made, vip, free, unused, eip, free_eip)
    if records:
        words = {"user_name": name, "target": name, "message": name} if name else {}
        record = operation_about("server", made[0].id, name or "db-1", **words)
        tour.record_id = str(record.id)
    return tour
