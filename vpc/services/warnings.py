"""What should be thought over before it is done: each in words, with the way out.

Like the rules, functions that yield notices; these hold nothing back.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from vpc.services.bindings import BindingState, otc_state
from vpc.services.changes import called, subject
from vpc.services.notices import UNBIND, Code, Notice
from vpc.services.pairs import has_other_mac

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vpc.resources import Port
    from vpc.services.bindings import Profile
    from vpc.services.changes import PortChange
    from vpc.services.selection import Selection

ADVISED_VIPS = 8


def many_vips(it: Selection) -> Iterator[Notice]:
    """4.9 advises at most eight VIPs for a server."""
    for server in dict.fromkeys(nic.device_id for nic in it.new):
        carried = {it.vip.id}.union(*(it.vips_of.get(nic.id, ()) for nic in it.nics_of[server]))
        if len(carried) > ADVISED_VIPS:
            yield Notice(
                Code.MANY_VIPS,
                f"Server {server} would have {len(carried)} virtual IP addresses; more than "
                f"{ADVISED_VIPS} are not advised.",
                "Spread them over more servers.",
                server,
            )


def two_nics(it: Selection) -> Iterator[Notice]:
    """Two NICs of one server in one subnet have conflicting routes (4.9), unless the VIP is on the
    primary one alone. Where no port tells which one that is, the words hold for either."""
    carrying = {nic.id for nic in it.new} | {binding.nic.id for binding in it.vip.bindings}
    for server in dict.fromkeys(nic.device_id for nic in it.new):
        near = [nic for nic in it.nics_of[server] if nic.address_in(it.vip.subnet_id)]
        chosen = [nic for nic in near if nic.id in carrying]
        if len(near) < 2 or [nic.is_primary for nic in chosen] == [True]:
            continue
        yield Notice(
            Code.TWO_NICS,
            f"Server {server} has several NICs in this subnet ({_addresses(near, it)}), and "
            f"{_addresses(chosen, it)} would carry {it.vip.address}. Their routes may conflict, "
            "and then it answers on the wrong one.",
            _way_to_one(near, chosen, it),
            server,
        )


def _way_to_one(near: Iterable[Port], chosen: Iterable[Port], it: Selection) -> str:
    primary = [nic for nic in near if nic.is_primary]
    routing = "or set up policy routing inside the server."
    if len([*chosen]) > 1:
        which = f", {_addresses(primary, it)}," if primary else ""
        return f"Bind the primary NIC{which} only."
    if primary:
        return f"Choose its primary NIC, {_addresses(primary, it)}, {routing}"
    return f"If it is the primary NIC, all is well. Otherwise choose that one, {routing}"


def completes_others(it: Selection) -> Iterator[Notice]:
    """A NIC has one check for all, so what else is half bound there is bound with it."""
    for nic in it.nics:
        others = [vip.address for vip in it.vips_listing(nic) if vip.id != it.vip.id]
        if others and otc_state(nic) is BindingState.HALF_BOUND:
            yield Notice(
                Code.COMPLETES_OTHERS,
                f"This also completes {', '.join(others)} on {subject(nic)} of server "
                f"{nic.device_id}: half bound there until now, because the NIC's "
                "source/destination check is on. The check is switched off for all of its virtual "
                "IP addresses at once.",
                f"If that is not wanted, unbind {', '.join(others)} there first, {UNBIND}.",
                nic.id,
            )


def other_macs(changes: Iterable[PortChange]) -> Iterator[Notice]:
    """This console never writes a MAC, so somebody chose these entries on purpose. They
    go all the same, because with one of them left the NIC would still count as bound."""
    for change in changes:
        for pair in change.remove:
            if has_other_mac(pair, change.port):
                yield Notice(
                    Code.OTHER_MAC,
                    f"{called(change.port)} lists {pair.ip_address} for MAC {pair.mac_address}, "
                    "which is not its own: somebody else wrote that. It would be removed as well.",
                    "Ask whoever set it up; Keepalived with use_vmac needs it.",
                    change.port.id,
                )


def still_covered(it: Selection) -> Iterator[Notice]:
    """An unbind takes our entry away. What somebody else allowed by a network around it stays."""
    chosen = {nic.id for nic in it.nics}
    for covered in it.vip.covered:
        if covered.nic.id in chosen:
            yield Notice(
                Code.STILL_COVERED,
                f"{subject(covered.nic)} also lists {covered.pair.ip_address}, which holds "
                f"{it.vip.address}: it may go on using the address.",
                "If it must not, have that entry removed by whoever set it, in the cloud's own "
                "console, and take the address away inside the server.",
                covered.nic.id,
            )


def check_stays_off(nic: Port, vips: Iterable[Port]) -> Notice:
    names = ", ".join(vip.ip_address for vip in vips)
    return Notice(
        Code.CHECK_NEEDED,
        f"The source/destination check of {subject(nic)} stays off: {names} needs that by now.",
        f"To have it on, unbind that first, {UNBIND}.",
        nic.id,
    )


def _addresses(nics: Iterable[Port], it: Selection) -> str:
    found = sorted((nic.address_in(it.vip.subnet_id) for nic in nics), key=ip_address)
    return " and ".join(filter(None, [", ".join(found[:-1]), found[-1]]))


_WARN: tuple[Callable[[Selection], Iterator[Notice]], ...] = (many_vips, two_nics)
BIND_WARNINGS: dict[Profile, tuple[Callable[[Selection], Iterator[Notice]], ...]] = {
    "otc": (completes_others, *_WARN),
    "openstack": _WARN,
}
