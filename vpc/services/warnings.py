"""What should be thought over before it is done: each in words, with the way out.

Like the rules, functions that yield notices; these hold nothing back.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vpc.services.bindings import BindingState, otc_state
from vpc.services.changes import called, subject
from vpc.services.notices import UNBIND, Code, Notice
from vpc.services.pairs import has_other_mac
from vpc.services.reports import listed

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
                _(
                    "Server {server} would have {count} virtual IP addresses; more than {limit} "
                    "are not advised."
                ).format(server=server, count=len(carried), limit=ADVISED_VIPS),
                _("Spread them over more servers."),
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
            # Translators: {all_nics} and {nics} are addresses: "10.0.0.1, 10.0.0.2 and 10.0.0.3".
            _(
                "Server {server} has several NICs in this subnet ({all_nics}), and {nics} would "
                "carry {vip}. Their routes may conflict, and then it answers on the wrong one."
            ).format(
                server=server,
                all_nics=_addresses(near, it),
                nics=_addresses(chosen, it),
                vip=it.vip.address,
            ),
            _way_to_one(near, chosen, it),
            server,
        )


def _way_to_one(near: Iterable[Port], chosen: Iterable[Port], it: Selection) -> str:
    primary = [nic for nic in near if nic.is_primary]
    if len([*chosen]) > 1:
        if not primary:
            return _("Bind the primary NIC only.")
        return _("Bind the primary NIC, {nic}, only.").format(nic=_addresses(primary, it))
    if primary:
        return _(
            "Choose its primary NIC, {nic}, or set up policy routing inside the server."
        ).format(nic=_addresses(primary, it))
    return _(
        "If it is the primary NIC, all is well. Otherwise choose that one, or set up policy "
        "routing inside the server."
    )


def completes_others(it: Selection) -> Iterator[Notice]:
    """A NIC has one check for all, so what else is half bound there is bound with it."""
    for nic in it.nics:
        others = [vip.address for vip in it.vips_listing(nic) if vip.id != it.vip.id]
        if others and otc_state(nic) is BindingState.HALF_BOUND:
            vips = ", ".join(others)
            yield Notice(
                Code.COMPLETES_OTHERS,
                _(
                    "This also completes {vips} on {nic} of server {server}: half bound there "
                    "until now, because the NIC's source/destination check is on. The check is "
                    "switched off for all of its virtual IP addresses at once."
                ).format(vips=vips, nic=subject(nic), server=nic.device_id),
                _("If that is not wanted, unbind {vips} there first, with {control}.").format(
                    vips=vips, control=_(UNBIND)
                ),
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
                    _(
                        "{port} lists {address} for MAC {mac}, which is not its own: somebody else "
                        "wrote that. It would be removed as well."
                    ).format(
                        port=called(change.port), address=pair.ip_address, mac=pair.mac_address
                    ),
                    _(
                        "Ask whoever set it up: Keepalived needs it where it gives the address a "
                        "MAC of its own (use_vmac)."
                    ),
                    change.port.id,
                )


def still_covered(it: Selection) -> Iterator[Notice]:
    """An unbind takes our entry away. What somebody else allowed by a network around it stays."""
    chosen = {nic.id for nic in it.nics}
    for covered in it.vip.covered:
        if covered.nic.id in chosen:
            yield Notice(
                Code.STILL_COVERED,
                # Translators: {network} is a network such as 10.0.0.0/24; {vip} is in it.
                _(
                    "{nic} also lists {network}, which holds {vip}: it may go on using the address."
                ).format(
                    nic=subject(covered.nic), network=covered.pair.ip_address, vip=it.vip.address
                ),
                _(
                    "If it must not, have that entry removed by whoever set it, in the cloud's own "
                    "console, and take the address away inside the server."
                ),
                covered.nic.id,
            )


def check_stays_off(nic: Port, vips: Iterable[Port]) -> Notice:
    names = ", ".join(vip.ip_address for vip in vips)
    return Notice(
        Code.CHECK_NEEDED,
        _("The source/destination check of {nic} stays off: {vips} needs that by now.").format(
            nic=subject(nic), vips=names
        ),
        _("To have it on, unbind that first, with {control}.").format(control=_(UNBIND)),
        nic.id,
    )


def _addresses(nics: Iterable[Port], it: Selection) -> str:
    return listed(sorted((nic.address_in(it.vip.subnet_id) for nic in nics), key=ip_address))


_WARN: tuple[Callable[[Selection], Iterator[Notice]], ...] = (many_vips, two_nics)
BIND_WARNINGS: dict[Profile, tuple[Callable[[Selection], Iterator[Notice]], ...]] = {
    "otc": (completes_others, *_WARN),
    "openstack": _WARN,
}
