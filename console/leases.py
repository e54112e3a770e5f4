"""Leases: who may write to which thing of the cloud right now, across threads, processes, machines.

A lease is a row in the database with an end. Nothing of the database is held while the cloud is
waited for: taking and giving back are each one short transaction. All writers take their leases in
the same order, so no two of them wait for each other.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console import record_names
from console.cloud.errors import Conflict
from console.models import Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from uuid import UUID

SPARE_SECONDS = 30
"""How much longer than a write's deadline a lease lasts: time for an undo, and to spare."""

MARGIN_SECONDS = 5
"""No write begins so shortly before a lease ends that it could arrive afterwards."""


class Busy(Conflict):
    headline = gettext_noop("Somebody else is changing this right now")


class LeaseLost(Conflict):
    headline = gettext_noop("This took too long")


def lifetime() -> float:
    """Seconds after which a lease ends by itself: longer than any operation and its undo take."""
    longest = max(config.write_deadline for config in settings.CLOUDS.values())
    return float(longest) + SPARE_SECONDS


@dataclass(frozen=True)
class Held:
    """Leases that were taken. `check` is called before each write."""

    holder: UUID
    keys: tuple[str, ...]
    ends: float
    clock: Callable[[], float] = time.monotonic

    def check(self) -> None:
        """Raises `LeaseLost` when the leases are about to end, or are not ours any more: this
        process slept too long, and by now somebody else may be writing."""
        if self.clock() > self.ends - MARGIN_SECONDS or not self._are_ours():
            raise LeaseLost(
                _(
                    "This took so long that the right to write has ended. Nothing further was "
                    "written."
                )
            )

    def _are_ours(self) -> bool:
        """Where the database does not answer, nobody can take a lease either: the clock decides."""
        ours = Lease.objects.filter(holder=self.holder, key__in=self.keys, expires_at__gt=Now())
        try:
            return ours.count() == len(self.keys)
        except DatabaseError:
            return True


@contextmanager
def held(
    holder: UUID, keys: Iterable[str], *, words: str, patience: float, pause: float = 0.02
) -> Iterator[Held]:
    """Hold the leases of all `keys`. Waits at most `patience` seconds for those of others, then
    raises `Busy`, whose words name who has them. `words` is what others are told meanwhile."""
    wanted = sorted(set(keys))
    began = time.monotonic()
    ends = began + lifetime()
    try:
        waiting = _take(holder, wanted, words)
        while waiting:
            if time.monotonic() - began > patience:
                raise Busy(_busy_words(waiting[0]))
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - no secret
            pause = min(pause * 1.5, 0.25)
            if _is_free(waiting[0]):
                waiting = _take(holder, waiting, words)
        yield Held(holder, tuple(wanted), ends)
    finally:
        _give_back(holder)


def is_held_by(holder: UUID) -> bool:
    """Whether that submit is still at work: it has a lease that has not ended."""
    return Lease.objects.filter(holder=holder, expires_at__gt=Now()).exists()


def clear_ended() -> int:
    """Forget leases that ended by themselves. Returns how many."""
    return Lease.objects.filter(expires_at__lte=Now()).delete()[0]


def _take(holder: UUID, keys: list[str], words: str) -> list[str]:
    """Take them in order up to the first that somebody else has; the rest is returned."""
    with transaction.atomic():
        for position, key in enumerate(keys):
            if not _take_one(holder, key, words):
                return keys[position:]
    return []


def _give_back(holder: UUID) -> None:
    """In the order in which they are taken, so that nobody waits for us while we wait for him."""
    ours = Lease.objects.filter(holder=holder)
    with transaction.atomic():
        held_now = list(ours.select_for_update().order_by("key").values_list("key", flat=True))
        ours.filter(key__in=held_now).delete()


def _take_one(holder: UUID, key: str, words: str) -> bool:
    values = {
        "holder": holder,
        "words": words[:200],
        "taken_at": Now(),
        "expires_at": Now() + dt.timedelta(seconds=lifetime()),
    }
    try:
        with transaction.atomic():
            Lease.objects.create(key=key, **values)
    except IntegrityError:
        # Somebody's. One that has ended by itself may be taken over.
        return bool(Lease.objects.filter(key=key, expires_at__lte=Now()).update(**values))
    return True


def _is_free(key: str) -> bool:
    return not Lease.objects.filter(key=key, expires_at__gt=Now()).exists()


def _holder(words: str) -> str:
    """Who does what, in the language of who reads it: the operation's name and the user."""
    name, _by, user = words.partition(" by ")
    if not user:
        return words
    # Translators: What somebody is doing, as others are told: "Bind to Server by admin".
    return _("{operation} by {user}").format(operation=record_names.shown(name), user=user)


def _busy_words(key: str) -> str:
    lease = Lease.objects.filter(key=key).first()
    is_eip = key.startswith("eip:")
    if lease and lease.words:
        told = (
            # Translators: {operation} is such as "Bind to Server by alice".
            _("Another operation is writing to the same EIP right now ({operation}).")
            if is_eip
            else _("Another operation is writing to the same port right now ({operation}).")
        ).format(operation=_holder(lease.words))
    elif is_eip:
        told = _("Another operation is writing to the same EIP right now.")
    else:
        told = _("Another operation is writing to the same port right now.")
    advice = _("Nothing was changed. Try again in a moment.")
    return f"{told} {advice}"
