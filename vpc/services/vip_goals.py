"""What can be wanted of a VIP itself: assign, release."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console.cloud.errors import CloudError, NotFound
from vpc.api import NetworkAPI
from vpc.services.bindings import VirtualIP, virtual_ips
from vpc.services.execution import Outcome, OutcomeState
from vpc.services.operations import SingleGoal
from vpc.services.planning import SinglePlan
from vpc.services.recent_binds import not_confirmed, recent_binds
from vpc.services.recording import subjects
from vpc.services.rules import release_refusals, rename_refusals
from vpc.services.single import PortDeletion, PortRename, VIPCreation

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.cloud.client import CloudClient
    from console.operations import Subject
    from vpc.services.operations import Place
    from vpc.services.recording import Recorder

ASSIGN = gettext_noop("Assign Virtual IP Address")
RELEASE, RENAME = gettext_noop("Release"), gettext_noop("Edit name")
NO_SUCH_VIP = gettext_noop("There is no virtual IP address with the id {id} any more.")


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
        known = (made and made.ip_address) or self._change.ip_address
        # Translators: It stands for an address that is not known yet.
        return known or _("(chosen by the cloud)")

    def plan(self) -> SinglePlan:
        return SinglePlan(self._change)

    def carry_out(self, plan: SinglePlan, recorder: Recorder, guard: Callable[[], None]) -> Outcome:
        outcome = super().carry_out(plan, recorder, guard)
        made = [change for change in outcome.made if isinstance(change, VIPCreation)]
        self._change = made[0] if made else self._change
        return outcome

    def words(self, outcome: Outcome) -> str:
        [port] = outcome.made[0].ports
        words = _("Virtual IP address {vip} is assigned. Bind it to your servers next.")
        return words.format(vip=port.ip_address)


class VIPReading:
    """The VIPs of a network with their EIPs, read once for several goals until it is forgotten."""

    def __init__(self, cloud: CloudClient, network_id: str) -> None:
        self._cloud = cloud
        self._network_id = network_id
        self._found: dict[str, VirtualIP] | None = None

    def vips(self) -> dict[str, VirtualIP]:
        """By id. Raises `CloudError`."""
        if self._found is None:
            api = NetworkAPI(self._cloud)
            eips = self._cloud.start(api.list_floating_ips)
            ports = api.list_ports(network_id=self._network_id)
            found = virtual_ips(self._cloud.profile, ports, eips.result())
            self._found = {vip.id: vip for vip in found}
        return self._found

    @property
    def is_read(self) -> bool:
        return self._found is not None

    def forget(self) -> None:
        self._found = None


class Release(SingleGoal):
    """The end of a VIP. `confirmed` says that its address was typed: one that was bound a short
    time ago is not released without."""

    name = RELEASE

    def __init__(
        self,
        cloud: CloudClient,
        place: Place,
        vip_id: str,
        *,
        confirmed: bool = False,
        reading: VIPReading | None = None,
    ) -> None:
        super().__init__(cloud, place)
        self.vip_id = vip_id
        self.vip: VirtualIP | None = None
        """The VIP as it was last read."""
        self._confirmed = confirmed
        self._reading = reading or VIPReading(cloud, place.network_id)

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"port:{self.vip_id}",)

    @property
    def target(self) -> str:
        return self.vip.address if self.vip else self.vip_id

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return subjects(self.cloud, [self.vip.port] if self.vip else [])

    def plan(self) -> SinglePlan:
        vip = self._reading.vips().get(self.vip_id)
        if vip is None:
            raise NotFound(_(NO_SUCH_VIP).format(id=self.vip_id))
        self.vip = vip
        refusals = release_refusals(self.cloud.profile, vip)
        if not self._confirmed:
            recent = recent_binds(self.cloud, [vip.id])
            refusals += tuple(not_confirmed(vip, bind) for bind in recent.values())
        return SinglePlan(PortDeletion(port=vip.port), refusals=refusals)

    def carry_out(self, plan: SinglePlan, recorder: Recorder, guard: Callable[[], None]) -> Outcome:
        self._reading.forget()
        return super().carry_out(plan, recorder, guard)

    def words(self, outcome: Outcome) -> str:
        return _("Virtual IP address {vip} is released.").format(vip=self.target)


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
            raise NotFound(_(NO_SUCH_VIP).format(id=self._vip_id))
        self.vip = VirtualIP(found[0])
        if found[0].name == self._new_name:
            return SinglePlan()
        is_as_shown = name_mark(found[0].name) == self._shown
        return SinglePlan(
            PortRename(port=found[0], name=self._new_name),
            refusals=rename_refusals(self.vip, self._new_name, is_as_shown=is_as_shown),
        )

    def words(self, outcome: Outcome) -> str:
        return self._words(outcome).format(vip=self.target, name=self._new_name)

    def _words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            if self._new_name:
                return _("Nothing to change: virtual IP address {vip} is called {name} already.")
            return _("Nothing to change: virtual IP address {vip} is without a name already.")
        if self._new_name:
            return _("Virtual IP address {vip} is called {name} now.")
        return _("Virtual IP address {vip} is without a name now.")


class ReleaseOfSeveral(Release):
    """One of several that are released together. One that is gone already holds up no other.

    They share one `reading`. Whoever comes after the first is read again before its turn: somebody
    outside may have bound it while the others were being released.
    """

    def plan(self) -> SinglePlan:
        try:
            return super().plan()
        except NotFound:
            if self._reading.is_read:
                return SinglePlan()
            raise

    def carry_out(self, plan: SinglePlan, recorder: Recorder, guard: Callable[[], None]) -> Outcome:
        try:
            plan = self.plan()
        except CloudError as error:
            return Outcome(state=OutcomeState.UNDONE, plan=plan, error=error)
        return super().carry_out(plan, recorder, guard)

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            return _("Virtual IP address {vip} was gone already.").format(vip=self.target)
        return super().words(outcome)
