"""What can be wanted of a binding: bind, unbind, a NIC's check on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vpc.services.execution import OutcomeState
from vpc.services.operations import PairsGoal, server_words
from vpc.services.planning import plan_bind, plan_unbind
from vpc.services.recording import subjects

if TYPE_CHECKING:
    from collections.abc import Collection

    from console.cloud.client import CloudClient
    from console.operations import Subject
    from vpc.resources import Port
    from vpc.services.execution import Outcome
    from vpc.services.operations import Place
    from vpc.services.planning import Plan

BIND, UNBIND = gettext_noop("Bind to Server"), gettext_noop("Unbind from Server")


class OfVIP(PairsGoal):
    """One VIP, and NICs of its network."""

    def __init__(
        self, cloud: CloudClient, place: Place, vip_id: str, nic_ids: Collection[str]
    ) -> None:
        super().__init__(cloud, place)
        self.vip_id = vip_id
        self.nic_ids = tuple(nic_ids)
        self.vip: Port | None = None
        self.nics: tuple[Port, ...] = ()
        """The chosen NICs as they were last read."""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(f"port:{port_id}" for port_id in (self.vip_id, *self.nic_ids))

    @property
    def target(self) -> str:
        return self.vip.ip_address if self.vip else self.vip_id

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return subjects(self.cloud, filter(None, (self.vip, *self.nics)))

    def choose(self) -> tuple[Port, tuple[Port, ...]]:
        """The VIP as it is now, and all ports of the network."""
        ports, by_id = self.read(self.vip_id, *self.nic_ids)
        self.vip = by_id[self.vip_id]
        self.nics = tuple(by_id[nic_id] for nic_id in self.nic_ids)
        return self.vip, ports


class Bind(OfVIP):
    name = BIND

    def plan(self) -> Plan:
        vip, ports = self.choose()
        return plan_bind(self.cloud.profile, vip, self.nics, ports)

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            # Translators: {servers} is "db-1 (10.0.0.1) and db-2 (10.0.0.2)".
            words = _("Nothing to change: {vip} is bound to {servers} already.")
        else:
            words = _("Virtual IP address {vip} is bound to {servers}.")
        return words.format(vip=self.target, servers=server_words(self.cloud, self.nics))


class Unbind(OfVIP):
    """`check_on` are NICs whose source/destination check goes on again, `orphans` ids of `Orphan`s
    whose entries go too."""

    name = UNBIND

    def __init__(
        self,
        cloud: CloudClient,
        place: Place,
        vip_id: str,
        nic_ids: Collection[str],
        *,
        check_on: Collection[str] = (),
        orphans: Collection[str] = (),
    ) -> None:
        super().__init__(cloud, place, vip_id, nic_ids)
        self.check_on = tuple(check_on)
        self.orphans = tuple(orphans)

    @property
    def keys(self) -> tuple[str, ...]:
        # On OpenStack an orphan is a port; elsewhere an address, whose lease harms nobody.
        return (*super().keys, *(f"port:{orphan}" for orphan in self.orphans))

    def plan(self) -> Plan:
        vip, ports = self.choose()
        return plan_unbind(
            self.cloud.profile,
            vip,
            self.nics,
            ports,
            check_on=self.check_on,
            orphans=self.orphans,
        )

    def words(self, outcome: Outcome) -> str:
        servers = server_words(self.cloud, self.nics)
        if outcome.state is OutcomeState.UNCHANGED:
            words = _("Virtual IP address {vip} was not bound there any more. Nothing was changed.")
        elif servers:
            words = _("Virtual IP address {vip} is unbound from {servers}.")
        else:
            words = _("Virtual IP address {vip} is unbound from entries that led nowhere.")
        return words.format(vip=self.target, servers=servers)
