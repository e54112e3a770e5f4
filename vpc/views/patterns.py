"""The HA picture in all its states, for who works on the console (`console/views/patterns.py` has
the components)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.views.decorators.http import require_GET

from bms.resources import STATES
from console.htmx import render_page
from console.middleware import open_while_debugging, project_not_needed
from vpc.resources import CHECK_OFF, VIP_OWNER, AddressPair, FixedIP, FloatingIP, Port
from vpc.services.bindings import virtual_ips
from vpc.services.eips import EIP
from vpc.services.ha_picture import Picture, picture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from console.types import ConsoleRequest

ADDRESS = "10.10.1.10"
LONG = "customer-database-primary-production-eu-de-01-with-a-long-name"
NAMES = {"server-1": "db-1", "server-2": "db-2", "server-3": LONG, "server-4": "db-4"}
UP, OFF = STATES["ACTIVE"], STATES["SHUTOFF"]


@open_while_debugging
@project_not_needed
@require_GET
def patterns(request: ConsoleRequest) -> HttpResponse:
    context = {
        "pictures": [(words, _picture(words, *what)) for words, what in SAMPLES],
        "trail": [("Patterns", reverse("console:patterns")), ("The HA picture", None)],
    }
    return render_page(request, "vpc/patterns.html", context, fragment="pictures")


def _nic(number: int, status: str = "ACTIVE", check: bool = False) -> Port:
    return Port(
        id=f"nic-{number}",
        device_id=f"server-{number}",
        device_owner="compute:az-1",
        status=status,
        fixed_ips=(FixedIP("subnet", f"10.10.1.{10 + number}"),),
        allowed_address_pairs=() if check else (AddressPair(CHECK_OFF),),
    )


def _picture(
    words: str, nics: Iterable[Port], others: Iterable[str], status: str, down: Iterable[int]
) -> Picture:
    """`others` are further entries of the VIP, `status` is the EIP's, `down` the numbers of servers
    that are off."""
    nics = tuple(nics)
    listed = [*(nic.ip_address for nic in nics), *others]
    port = Port(
        id=words.lower().replace(" ", "-").replace(",", ""),
        device_owner=VIP_OWNER,
        fixed_ips=(FixedIP("subnet", ADDRESS),),
        allowed_address_pairs=tuple(AddressPair(address) for address in listed),
    )
    eip = FloatingIP(id="eip", floating_ip_address="203.0.113.17", status=status, port_id=port.id)
    [vip] = virtual_ips("otc", [port, *nics], [eip] if status else [])
    states = {nic.device_id: UP for nic in nics}
    states |= {f"server-{number}": OFF for number in down}
    return picture(vip, EIP(floating_ip=eip) if status else None, NAMES, states)


SAMPLES = (
    ("Two servers and an EIP", ([_nic(1), _nic(2)], (), "ACTIVE", ())),
    ("Two servers, no EIP", ([_nic(1), _nic(2)], (), "", ())),
    ("One server", ([_nic(1)], (), "", ())),
    ("Bound to nothing", ((), (), "", ())),
    ("Half bound", ([_nic(1), _nic(2, check=True)], (), "ACTIVE", ())),
    ("Orphaned", ([_nic(1)], ("10.10.1.99",), "", ())),
    ("A server is stopped", ([_nic(1), _nic(2)], (), "", (2,))),
    ("A NIC is down", ([_nic(1), _nic(2, "DOWN")], (), "", ())),
    ("The EIP is faulty", ([_nic(1), _nic(2)], (), "ERROR", ())),
    ("Four servers, long names", ([_nic(1), _nic(2), _nic(3), _nic(4)], (), "ACTIVE", ())),
    ("An entry of somebody else", ([_nic(1)], ("10.10.2.0/24",), "", ())),
)
