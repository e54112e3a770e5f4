"""What can be wanted of a VIP's EIP: bind, unbind."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from console.cloud.errors import CloudError
from console.operations import Subject
from vpc.services.eip_planning import plan_bind_eip, plan_unbind_eip
from vpc.services.eips import BIND_EIP, UNBIND_EIP, EIPCalls
from vpc.services.execution import Outcome, OutcomeState
from vpc.services.operations import SingleGoal
from vpc.services.recording import subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.cloud.client import CloudClient
    from vpc.services.bindings import VirtualIP
    from vpc.services.eips import EIP, EIPFacts
    from vpc.services.operations import Place
    from vpc.services.planning import SinglePlan
    from vpc.services.recording import Recorder


class EIPReading:
    """A network and the project's EIPs, read once for several goals until it is forgotten."""

    def __init__(self, cloud: CloudClient, network_id: str, *, routers: bool = False) -> None:
        self._cloud = cloud
        self._network_id = network_id
        self._routers = routers
        self._found: EIPFacts | None = None

    def facts(self) -> EIPFacts:
        """Raises `CloudError`."""
        if self._found is None:
            calls = EIPCalls(self._cloud, self._network_id, routers=self._routers)
            self._found = calls.facts()
        return self._found

    def forget(self) -> None:
        self._found = None


class _OfVIPAndEIP(SingleGoal):
    """One VIP and one EIP of the project; each is None until it was read, and when it is gone."""

    needs_routers = False

    def __init__(
        self,
        cloud: CloudClient,
        place: Place,
        vip_id: str,
        eip_id: str,
        *,
        reading: EIPReading | None = None,
    ) -> None:
        super().__init__(cloud, place)
        routers = self.needs_routers
        self._reading = reading or EIPReading(cloud, place.network_id, routers=routers)
        self.vip_id = vip_id
        self.eip_id = eip_id
        self.vip: VirtualIP | None = None
        self.eip: EIP | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        return f"port:{self.vip_id}", f"eip:{self.eip_id}"

    @property
    def target(self) -> str:
        return self.vip.address if self.vip else self.vip_id

    @property
    def eip_address(self) -> str:
        return self.eip.address if self.eip else self.eip_id

    @property
    def subjects(self) -> tuple[Subject, ...]:
        eip = Subject(kind="eip", ref=self.eip_id, label=self.eip.address if self.eip else "")
        return subjects(self.cloud, [self.vip.port] if self.vip else [], eip)

    def plan(self) -> SinglePlan:
        facts = self._reading.facts()
        self.vip, self.eip = facts.vips.get(self.vip_id), facts.eips.get(self.eip_id)
        return self.plan_on(facts)

    @abstractmethod
    def plan_on(self, facts: EIPFacts) -> SinglePlan: ...


class BindEIP(_OfVIPAndEIP):
    name = BIND_EIP
    needs_routers = True

    def plan_on(self, facts: EIPFacts) -> SinglePlan:
        return plan_bind_eip(facts, self.vip_id, self.eip_id)

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            words = _("Nothing to change: EIP {eip} is bound to {vip} already.")
        else:
            words = _(
                "EIP {eip} is bound to virtual IP address {vip}. The cloud may take some seconds "
                "to put it into effect."
            )
        return words.format(eip=self.eip_address, vip=self.target)


class UnbindEIP(_OfVIPAndEIP):
    """`eip_id` is the EIP that was shown as the VIP's; another one it holds by now stays."""

    name = UNBIND_EIP

    def plan_on(self, facts: EIPFacts) -> SinglePlan:
        return plan_unbind_eip(facts, self.vip_id, self.eip_id)

    def words(self, outcome: Outcome) -> str:
        if outcome.state is OutcomeState.UNCHANGED:
            words = _("Virtual IP address {vip} held no EIP any more. Nothing was changed.")
        else:
            words = _("EIP {eip} is unbound from virtual IP address {vip}.")
        return words.format(eip=self.eip_address, vip=self.target)


class UnbindEIPOfSeveral(UnbindEIP):
    """One of several that are unbound together, on one `reading`. Whoever comes after the first is
    read again before its turn: somebody outside may have moved the EIP meanwhile."""

    def carry_out(self, plan: SinglePlan, recorder: Recorder, guard: Callable[[], None]) -> Outcome:
        try:
            plan = self.plan()
        except CloudError as error:
            return Outcome(state=OutcomeState.UNDONE, plan=plan, error=error)
        self._reading.forget()
        return super().carry_out(plan, recorder, guard)
