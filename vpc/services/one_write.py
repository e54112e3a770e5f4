"""Carrying out a change that is one write: sent once, looked up afterwards whatever was answered.

plan ─ record ─ write ─ look ─ as wanted? ─ done
                  │       └─ no: somebody else was faster, or it never arrived
                  └─ refused: nothing was changed
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.cloud.errors import Changed, CloudError, CloudUnavailable
from vpc.services.execution import UNDO_SECONDS, Outcome, OutcomeState, may_have_landed
from vpc.services.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from vpc.api import NetworkAPI
    from vpc.services.planning import SinglePlan
    from vpc.services.single import SingleChange

NOT_KNOWN = (
    "The cloud could not be asked whether this took effect. The next visit of this subnet's "
    "Virtual IP Address tab looks it up and closes the record."
)


def send_one(
    api: NetworkAPI,
    plan: SinglePlan,
    *,
    before_write: Callable[[tuple[SingleChange, ...]], None] = lambda _: None,
    guard: Callable[[], None] = lambda: None,
) -> Outcome:
    """Never raises `CloudError`: the outcome tells. `before_write` and `guard` as in `execute`."""
    end = partial(_outcome, api, plan, len(api.request_ids))
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
        return end(OutcomeState.NEEDS_REPAIR, change, error=failure, notes=(NOT_KNOWN,))
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


def _overtaken(change: SingleChange) -> Changed:
    return Changed(
        f"The cloud took this, but {change.subject} does not show it when read back: somebody else "
        "changed it at the same moment. Look at the present state before you try again."
    )
