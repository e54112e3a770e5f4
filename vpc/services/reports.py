"""How several operations of one submit ended, each for itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from console.models import OperationState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.cloud.errors import CloudError
    from vpc.services.execution import Outcome
    from vpc.services.operations import Result

NO_ANSWER = gettext_noop(
    "The cloud never answered this. It was not there when read afterwards, but may still come: "
    "look again in a minute."
)
FAULT = gettext_noop(
    "The cloud answered this with a fault. It was not there when read afterwards, but may still "
    "come: look again in a minute."
)


class Done(Enum):
    """What was done where it went well, in words."""

    ASSIGNED = auto()
    RELEASED = auto()
    UNBOUND = auto()

    @property
    def label(self) -> str:
        return {
            Done.ASSIGNED: _("Assigned"),
            Done.RELEASED: _("Released"),
            Done.UNBOUND: _("Unbound from its EIP"),
        }[self]

    def words(self, target: str) -> str:
        """Of one of them."""
        words = {
            Done.ASSIGNED: _("{target} is assigned."),
            Done.RELEASED: _("{target} is released."),
            Done.UNBOUND: _("{target} is unbound from its EIP."),
        }
        return words[self].format(target=target)

    def standing(self, targets: Sequence[str]) -> str:
        """What is so now of all that went well."""
        count = len(targets)
        words = {
            # Translators: {targets} is "10.0.0.4, 10.0.0.5 and 10.0.0.6".
            Done.ASSIGNED: ngettext("{targets} exists now.", "{targets} exist now.", count),
            Done.RELEASED: ngettext("{targets} is gone now.", "{targets} are gone now.", count),
            Done.UNBOUND: ngettext(
                "{targets} has no EIP now.", "{targets} have no EIP now.", count
            ),
        }
        return words[self].format(targets=listed(targets))


@dataclass(frozen=True)
class Report:
    """How one ended. `target` is what it was about in a word."""

    target: str
    done: Done
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
            return self.done.label
        if self.is_unknown:
            return _("Not known")
        return _("Refused") if self._is_refused else _("Failed")

    @property
    def _is_refused(self) -> bool:
        return self.outcome.record_state is OperationState.REFUSED

    @property
    def tone(self) -> str:
        """One of the tones of `components/status.html`."""
        return "good" if self.is_good else "warn" if self.is_unknown else "bad"

    @property
    def reason(self) -> str:
        return " ".join([*self.outcome.words, *self._late])

    @property
    def told(self) -> str:
        """The reason where the cloud's own words stand beside it."""
        return " ".join([*self.outcome.told, *self._late])

    @property
    def _late(self) -> list[str]:
        if not (self.has_failed and self.error and self.error.outcome_unknown):
            return []
        return [_(FAULT if self.error.status else NO_ANSWER)]

    @property
    def error(self) -> CloudError | None:
        return self.outcome.error

    @property
    def words(self) -> str:
        """`10.0.0.5 is assigned.`, or `10.0.0.6: refused. There is no more room …`"""
        if self.is_good:
            return self.done.words(self.target)
        if self.is_unknown:
            # Translators: {reason} is one or more sentences, or nothing.
            words = _("{target}: not known. {reason}")
        elif self._is_refused:
            words = _("{target}: refused. {reason}")
        else:
            words = _("{target}: failed. {reason}")
        return words.format(target=self.target, reason=self.reason).strip()


@dataclass(frozen=True)
class Reports:
    """All of one submit."""

    rows: tuple[Report, ...]
    done: Done

    @classmethod
    def of(cls, results: Sequence[Result], targets: Sequence[str], *, done: Done) -> Reports:
        pairs = zip(results, targets, strict=True)
        return cls(tuple(Report(target, done, result.outcome) for result, target in pairs), done)

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
            return _("Whether all of this took effect is not known")
        return _("Nothing was changed") if self.is_nothing else _("Not all of this was done")

    @property
    def standing(self) -> str:
        """What is so now, in a sentence or two."""
        good = [row.target for row in self.rows if row.is_good]
        unknown = [row.target for row in self.rows if row.is_unknown]
        words = []
        if good:
            words.append(self.done.standing(good))
        if unknown:
            text = _("Of {targets} it is not known: look at the table before you try again.")
            words.append(text.format(targets=listed(unknown)))
        return " ".join(words)

    @property
    def words(self) -> str:
        """All of it as one message."""
        return " ".join(row.words for row in self.rows)


def listed(words: Sequence[str]) -> str:
    """`a, b and c`"""
    if len(words) < 2:
        return "".join(words)
    # Translators: The end of a list of names: {names} is "a, b", {last} is "c".
    return _("{names} and {last}").format(names=", ".join(words[:-1]), last=words[-1])
