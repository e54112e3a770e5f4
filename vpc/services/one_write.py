"""Carrying out a change that is one write: sent once, looked up afterwards whatever was answered.

plan ─ record ─ write ─ look ─ as wanted? ─ done
 ▲                │       └─ no: somebody else was faster, or it never arrived
 │                ├─ refused: nothing was changed
 └── the same? ◄──┴─ it changed since it was read (412)
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console.cloud.errors import Changed, CloudError, CloudUnavailable
from vpc.services.execution import ATTEMPTS, UNDO_SECONDS, Outcome, OutcomeState, may_have_landed
from vpc.services.single import PortDeletion
from vpc.services.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from vpc.api import NetworkAPI
    from vpc.services.planning import SinglePlan
    from vpc.services.single import SingleChange


class Overtaken(CloudError):
    headline = gettext_noop("Somebody else wrote over this")


NOT_KNOWN = gettext_noop(
    "The cloud could not be asked whether this took effect. The next visit of this subnet's "
    "Virtual IP Address tab looks it up and closes the record."
)


def send_one(
    api: NetworkAPI,
    plan: SinglePlan,
    *,
    replan: Callable[[], SinglePlan],
    before_write: Callable[[tuple[SingleChange, ...]], None] = lambda _: None,
    guard: Callable[[], None] = lambda: None,
) -> Outcome:
    """Never raises `CloudError`: the outcome tells. The arguments are those of `execute`.

    Where the cloud says that the thing changed since it was read, and it still comes to the same
    write, that is sent again; where it comes to another one, it is for the user to look.
    """
    known = len(api.request_ids)
    for _attempt in range(ATTEMPTS - 1):
        outcome = _send(api, plan, known, before_write, guard)
        if outcome.made or not isinstance(outcome.error, Changed):
            return outcome
        try:
            again = replan()
        except CloudError:
            return outcome
        if again.changes and not _is_the_same(again, plan):
            return outcome
        plan = again
    return _send(api, plan, known, before_write, guard)


def _is_the_same(again: SinglePlan, plan: SinglePlan) -> bool:
    """What is deleted must be what was seen: whatever changed about it, it is asked about anew."""
    is_deletion = isinstance(plan.change, PortDeletion)
    return not is_deletion and again.fingerprint == plan.fingerprint


def _send(
    api: NetworkAPI,
    plan: SinglePlan,
    known: int,
    before_write: Callable[[tuple[SingleChange, ...]], None],
    guard: Callable[[], None],
) -> Outcome:
    end = partial(_outcome, api, plan, known)
    if plan.refusals:
        return end(OutcomeState.REFUSED)
    if plan.change is None:
        return end(OutcomeState.UNCHANGED)
    try:
        before_write(plan.changes)
        guard()
        change, failure = plan.change.send(api), None
    except CloudError as error:
        if not may_have_landed(error):
            return end(OutcomeState.UNDONE, error=error)
        change, failure = plan.change, error
    try:
        change, standing = _look(api, change)
    except CloudError:
        if failure is None:
            return end(OutcomeState.DONE, change)  # the cloud said so
        return end(OutcomeState.NEEDS_REPAIR, change, error=failure, notes=(_(NOT_KNOWN),))
    if standing is Standing.AFTER:
        return end(OutcomeState.DONE, change)
    return end(OutcomeState.UNDONE, error=failure or _overtaken(change))


def _outcome(
    api: NetworkAPI,
    plan: SinglePlan,
    known: int,
    state: OutcomeState,
    change: SingleChange | None = None,
    *,
    error: CloudError | None = None,
    notes: tuple[str, ...] = (),
) -> Outcome:
    made = (change,) if change else ()
    ids = api.request_ids[known:]
    return Outcome(state=state, plan=plan, made=made, error=error, notes=notes, request_ids=ids)


def _look(api: NetworkAPI, change: SingleChange) -> tuple[SingleChange, Standing]:
    """So much hangs on it that one bad answer is not the last word."""
    api.allow_at_least(UNDO_SECONDS)
    try:
        return change.look(api)
    except CloudUnavailable:
        return change.look(api)


def _overtaken(change: SingleChange) -> Overtaken:
    return Overtaken(
        _(
            # Translators: {subject} is what was changed: "NIC 10.0.0.1", "A new VIP".
            "The cloud took this, but {subject} does not show it when read back. "
            "Look at the present state before you try again."
        ).format(subject=change.subject)
    )
