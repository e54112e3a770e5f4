"""Undo of a record: its changes the other way round, planned on what is now.

Where the state of things has moved on since, the plan is refused and says what moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vpc.services import rules
from vpc.services.addresses import owner_words
from vpc.services.bindings import Profile, virtual_ips
from vpc.services.changes import PortChange, called, entry_words, subject
from vpc.services.moved import Addresses
from vpc.services.notices import UNBIND, Code, Notice
from vpc.services.pairs import entries, keys
from vpc.services.planning import Plan, SinglePlan
from vpc.services.selection import Selection
from vpc.services.single import (
    EIPBinding,
    PortDeletion,
    PortOwnership,
    PortRename,
    SingleChange,
    VIPCreation,
)
from vpc.services.undoing import plan_whole_undo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vpc.resources import Port
    from vpc.services.pairs import Key
    from vpc.services.standing import Now

LOOK = gettext_noop("Look at the present state, and change it from there.")
GONE = gettext_noop("This cannot be undone any more: {port} is gone.")
GIVEN_AWAY = gettext_noop(
    "This cannot be undone any more: {address} has been given to something else ({port})."
)


def plan_reverse_pairs(
    profile: Profile,
    changes: Sequence[PortChange],
    ports: Iterable[Port],
    holders: Mapping[Key, str],
    *,
    is_begun: bool = False,
) -> Plan:
    """`changes` as they were written, oldest first; `ports` are all ports of the network now;
    `holders` says who had which address then (`moved.recorded_holders`).

    Once it `is_begun`, an entry that is as wanted already is ours to have made so.
    """
    ports = tuple(ports)
    now = {port.id: port for port in ports}
    scope = tuple(sorted(change.port.id for change in changes))
    moved = [*_gone(changes, now), *_given_away(changes, Addresses(holders, ports))]
    if not is_begun:
        moved += _moved_on(changes, now)
    if moved:
        return Plan(refusals=tuple(dict.fromkeys(moved)), scope=scope)
    undo, vips = plan_whole_undo(changes, ports, [vip.port for vip in virtual_ips(profile, ports)])
    it = Selection.of(profile, changes[0].port, (), ports)
    refusals = (
        *(_needed_off(change, vips) for change in undo.kept),
        *rules.too_many_pairs(it, undo.changes),
        *_newly_half_bound(profile, undo.changes, ports),
    )
    if refusals:
        return Plan(refusals=refusals, scope=scope)
    return Plan(undo.changes, scope=scope, ports=ports)


def _gone(changes: Iterable[PortChange], now: Mapping[str, Port]) -> Iterator[Notice]:
    for change in changes:
        if change.port.id not in now:
            # Translators: {subject} is "NIC 10.0.0.1", {port} an id.
            words = _("This cannot be undone any more: {subject} (port {port}) is gone.")
            words = words.format(subject=called(change.port), port=change.port.id)
            yield _moved(words, change.port.id)


def _given_away(changes: Iterable[PortChange], addresses: Addresses) -> Iterator[Notice]:
    """Entries that mean something else by now, and those that would lead nowhere."""
    for change in changes:
        for pair in (*change.add, *change.remove):
            address = pair.ip_address
            if other := addresses.taken_by(address):
                yield _given_to(address, other)
            elif pair in change.remove and addresses.is_gone(address):
                words = _("This cannot be undone any more: what had the address {address} is gone.")
                yield _moved(words.format(address=address), change.port.id)


def _moved_on(changes: Iterable[PortChange], now: Mapping[str, Port]) -> Iterator[Notice]:
    for change in changes:
        port = now.get(change.port.id, change.port)
        for pair in change.unmet(port) if change.port.id in now else ():
            if pair in change.add:
                words = _("This cannot be undone any more: {port} no longer lists {entry}.")
            else:
                words = _("This cannot be undone any more: {port} lists again {entry}.")
            words = words.format(port=called(port), entry=entry_words(pair, port))
            yield _moved(words, port.id)


def _given_to(address: str, port: Port) -> Notice:
    return _moved(_(GIVEN_AWAY).format(address=address, port=subject(port)), port.id)


def _moved(words: str, port_id: str) -> Notice:
    return Notice(Code.MOVED_ON, words, _(LOOK), port_id)


def _needed_off(change: PortChange, vips: Iterable[Port]) -> Notice:
    listing = [vip.ip_address for vip in vips if entries(vip, keys(change.port))]
    return Notice(
        Code.CHECK_NEEDED,
        _(
            "{nic} carries {addresses} by now, and that needs its source/destination check off."
        ).format(nic=subject(change.port), addresses=", ".join(listing)),
        _("Unbind that first, with {control}, or leave this as it is.").format(control=_(UNBIND)),
        change.port.id,
    )


def _newly_half_bound(
    profile: Profile, changes: Iterable[PortChange], ports: Iterable[Port]
) -> Iterator[Notice]:
    """Binding anew what was unbound, while the NIC's check has been switched on since."""
    after = {port.id: port for port in ports}
    half_now = _half_bound(profile, after.values())
    for change in changes:
        after[change.port.id] = change.port_after
    for vip, nic in _half_bound(profile, after.values()) - half_now:
        yield Notice(
            Code.MOVED_ON,
            _(
                "The source/destination check of {nic} was switched on since, so {vip} would be "
                "half bound there."
            ).format(nic=subject(after[nic]), vip=after[vip].ip_address),
            _("Use Bind to Server, which switches it off."),
            nic,
        )


def _half_bound(profile: Profile, ports: Iterable[Port]) -> set[tuple[str, str]]:
    return {
        (vip.id, binding.nic.id)
        for vip in virtual_ips(profile, ports)
        for binding in vip.half_bound
    }


def _lost(port: Port) -> Notice:
    return _moved(_(GONE).format(port=called(port)), port.id)


@singledispatch
def plan_reverse(change: SingleChange, profile: Profile, now: Now, label: str) -> SinglePlan:
    """The reverse of one write. `label` is a name for a port that is made anew without one."""
    raise NotImplementedError(type(change))


@plan_reverse.register(VIPCreation)
def _reverse_creation(change: VIPCreation, profile: Profile, now: Now, label: str) -> SinglePlan:
    port = now.ports.get(change.port.id) if change.port else None
    if port is None:
        words = _("This cannot be undone any more: {vip} is released already.")
        return SinglePlan(refusals=(_moved(words.format(vip=change.subject), ""),))
    if change.port and keys(port) != keys(change.port):
        if port.ip_address:
            words = _(
                "This cannot be undone any more: {vip} has another address by now ({address})."
            )
        else:
            words = _("This cannot be undone any more: {vip} has another address by now (none).")
        words = words.format(vip=change.subject, address=port.ip_address)
        return SinglePlan(refusals=(_moved(words, port.id),))
    vips = virtual_ips(profile, now.ports.values(), (now.eips or {}).values())
    vip = next(vip for vip in vips if vip.id == port.id)
    refusals = rules.release_refusals(profile, vip)
    return SinglePlan(PortDeletion(port=port), refusals=refusals)


@plan_reverse.register(PortDeletion)
def _reverse_deletion(change: PortDeletion, profile: Profile, now: Now, label: str) -> SinglePlan:
    port = change.port
    if not port.is_vip:
        words = _(
            "This cannot be undone any more: {port} was no virtual IP address, and this console "
            "makes nothing else."
        )
        return SinglePlan(refusals=(_moved(words.format(port=called(port)), port.id),))
    for other in now.ports.values():
        if keys(other) & keys(port):
            return SinglePlan(refusals=(_given_to(port.ip_address, other),))
    again = VIPCreation(
        network_id=port.network_id,
        subnet_id=port.subnet_id,
        ip_address=port.ip_address,
        name=port.name or label,
    )
    return SinglePlan(again)


@plan_reverse.register(PortRename)
def _reverse_rename(change: PortRename, profile: Profile, now: Now, label: str) -> SinglePlan:
    port = now.ports.get(change.port.id)
    if port is None:
        return SinglePlan(refusals=(_lost(change.port),))
    if port.name != change.name:
        words = _("This cannot be undone any more: {port} is called “{name}” by now.")
        words = words.format(port=called(port), name=port.name)
        return SinglePlan(refusals=(_moved(words, port.id),))
    return SinglePlan(PortRename(port=port, name=change.port.name))


@plan_reverse.register(PortOwnership)
def _reverse_ownership(change: PortOwnership, profile: Profile, now: Now, label: str) -> SinglePlan:
    port = now.ports.get(change.port.id)
    if port is None:
        return SinglePlan(refusals=(_lost(change.port),))
    if port.device_owner != change.owner or port.device_id:
        words = _("This cannot be undone any more: {port} has another owner by now: {owner}.")
        words = words.format(port=called(port), owner=owner_words(port))
        return SinglePlan(refusals=(_moved(words, port.id),))
    vips = virtual_ips(profile, now.ports.values(), (now.eips or {}).values())
    refusals = tuple(
        notice
        for vip in vips
        if vip.id == port.id
        for notice in rules.release_refusals(profile, vip)
    )
    return SinglePlan(PortOwnership(port=port, owner=change.port.device_owner), refusals=refusals)


@plan_reverse.register(EIPBinding)
def _reverse_eip_binding(change: EIPBinding, profile: Profile, now: Now, label: str) -> SinglePlan:
    eips = now.eips or {}
    eip = eips.get(change.eip.id)
    wanted = change.to.id if change.to else None
    if eip is None or (eip.port_id or None) != wanted:
        if eip:
            words = _("This cannot be undone any more: {eip} is bound to something else by now.")
        else:
            words = _("This cannot be undone any more: {eip} is gone.")
        return SinglePlan(refusals=(_moved(words.format(eip=change.subject), ""),))
    back = now.ports.get(change.eip.port_id or "")
    if change.eip.port_id and back is None:
        words = _(
            "This cannot be undone any more: what {eip} was bound to before is not in this network "
            "any more."
        )
        return SinglePlan(refusals=(_moved(words.format(eip=change.subject), ""),))
    if back and any(other.port_id == back.id for other in eips.values()):
        words = _("This cannot be undone any more: {port} has another EIP by now.")
        return SinglePlan(refusals=(_moved(words.format(port=called(back)), back.id),))
    was = now.ports.get(wanted or "")
    return SinglePlan(EIPBinding(eip=eip, to=back, was=was))
