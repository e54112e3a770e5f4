"""Where a change stands: as before it, as after it, or between the two."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vpc.resources import FloatingIP, Port


class Standing(StrEnum):
    BEFORE = "before"
    AFTER = "after"
    BETWEEN = "between"
    GONE = "gone"
    """What it was about does not exist any more, and nothing of the change with it."""


@dataclass(frozen=True)
class Now:
    """What was just read. `ports` are all of a network, `eips` all of the project; where EIPs were
    not read it is None, and of a change of one nothing can be said."""

    ports: Mapping[str, Port] = field(default_factory=dict)
    eips: Mapping[str, FloatingIP] | None = None

    @classmethod
    def of(cls, ports: Iterable[Port], eips: Iterable[FloatingIP] | None = None) -> Now:
        by_id = None if eips is None else {eip.id: eip for eip in eips}
        return cls({port.id: port for port in ports}, by_id)
