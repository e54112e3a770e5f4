"""What can be wanted of an address that is no VIP: to give it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.cloud.errors import NotFound
from vpc.services.addresses import address_refusals
from vpc.services.operations import SingleGoal
from vpc.services.planning import SinglePlan
from vpc.services.recording import subjects
from vpc.services.single import PortDeletion

if TYPE_CHECKING:
    from console.cloud.client import CloudClient
    from console.operations import Subject
    from vpc.resources import Port
    from vpc.services.execution import Outcome
    from vpc.services.operations import Place

RELEASE_ADDRESS = "Release Private IP Address"


class ReleaseAddress(SingleGoal):
    """The end of an address that nothing uses: of its port."""

    name = RELEASE_ADDRESS

    def __init__(self, cloud: CloudClient, place: Place, port_id: str) -> None:
        super().__init__(cloud, place)
        self._port_id = port_id
        self.port: Port | None = None
        """The port as it was last read."""

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"port:{self._port_id}",)

    @property
    def target(self) -> str:
        return self.port.ip_address or self._port_id if self.port else self._port_id

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return subjects(self.cloud, [self.port] if self.port else [])

    def plan(self) -> SinglePlan:
        eips = self.cloud.start(self.api.list_floating_ips)
        found = self.api.list_ports(network_id=self.place.network_id, id=self._port_id)
        self.port = next(iter(found), None)
        if self.port is None:
            raise NotFound(f"There is no address with the port id {self._port_id} any more.")
        eip = next((eip for eip in eips.result() if eip.port_id == self._port_id), None)
        refusals = address_refusals(self.port, eip)
        return SinglePlan(PortDeletion(port=self.port), refusals=refusals)

    def words(self, outcome: Outcome) -> str:
        return f"Private IP address {self.target} is released."
