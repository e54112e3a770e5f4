"""Each form is carried out once, however often it is sent: double click, Back, reload, two tabs.

The first one to write the form's key into the database carries it out; any other gets to know what
the first one was told.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.utils import timezone

from console.models import Submission

if TYPE_CHECKING:
    from uuid import UUID

    from console.types import ConsoleRequest

KEPT = dt.timedelta(days=1)


def begin(request: ConsoleRequest, key: UUID) -> Submission | None:
    """The earlier submit of the same form, or None where this is the first. Another user's form is
    never looked into: it counts as one that has told nothing."""
    now = timezone.now()
    user_id = request.account.user.id
    Submission.objects.filter(at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            Submission.objects.create(key=key, user_id=user_id, at=now)
    except IntegrityError:
        return earlier(request, key) or Submission(key=key, user_id="", at=now)
    return None


def earlier(request: ConsoleRequest, key: UUID) -> Submission | None:
    """The submit of this form, where this user has sent it already."""
    return Submission.objects.filter(key=key, user_id=request.account.user.id).first()


def tell(request: ConsoleRequest, submission: Submission) -> None:
    """Tell once more what was told at its end."""
    messages.add_message(request, submission.level, submission.message)


def keep(key: UUID, level: int, message: str) -> None:
    """Keep the result for those who send the form again; it is told to nobody now."""
    Submission.objects.filter(key=key).update(level=level, message=message)


def finish(request: ConsoleRequest, key: UUID, level: int, message: str) -> None:
    """Tell the result, and keep it for those who send the form again."""
    keep(key, level, message)
    messages.add_message(request, level, message)


def withdraw(key: UUID) -> None:
    """Nothing was done: the same form may be sent again."""
    Submission.objects.filter(key=key).delete()
