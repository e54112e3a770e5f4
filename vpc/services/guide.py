"""What is left to do inside the servers after a bind: commands for those very NICs.

On a bare metal server a NIC is a VLAN interface on a bond (cloud-api 5.8), so its name is never
guessed: every command finds the interface by the NIC's own address or MAC.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from vpc.resources import Port
    from vpc.services.bindings import Binding, VirtualIP


WINDOWS = "Windows"


@dataclass(frozen=True)
class NICGuide:
    """Commands to be typed on the server that has this NIC: to add the address for a try, and to
    take it away again. They are for Linux; `system` is what the server runs, where that is known.
    """

    nic: Port
    server_name: str
    system: str
    is_half: bool
    attempt: str
    removal: str

    @property
    def is_windows(self) -> bool:
        return self.system == WINDOWS


def nic_guide(vip: VirtualIP, binding: Binding, server_name: str, system: str = "") -> NICGuide:
    """Every value comes from the cloud: addresses are parsed, and of a MAC only what a MAC may have
    is taken, so that nothing else can get in."""
    nic = binding.nic
    address = ipaddress.ip_address(vip.address)
    nic_address = nic.address_in(vip.subnet_id) or nic.ip_address
    mac = re.sub("[^0-9a-f:]", "", nic.mac_address.lower())
    # Translators: A comment above commands for a shell, like those that follow.
    belongs = _("the interface that belongs to this NIC ({nic})").format(nic=nic_address or mac)
    find = (
        _comment(belongs),
        _find(nic_address, mac),
        'echo "$NIC"',
    )
    announce = (
        (
            _comment(_("tell the neighbours at once (needs arping)")),
            f'sudo arping -U -c 3 -I "$NIC" {address}',
        )
        if address.version == 4
        else (_comment(_("neighbours may need a minute to notice")),)
    )
    ip, entry = f"ip -{address.version} address", f"{address}/{address.max_prefixlen}"
    attempt = (
        *find,
        _comment(_("add the virtual IP address for a try")),
        f'[ -n "$NIC" ] && sudo {ip} add {entry} dev "$NIC"',
        *announce,
        # Translators: A comment above a command that shows what was done.
        _comment(_("look")),
        f'{ip} show dev "$NIC"',
    )
    removal = (
        *find,
        _comment(_("take it away again")),
        f'[ -n "$NIC" ] && sudo {ip} del {entry} dev "$NIC"',
    )
    return NICGuide(
        nic=nic,
        server_name=server_name,
        system=system,
        is_half=binding.is_half,
        attempt="\n".join(attempt),
        removal="\n".join(removal),
    )


def _comment(words: str) -> str:
    return f"# {words}"


def _find(nic_address: str, mac: str) -> str:
    """Sets NIC to the interface's name. By address, which only one interface can have; by MAC
    where there is none (a bond's members may share a MAC, so the last one, the VLAN, counts)."""
    if not nic_address:
        script = 'index($0, mac) {sub(/@.*|:$/, "", $2); name = $2} END {print name}'
        return f"NIC=$(ip -o link | awk -v mac={mac} '{script}')"
    address = ipaddress.ip_address(nic_address)
    return f"NIC=$(ip -o -{address.version} address show to {address} | awk '{{print $2; exit}}')"
