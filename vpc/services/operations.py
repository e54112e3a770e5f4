"""Binding and unbinding as a whole: read, plan, carry out, verify, or take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.cloud.errors import NotFound
from vpc.api import NetworkAPI
from vpc.services.execution import execute
from vpc.services.planning import plan_bind, plan_unbind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from console.cloud.client import CloudClient
    from vpc.resources import Port
    from vpc.services.execution import Outcome
    from vpc.services.planning import Plan, Replan


class NotAsShown(Exception):
    """What would be written is not what was shown. Nothing was done."""


class BindingOperation:
    """One VIP of one network and what is wanted of it. Planned on ports read at that moment.

    `shown` is the fingerprint of the plan that was shown, where one was: another plan raises
    `NotAsShown` instead of being carried out.
    """

    def __init__(
        self, cloud: CloudClient, network_id: str, vip_id: str, *, shown: str | None = None
    ) -> None:
        self._cloud = cloud
        self._api = NetworkAPI(cloud)
        self._network_id = network_id
        self._vip_id = vip_id
        self._shown = shown
        self.nics: list[Port] = []
        """The chosen NICs as they were last read."""

    def bind(self, nic_ids: Collection[str]) -> Outcome:
        """Raises `CloudError` only for the first reading; from then on the outcome tells."""

        def plan() -> Plan:
            ports = self._read()
            vip = self._choose(ports, nic_ids)
            return plan_bind(self._cloud.profile, vip, self.nics, ports)

        return self._carry_out(plan)

    def unbind(
        self,
        nic_ids: Collection[str],
        *,
        check_on: Collection[str] = (),
        orphans: Collection[str] = (),
    ) -> Outcome:
        """Like `bind`. `check_on` are NICs whose source/destination check goes on again."""

        def plan() -> Plan:
            ports = self._read()
            vip = self._choose(ports, nic_ids)
            return plan_unbind(
                self._cloud.profile, vip, self.nics, ports, check_on=check_on, orphans=orphans
            )

        return self._carry_out(plan)

    def _carry_out(self, plan: Replan) -> Outcome:
        first = plan()
        if self._shown is not None and first.changes and first.fingerprint != self._shown:
            raise NotAsShown
        return execute(self._api, first, replan=plan)

    def _read(self) -> tuple[Port, ...]:
        return self._api.list_ports(network_id=self._network_id)

    def _choose(self, ports: Iterable[Port], nic_ids: Iterable[str]) -> Port:
        by_id = {port.id: port for port in ports}
        for port_id in (self._vip_id, *nic_ids):
            if port_id not in by_id:
                raise NotFound(f"Port {port_id} is not in this network any more.")
        self.nics = [by_id[nic_id] for nic_id in nic_ids]
        return by_id[self._vip_id]
