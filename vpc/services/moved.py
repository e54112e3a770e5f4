"""What moved since a change was recorded: addresses that are gone, or somebody else's by now.

An entry of a list is only an address. Who had it when it was written stands in the record; where
another port has it today, the entry is that port's, and nothing of ours is to touch it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from vpc.services.pairs import key, keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from console.models import Operation
    from vpc.resources import Port
    from vpc.services.changes import PortChange
    from vpc.services.pairs import Key


def recorded_holders(operation: Operation, changes: Iterable[PortChange]) -> dict[Key, str]:
    """{address: id of the port that had it}, as far as the record tells."""
    subjects = operation.subjects.filter(kind__in=("vip", "nic", "port"))
    found = {key(subject.label): subject.ref for subject in subjects if subject.label}
    return found | {one: change.port.id for change in changes for one in keys(change.port)}


def still_ours(change: PortChange, addresses: Addresses, *, back: bool = False) -> PortChange:
    """The change (or, with `back`, what takes it back) without the entries that are not ours to
    write any more: nothing is taken from who has the address by now, and nothing is listed that
    would lead to somebody else, or nowhere."""
    coming, going = (change.remove, change.add) if back else (change.add, change.remove)
    coming = tuple(pair for pair in coming if not addresses.is_gone(pair.ip_address))
    going = tuple(pair for pair in going if not addresses.taken_by(pair.ip_address))
    add, remove = (going, coming) if back else (coming, going)
    return replace(change, add=add, remove=remove)


class Addresses:
    """Whose addresses were when something was recorded (`then`: the port's id), and whose they are
    in the network now (`ports`)."""

    def __init__(self, then: Mapping[Key, str], ports: Iterable[Port]) -> None:
        self._then = then
        self._now = {one: port for port in ports for one in keys(port)}

    def taken_by(self, address: str) -> Port | None:
        """Who has it now, where that is not who had it then."""
        then, now = self._then.get(key(address)), self._now.get(key(address))
        return now if then and now and now.id != then else None

    def is_gone(self, address: str) -> bool:
        """Whether who had it then has it no more."""
        then, now = self._then.get(key(address)), self._now.get(key(address))
        return then is not None and (now is None or now.id != then)
