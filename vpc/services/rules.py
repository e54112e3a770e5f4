"""What must not be done: each refusal in words, with the way out. `warnings` has what should be
thought over first.

A rule is a function of a `Selection` that yields notices. Which rules hold in which profile stands
in the tables at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpc.services.changes import called, subject
from vpc.services.notices import UNBIND, UNBIND_EIP, Code, Notice
from vpc.services.pairs import key, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from vpc.resources import Port
    from vpc.services.bindings import Profile, VirtualIP
    from vpc.services.changes import PortChange
    from vpc.services.selection import Selection

MOST_NICS = 10
MOST_VIPS = 10
MOST_PAIRS = 10


def not_a_vip(port: Port) -> Notice:
    return Notice(
        Code.NOT_A_VIP,
        f"{subject(port)} is not a virtual IP address.",
        "Choose one from the Virtual IP Address tab.",
        port.id,
    )


def system_owned(it: Selection) -> Iterator[Notice]:
    if it.vip.is_system_owned:
        yield _system_owned(it.vip)


def no_vip_address(it: Selection) -> Iterator[Notice]:
    yield from _no_address(it.vip)


def only_nics(it: Selection) -> Iterator[Notice]:
    for nic in it.new:
        if not nic.is_nic:
            yield Notice(
                Code.NOT_A_NIC,
                f"{called(nic)} is held by no server.",
                "Choose the NIC of a server.",
                nic.id,
            )


def same_subnet(it: Selection) -> Iterator[Notice]:
    for nic in it.new:
        if not nic.fixed_ips:
            yield Notice(
                Code.NO_ADDRESS,
                f"{subject(nic)} has no address, so nothing can be bound to it.",
                "Choose another NIC. Only the cloud's own console can give this one an address.",
                nic.id,
            )
        elif not nic.address_in(it.vip.subnet_id):
            yield Notice(
                Code.OTHER_SUBNET,
                f"{subject(nic)} has no address in the subnet of virtual IP address "
                f"{it.vip.address}.",
                "Choose a NIC of the same subnet, or a virtual IP address of the NIC's subnet.",
                nic.id,
            )


def ten_nics(it: Selection) -> Iterator[Notice]:
    bound, more = len(it.vip.bindings), len(it.new)
    if more and bound + more > MOST_NICS:
        free = MOST_NICS - bound
        yield Notice(
            Code.TOO_MANY_NICS,
            f"Virtual IP address {it.vip.address} is bound to {_count(bound, 'NIC')}; with {more} "
            f"more it would exceed the {MOST_NICS} that one can have.",
            f"{f'Choose at most {free}, or unbind' if free > 0 else 'Unbind'} others first, "
            f"{UNBIND}.",
            it.vip.id,
        )


def ten_vips(it: Selection) -> Iterator[Notice]:
    for nic in it.new:
        carried = len(it.vips_of.get(nic.id, ()))
        if carried >= MOST_VIPS:
            yield Notice(
                Code.TOO_MANY_VIPS,
                f"{subject(nic)} carries {carried} virtual IP addresses; a NIC can have "
                f"{MOST_VIPS}.",
                f"Choose another NIC, or unbind one of these first, {UNBIND}.",
                nic.id,
            )


def one_nic_for_ipv6(it: Selection) -> Iterator[Notice]:
    if it.vip.is_ipv6 and it.new and len(it.vip.bindings) + len(it.new) > 1:
        yield Notice(
            Code.ONE_NIC_FOR_IPV6,
            f"{it.vip.address} is an IPv6 virtual IP address, and this cloud lets it have one NIC "
            "only.",
            f"Choose one NIC and unbind any other, {UNBIND}. A pair of servers needs an IPv4 one.",
            it.vip.id,
        )


def port_security(it: Selection) -> Iterator[Notice]:
    for nic in it.new:
        if nic.port_security_enabled is False:
            yield Notice(
                Code.NO_PORT_SECURITY,
                f"{subject(nic)} has port security switched off. The cloud takes no allowed "
                "address pairs there (409 AddressPairAndPortSecurityRequired), and the NIC needs "
                "none: nothing is checked on it.",
                f"Leave it out and set {it.vip.address} up inside the server. Port security can be "
                "switched on in the cloud's own console.",
                nic.id,
            )


def too_many_pairs(it: Selection, changes: Iterable[PortChange]) -> Iterator[Notice]:
    """No list may grow beyond ten. One that is longer already (a cloud may allow it) may shrink."""
    for change in changes:
        size = len(change.after)
        if size > MOST_PAIRS and size > len(change.before):
            spare = len(it.vip.orphans) if change.port.id == it.vip.id else 0
            way_out = f"Unbind what is no longer needed first, {UNBIND}. Any other entry can be "
            way_out += "removed in the cloud's own console."
            if spare:
                orphans = _count(spare, "orphaned address", "es")
                way_out = f"Remove its {orphans} first, {UNBIND}."
            yield Notice(
                Code.TOO_MANY_PAIRS,
                f"{called(change.port)} has {_count(len(change.before), 'allowed address pair')}"
                f", and the cloud takes {MOST_PAIRS}; {size} would be needed.",
                way_out,
                change.port.id,
            )


def check_needed(it: Selection, check_on: Collection[str]) -> Iterator[Notice]:
    """The check of a NIC may be switched on only when no VIP needs it off any more."""
    chosen = {nic.id: nic for nic in it.nics}
    for port_id in sorted(check_on):
        if (nic := chosen.get(port_id)) is None:
            yield Notice(
                Code.NOT_SELECTED,
                f"Port {port_id} is not among the NICs chosen.",
                "Choose it too, or leave its check as it is.",
                port_id,
            )
            continue
        if others := [vip for vip in it.vips_listing(nic) if vip.id != it.vip.id]:
            names = ", ".join(vip.address for vip in others)
            yield Notice(
                Code.CHECK_NEEDED,
                f"{subject(nic)} also carries {names}, which needs its source/destination check "
                "off.",
                f"Leave the check off, or unbind those first, {UNBIND}.",
                port_id,
            )


def no_check(_: Selection, check_on: Collection[str]) -> Iterator[Notice]:
    for port_id in sorted(check_on):
        yield Notice(
            Code.NO_CHECK,
            f"Port {port_id}: this cloud has no source/destination check to switch on.",
            "Unbind without it.",
            port_id,
        )


def no_orphan(it: Selection, wanted: Collection[str]) -> Iterator[Notice]:
    """An address may have been given to a new server since the page was shown. What is not listed
    at all is no matter: it is gone already."""
    known = {key(orphan.id) for orphan in it.vip.orphans}
    listed = {key(other.pair.ip_address) for other in it.vip.others}
    for binding in it.vip.bindings:
        listed |= {key(binding.nic.id), *keys(binding.nic)}
    for name in sorted(wanted):
        if key(name) in listed - known:
            yield Notice(
                Code.NO_ORPHAN,
                f"{name} is no orphan of virtual IP address {it.vip.address}: something in the "
                "network has it.",
                "Open the dialog again, and choose that NIC if it is to go.",
                name,
            )


def _bound(vip: VirtualIP) -> Iterator[Notice]:
    if vip.bindings:
        names = ", ".join(binding.nic.ip_address for binding in vip.bindings)
        yield Notice(
            Code.STILL_BOUND,
            f"Virtual IP address {vip.address} is still bound to "
            f"{_count(len(vip.bindings), 'NIC')} ({names}).",
            f"Unbind it from these servers first, {UNBIND}.",
            vip.id,
        )


def _has_eip(vip: VirtualIP) -> Iterator[Notice]:
    if vip.floating_ip:
        yield Notice(
            Code.HAS_EIP,
            f"Virtual IP address {vip.address} holds EIP {vip.floating_ip.floating_ip_address}.",
            f"Unbind the EIP first, {UNBIND_EIP}.",
            vip.id,
        )


def _not_ours(vip: VirtualIP) -> Iterator[Notice]:
    if vip.is_system_owned:
        yield _system_owned(vip)


def _empty_list(vip: VirtualIP) -> Iterator[Notice]:
    """Open Telekom Cloud itself answers 409 for a VIP port that still lists anything."""
    if vip.orphans:
        names = ", ".join(orphan.pair.ip_address for orphan in vip.orphans)
        yield Notice(
            Code.LIST_NOT_EMPTY,
            f"Virtual IP address {vip.address} still lists {names}, which no port has any more, "
            "and the cloud releases it only with an empty list.",
            f"Remove the orphaned addresses first, {UNBIND}.",
            vip.id,
        )
    if vip.others:
        names = ", ".join(other.pair.ip_address for other in vip.others)
        yield Notice(
            Code.LIST_NOT_EMPTY,
            f"Virtual IP address {vip.address} still lists {names}. This was written outside this "
            "console, and the cloud releases it only with an empty list.",
            f"Have it removed from the allowed address pairs of port {vip.id} by whoever set it, "
            "in the cloud's own console.",
            vip.id,
        )


def _no_address(vip: VirtualIP) -> Iterator[Notice]:
    if not vip.address:
        yield Notice(
            Code.NO_VIP_ADDRESS,
            f"The virtual IP address's port {vip.id} has no address.",
            "Release it, and choose Assign Virtual IP Address for a new one.",
            vip.id,
        )


def _no_eip_for_ipv6(vip: VirtualIP) -> Iterator[Notice]:
    if vip.is_ipv6:
        yield Notice(
            Code.NO_EIP_FOR_IPV6,
            f"{vip.address} is an IPv6 virtual IP address, and EIPs are IPv4.",
            "Use an IPv4 virtual IP address.",
            vip.id,
        )


def release_refusals(profile: Profile, vip: VirtualIP) -> tuple[Notice, ...]:
    """Why the VIP cannot be released now (4.5); nothing when it can.

    Orphans do not hold it on OpenStack: they stand on other ports, and the cloud does not mind.
    """
    return tuple(notice for rule in RELEASE_RULES[profile] for notice in rule(vip))


def eip_refusals(vip: VirtualIP) -> tuple[Notice, ...]:
    """Why the VIP cannot take an EIP now."""
    rules = (_not_ours, _no_address, _no_eip_for_ipv6, _has_eip)
    return tuple(notice for rule in rules for notice in rule(vip))


def eip_unbind_refusals(vip: VirtualIP) -> tuple[Notice, ...]:
    """Why the VIP's EIP is not for this console to take away."""
    return tuple(_not_ours(vip))


def rename_refusals(vip: VirtualIP, name: str, *, is_as_shown: bool) -> tuple[Notice, ...]:
    """Why the VIP cannot be given this name now."""
    if vip.is_system_owned:
        return (_system_owned(vip),)
    if is_as_shown:
        return ()
    now = f"is called {vip.port.name} now" if vip.port.name else "has no name now"
    wanted = f"the name {name}" if name else "no name"
    return (
        Notice(
            Code.RENAMED,
            f"Somebody else changed the name since it was shown: {vip.address} {now}, and you "
            f"want {wanted}.",
            "Save again if yours is to replace it, or choose Cancel to keep theirs.",
            vip.id,
        ),
    )


def _system_owned(vip: VirtualIP) -> Notice:
    return Notice(
        Code.SYSTEM_OWNED,
        f"Virtual IP address {vip.address} belongs to a component of the cloud "
        f"({vip.port.device_id}).",
        "Remove that component (a database instance, for example) in the cloud's own console; its "
        "virtual IP address goes with it.",
        vip.id,
    )


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else plural}"


_BIND: tuple[Callable[[Selection], Iterator[Notice]], ...] = (
    system_owned,
    no_vip_address,
    only_nics,
    same_subnet,
    ten_nics,
    ten_vips,
)
BIND_RULES: dict[Profile, tuple[Callable[[Selection], Iterator[Notice]], ...]] = {
    "otc": (*_BIND, one_nic_for_ipv6),
    "openstack": (*_BIND, port_security),
}
CHECK_RULES: dict[Profile, Callable[[Selection, Collection[str]], Iterator[Notice]]] = {
    "otc": check_needed,
    "openstack": no_check,
}
_RELEASE: tuple[Callable[[VirtualIP], Iterator[Notice]], ...] = (_not_ours, _bound, _has_eip)
RELEASE_RULES: dict[Profile, tuple[Callable[[VirtualIP], Iterator[Notice]], ...]] = {
    "otc": (*_RELEASE, _empty_list),
    "openstack": _RELEASE,
}
