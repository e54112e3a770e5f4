"""A plan as a person reads it: server names for ids, a before/after for each port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vpc.services.changes import PortChange, entry_words, subject
from vpc.services.pairs import key
from vpc.services.planning import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vpc.resources import AddressPair, Port
    from vpc.services.notices import Notice
    from vpc.services.pairs import Key
    from vpc.services.planning import Plan, SinglePlan
    from vpc.services.single import Change


@dataclass(frozen=True)
class Words:
    message: str
    way_out: str


@dataclass(frozen=True)
class PortPreview:
    """`lines` are (sign, entry): "+" added, "-" removed, " " stays. `has_pairs`: the entries are
    allowed address pairs."""

    title: str
    lines: tuple[tuple[str, str], ...]
    has_pairs: bool = False


@dataclass(frozen=True)
class Preview:
    refusals: tuple[Words, ...]
    warnings: tuple[Words, ...]
    ports: tuple[PortPreview, ...]
    fingerprint: str

    @property
    def has_pairs(self) -> bool:
        return any(port.has_pairs for port in self.ports)


def preview(plan: Plan | SinglePlan, server_names: Mapping[str, str]) -> Preview:
    return Preview(
        fingerprint=plan.fingerprint,
        refusals=_words(plan.refusals, server_names),
        warnings=_words(plan.warnings, server_names),
        ports=_ports(plan, server_names),
    )


def preview_all(plans: Iterable[Plan | SinglePlan]) -> Preview:
    """Several operations of one submit, as one, without refusals: each of those is told apart."""
    plans = tuple(plans)
    return Preview(
        fingerprint=fingerprint(change for plan in plans for change in plan.changes),
        refusals=(),
        warnings=(),
        ports=tuple(port for plan in plans for port in _ports(plan, {})),
    )


def _words(notices: Iterable[Notice], server_names: Mapping[str, str]) -> tuple[Words, ...]:
    """The rules know servers by id only, and so does Neutron."""
    found = []
    for notice in notices:
        message = notice.message
        for server_id, name in server_names.items():
            message = message.replace(server_id, name)
        found.append(Words(message, notice.way_out))
    return tuple(found)


def _ports(plan: Plan | SinglePlan, server_names: Mapping[str, str]) -> tuple[PortPreview, ...]:
    holders = {
        key(fixed.ip_address): server_names[port.device_id]
        for port in plan.ports
        if port.is_nic and port.device_id in server_names
        for fixed in port.fixed_ips
    }
    return tuple(_change(change, server_names, holders) for change in plan.changes)


def _change(
    change: Change, server_names: Mapping[str, str], holders: Mapping[Key, str]
) -> PortPreview:
    if isinstance(change, PortChange):
        return _port(change, server_names, holders)
    gone = (("-", line) for line in change.before_lines)
    new = (("+", line) for line in change.after_lines)
    return PortPreview(title=change.subject, lines=(*gone, *new))


def _port(
    change: PortChange, server_names: Mapping[str, str], holders: Mapping[Key, str]
) -> PortPreview:
    port = change.port
    title = subject(port)
    if port.is_nic:
        server = server_names.get(port.device_id, port.device_id)
        title = _("{nic} of {server}").format(nic=title, server=server)
    kept = [pair for pair in change.before if pair not in change.remove]
    return PortPreview(
        has_pairs=True,
        title=title,
        lines=(
            *((" ", _entry(pair, port, holders)) for pair in kept),
            *(("-", _entry(pair, port, holders)) for pair in change.remove),
            *(("+", _entry(pair, port, holders)) for pair in change.add),
        ),
    )


def _entry(pair: AddressPair, port: Port, holders: Mapping[Key, str]) -> str:
    """`10.20.0.31 (db-1)`: whose address it is, where that is known."""
    words = entry_words(pair, port)
    holder = holders.get(key(pair.ip_address))
    return f"{words} ({holder})" if holder else words
