"""What must not be done: each refusal in words, with the way out. `warnings` has what should be
thought over first.

A rule is a function of a `Selection` that yields notices. Which rules hold in which profile stands
in the tables at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
        _("{port} is not a virtual IP address.").format(port=subject(port)),
        _("Choose one from the Virtual IP Address tab."),
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
                _("{port} is held by no server.").format(port=called(nic)),
                _("Choose the NIC of a server."),
                nic.id,
            )


def same_subnet(it: Selection) -> Iterator[Notice]:
    for nic in it.new:
        if not nic.fixed_ips:
            yield Notice(
                Code.NO_ADDRESS,
                _("{nic} has no address, so nothing can be bound to it.").format(nic=subject(nic)),
                _("Choose another NIC. Only the cloud's own console can give this one an address."),
                nic.id,
            )
        elif not nic.address_in(it.vip.subnet_id):
            yield Notice(
                Code.OTHER_SUBNET,
                _("{nic} has no address in the subnet of virtual IP address {vip}.").format(
                    nic=subject(nic), vip=it.vip.address
                ),
                _("Choose a NIC of the same subnet, or a virtual IP address of the NIC's subnet."),
                nic.id,
            )


def ten_nics(it: Selection) -> Iterator[Notice]:
    bound, more = len(it.vip.bindings), len(it.new)
    if more and bound + more > MOST_NICS:
        free = MOST_NICS - bound
        words = ngettext(
            "Virtual IP address {vip} is bound to {count} NIC; with {more} more it would exceed "
            "the {limit} that one can have.",
            "Virtual IP address {vip} is bound to {count} NICs; with {more} more it would exceed "
            "the {limit} that one can have.",
            bound,
        )
        if not bound:
            words = _(
                "Virtual IP address {vip} is bound to no NICs; with {more} more it would exceed "
                "the {limit} that one can have."
            )
        way_out = _("Unbind others first, with {control}.")
        if free > 0:
            way_out = _("Choose at most {count}, or unbind others first, with {control}.")
        yield Notice(
            Code.TOO_MANY_NICS,
            words.format(vip=it.vip.address, count=bound, more=more, limit=MOST_NICS),
            way_out.format(count=free, control=_(UNBIND)),
            it.vip.id,
        )


def ten_vips(it: Selection) -> Iterator[Notice]:
    for nic in it.new:
        carried = len(it.vips_of.get(nic.id, ()))
        if carried >= MOST_VIPS:
            yield Notice(
                Code.TOO_MANY_VIPS,
                _("{nic} carries {count} virtual IP addresses; a NIC can have {limit}.").format(
                    nic=subject(nic), count=carried, limit=MOST_VIPS
                ),
                _("Choose another NIC, or unbind one of these first, with {control}.").format(
                    control=_(UNBIND)
                ),
                nic.id,
            )


def one_nic_for_ipv6(it: Selection) -> Iterator[Notice]:
    if it.vip.is_ipv6 and it.new and len(it.vip.bindings) + len(it.new) > 1:
        yield Notice(
            Code.ONE_NIC_FOR_IPV6,
            _(
                "{vip} is an IPv6 virtual IP address, and this cloud lets it have one NIC only."
            ).format(vip=it.vip.address),
            _(
                "Choose one NIC and unbind any other, with {control}. A pair of servers needs an "
                "IPv4 one."
            ).format(control=_(UNBIND)),
            it.vip.id,
        )


def port_security(it: Selection) -> Iterator[Notice]:
    for nic in it.new:
        if nic.port_security_enabled is False:
            yield Notice(
                Code.NO_PORT_SECURITY,
                _(
                    "{nic} has port security switched off. The cloud takes no allowed address "
                    "pairs there (409 AddressPairAndPortSecurityRequired), and the NIC needs none: "
                    "nothing is checked on it."
                ).format(nic=subject(nic)),
                _(
                    "Leave it out and set {vip} up inside the server. Port security can be "
                    "switched on in the cloud's own console."
                ).format(vip=it.vip.address),
                nic.id,
            )


def too_many_pairs(it: Selection, changes: Iterable[PortChange]) -> Iterator[Notice]:
    """No list may grow beyond ten. One that is longer already (a cloud may allow it) may shrink."""
    for change in changes:
        size = len(change.after)
        if size > MOST_PAIRS and size > len(change.before):
            spare = len(it.vip.orphans) if change.port.id == it.vip.id else 0
            way_out = _(
                "Unbind what is no longer needed first, with {control}. Any other entry can be "
                "removed in the cloud's own console."
            )
            if spare:
                way_out = ngettext(
                    "Remove its {count} orphaned address first, with {control}.",
                    "Remove its {count} orphaned addresses first, with {control}.",
                    spare,
                )
            yield Notice(
                Code.TOO_MANY_PAIRS,
                _has_pairs(change, size),
                way_out.format(count=spare, control=_(UNBIND)),
                change.port.id,
            )


def _has_pairs(change: PortChange, size: int) -> str:
    count = len(change.before)
    words = ngettext(
        "{port} has {count} allowed address pair, and the cloud takes {limit}; {size} would be "
        "needed.",
        "{port} has {count} allowed address pairs, and the cloud takes {limit}; {size} would be "
        "needed.",
        count,
    )
    if not count:
        words = _(
            "{port} has no allowed address pairs, and the cloud takes {limit}; {size} would be "
            "needed."
        )
    return words.format(port=called(change.port), count=count, limit=MOST_PAIRS, size=size)


def check_needed(it: Selection, check_on: Collection[str]) -> Iterator[Notice]:
    """The check of a NIC may be switched on only when no VIP needs it off any more."""
    chosen = {nic.id: nic for nic in it.nics}
    for port_id in sorted(check_on):
        if (nic := chosen.get(port_id)) is None:
            yield Notice(
                Code.NOT_SELECTED,
                _("Port {port} is not among the NICs chosen.").format(port=port_id),
                _("Choose it too, or leave its check as it is."),
                port_id,
            )
            continue
        if others := [vip for vip in it.vips_listing(nic) if vip.id != it.vip.id]:
            names = ", ".join(vip.address for vip in others)
            yield Notice(
                Code.CHECK_NEEDED,
                _(
                    "{nic} also carries {vips}, which needs its source/destination check off."
                ).format(nic=subject(nic), vips=names),
                _("Leave the check off, or unbind those first, with {control}.").format(
                    control=_(UNBIND)
                ),
                port_id,
            )


def no_check(_it: Selection, check_on: Collection[str]) -> Iterator[Notice]:
    for port_id in sorted(check_on):
        yield Notice(
            Code.NO_CHECK,
            _("Port {port}: this cloud has no source/destination check to switch on.").format(
                port=port_id
            ),
            _("Unbind without it."),
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
                _(
                    "{address} is no orphan of virtual IP address {vip}: something in the network "
                    "has it."
                ).format(address=name, vip=it.vip.address),
                _("Open the dialog again, and choose that NIC if it is to go."),
                name,
            )


def _bound(vip: VirtualIP) -> Iterator[Notice]:
    if vip.bindings:
        count = len(vip.bindings)
        names = ", ".join(binding.nic.ip_address for binding in vip.bindings)
        yield Notice(
            Code.STILL_BOUND,
            ngettext(
                "Virtual IP address {vip} is still bound to {count} NIC ({nics}).",
                "Virtual IP address {vip} is still bound to {count} NICs ({nics}).",
                count,
            ).format(vip=vip.address, count=count, nics=names),
            _("Unbind it first, with {control}.").format(control=_(UNBIND)),
            vip.id,
        )


def _has_eip(vip: VirtualIP) -> Iterator[Notice]:
    if vip.floating_ip:
        yield Notice(
            Code.HAS_EIP,
            _("Virtual IP address {vip} holds EIP {eip}.").format(
                vip=vip.address, eip=vip.floating_ip.floating_ip_address
            ),
            _("Unbind the EIP first, with {control}.").format(control=_(UNBIND_EIP)),
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
            _(
                "Virtual IP address {vip} still lists {addresses}, which no port has any more, and "
                "the cloud releases it only with an empty list."
            ).format(vip=vip.address, addresses=names),
            _("Remove the orphaned addresses first, with {control}.").format(control=_(UNBIND)),
            vip.id,
        )
    if vip.others:
        names = ", ".join(other.pair.ip_address for other in vip.others)
        yield Notice(
            Code.LIST_NOT_EMPTY,
            _(
                "Virtual IP address {vip} still lists {addresses}. This was written outside this "
                "console, and the cloud releases it only with an empty list."
            ).format(vip=vip.address, addresses=names),
            _(
                "Have it removed from the allowed address pairs of port {port} by whoever set it, "
                "in the cloud's own console."
            ).format(port=vip.id),
            vip.id,
        )


def _no_address(vip: VirtualIP) -> Iterator[Notice]:
    if not vip.address:
        yield Notice(
            Code.NO_VIP_ADDRESS,
            _("The virtual IP address's port {port} has no address.").format(port=vip.id),
            _("Release it, and choose Assign Virtual IP Address for a new one."),
            vip.id,
        )


def _no_eip_for_ipv6(vip: VirtualIP) -> Iterator[Notice]:
    if vip.is_ipv6:
        yield Notice(
            Code.NO_EIP_FOR_IPV6,
            _("{vip} is an IPv6 virtual IP address, and EIPs are IPv4.").format(vip=vip.address),
            _("Use an IPv4 virtual IP address."),
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
    return (
        Notice(
            Code.RENAMED,
            _renamed(vip.port.name, name).format(vip=vip.address, now=vip.port.name, wanted=name),
            _("Save again if yours is to replace it, or choose Cancel to keep theirs."),
            vip.id,
        ),
    )


def _renamed(now: str, wanted: str) -> str:
    if now and wanted:
        return _(
            "Somebody else changed the name since it was shown: {vip} is called {now} now, and you "
            "want the name {wanted}."
        )
    if now:
        return _(
            "Somebody else changed the name since it was shown: {vip} is called {now} now, and you "
            "want no name."
        )
    if wanted:
        return _(
            "Somebody else changed the name since it was shown: {vip} has no name now, and you "
            "want the name {wanted}."
        )
    return _(
        "Somebody else changed the name since it was shown: {vip} has no name now, and you want no "
        "name."
    )


def _system_owned(vip: VirtualIP) -> Notice:
    return Notice(
        Code.SYSTEM_OWNED,
        _("Virtual IP address {vip} belongs to a component of the cloud ({component}).").format(
            vip=vip.address, component=vip.port.device_id
        ),
        _(
            "Remove that component (a database instance, for example) in the cloud's own console; "
            "its virtual IP address goes with it."
        ),
        vip.id,
    )


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


def may_have_two(profile: Profile, vip: VirtualIP) -> bool:
    """Whether the cloud lets this VIP be bound to two NICs."""
    return not (vip.is_ipv6 and one_nic_for_ipv6 in BIND_RULES[profile])


CHECK_RULES: dict[Profile, Callable[[Selection, Collection[str]], Iterator[Notice]]] = {
    "otc": check_needed,
    "openstack": no_check,
}
_RELEASE: tuple[Callable[[VirtualIP], Iterator[Notice]], ...] = (_not_ours, _bound, _has_eip)
RELEASE_RULES: dict[Profile, tuple[Callable[[VirtualIP], Iterator[Notice]], ...]] = {
    "otc": (*_RELEASE, _empty_list),
    "openstack": _RELEASE,
}
