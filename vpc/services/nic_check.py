"""A NIC's source/destination check (Open Telekom Cloud): planned on and off, and who it was that
switched it off.

The check is off while the NIC lists 1.1.1.1/0 (cloud-api 3.7). Other entries are never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from console import operations
from vpc.resources import CHECK_OFF, AddressPair
from vpc.services.bindings import BindingState, otc_state
from vpc.services.changes import PortChange, called, merge, subject
from vpc.services.notices import UNBIND, Code, Notice
from vpc.services.pairs import entries, key, lists
from vpc.services.planning import Plan
from vpc.services.recording import changes_of
from vpc.services.rules import MOST_PAIRS
from vpc.services.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from console.cloud.client import CloudClient
    from vpc.resources import Port
    from vpc.services.bindings import Profile, VirtualIP


def dependents(profile: Profile, nic: Port, ports: Iterable[Port]) -> tuple[VirtualIP, ...]:
    """The VIPs that need this NIC's check off: those that list it."""
    if profile != "otc":
        return ()
    return Selection.of(profile, nic, [nic], ports).vips_listing(nic)


def plan_check(
    profile: Profile, nic: Port, ports: Iterable[Port], *, on: bool, accepted: Collection[str] = ()
) -> Plan:
    """Switch the check of the NIC on or off. `ports` are all ports of its network.

    `accepted` are ids of VIPs that may be cut off by switching it on: any other one that depends
    on the check being off speaks against it.
    """
    vips = dependents(profile, nic, ports)
    refusals = (*_not_here(profile, nic, on=on), *(_needed(nic, vips, accepted) if on else ()))
    if refusals:
        return Plan(refusals=refusals, scope=(nic.id,))
    changes = merge([_change(nic, vips, on=on)])
    if refusals := tuple(_too_long(changes)):
        return Plan(refusals=refusals, scope=(nic.id,))
    warnings = tuple(_breaks(nic, vips) if on else _opens(nic, vips)) if changes else ()

    def left_on(now: Mapping[str, Port]) -> tuple[PortChange, ...]:
        return merge([_change(now[nic.id], vips, on=on)])

    scope = (nic.id,)
    return Plan(changes, warnings=warnings, scope=scope, ports=(nic,), left_on=left_on)


def switched_off_here(cloud: CloudClient, nic_ids: Collection[str]) -> frozenset[str]:
    """The NICs among these whose check was switched off by this console, and not on again since. A
    check that was off before, or of which nothing is recorded, is not among them. One query."""
    found: dict[str, bool] = {}
    for nic_id, operation in operations.done_about(cloud, "nic", nic_ids):
        if nic_id in found:
            continue
        for change in changes_of(operation):
            if isinstance(change, PortChange) and change.port.id == nic_id:
                if _has_check(change.add):
                    found[nic_id] = True
                elif _has_check(change.remove):
                    found[nic_id] = False
    return frozenset(nic_id for nic_id, is_ours in found.items() if is_ours)


def _has_check(pairs: Iterable[AddressPair]) -> bool:
    return any(key(pair.ip_address) == key(CHECK_OFF) for pair in pairs)


def _change(nic: Port, vips: Iterable[VirtualIP], *, on: bool) -> PortChange:
    if on:
        return PortChange(nic, remove=entries(nic, {key(CHECK_OFF)}))
    add = () if lists(nic, CHECK_OFF) else (AddressPair(CHECK_OFF),)
    return PortChange(nic, add=add, known_vips=frozenset(vip.id for vip in vips))


def _not_here(profile: Profile, nic: Port, *, on: bool) -> Iterator[Notice]:
    if profile != "otc":
        yield Notice(
            Code.NO_CHECK,
            _("This cloud has no source/destination check to switch."),
            _(
                "What comes nearest is the NIC's port security. Only the cloud's own console can "
                "change that."
            ),
            nic.id,
        )
    elif not nic.is_nic:
        yield Notice(
            Code.NOT_A_NIC,
            _("{port} is held by no server.").format(port=called(nic)),
            _("Choose the NIC of a server, on that server's NICs tab."),
            nic.id,
        )
    elif nic.port_security_enabled is False and not on and not lists(nic, CHECK_OFF):
        yield Notice(
            Code.NO_PORT_SECURITY,
            _(
                "{nic} has port security switched off, so nothing is checked on it: there is no "
                "check to switch off."
            ).format(nic=subject(nic)),
            _("Leave it as it is. Port security can be switched on in the cloud's own console."),
            nic.id,
        )


def _needed(nic: Port, vips: Iterable[VirtualIP], accepted: Collection[str]) -> Iterator[Notice]:
    for vip in vips if lists(nic, CHECK_OFF) else ():
        if vip.id not in accepted:
            yield Notice(
                Code.CHECK_NEEDED,
                _(
                    "Virtual IP address {vip} has come to need the check of {nic} off since this "
                    "was shown."
                ).format(vip=_named(vip), nic=subject(nic)),
                _("Open the dialog again: it tells what would break."),
                vip.id,
            )


def _too_long(changes: Iterable[PortChange]) -> Iterator[Notice]:
    for change in changes:
        if change.add and len(change.after) > MOST_PAIRS:
            yield Notice(
                Code.TOO_MANY_PAIRS,
                _(
                    "{nic} has {count} allowed address pairs, and the cloud takes {limit}; "
                    "switching the check off needs one more."
                ).format(nic=subject(change.port), count=len(change.before), limit=MOST_PAIRS),
                _(
                    "Have one that is no longer needed removed by whoever set it, in the cloud's "
                    "own console."
                ),
                change.port.id,
            )


def _breaks(nic: Port, vips: Iterable[VirtualIP]) -> Iterator[Notice]:
    """What switching it on means, VIP by VIP."""
    for vip in vips:
        yield Notice(
            Code.BREAKS_BINDING,
            _(
                "Virtual IP address {vip} needs this check off. With it on it is only half bound "
                "to {nic} of server {server}: the cloud drops its packets, and connections through "
                "it to this server break at once."
            ).format(vip=_named(vip), nic=subject(nic), server=nic.device_id),
            _("Leave the check off, or unbind this server from it first, with {control}.").format(
                control=_(UNBIND)
            ),
            vip.id,
        )


def _opens(nic: Port, vips: Iterable[VirtualIP]) -> Iterator[Notice]:
    """What switching it off means."""
    yield Notice(
        Code.OPENS_NIC,
        _(
            "With the check off, {nic} of server {server} may send and take packets that carry any "
            "other address than its own: the cloud no longer drops them."
        ).format(nic=subject(nic), server=nic.device_id),
        _(
            "A NIC that carries a virtual IP address needs that, and so does a server that "
            "forwards for others. Otherwise leave it on."
        ),
        nic.id,
    )
    half = [_named(vip) for vip in vips]
    if half and otc_state(nic) is BindingState.HALF_BOUND:
        names = ", ".join(half)
        yield Notice(
            Code.COMPLETES_OTHERS,
            _(
                "This also completes {vips} on {nic} of server {server}: half bound there until "
                "now, because the check is on."
            ).format(vips=names, nic=subject(nic), server=nic.device_id),
            _("If that is not wanted, unbind {vips} there first, with {control}.").format(
                vips=names, control=_(UNBIND)
            ),
            nic.id,
        )


def _named(vip: VirtualIP) -> str:
    """`10.20.1.10 (vip-db)`"""
    return f"{vip.address or vip.id} ({vip.port.name})" if vip.port.name else vip.address or vip.id
