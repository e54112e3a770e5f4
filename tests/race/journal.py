"""What was done when, and what may be so at the end: the model that the cloud is compared with.

It knows nothing of the console's code: it goes by the answers that people got, and by when they
sent and got them. Of two operations on one binding the later one decides; where they overlapped,
either may.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import Enum
from math import inf

Binding = tuple[str, str]
"""(address of the VIP, address of the NIC)"""


class Answer(Enum):
    DONE = "done"
    NOT = "not done"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Entry:
    """`effect` is what it makes of bindings (bound or not), or (NIC "") of the VIP itself."""

    what: str
    effect: dict[Binding, bool]
    began: float
    ended: float
    answer: Answer
    words: str = ""


@dataclass
class Journal:
    entries: list[Entry] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, entry: Entry) -> None:
        with self._lock:
            self.entries.append(entry)

    def __len__(self) -> int:
        return len(self.entries)

    def count(self, answer: Answer, what: str = "") -> int:
        return sum(entry.answer is answer and what in ("", entry.what) for entry in self.entries)

    def possible(self, bindings: dict[Binding, bool]) -> dict[Binding, set[bool]]:
        """{binding: how it may be at the end}, for these, which were so at the beginning."""
        return {
            binding: possible(binding, at_first, self.entries)
            for binding, at_first in bindings.items()
        }


def possible(binding: Binding, at_first: bool, entries: list[Entry]) -> set[bool]:
    about = [entry for entry in entries if binding in entry.effect]
    done = [entry for entry in about if entry.answer is Answer.DONE]
    last_began = max((entry.began for entry in done), default=-inf)
    found = {entry.effect[binding] for entry in done if entry.ended >= last_began}
    # What was not answered may have come to pass, or come to pass still.
    found |= {entry.effect[binding] for entry in about if entry.answer is Answer.UNKNOWN}
    return found if done else found | {at_first}
