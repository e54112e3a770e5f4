"""Each form is carried out once, however often it is sent: double click, Back, reload, two tabs.

The first one to write the form's key into the database carries it out; any other gets told what
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
UNDER_WAY = (
    "This was sent twice, and the first time has not reported how it ended. Reload in a moment and "
    "look at the present state before you try again."
)


def begin(request: ConsoleRequest, key: UUID) -> bool:
    """Whether this is the first time. If it is not, the earlier result is told once more."""
    now = timezone.now()
    Submission.objects.filter(at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            Submission.objects.create(key=key, user_id=request.account.user.id, at=now)
    except IntegrityError:
        earlier = Submission.objects.filter(key=key, user_id=request.account.user.id).first()
        if earlier is not None and earlier.message:
            messages.add_message(request, earlier.level, earlier.message)
        else:
            messages.info(request, UNDER_WAY)
        return False
    return True


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
