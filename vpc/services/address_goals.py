"""What can be wanted of an address that is no VIP: to give it back, or to make a VIP of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console.cloud.errors import NotFound
from console.operations import Subject
from vpc.resources import VIP_OWNER
from vpc.services.addresses import address_refusals, use_refusals
from vpc.services.operations import SingleGoal
from vpc.services.planning import SinglePlan
from vpc.services.recording import subjects
from vpc.services.single import PortDeletion, PortOwnership

if TYPE_CHECKING:
    from console.cloud.client import CloudClient
    from vpc.resources import Port
    from vpc.services.execution import Outcome
    from vpc.services.operations import Place

RELEASE_ADDRESS = gettext_noop("Release Private IP Address")
USE_AS_VIP = gettext_noop("Use as Virtual IP Address")


class AddressGoal(SingleGoal):
    """Something that is wanted of one address: of its port."""

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

    def read_port(self) -> Port:
        """Raises `NotFound` where the network has no such port."""
        found = self.api.list_ports(network_id=self.place.network_id, id=self._port_id)
        self.port = next(iter(found), None)
        if self.port is None:
            words = _("There is no address with the port id {port} any more.")
            raise NotFound(words.format(port=self._port_id))
        return self.port


class ReleaseAddress(AddressGoal):
    """The end of an address that nothing uses."""

    name = RELEASE_ADDRESS

    def plan(self) -> SinglePlan:
        eips = self.cloud.start(self.api.list_floating_ips)
        port = self.read_port()
        eip = next((eip for eip in eips.result() if eip.port_id == port.id), None)
        return SinglePlan(PortDeletion(port=port), refusals=address_refusals(port, eip))

    def words(self, outcome: Outcome) -> str:
        return _("Private IP address {address} is released.").format(address=self.target)


class UseAsVIP(AddressGoal):
    """An address that nothing uses becomes a VIP: from then on it can be bound."""

    name = USE_AS_VIP

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return (Subject(kind="vip", ref=self._port_id, label=self.target), *super().subjects)

    def plan(self) -> SinglePlan:
        port = self.read_port()
        refusals = use_refusals(self.cloud.profile, port)
        return SinglePlan(PortOwnership(port=port, owner=VIP_OWNER), refusals=refusals)

    def words(self, outcome: Outcome) -> str:
        words = _("{address} is a virtual IP address now. Bind it to your servers next.")
        return words.format(address=self.target)
