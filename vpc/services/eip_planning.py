"""Planning for EIPs: to a VIP, or away from it; or the reasons against. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vpc.resources import EIPState
from vpc.services.changes import mentioned
from vpc.services.notices import UNBIND_EIP, Code, Notice
from vpc.services.planning import SinglePlan
from vpc.services.rules import eip_refusals, eip_unbind_refusals
from vpc.services.single import EIPBinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vpc.services.bindings import VirtualIP
    from vpc.services.eips import EIP, EIPFacts


def plan_bind_eip(facts: EIPFacts, vip_id: str, eip_id: str) -> SinglePlan:
    """An EIP that another port holds is never taken from it: that is refused, and said who has it.
    `facts` must have routers, where they could be read."""
    vip, eip = facts.vips.get(vip_id), facts.eips.get(eip_id)
    if vip is None:
        return SinglePlan(refusals=(vip_gone(vip_id),))
    if eip is None:
        return SinglePlan(refusals=(_eip_gone(eip_id),))
    if eip.floating_ip.port_id == vip.id:
        return SinglePlan()
    refusals = (
        *eip_refusals(vip),
        *_taken(eip, facts),
        *_not_at_rest(eip),
        *_unreachable(vip, eip, facts),
    )
    if refusals:
        return SinglePlan(refusals=refusals)
    change = EIPBinding(eip=eip.floating_ip, to=vip.port)
    return SinglePlan(change, warnings=tuple(_no_router(vip, facts)))


def plan_unbind_eip(facts: EIPFacts, vip_id: str, eip_id: str) -> SinglePlan:
    """`eip_id` is the EIP that was shown: no other one is taken away."""
    vip, eip = facts.vips.get(vip_id), facts.eips.get(eip_id)
    if vip is None:
        return SinglePlan(refusals=(vip_gone(vip_id),))
    if vip.floating_ip is None:
        return SinglePlan()
    if eip is None or eip.floating_ip.port_id != vip.id:
        held = vip.floating_ip.floating_ip_address
        return SinglePlan(refusals=(_other_eip(vip, held, eip),))
    refusals = (*eip_unbind_refusals(vip), *_changing(eip), *_frozen(eip))
    if refusals:
        return SinglePlan(refusals=refusals)
    return SinglePlan(EIPBinding(eip=eip.floating_ip, to=None, was=vip.port))


def vip_gone(vip_id: str) -> Notice:
    return Notice(
        Code.VIP_GONE,
        _("There is no virtual IP address with the id {id} in this subnet any more.").format(
            id=vip_id
        ),
        _("Choose another one from the Virtual IP Address tab."),
        vip_id,
    )


def _eip_gone(eip_id: str) -> Notice:
    return Notice(
        Code.EIP_GONE,
        _("There is no EIP with the id {id} in this project any more.").format(id=eip_id),
        _("Choose another EIP."),
    )


def _other_eip(vip: VirtualIP, held: str, shown: EIP | None) -> Notice:
    words = _("Virtual IP address {vip} holds EIP {held} by now, not the EIP that was shown.")
    if shown:
        words = _("Virtual IP address {vip} holds EIP {held} by now, not EIP {shown}.")
    return Notice(
        Code.OTHER_EIP,
        words.format(vip=vip.address, held=held, shown=shown and shown.address),
        _("If {eip} is to go, choose {control} again.").format(eip=held, control=_(UNBIND_EIP)),
        vip.id,
    )


def _taken(eip: EIP, facts: EIPFacts) -> Iterator[Notice]:
    """Both clouds would move a bound EIP without a word."""
    if eip.is_free:
        return
    port_id = eip.floating_ip.port_id
    port = next((port for port in facts.ports if port.id == port_id), None)
    if not port_id:
        words = _("EIP {eip} is bound to another service of the cloud.")
        way_out = _("Choose a free EIP, or release it there first.")
    elif port:
        # Translators: {port} is "virtual IP address 10.0.0.4" or "Port db", {id} an id.
        words = _("EIP {eip} is bound to {port} (port {id}).")
        if port.is_nic:
            words = _("EIP {eip} is bound to {nic} of server {server}.")
        way_out = _(
            "Choose a free EIP, or unbind this one there first, in the cloud's own console."
        )
        if port.is_vip:
            way_out = _("Choose a free EIP, or unbind this one there first, with {control}.")
    else:
        words = _("EIP {eip} is bound to an address (port {id}) in another network.")
        if eip.floating_ip.fixed_ip_address:
            words = _("EIP {eip} is bound to {address} (port {id}) in another network.")
        way_out = _("Choose a free EIP, or unbind this one there first.")
    named = mentioned(port) if port else ""
    yield Notice(
        Code.EIP_TAKEN,
        words.format(
            eip=eip.address,
            port=named,
            nic=named,
            server=port.device_id if port else "",
            id=port_id,
            address=eip.floating_ip.fixed_ip_address,
        ),
        way_out.format(control=_(UNBIND_EIP)),
    )


def _not_at_rest(eip: EIP) -> Iterator[Notice]:
    yield from _changing(eip)
    yield from _frozen(eip)
    if eip.told is EIPState.FAULTY:
        yield Notice(
            Code.EIP_FAULTY,
            _("The cloud reports EIP {eip} as faulty.").format(eip=eip.address),
            _("Choose another EIP, or have the cloud provider look at this one."),
        )


def _changing(eip: EIP) -> Iterator[Notice]:
    if not eip.told.is_final:
        yield Notice(
            Code.EIP_CHANGING,
            # Translators: {state} is an EIP's state as lists show it, such as "Binding…".
            _(
                "EIP {eip} is still being changed ({state}), and the cloud takes no other change "
                "of it meanwhile."
            ).format(eip=eip.address, state=eip.told.label),
            _("Try again in a moment."),
        )


def _frozen(eip: EIP) -> Iterator[Notice]:
    if eip.told is EIPState.FROZEN:
        yield Notice(
            Code.EIP_FROZEN,
            _("EIP {eip} is frozen: the cloud takes no change of it.").format(eip=eip.address),
            _("Ask the cloud provider why, or choose another EIP."),
        )


def _unreachable(vip: VirtualIP, eip: EIP, facts: EIPFacts) -> Iterator[Notice]:
    """Refused only where all routers of the subnet are known: another project's are not seen."""
    routers = _routers(vip, facts)
    known = [facts.routers[one] for one in routers if one in facts.routers] if facts.routers else []
    wanted = eip.floating_ip.floating_network_id
    if not known or len(known) < len(routers) or not wanted:
        return
    if all(router.external_network_id != wanted for router in known):
        yield Notice(
            Code.EIP_UNREACHABLE,
            _(
                "The subnet's router does not lead to the external network of EIP {eip} "
                "({network})."
            ).format(eip=eip.address, network=wanted),
            _(
                "Choose an EIP of another external network, or have the router's gateway set in "
                "the cloud's own console."
            ),
            vip.id,
        )


def _no_router(vip: VirtualIP, facts: EIPFacts) -> Iterator[Notice]:
    """None is seen, which is no proof: a shared network's router may be another project's."""
    if facts.routers is not None and not _routers(vip, facts):
        yield Notice(
            Code.NO_ROUTER,
            _(
                "No router of this subnet is to be seen. The cloud binds an EIP only where one "
                "leads to the EIP's external network."
            ),
            _("If it refuses, connect the subnet to such a router in the cloud's own console."),
            vip.id,
        )


def _routers(vip: VirtualIP, facts: EIPFacts) -> set[str]:
    """Ids of the routers with an interface in the VIP's subnet."""
    gateways = (port for port in facts.ports if port.is_gateway)
    return {port.device_id for port in gateways if port.address_in(vip.subnet_id)}
