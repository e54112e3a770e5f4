"""How several operations of one submit ended, each for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.models import OperationState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.cloud.errors import CloudError
    from vpc.services.execution import Outcome
    from vpc.services.operations import Result

MAY_STILL_COME = (
    "The cloud never answered this. It was not there when read afterwards, but may still come: "
    "look again in a minute."
)


@dataclass(frozen=True)
class Report:
    """How one ended. `target` is what it was about in a word, `done` what a good end is called."""

    target: str
    done: str
    outcome: Outcome

    @property
    def is_good(self) -> bool:
        return self.outcome.is_good

    @property
    def is_unknown(self) -> bool:
        return self.outcome.is_unknown

    @property
    def has_failed(self) -> bool:
        """Whether it is known that it was not done."""
        return not (self.is_good or self.is_unknown)

    @property
    def text(self) -> str:
        if self.is_good:
            return self.done[:1].upper() + self.done[1:]
        if self.is_unknown:
            return "Not known"
        return "Refused" if self.outcome.record_state is OperationState.REFUSED else "Failed"

    @property
    def tone(self) -> str:
        """One of the tones of `components/status.html`."""
        return "good" if self.is_good else "warn" if self.is_unknown else "bad"

    @property
    def reason(self) -> str:
        late = self.has_failed and self.error and self.error.outcome_unknown
        return " ".join([*self.outcome.words, *([MAY_STILL_COME] if late else [])])

    @property
    def error(self) -> CloudError | None:
        return self.outcome.error

    @property
    def words(self) -> str:
        """`10.0.0.5 is assigned.`, or `10.0.0.6: refused. There is no more room …`"""
        if self.is_good:
            return f"{self.target} is {self.done}."
        return f"{self.target}: {self.text.lower()}. {self.reason}".strip()


@dataclass(frozen=True)
class Reports:
    """All of one submit. `exists` is what is true of those that went well: "exists", "is gone"."""

    rows: tuple[Report, ...]
    exists: tuple[str, str]

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        targets: Sequence[str],
        *,
        done: str,
        exists: tuple[str, str],
    ) -> Reports:
        pairs = zip(results, targets, strict=True)
        return cls(tuple(Report(target, done, result.outcome) for result, target in pairs), exists)

    @property
    def is_good(self) -> bool:
        return all(row.is_good for row in self.rows)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was done, for certain."""
        return all(row.has_failed for row in self.rows)

    @property
    def title(self) -> str:
        if any(row.is_unknown for row in self.rows):
            return "Whether all of this took effect is not known"
        return "Nothing was changed" if self.is_nothing else "Not all of this was done"

    @property
    def standing(self) -> str:
        """What is so now, in a sentence or two."""
        good = [row.target for row in self.rows if row.is_good]
        unknown = [row.target for row in self.rows if row.is_unknown]
        words = []
        if good:
            words.append(f"{listed(good)} {self.exists[len(good) > 1]} now.")
        if unknown:
            words.append(
                f"Of {listed(unknown)} it is not known: look at the table before you try again."
            )
        return " ".join(words)

    @property
    def words(self) -> str:
        """All of it as one message."""
        return " ".join(row.words for row in self.rows)


def listed(words: Sequence[str]) -> str:
    """`a, b and c`"""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
