"""Undoing: from what was written and what is now to the changes that take back ours alone.

Pure. Nothing is restored from a list that was kept: only our own entries are taken out of, or put
back into, the lists as they are now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vpc.resources import CHECK_OFF
from vpc.services.changes import PortChange, entry_words, merge, subject
from vpc.services.pairs import entries, has_other_mac, key, keys, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vpc.resources import AddressPair, Port


@dataclass(frozen=True)
class Undo:
    """`changes` are still to be made, newest first. `kept` would be ours to remove too, but other
    bindings rest on it by now."""

    changes: tuple[PortChange, ...] = ()
    kept: tuple[PortChange, ...] = ()


@dataclass(frozen=True)
class Leftover:
    """An entry that the undo could not put right, on the port as it was last seen."""

    port: Port
    pair: AddressPair
    is_added: bool
    is_certain: bool = True

    @property
    def words(self) -> str:
        return self._words.format(
            subject=subject(self.port),
            port=self.port.id,
            entry=entry_words(self.pair, self.port),
        )

    @property
    def _words(self) -> str:
        if self.is_certain:
            if self.is_added:
                # Translators: {subject} is "NIC 10.0.0.1", {entry} an address in its list.
                return _("{subject} (port {port}) still lists {entry}.")
            return _("{subject} (port {port}) no longer lists {entry}.")
        if self.is_added:
            return _("{subject} (port {port}) may still list {entry}; it could not be read again.")
        return _("{subject} (port {port}) may no longer list {entry}; it could not be read again.")


def plan_undo(made: Sequence[PortChange], ports: Iterable[Port], vips: Iterable[Port]) -> Undo:
    """`made` as it was written, oldest first. `ports` are its ports as they are now (one that is
    missing was deleted, and its entries with it), `vips` the VIPs of the network as they are now.

    A check that we switched off stays off while a VIP lists the NIC that did not do so before:
    somebody has bound it since. Made for one write at a time, newest first, and planned anew after
    it: our own listing is gone by then.
    """
    now = {port.id: port for port in ports}
    vips = tuple(vips)
    changes, kept = [], []
    for change in reversed(merge(made)):
        if change.port.id not in now:
            continue
        port = now[change.port.id]
        ours = _ours(change, port)
        if any(vip.id not in change.known_vips and entries(vip, keys(port)) for vip in vips):
            held = tuple(pair for pair in ours if pair.ip_address == CHECK_OFF)
            ours = tuple(pair for pair in ours if pair.ip_address != CHECK_OFF)
            kept += [PortChange(port, remove=held)] if held else []
        absent = tuple(
            pair
            for pair in change.remove
            if not any(same(pair, one) for one in port.allowed_address_pairs)
        )
        if ours or absent:
            changes.append(PortChange(port, absent, ours, order=change.before))
    return Undo(tuple(changes), tuple(kept))


def plan_whole_undo(
    made: Sequence[PortChange], ports: Iterable[Port], vips: Iterable[Port]
) -> tuple[Undo, list[Port]]:
    """All of the undo as one plan, and the VIPs as they are after it. A check goes on again where
    no VIP lists the NIC any more once this very undo is made."""
    ports, vips = tuple(ports), tuple(vips)
    first = plan_undo(made, ports, vips)
    after = {change.port.id: change.port_after for change in first.changes}
    left = [after.get(vip.id, vip) for vip in vips]
    return plan_undo(made, ports, left), left


def leftovers(changes: Iterable[PortChange]) -> tuple[Leftover, ...]:
    """What is wrong while these changes of an undo are not made."""
    return tuple(
        Leftover(change.port, pair, is_added)
        for change in changes
        for pairs, is_added in ((change.remove, True), (change.add, False))
        for pair in pairs
    )


def uncertain(made: Sequence[PortChange]) -> tuple[Leftover, ...]:
    """What may be wrong when the ports of these writes cannot be read any more."""
    return tuple(
        Leftover(change.port, pair, is_added, is_certain=False)
        for change in merge(made)
        for pairs, is_added in ((change.add, True), (change.remove, False))
        for pair in pairs
    )


def _ours(change: PortChange, port: Port) -> tuple[AddressPair, ...]:
    """Our additions as the cloud keeps them: with the port's own MAC, never with another."""
    added = {key(pair.ip_address) for pair in change.add}
    return tuple(
        pair
        for pair in entries(port, added)
        if not has_other_mac(pair, port) and pair not in change.before
    )
