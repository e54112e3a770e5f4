"""Carrying out what somebody wants: leased, read, planned, recorded, written, verified, closed.

A goal says what is wanted and how its changes are planned; `perform` does the rest, the same for
all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.translation import gettext as _

from bms.services import names
from console import leases
from console.cloud.errors import NotFound
from console.operations import Heading, Subject
from vpc.api import NetworkAPI
from vpc.services.execution import execute
from vpc.services.one_write import send_one
from vpc.services.planning import Plan, SinglePlan
from vpc.services.recording import Recorder
from vpc.services.reports import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from console.cloud.client import CloudClient
    from console.models import Operation
    from vpc.resources import Port
    from vpc.services.execution import Outcome

PATIENCE_SECONDS = 15
"""How long an operation waits for another one that writes to the same ports."""

P = TypeVar("P", Plan, SinglePlan)


class NotAsShown(Exception):
    """What would be written is not what was shown. Nothing was done."""


@dataclass(frozen=True)
class Place:
    """The subnet that an operation takes place in, and the page that shows it."""

    network_id: str
    url: str = ""


@dataclass(frozen=True)
class Result:
    """How it ended, what is told of it, and its record (none where there was nothing to do)."""

    outcome: Outcome
    message: str
    operation: Operation | None


class Goal(ABC, Generic[P]):
    """Something that is wanted of the ports of one network.

    `name` is the control's label, and the record's. `keys` are all things it may write to.
    """

    name: str
    reverses: Operation | None = None

    def __init__(self, cloud: CloudClient, place: Place) -> None:
        self.cloud = cloud
        self.place = place
        self.api = NetworkAPI(cloud)

    @property
    @abstractmethod
    def keys(self) -> tuple[str, ...]: ...

    @property
    @abstractmethod
    def target(self) -> str:
        """What it is about, in a word: the VIP's address. Asked for after planning."""

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What the record is to be found by, beside the ports that change."""
        return ()

    @abstractmethod
    def plan(self) -> P:
        """Read what is now and plan on it. Raises `CloudError`."""

    @abstractmethod
    def carry_out(self, plan: P, recorder: Recorder, guard: Callable[[], None]) -> Outcome: ...

    @abstractmethod
    def words(self, outcome: Outcome) -> str:
        """What is told of a good end."""

    def heading(self) -> Heading:
        return Heading(
            name=self.name,
            target=self.target,
            target_url=self.place.url,
            place=self.place.network_id,
            subjects=self.subjects,
            reverses=self.reverses,
        )


class PairsGoal(Goal[Plan]):
    """A goal that is reached by changing lists of allowed address pairs, all or nothing."""

    def carry_out(self, plan: Plan, recorder: Recorder, guard: Callable[[], None]) -> Outcome:
        return execute(
            self.api, plan, replan=self.plan, before_write=recorder.before_write, guard=guard
        )

    def read(self, *needed: str) -> tuple[tuple[Port, ...], dict[str, Port]]:
        """All ports of the network, also by id. `NotFound` when one that is needed is gone."""
        ports = self.api.list_ports(network_id=self.place.network_id)
        by_id = {port.id: port for port in ports}
        for port_id in needed:
            if port_id not in by_id:
                words = _("Port {port} is not in this network any more.")
                raise NotFound(words.format(port=port_id))
        return ports, by_id


class SingleGoal(Goal[SinglePlan]):
    """A goal that is reached by one write."""

    def carry_out(self, plan: SinglePlan, recorder: Recorder, guard: Callable[[], None]) -> Outcome:
        return send_one(
            self.api, plan, replan=self.plan, before_write=recorder.before_write, guard=guard
        )


def perform(cloud: CloudClient, goal: Goal[Any], *, run: UUID, shown: str | None = None) -> Result:
    """`run` is this submit's own. `shown` is the fingerprint of the plan that was shown, where one
    was: another plan raises `NotAsShown` instead of being carried out.

    Raises `CloudError` only for the first reading, and `Busy` when others keep writing to the same
    ports; in both cases nothing was done. From then on the outcome tells.
    """
    [result] = perform_all(cloud, [goal], run=run, shown=shown)
    return result


def perform_all(
    cloud: CloudClient, goals: Sequence[Goal[Any]], *, run: UUID, shown: str | None = None
) -> tuple[Result, ...]:
    """Several of them one after the other, each for itself: one that fails does not stop the rest.
    All are recorded before the first write."""
    keys = [key for goal in goals for key in goal.keys] or [f"run:{run}"]
    words = f"{goals[0].name} by {cloud.user.name}"  # others are told in their own language
    patience = min(PATIENCE_SECONDS, cloud.deadline.remaining / 2)
    with leases.held(run, keys, words=words, patience=patience) as held:
        planned = [(goal, goal.plan()) for goal in goals]
        for _goal, plan in planned:
            if shown is not None and plan.changes and plan.fingerprint != shown:
                raise NotAsShown
        recorders = [Recorder(cloud, run, goal.heading) for goal, _ in planned]
        if len(goals) > 1:
            for recorder, (_goal, plan) in zip(recorders, planned, strict=True):
                if plan.changes:
                    recorder.plan(plan.changes)
        results = []
        for recorder, (goal, plan) in zip(recorders, planned, strict=True):
            outcome = goal.carry_out(plan, recorder, held.check)
            message = " ".join([goal.words(outcome), *outcome.notes]) if outcome.is_good else ""
            message = message or " ".join(outcome.words)
            recorder.close(outcome, message)
            results.append(Result(outcome, message, recorder.operation))
        return tuple(results)


def server_words(cloud: CloudClient, nics: Iterable[Port]) -> str:
    """`db-1 (10.20.0.31) and db-2 (10.20.0.32)`"""
    nics = tuple(nics)
    known = names.known(cloud, {nic.device_id for nic in nics})
    words = sorted(f"{known.get(nic.device_id, nic.device_id)} ({nic.ip_address})" for nic in nics)
    return listed(words)
