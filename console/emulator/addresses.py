"""Which address a port gets: from the pool, or the one asked for (3.1, 3.6; FACTS, addresses)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from console.emulator.records import Address, FixedIP, Subnet
from console.emulator.wire import JSON, Refusal

if TYPE_CHECKING:
    from console.emulator.records import CIDR
    from console.emulator.state import State


def pools_for(cidr: CIDR, gateway: str | None, *, otc: bool) -> list[tuple[Address, Address]]:
    """The range that automatic addresses come from.

    OTC keeps the last four of a range (system, DHCP, broadcast, and .252 by the sample pool);
    vanilla only the network's own, the gateway's and the broadcast address.
    """
    first, last = cidr[1], cidr[-1]
    if cidr.version == 4:
        last = cidr[-5] if otc and cidr.num_addresses > 8 else cidr[-2]
    if gateway == str(first):
        first = cidr[2]
    return [(first, last)]


def allocate(state: State, network_id: str, wanted: Any) -> list[FixedIP]:
    """The addresses for a new port; `wanted` is the `fixed_ips` of the request or None."""
    subnets = state.subnets_of(network_id)
    if wanted is None:
        return _one_of_each_version(state, network_id, subnets)
    found: list[FixedIP] = []
    try:
        for each in wanted:
            found.append(_one(state, network_id, subnets, each))  # noqa: PERF401 - undone below
    except Refusal:
        state.release(found)
        raise
    return found


def _one_of_each_version(state: State, network_id: str, subnets: list[Subnet]) -> list[FixedIP]:
    found = []
    for version in sorted({subnet.ip_version for subnet in subnets}):
        for subnet in subnets:
            address = free(subnet) if subnet.ip_version == version else None
            if address is not None:
                found.append(_take(subnet, address))
                break
        else:
            state.release(found)
            raise no_more(network_id)
    return found


def no_more(network_id: str) -> Refusal:
    text = f"No more IP addresses available on network {network_id}."
    return Refusal(409, text, "IpAddressGenerationFailure")


def free(subnet: Subnet) -> str | None:
    """The lowest free address of the pools."""
    for start, end in subnet.pools:
        kind = type(start)
        for number in range(max(int(start), subnet.lowest), int(end) + 1):
            address = str(kind(number))
            if address not in subnet.used:
                subnet.lowest = number
                return address
    return None


def _take(subnet: Subnet, address: str) -> FixedIP:
    subnet.used[address] = "taken"
    return FixedIP(subnet.id, address)


def _one(state: State, network_id: str, subnets: list[Subnet], wanted: JSON) -> FixedIP:
    subnet = _named_subnet(state, network_id, wanted.get("subnet_id"))
    address = wanted.get("ip_address")
    if address is None:
        if subnet is None:
            raise Refusal(400, "IP allocation requires subnet_id or ip_address.", "BadRequest")
        found = free(subnet)
        if found is None:
            raise no_more(network_id)
        return _take(subnet, found)
    asked = ipaddress.ip_address(address)
    if subnet is None:
        subnet = next((each for each in subnets if asked in each.cidr), None)
        if subnet is None:
            text = f"IP address {address} is not a valid IP for any of the subnets on the "
            raise Refusal(400, text + "specified network.", "InvalidIpForNetwork")
    _check(state, subnet, asked)
    return _take(subnet, str(asked))


def _named_subnet(state: State, network_id: str, subnet_id: str | None) -> Subnet | None:
    if subnet_id is None:
        return None
    subnet = state.subnets.get(subnet_id)
    if subnet is None:
        raise Refusal(404, f"Subnet {subnet_id} could not be found.", "SubnetNotFound")
    if subnet.network_id != network_id:
        text = f"Failed to create port on network {network_id}, because fixed_ips included "
        text += f"invalid subnet {subnet_id}"
        raise Refusal(400, f"Invalid input for operation: {text}.", "InvalidInput")
    return subnet


def _check(state: State, subnet: Subnet, asked: Address) -> None:
    """Vanilla takes any address of the range but its first and last, OTC those of the pool."""
    if str(asked) in subnet.used:
        text = f"IP address {asked} already allocated in subnet {subnet.id}"
        raise Refusal(409, text, "IpAddressAlreadyAllocated")
    edges = {subnet.cidr[0], subnet.cidr[-1]} if subnet.ip_version == 4 else {subnet.cidr[0]}
    outside = asked not in subnet.cidr or asked in edges
    if state.otc and not any(int(start) <= int(asked) <= int(end) for start, end in subnet.pools):
        outside = True
    if outside:
        text = f"IP address {asked} is not a valid IP for the specified subnet."
        raise Refusal(400, text, "InvalidIpForSubnet")
