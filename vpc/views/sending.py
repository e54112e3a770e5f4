"""Dialogs are carried out once each, however often they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages

from console import once
from console.cloud.errors import CloudError
from console.htmx import done
from vpc.forms import OnceForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest

IN_DOUBT = (
    "It is not known whether this took effect. Look at the present state before you try again."
)
CHANGED = "vips-changed"
"""The event at which the table of VIPs reads itself again."""


@dataclass
class Attempt:
    """One submit of a dialog. Until it is finished the same form may be sent again."""

    request: ConsoleRequest
    key: UUID | None
    is_finished: bool = False

    def finish(self, level: int, message: str) -> None:
        """Tell how it ended, now and to whoever sends the form again."""
        if self.key:
            once.finish(self.request, self.key, level, message)
        self.is_finished = True

    def withdraw(self) -> None:
        if self.key and not self.is_finished:
            once.withdraw(self.key)


def carry_out(
    request: ConsoleRequest, back: str, act: Callable[[Attempt], HttpResponse]
) -> HttpResponse:
    """What `act` answers, at the first submit of this form. A second one is told what the first was
    told before anything is looked at: by then the state of things may speak against it.

    A form without a good key is given to `act` all the same; its own form refuses it.
    """
    form = OnceForm(request.POST)
    attempt = Attempt(request, form.cleaned_data["key"] if form.is_valid() else None)
    if attempt.key and not once.begin(request, attempt.key):
        return done(request, CHANGED, back)
    try:
        response = act(attempt)
    except CloudError as error:
        if attempt.key and error.outcome_unknown:
            once.keep(attempt.key, messages.ERROR, IN_DOUBT)
        else:
            attempt.withdraw()
        raise
    attempt.withdraw()
    return response
