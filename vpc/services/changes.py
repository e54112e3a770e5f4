"""A change of one port's `allowed_address_pairs`: what is added, what is removed, in words."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from django.utils.translation import gettext as _
from msgspec.structs import replace

from vpc.resources import CHECK_OFF, AddressPair, Port
from vpc.services.pairs import has_other_mac, lists, same
from vpc.services.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vpc.services.standing import Now


class PortChange(msgspec.Struct, frozen=True, dict=True, tag="pairs"):
    """`port` is the port as it was read; every entry of it that is not in `remove` survives.

    Added entries go to the end. Those that stand in `order` (an undo puts back what was there) go
    to their old places instead. `known_vips` are the VIPs that listed this NIC when its check was
    planned to be switched off; any that lists it later rests on that and holds it against an undo.
    """

    port: Port
    add: tuple[AddressPair, ...] = ()
    remove: tuple[AddressPair, ...] = ()
    order: tuple[AddressPair, ...] = ()
    known_vips: frozenset[str] = frozenset()

    @property
    def before(self) -> tuple[AddressPair, ...]:
        return self.port.allowed_address_pairs

    @cached_property
    def after(self) -> tuple[AddressPair, ...]:
        pairs = [pair for pair in self.before if pair not in self.remove]
        for pair in self.add:
            pairs.insert(self._place(pair, pairs), pair)
        return tuple(pairs)

    @property
    def port_after(self) -> Port:
        return replace(self.port, allowed_address_pairs=self.after)

    def _place(self, pair: AddressPair, pairs: list[AddressPair]) -> int:
        if pair not in self.order:
            return len(pairs)
        earlier = self.order[: self.order.index(pair)]
        return max((pairs.index(one) + 1 for one in earlier if one in pairs), default=0)

    @property
    def subject(self) -> str:
        return subject(self.port)

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each entry: "+ 1.1.1.1/0 (source/destination check off)"."""
        removed = [f"- {entry_words(pair, self.port)}" for pair in self.remove]
        return (*removed, *(f"+ {entry_words(pair, self.port)}" for pair in self.add))

    @property
    def before_lines(self) -> tuple[str, ...]:
        return tuple(entry_words(pair, self.port) for pair in self.before)

    @property
    def after_lines(self) -> tuple[str, ...]:
        return tuple(entry_words(pair, self.port) for pair in self.after)

    @property
    def words(self) -> str:
        # Translators: {subject} is "NIC 10.0.0.1", {port} an id, {changes} a list of signs and
        # entries: "+ 10.0.0.4; - 10.0.0.5".
        return _("{subject}, port {port}: {changes}").format(
            subject=self.subject, port=self.port.id, changes="; ".join(self.lines)
        )

    @property
    def written(self) -> tuple[object, ...]:
        """What would be written, for a plan's fingerprint."""
        return self.port.id, self.add, self.remove

    @property
    def ports(self) -> tuple[Port, ...]:
        return (self.port,)

    def standing(self, now: Now) -> Standing:
        """Whether the port is as before this change, as after it, or something between."""
        port = now.ports.get(self.port.id)
        if port is None:
            return Standing.GONE
        if not self.unmet(port):
            return Standing.AFTER
        back = PortChange(port, add=self.remove, remove=self.add)
        return Standing.BETWEEN if back.unmet(port) else Standing.BEFORE

    def on(self, port: Port) -> PortChange:
        """The same change of the port as it is now."""
        return replace(self, port=port)

    def fits(self, port: Port) -> bool:
        """Whether all that the planner looked at is still the same. A revision that rose for
        another reason (a name, a tag) is none to plan again."""
        return _facts(self.port) == _facts(port)

    def unmet(self, port: Port) -> tuple[AddressPair, ...]:
        """The entries that are not as this change wants them: absent additions, present removals.

        An addition is met by its address alone: the cloud fills in a MAC of its own choice.
        """
        absent = tuple(pair for pair in self.add if not _listed(pair, port))
        return absent + tuple(pair for pair in self.remove if _listed(pair, port))


def subject(port: Port) -> str:
    """The port in words, by what a person knows it by: short, as diffs have it."""
    name = port.ip_address or port.name or port.id
    if port.is_vip:
        return _("VIP {name}").format(name=name)
    return (_("NIC {name}") if port.is_nic else _("Port {name}")).format(name=name)


def called(port: Port) -> str:
    """The same in the words of a sentence."""
    if not port.is_vip:
        return subject(port)
    # Translators: It begins sentences: "Virtual IP address 10.0.0.4 is gone."
    return _("Virtual IP address {name}").format(name=port.ip_address or port.id)


def mentioned(port: Port) -> str:
    """The same after a sentence's first word."""
    if not port.is_vip:
        return subject(port)
    # Translators: It stands inside sentences: "bound to virtual IP address 10.0.0.4".
    return _("virtual IP address {name}").format(name=port.ip_address or port.id)


def entry_words(pair: AddressPair, port: Port) -> str:
    if pair.ip_address == CHECK_OFF:
        return _("{entry} (source/destination check off)").format(entry=pair.ip_address)
    if has_other_mac(pair, port):
        return _("{entry} (for MAC {mac})").format(entry=pair.ip_address, mac=pair.mac_address)
    return pair.ip_address


def merge(changes: Iterable[PortChange]) -> tuple[PortChange, ...]:
    """One change for each port, in the order in which they first occur; empty ones fall out."""
    merged: dict[str, PortChange] = {}
    for change in changes:
        known = merged.get(change.port.id, PortChange(change.port))
        merged[change.port.id] = replace(
            known,
            add=tuple(dict.fromkeys(known.add + change.add)),
            remove=tuple(dict.fromkeys(known.remove + change.remove)),
            known_vips=known.known_vips or change.known_vips,
        )
    return tuple(change for change in merged.values() if change.add or change.remove)


def _listed(pair: AddressPair, port: Port) -> bool:
    if pair.mac_address is None:
        return lists(port, pair.ip_address)
    return any(same(pair, one) for one in port.allowed_address_pairs)


def _facts(port: Port) -> tuple[object, ...]:
    return (
        port.allowed_address_pairs,
        port.fixed_ips,
        port.device_owner,
        port.device_id,
        port.port_security_enabled,
    )
