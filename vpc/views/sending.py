"""Dialogs are carried out once each, however often they are sent."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console import leases, once, operations
from console.cloud.errors import CloudError, Unauthorized
from console.htmx import done
from console.models import UNSETTLED_STATES, OperationState
from vpc.forms import OnceForm
from vpc.services.settling import look_again

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from console.models import Operation, Submission
    from console.types import ConsoleRequest

IN_DOUBT = gettext_noop(
    "It is not known whether this took effect. Look at the present state before you try again."
)
UNDER_WAY = gettext_noop(
    "This was sent twice, and the first time has not reported how it ended. Reload in a moment and "
    "look at the present state before you try again."
)
CHANGED = "vips-changed"
"""The event at which the table of VIPs reads itself again."""

WAIT_SECONDS = 5
"""How long a second submit waits for the first one's end, to tell it."""


@dataclass
class Attempt:
    """One submit of a dialog. Until it is finished the same form may be sent again.

    `run` names it in operation records and leases: it is the form's key.
    """

    request: ConsoleRequest
    key: UUID | None
    run: UUID
    is_finished: bool = False

    def finish(self, level: int, message: str) -> None:
        """Tell how it ended, now and to whoever sends the form again."""
        if self.key:
            once.finish(self.request, self.key, level, message)
        self.is_finished = True

    def keep(self, level: int, message: str) -> None:
        """The same, where the answer itself tells it now."""
        if self.key:
            once.keep(self.key, level, message)
        self.is_finished = True

    def withdraw(self) -> None:
        if self.key and not self.is_finished:
            once.withdraw(self.key)


def carry_out(
    request: ConsoleRequest,
    back: str,
    act: Callable[[Attempt], HttpResponse],
    event: str = CHANGED,
) -> HttpResponse:
    """What `act` answers, at the first submit of this form. A second one is told what the first was
    told before anything is looked at: by then the state of things may speak against it.

    A form without a good key is given to `act` all the same; its own form refuses it.
    """
    form = OnceForm(request.POST)
    key = form.cleaned_data["key"] if form.is_valid() else None
    attempt = Attempt(request, key, key or uuid4())
    if key and (earlier := once.begin(request, key)):
        _tell_again(request, earlier)
        return done(request, event, back)
    try:
        response = act(attempt)
    except CloudError as error:
        if attempt.key and error.outcome_unknown:
            once.keep(attempt.key, messages.ERROR, _(IN_DOUBT))
        else:
            attempt.withdraw()
        raise
    attempt.withdraw()
    return response


def told(earlier: Submission) -> str:
    """What the first submit of a form was told, for a page that shows it."""
    return earlier.message or _(UNDER_WAY)


def _tell_again(request: ConsoleRequest, earlier: Submission) -> None:
    """What the first submit was told. While it is still at work it is waited for; where it was
    stopped in the middle its records tell, after a look at the cloud."""
    end = time.monotonic() + WAIT_SECONDS
    while not earlier.message and leases.is_held_by(earlier.key) and time.monotonic() < end:
        time.sleep(0.1)
        earlier = once.earlier(request, earlier.key) or earlier
    records = operations.of_run(earlier.key, request.account.user.id)
    if earlier.message and not any(record.state in UNSETTLED_STATES for record in records):
        once.tell(request, earlier)
        return
    for record in records:
        _tell_record(request, record)
    if not records:
        messages.info(request, _(UNDER_WAY))


def _tell_record(request: ConsoleRequest, record: Operation) -> None:
    if record.state in UNSETTLED_STATES:
        try:
            look_again(request.cloud, record)
        except Unauthorized:
            raise
        except CloudError:
            messages.warning(request, _(IN_DOUBT))
            return
    is_good = record.state == OperationState.DONE
    text = f"{record.label} {record.target}: {record.message or _(UNDER_WAY)}"
    messages.add_message(request, messages.SUCCESS if is_good else messages.WARNING, text)
