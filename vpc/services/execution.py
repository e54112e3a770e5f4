"""The executor: carries a plan out, verifies it, and takes it back where it cannot be finished.

    read the plan's ports ─ as planned? ─ write, NIC after NIC ─ read back ─ as wanted? ─ done
            │                    │              │                   │             │
            └──── plan again ◄───┴─ somebody else wrote (412) ◄─────┼─────────────┘
                                                └── any failure ────┴─► undo, newest first

Somebody else's write does not lead to an undo but to a new plan: planners are idempotent, so it
names what is still missing, and nothing flickers. A write without an answer is settled by reading.
Where ports have revisions the first reading is left out: the cloud itself compares (If-Match).
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console.cloud.errors import (
    BadAnswer,
    BadRequest,
    Changed,
    CloudError,
    CloudUnavailable,
    Conflict,
    Forbidden,
    NotFound,
    QuotaExceeded,
)
from console.models import OperationState
from vpc.resources import CHECK_OFF
from vpc.services.changes import merge, subject
from vpc.services.undoing import Leftover, leftovers, plan_undo, uncertain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vpc.api import NetworkAPI
    from vpc.resources import Port
    from vpc.services.changes import PortChange
    from vpc.services.planning import Plan, Replan, SinglePlan
    from vpc.services.single import Change
    from vpc.services.undoing import Undo

UNDO_SECONDS = 10
"""An operation that has used up its time still gets this much to take back what was ours."""

ATTEMPTS = 3
"""How often the operation is planned in all, and how often one port's undo is tried."""

OVERTAKEN = gettext_noop(
    "Others kept changing the same ports: planned {count} times, overtaken each time. "
    "Try again in a moment."
)

WHO_MAY = gettext_noop(
    "Allowed address pairs may be set by members of the project that the network belongs to, and "
    "by administrators: ask one of them, or use a network of your own project."
)

REFUSALS = (BadRequest, Conflict, Forbidden, NotFound, QuotaExceeded)
"""What the cloud says when it understood the wish and does not grant it."""


class OutcomeState(StrEnum):
    DONE = "done"
    UNCHANGED = "unchanged"
    """There was nothing to do."""
    REFUSED = "refused"
    """A rule speaks against it; the ports are as they were."""
    UNDONE = "undone"
    """It failed, and all is as it was."""
    NEEDS_REPAIR = "needs repair"
    """It failed, and `left` says what of ours is, or may be, still there."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How it ended. `plan` is the plan in force at the end, `made` every change that was written
    (and taken back, unless done), `error` what stopped it, `undo_error` what stopped the undo."""

    state: OutcomeState
    plan: Plan | SinglePlan
    made: tuple[Change, ...] = ()
    error: CloudError | None = None
    undo_error: CloudError | None = None
    left: tuple[Leftover, ...] = ()
    notes: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ()

    @property
    def record_state(self) -> OperationState:
        """The state that the operation's record ends in."""
        if self.state in (OutcomeState.DONE, OutcomeState.UNCHANGED):
            return OperationState.DONE
        if self.state is OutcomeState.NEEDS_REPAIR:
            return OperationState.NEEDS_REPAIR
        if self.made:
            return OperationState.UNDONE
        is_refusal = self.state is OutcomeState.REFUSED or isinstance(self.error, REFUSALS)
        return OperationState.REFUSED if is_refusal else OperationState.FAILED

    @property
    def is_unknown(self) -> bool:
        """Whether not even that is known: the one write was not answered and cannot be read."""
        return self.state is OutcomeState.NEEDS_REPAIR and not self.left

    @property
    def is_good(self) -> bool:
        return self.state in (OutcomeState.DONE, OutcomeState.UNCHANGED)

    @property
    def words(self) -> tuple[str, ...]:
        """All that is to be said, sentence by sentence; nothing when all went well."""
        return (
            self._told(f"{self.error.headline}: {self.error.message}")
            if self.error
            else self._told()
        )

    @property
    def told(self) -> tuple[str, ...]:
        """The same where the cloud's own words stand beside it in `components/cloud_words.html`:
        with what to do next instead of them."""
        error = self.error
        if error is None or not error.is_from_cloud:
            return self.words
        is_next_said = error.outcome_unknown or self.state is OutcomeState.NEEDS_REPAIR
        return self._told(
            f"{error.headline}." if is_next_said else f"{error.headline}. {error.way_out}"
        )

    def _told(self, *why: str) -> tuple[str, ...]:
        refusals = tuple(str(notice) for notice in self.plan.refusals)
        still = tuple(leftover.words for leftover in self.left)
        return (*refusals, *why, *_who_may(self.error), *still, *self.notes)


def execute(
    api: NetworkAPI,
    plan: Plan,
    *,
    replan: Replan,
    before_write: Callable[[tuple[PortChange, ...]], None] = lambda _: None,
    guard: Callable[[], None] = lambda: None,
) -> Outcome:
    """Carry the plan out, all or nothing. Never raises `CloudError`: the outcome tells.

    `replan` reads the network anew and plans the same operation. `before_write` is called before
    the first write, and again when a new plan replaces the first, with all changes written so far
    or about to be: the place to store a record. `guard` is called before each write, also those of
    an undo, and may raise a `CloudError` that stops it. Leases are the caller's, around all of it.
    """
    return _Execution(api, replan, before_write, guard).run(plan)


class _Execution:
    def __init__(
        self,
        api: NetworkAPI,
        replan: Replan,
        before_write: Callable[[tuple[PortChange, ...]], None],
        guard: Callable[[], None],
    ) -> None:
        self._api = api
        self._replan = replan
        self._before_write = before_write
        self._guard = guard
        self._known = len(api.request_ids)
        self._sent: list[PortChange] = []
        """Every change that took effect or may have, oldest first."""
        self._mended: list[str] = []

    def run(self, plan: Plan) -> Outcome:
        self._plan = plan
        try:
            self._carry_out()
        except CloudError as error:
            return self._take_back(OutcomeState.UNDONE, error)
        if self._plan.refusals:
            return self._take_back(OutcomeState.REFUSED, None)
        state = OutcomeState.DONE if self._sent else OutcomeState.UNCHANGED
        return self._outcome(state, notes=tuple(self._mended))

    def _carry_out(self) -> None:
        """Write until all is as wanted, or a rule speaks against it."""
        for attempt in range(ATTEMPTS):
            if attempt:
                self._plan = self._replan()
            if self._plan.refusals or (self._write_all() and self._is_as_wanted()):
                return
        raise Changed(_(OVERTAKEN).format(count=ATTEMPTS))

    def _write_all(self) -> bool:
        """False when a port is not as planned (any more): then what is left is planned anew."""
        if not self._plan.changes:
            return True
        ports = {change.port.id: change.port for change in self._plan.changes}
        if any(port.revision_number is None for port in ports.values()):
            ports = self._read(ports.values())
        if not all(change.fits(ports[change.port.id]) for change in self._plan.changes):
            return False
        self._before_write(merge([*self._sent, *self._plan.changes]))
        for position, change in enumerate(self._plan.changes):
            port = ports[change.port.id]
            if position and port.revision_number is None:
                # Without revisions only a fresh read keeps what others write; make the gap short.
                port = self._read([port])[port.id]
                if not change.fits(port):
                    return False
            self._guard()
            try:
                self._write(change.on(port))
            except Changed:
                return False
        return True

    def _write(self, change: PortChange) -> None:
        try:
            self._put(change)
        except CloudError as error:
            if not may_have_landed(error):
                raise
            self._sent.append(change)
            if not self._took_effect(change):
                raise
        else:
            self._sent.append(change)

    def _took_effect(self, change: PortChange) -> bool:
        with suppress(CloudError):
            return not change.unmet(self._read([change.port])[change.port.id])
        return False

    def _is_as_wanted(self) -> bool:
        """Read back: a writer outside the console may have written at the same moment, and no
        cloud's guard excludes that (Neutron answers both 200). What is missing is planned anew."""
        if not self._sent:
            return True
        sent = merge(self._sent)
        looked_at = {change.port.id: change.port for change in sent}
        looked_at |= {port.id: port for port in self._plan.ports if port.id in self._plan.scope}
        ports = self._read(looked_at.values())
        lost = [change.port for change in sent if change.unmet(ports[change.port.id])]
        lost += [change.port for change in self._plan.left_on(ports)]
        self._mended += [_mended_words(port) for port in dict.fromkeys(lost)]
        return not lost

    def _take_back(self, state: OutcomeState, error: CloudError | None) -> Outcome:
        undo_error: CloudError | None = None
        undo = None
        tries: Counter[str] = Counter()
        if self._sent:
            self._api.allow_at_least(UNDO_SECONDS)
        while self._sent:
            try:
                undo = self._plan_undo()
            except CloudError as failure:
                left = uncertain(self._sent)
                return self._outcome(OutcomeState.NEEDS_REPAIR, error, failure, left)
            todo = [change for change in undo.changes if tries[change.port.id] < ATTEMPTS]
            if not todo:
                break
            # One port for each reading: no list is written that is older than one call.
            tries[todo[0].port.id] += 1
            try:
                self._guard()
                self._put(todo[0])
            except CloudError as failure:
                undo_error = failure
        if undo is None or not undo.changes:
            notes = tuple(_kept_words(change) for change in undo.kept) if undo else ()
            return self._outcome(state, error, notes=notes)
        left = leftovers([*undo.changes, *undo.kept])
        return self._outcome(OutcomeState.NEEDS_REPAIR, error, undo_error, left)

    def _plan_undo(self) -> Undo:
        ids = list(dict.fromkeys(change.port.id for change in self._sent))
        ports = self._patiently(lambda: self._api.list_ports(id=ids))
        vips: tuple[Port, ...] = ()
        if any(pair.ip_address == CHECK_OFF for change in self._sent for pair in change.add):
            network_id = self._sent[0].port.network_id
            vips = self._patiently(lambda: self._api.list_vip_ports(network_id=network_id))
        return plan_undo(self._sent, ports, vips)

    def _read(self, ports: Iterable[Port]) -> dict[str, Port]:
        """These ports as they are now. `NotFound` when one of them is gone."""
        wanted = {port.id: port for port in ports}
        read = self._patiently(lambda: self._api.list_ports(id=list(wanted)))
        found = {port.id: port for port in read}
        for port_id, port in wanted.items():
            if port_id not in found:
                words = _("{subject} (port {port}) is gone.")
                raise NotFound(words.format(subject=subject(port), port=port_id))
        return found

    def _patiently(self, read: Callable[[], tuple[Port, ...]]) -> tuple[Port, ...]:
        """So much hangs on these readings that one bad answer is not the last word."""
        try:
            return read()
        except CloudUnavailable:
            return read()

    def _put(self, change: PortChange) -> None:
        port = change.port
        self._api.set_address_pairs(port.id, change.after, revision=port.revision_number)

    def _outcome(
        self,
        state: OutcomeState,
        error: CloudError | None = None,
        undo_error: CloudError | None = None,
        left: tuple[Leftover, ...] = (),
        *,
        notes: tuple[str, ...] = (),
    ) -> Outcome:
        return Outcome(
            state=state,
            plan=self._plan,
            made=merge(self._sent),
            error=error,
            undo_error=undo_error,
            left=left,
            notes=notes,
            request_ids=self._api.request_ids[self._known :],
        )


def _who_may(error: CloudError | None) -> tuple[str, ...]:
    """Neutron names the rule that refused it, not whom it lets."""
    if isinstance(error, Forbidden) and "allowed_address_pairs" in error.message:
        return (_(WHO_MAY),)
    return ()


def may_have_landed(error: CloudError) -> bool:
    return error.outcome_unknown or isinstance(error, BadAnswer)


def _mended_words(port: Port) -> str:
    return _(
        "Read back, {port} did not list what was written: somebody else wrote to it at the same "
        "moment, so it was written again."
    ).format(port=subject(port))


def _kept_words(change: PortChange) -> str:
    return _(
        "{nic} keeps its source/destination check off: another binding has come to need that in "
        "the meantime."
    ).format(nic=subject(change.port))
