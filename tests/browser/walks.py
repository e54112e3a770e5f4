"""What several tests look at in the cloud after they acted in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.emulator.records import VIP_OWNER
from tests.factories import state

if TYPE_CHECKING:
    from console.emulator.records import Port

CHECK_OFF = "1.1.1.1/0"


def vips() -> list[Port]:
    return [port for port in list(state().ports.values()) if port.device_owner == VIP_OWNER]


def address(port: Port) -> str:
    return port.fixed_ips[0].ip_address


def pairs(port: Port) -> list[str]:
    return [pair.ip_address for pair in port.allowed_address_pairs]


def nic_of(server: str) -> Port:
    """The first NIC of the server with this name."""
    found = next(each for each in state().servers.values() if each.name == server)
    nic: Port = state().ports_of_device(found.id)[0]
    return nic


def pairs_when_bound(vip: Port, nics: list[Port]) -> dict[str, list[str]]:
    """What a bind of a fresh VIP to fresh NICs leaves on each port, by the port's id."""
    if state().otc:
        return {vip.id: [address(nic) for nic in nics]} | {nic.id: [CHECK_OFF] for nic in nics}
    return {vip.id: []} | {nic.id: [address(vip)] for nic in nics}
