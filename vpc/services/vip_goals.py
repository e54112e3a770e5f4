"""What can be wanted of a VIP itself: assign, release."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from console.cloud.errors import NotFound
from vpc.services.bindings import VirtualIP, virtual_ips
from vpc.services.execution import OutcomeState
from vpc.services.operations import SingleGoal
from vpc.services.planning import SinglePlan
from vpc.services.recording import subjects
from vpc.services.rules import release_refusals, rename_refusals
from vpc.services.single import PortDeletion, PortRename, VIPCreation

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.cloud.client import CloudClient
    from console.operations import Subject
    from vpc.services.execution import Outcome
    from vpc.services.operations import Place
    from vpc.services.recording import Recorder

ASSIGN, RELEASE, RENAME = "Assign Virtual IP Address", "Release", "Edit name"


def name_mark(name: str) -> str:
    """A name as a form carries it to be compared later: whatever is in it arrives unchanged."""
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Assign(SingleGoal):
    """A new VIP in a subnet, with that address or one of the cloud's choice. `label` must be this
    attempt's own: by that name the port is found when the answer never comes."""

    name = ASSIGN

    def __init__(
        self, cloud: CloudClient, place: Place, subnet_id: str, *, label: str, ip_address: str = ""
    ) -> None:
        super().__init__(cloud, place)
        self._change = VIPCreation(
            network_id=place.network_id, subnet_id=subnet_id, name=label, ip_address=ip_address
        )

    @property
    def keys(self) -> tuple[str, ...]:
        return ()

    @property
    def target(self) -> str:
        made = self._change.port
        return (made and made.ip_address) or self._change.ip_address or "(chosen by the cloud)"

    def plan(self) -> SinglePlan:
        return SinglePlan(self._change)

    def carry_out(self, plan: SinglePlan, recorder: Recorder, guard: Callable[[], None]) -> Outcome:
        outcome = super().carry_out(plan, recorder, guard)
        made = [change for change in outcome.made if isinstance(change, VIPCreation)]
        self._change = made[0] if made else self._change
        return outcome

    def words(self, outcome: Outcome) -> str:
        [port] = outcome.made[0].ports
        return f"Virtual IP address {port.ip_address} is assigned. Bind it to your servers next."


class Release(SingleGoal):
    """The end of a VIP."""

    name = RELEASE

    def __init__(self, cloud: CloudClient, place: Place, vip_id: str) -> None:
        super().__init__(cloud, place)
        self._vip_id = vip_id
        self.vip: VirtualIP | None = None
        """The VIP as it was last read."""

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"port:{self._vip_id}",)

    @property
    def target(self) -> str:
        return self.vip.address if self.vip else self._vip_id

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return subjects(self.cloud, [self.vip.port] if self.vip else [])

    def plan(self) -> SinglePlan:
        eips = self.cloud.start(self.api.list_floating_ips)
        ports = self.api.list_ports(network_id=self.place.network_id)
        vips = virtual_ips(self.cloud.profile, ports, eips.result())
        self.vip = next((vip for vip in vips if vip.id == self._vip_id), None)
        if self.vip is None:
            raise NotFound(f"There is no virtual IP address with the id {self._vip_id} any more.")
        refusals = release_refusals(self.cloud.profile, self.vip)
        return SinglePlan(PortDeletion(port=self.vip.port), refusals=refusals)

    def words(self, outcome: Outcome) -> str:
        return f"Virtual IP address {self.target} is released."


class RenameVIP(SingleGoal):
    """Another name for a VIP, or none. `shown` is the mark of the name that was on the screen."""

    name = RENAME

    def __init__(
        self, cloud: CloudClient, place: Place, vip_id: str, *, new_name: str, shown: str
    ) -> None:
        super().__init__(cloud, place)
        self._vip_id = vip_id
        self._new_name = new_name
        self._shown = shown
        self.vip: VirtualIP | None = None
        """The VIP as it was last read; nothing is known of its bindings."""

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"port:{self._vip_id}",)

    @property
    def target(self) -> str:
        return self.vip.address or self._vip_id if self.vip else self._vip_id

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return subjects(self.cloud, [self.vip.port] if self.vip else [])

    def plan(self) -> SinglePlan:
        found = self.api.list_vip_ports(network_id=self.place.network_id, id=self._vip_id)
        if not found:
            raise NotFound(f"There is no virtual IP address with the id {self._vip_id} any more.")
        self.vip = VirtualIP(found[0])
        if found[0].name == self._new_name:
            return SinglePlan()
        is_as_shown = name_mark(found[0].name) == self._shown
        return SinglePlan(
            PortRename(port=found[0], name=self._new_name),
            refusals=rename_refusals(self.vip, self._new_name, is_as_shown=is_as_shown),
        )

    def words(self, outcome: Outcome) -> str:
        name = f"called {self._new_name}" if self._new_name else "without a name"
        if outcome.state is OutcomeState.UNCHANGED:
            return f"Nothing to change: virtual IP address {self.target} is {name} already."
        return f"Virtual IP address {self.target} is {name} now."
