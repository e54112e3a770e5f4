"""Planning: from what is and what is wanted to the changes of ports, or to the reasons against.

Pure functions of freshly read ports. They are idempotent: planned again on what a half-finished
attempt left behind, they name exactly what is still missing. The executor rests on that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec.structs import replace

from vpc.resources import CHECK_OFF
from vpc.services import rules
from vpc.services.changes import PortChange, merge
from vpc.services.pairs import key, lists
from vpc.services.selection import Selection
from vpc.services.warnings import BIND_WARNINGS, other_macs, still_covered
from vpc.services.wiring import WIRINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from vpc.resources import Port
    from vpc.services.bindings import Orphan, Profile
    from vpc.services.notices import Notice
    from vpc.services.single import Change, SingleChange


def fingerprint(changes: Iterable[Change]) -> str:
    """What would be written, as a short text: the same for a plan that was shown and for the one
    made anew at OK, unless they differ in what they write."""
    written = [change.written for change in changes]
    return sha256(repr(written).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class SinglePlan:
    """One change that is one write. Without a change there is nothing to do; with a refusal it must
    not be done."""

    change: SingleChange | None = None
    refusals: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()

    @property
    def changes(self) -> tuple[SingleChange, ...]:
        return (self.change,) if self.change and not self.refusals else ()

    @property
    def ports(self) -> tuple[Port, ...]:
        return self.change.ports if self.change else ()

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.changes)


@dataclass(frozen=True)
class Plan:
    """Changes in the order in which they are to be written. With a refusal there are none.

    `scope` names every port the operation may touch, also when planned anew. `ports` are all that
    it was planned on. `left_on` tells what would be left to change if the ports of the scope were
    as given: nothing, once all is done.
    """

    changes: tuple[PortChange, ...] = ()
    refusals: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    scope: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    left_on: Callable[[Mapping[str, Port]], tuple[PortChange, ...]] = field(
        default=lambda _: (), compare=False
    )

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(change.words for change in self.changes)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.changes)


Replan = Callable[[], Plan]
"""Reads the network again and plans the same operation; may raise `CloudError`."""


def plan_bind(profile: Profile, vip: Port, nics: Iterable[Port], ports: Iterable[Port]) -> Plan:
    """Bind the VIP to the NICs, all or none. A half-bound NIC is completed.

    `ports` are all ports of the VIP's network. NICs are changed first, in the order of their ids,
    the VIP last: on Open Telekom Cloud that single write makes all NICs bound at once.
    """
    it = Selection.of(profile, vip, nics, ports)
    scope = _scope(it.vip.port, *it.nics)
    if not it.vip.port.is_vip:
        return Plan(refusals=(rules.not_a_vip(it.vip.port),), scope=scope)
    refusals = tuple(notice for rule in rules.BIND_RULES[profile] for notice in rule(it))
    if refusals:
        return Plan(refusals=refusals, scope=scope)
    wiring = WIRINGS[profile]
    changes = merge(change for nic in it.nics for change in wiring.bind(it.vip.port, nic))
    if refusals := tuple(rules.too_many_pairs(it, changes)):
        return Plan(refusals=refusals, scope=scope)
    warnings = tuple(notice for rule in BIND_WARNINGS[profile] for notice in rule(it))
    ordered = sorted(changes, key=lambda change: (change.port.is_vip, change.port.id))
    known = tuple(_knowing(it, change) for change in ordered)
    chosen = tuple(nic.id for nic in it.nics)

    def left_on(ports: Mapping[str, Port]) -> tuple[PortChange, ...]:
        return merge(
            change for nic in chosen for change in wiring.bind(ports[it.vip.id], ports[nic])
        )

    warnings = warnings if known else ()
    return Plan(known, warnings=warnings, scope=scope, ports=it.ports, left_on=left_on)


def plan_unbind(
    profile: Profile,
    vip: Port,
    nics: Iterable[Port],
    ports: Iterable[Port],
    *,
    check_on: Collection[str] = (),
    orphans: Collection[str] = (),
) -> Plan:
    """Unbind the VIP from the NICs, all or none. `check_on` are ids of those NICs whose check is
    to be switched on again (see `idle_checks`); `orphans` are `Orphan.id`s whose entries go too.

    The VIP is changed first here, the mirror image of a bind: stopped half-way, the NICs are
    unbound with their check off (which is what other tools always leave) and never half bound.
    """
    it = Selection.of(profile, vip, nics, ports)
    gone = {key(name) for name in orphans}
    dropped = tuple(orphan for orphan in it.vip.orphans if key(orphan.id) in gone)
    scope = _scope(it.vip.port, *it.nics, *(orphan.port for orphan in dropped if orphan.port))
    if not it.vip.port.is_vip:
        return Plan(refusals=(rules.not_a_vip(it.vip.port),), scope=scope)
    refusals = (
        *rules.system_owned(it),
        *rules.CHECK_RULES[profile](it, check_on),
        *rules.no_orphan(it, orphans),
    )
    if refusals:
        return Plan(refusals=refusals, scope=scope)
    changes = merge(_unbinding(it, dropped, check_on))
    ordered = sorted(changes, key=lambda change: (not change.port.is_vip, change.port.id))
    warnings = (*other_macs(changes), *still_covered(it)) if changes else ()
    return Plan(tuple(ordered), warnings=warnings, scope=scope, ports=it.ports)


def idle_checks(
    profile: Profile, vip: Port, nics: Iterable[Port], ports: Iterable[Port]
) -> tuple[Port, ...]:
    """The NICs among `nics` whose check is off and which no other VIP needs off: with this VIP
    unbound, their check may be switched on again. Nothing where there is no such check."""
    it = Selection.of(profile, vip, nics, ports)
    return tuple(
        nic
        for nic in it.nics
        if lists(nic, CHECK_OFF) and not tuple(rules.CHECK_RULES[profile](it, [nic.id]))
    )


def _unbinding(
    it: Selection, dropped: Iterable[Orphan], check_on: Collection[str]
) -> Iterator[PortChange]:
    wiring = WIRINGS[it.profile]
    for nic in it.nics:
        yield from wiring.unbind(it.vip.port, nic)
        if nic.id in check_on:
            yield wiring.check_on(nic)
    for orphan in dropped:
        yield wiring.drop(orphan)


def _knowing(it: Selection, change: PortChange) -> PortChange:
    if not any(pair.ip_address == CHECK_OFF for pair in change.add):
        return change
    vips = frozenset(vip.id for vip in it.vips_listing(change.port))
    return replace(change, known_vips=vips)


def _scope(*ports: Port) -> tuple[str, ...]:
    return tuple(sorted({port.id for port in ports}))
