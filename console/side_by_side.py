"""A change of a record as a person compares it: before and after, line by line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True)
class SideBySide:
    """Lines are (sign, text): "-" goes, "+" comes, " " stays."""

    title: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]


def side_by_side(change: dict[str, Any]) -> SideBySide:
    """Of one of `Operation.changes`. A line that stands twice is counted twice."""
    before, after = change["before"], change["after"]
    kept = Counter(before) & Counter(after)
    return SideBySide(
        change["title"], tuple(_signed(before, "-", kept)), tuple(_signed(after, "+", kept))
    )


def _signed(lines: Iterable[str], sign: str, kept: Counter[str]) -> Iterator[tuple[str, str]]:
    left = kept.copy()
    for line in lines:
        left[line] -= 1
        yield (" " if left[line] >= 0 else sign), line
