"""What can be wanted of a NIC: its source/destination check on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vpc.services.changes import subject
from vpc.services.execution import OutcomeState
from vpc.services.nic_check import dependents, plan_check
from vpc.services.operations import PairsGoal
from vpc.services.recording import subjects

if TYPE_CHECKING:
    from collections.abc import Collection

    from console.cloud.client import CloudClient
    from console.operations import Subject
    from vpc.resources import Port
    from vpc.services.execution import Outcome
    from vpc.services.operations import Place
    from vpc.services.planning import Plan

CHECK = gettext_noop("Source/Destination Check")
ON, OFF = gettext_noop("Source/Destination Check On"), gettext_noop("Source/Destination Check Off")
"""Names in the records."""


class SwitchCheck(PairsGoal):
    """The check of one NIC on or off. `accepted` are ids of VIPs that may be cut off by it."""

    def __init__(
        self,
        cloud: CloudClient,
        place: Place,
        nic_id: str,
        *,
        on: bool,
        accepted: Collection[str] = (),
    ) -> None:
        super().__init__(cloud, place)
        self.name = ON if on else OFF
        self.nic_id = nic_id
        self.on = on
        self.accepted = frozenset(accepted)
        self.nic: Port | None = None
        """The NIC as it was last read."""
        self._vips: tuple[Port, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"port:{self.nic_id}",)

    @property
    def target(self) -> str:
        return self.nic.ip_address or self.nic_id if self.nic else self.nic_id

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Also the VIPs that need the check off: what happened to them is looked for there."""
        return subjects(self.cloud, [*filter(None, (self.nic,)), *self._vips])

    def plan(self) -> Plan:
        ports, by_id = self.read(self.nic_id)
        self.nic = by_id[self.nic_id]
        profile = self.cloud.profile
        self._vips = tuple(vip.port for vip in dependents(profile, self.nic, ports))
        return plan_check(profile, self.nic, ports, on=self.on, accepted=self.accepted)

    def words(self, outcome: Outcome) -> str:
        nic = subject(self.nic) if self.nic else _("port {port}").format(port=self.nic_id)
        return self._words(outcome).format(nic=nic)

    def _words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            if self.on:
                # Translators: {nic} is "NIC 10.0.0.1", or "port" and its id.
                return _("Nothing to change: the source/destination check of {nic} is on already.")
            return _("Nothing to change: the source/destination check of {nic} is off already.")
        if self.on:
            return _("The source/destination check of {nic} is on.")
        return _("The source/destination check of {nic} is off.")
