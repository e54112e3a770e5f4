"""Undo of a record: its changes the other way round, planned on what is now.

Where the state of things has moved on since, the plan is refused and says what moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import TYPE_CHECKING

from vpc.services import rules
from vpc.services.addresses import owner_words
from vpc.services.bindings import Profile, virtual_ips
from vpc.services.changes import PortChange, called, entry_words, subject
from vpc.services.moved import Addresses
from vpc.services.notices import Code, Notice
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

LOOK = "Look at the present state, and change it from there."


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
            yield _moved(f"{called(change.port)} (port {change.port.id}) is gone.", change.port.id)


def _given_away(changes: Iterable[PortChange], addresses: Addresses) -> Iterator[Notice]:
    """Entries that mean something else by now, and those that would lead nowhere."""
    for change in changes:
        for pair in (*change.add, *change.remove):
            address = pair.ip_address
            if other := addresses.taken_by(address):
                words = f"{address} has been given to something else ({subject(other)})."
                yield _moved(words, other.id)
            elif pair in change.remove and addresses.is_gone(address):
                yield _moved(f"what had the address {address} is gone.", change.port.id)


def _moved_on(changes: Iterable[PortChange], now: Mapping[str, Port]) -> Iterator[Notice]:
    for change in changes:
        port = now.get(change.port.id, change.port)
        for pair in change.unmet(port) if change.port.id in now else ():
            verb = "no longer lists" if pair in change.add else "lists again"
            yield _moved(f"{called(port)} {verb} {entry_words(pair, port)}.", port.id)


def _moved(what: str, port_id: str) -> Notice:
    return Notice(Code.MOVED_ON, f"This cannot be undone any more: {what}", LOOK, port_id)


def _needed_off(change: PortChange, vips: Iterable[Port]) -> Notice:
    listing = [vip.ip_address for vip in vips if entries(vip, keys(change.port))]
    return Notice(
        Code.CHECK_NEEDED,
        f"{subject(change.port)} carries {', '.join(listing)} by now, and that needs its "
        "source/destination check off.",
        "Unbind that first, with Unbind from Server, or leave this as it is.",
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
            f"The source/destination check of {subject(after[nic])} was switched on since, so "
            f"{after[vip].ip_address} would be half bound there.",
            "Use Bind to Server, which switches it off.",
            nic,
        )


def _half_bound(profile: Profile, ports: Iterable[Port]) -> set[tuple[str, str]]:
    return {
        (vip.id, binding.nic.id)
        for vip in virtual_ips(profile, ports)
        for binding in vip.half_bound
    }


@singledispatch
def plan_reverse(change: SingleChange, profile: Profile, now: Now, label: str) -> SinglePlan:
    """The reverse of one write. `label` is a name for a port that is made anew without one."""
    raise NotImplementedError(type(change))


@plan_reverse.register(VIPCreation)
def _(change: VIPCreation, profile: Profile, now: Now, label: str) -> SinglePlan:
    port = now.ports.get(change.port.id) if change.port else None
    if port is None:
        return SinglePlan(refusals=(_moved(f"{change.subject} is released already.", ""),))
    if change.port and keys(port) != keys(change.port):
        words = f"{change.subject} has another address by now ({port.ip_address or 'none'})."
        return SinglePlan(refusals=(_moved(words, port.id),))
    vips = virtual_ips(profile, now.ports.values(), (now.eips or {}).values())
    vip = next(vip for vip in vips if vip.id == port.id)
    refusals = rules.release_refusals(profile, vip)
    return SinglePlan(PortDeletion(port=port), refusals=refusals)


@plan_reverse.register(PortDeletion)
def _(change: PortDeletion, profile: Profile, now: Now, label: str) -> SinglePlan:
    port = change.port
    if not port.is_vip:
        words = f"{called(port)} was no virtual IP address, and this console makes nothing else."
        return SinglePlan(refusals=(_moved(words, port.id),))
    for other in now.ports.values():
        if keys(other) & keys(port):
            words = f"{port.ip_address} has been given to something else ({subject(other)})."
            return SinglePlan(refusals=(_moved(words, other.id),))
    again = VIPCreation(
        network_id=port.network_id,
        subnet_id=port.subnet_id,
        ip_address=port.ip_address,
        name=port.name or label,
    )
    return SinglePlan(again)


@plan_reverse.register(PortRename)
def _(change: PortRename, profile: Profile, now: Now, label: str) -> SinglePlan:
    port = now.ports.get(change.port.id)
    if port is None:
        return SinglePlan(refusals=(_moved(f"{called(change.port)} is gone.", change.port.id),))
    if port.name != change.name:
        words = f"{called(port)} is called “{port.name}” by now."
        return SinglePlan(refusals=(_moved(words, port.id),))
    return SinglePlan(PortRename(port=port, name=change.port.name))


@plan_reverse.register(PortOwnership)
def _(change: PortOwnership, profile: Profile, now: Now, label: str) -> SinglePlan:
    port = now.ports.get(change.port.id)
    if port is None:
        return SinglePlan(refusals=(_moved(f"{called(change.port)} is gone.", change.port.id),))
    if port.device_owner != change.owner or port.device_id:
        words = f"{called(port)} has another owner by now: {owner_words(port)}."
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
def _(change: EIPBinding, profile: Profile, now: Now, label: str) -> SinglePlan:
    eips = now.eips or {}
    eip = eips.get(change.eip.id)
    wanted = change.to.id if change.to else None
    if eip is None or (eip.port_id or None) != wanted:
        words = f"{change.subject} is " + ("bound to something else by now." if eip else "gone.")
        return SinglePlan(refusals=(_moved(words, ""),))
    back = now.ports.get(change.eip.port_id or "")
    if change.eip.port_id and back is None:
        words = f"what {change.subject} was bound to before is not in this network any more."
        return SinglePlan(refusals=(_moved(words, ""),))
    if back and any(other.port_id == back.id for other in eips.values()):
        words = f"{called(back)} has another EIP by now."
        return SinglePlan(refusals=(_moved(words, back.id),))
    was = now.ports.get(wanted or "")
    return SinglePlan(EIPBinding(eip=eip, to=back, was=was))
