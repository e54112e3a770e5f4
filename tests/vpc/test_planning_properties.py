"""What must hold for any network and any choice in it, however nasty the lists."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.vpc.networks import applied, by_id, cases, entries, mac, pairs_of
from vpc.resources import CHECK_OFF
from vpc.services.bindings import BindingState, virtual_ips
from vpc.services.notices import Code
from vpc.services.planning import plan_bind, plan_unbind
from vpc.services.undoing import plan_undo

# A CI machine shared with others is slow now and then; that is no failure of a property. Nor is it
# one that many of the cases have nothing to do.
many = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much],
)


def value(text):
    """The address as a number: an oracle that shares no code with the planner."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return text
    return network if network.num_addresses == 1 else text


def addresses(port):
    return {value(fixed.ip_address) for fixed in port.fixed_ips}


def naming(port, wanted):
    return [one for one in port.allowed_address_pairs if value(one.ip_address) in wanted]


def is_listed(case, ports, nic):
    now = by_id(ports)
    vip, nic = now[case.vip.id], now[nic.id]
    if case.profile == "otc":
        return bool(naming(vip, addresses(nic)))
    return bool(naming(nic, addresses(vip)))


def bind(case, ports=None):
    plan = plan_bind(case.profile, case.vip, case.nics, ports or case.ports)
    event("refused" if plan.refusals else "changes" if plan.changes else "nothing to do")
    return plan


def unbind(case, ports=None, **options):
    plan = plan_unbind(case.profile, case.vip, case.nics, ports or case.ports, **options)
    event("refused" if plan.refusals else "changes" if plan.changes else "nothing to do")
    return plan


def both_plans(case):
    return bind(case), unbind(case, check_on=case.check_on, orphans=case.orphans)


def bound_nics(case, ports):
    (vip,) = (one for one in virtual_ips(case.profile, ports) if one.id == case.vip.id)
    return {binding.nic.id: binding.state for binding in vip.bindings}


@many
@given(cases())
def test_entries_of_others_survive_in_order(case):
    for plan in both_plans(case):
        for change in plan.changes:
            old = [one for one in change.before if one not in change.remove]
            assert list(change.after) == [*old, *change.add]
            # What is added names no MAC, and what goes is of this VIP.
            assert all(one.mac_address is None for one in change.add)
            assert {value(one.ip_address) for one in change.remove} <= own_values(case, change)


def own_values(case, change):
    """The addresses that this choice may take out of that port's list."""
    if case.profile == "openstack":
        return addresses(case.vip)
    if change.port.id != case.vip.id:
        return {CHECK_OFF} if change.port.id in case.check_on else set()
    owned = set().union(*map(addresses, case.ports))
    chosen = set().union(*map(addresses, case.nics))
    return chosen | ({value(one) for one in case.orphans} - owned)


@many
@given(cases())
def test_no_other_port_is_touched(case):
    chosen = {case.vip.id, *(nic.id for nic in case.nics)}
    plan, reverse = both_plans(case)
    assert {change.port.id for change in plan.changes} <= chosen
    left_over = case.orphans if case.profile == "openstack" else set()
    assert {change.port.id for change in reverse.changes} <= chosen | left_over
    for one in (plan, reverse):
        assert {change.port.id for change in one.changes} <= set(one.scope)


@many
@given(cases())
def test_a_refused_plan_changes_nothing_and_no_change_is_empty(case):
    for plan in both_plans(case):
        assert not (plan.refusals and plan.changes)
        assert all(change.after != change.before for change in plan.changes)
        ids = [change.port.id for change in plan.changes]
        assert len(ids) == len(set(ids))


@many
@given(cases())
def test_no_plan_exceeds_ten_pairs(case):
    for plan in both_plans(case):
        assert all(len(change.after) <= 10 for change in plan.changes)


@many
@given(cases("openstack"))
def test_openstack_never_gets_the_entry_that_opens_every_address(case):
    for plan in both_plans(case):
        for change in plan.changes:
            assert CHECK_OFF not in {one.ip_address for one in change.add}
            assert change.port.id != case.vip.id


@many
@given(cases())
def test_after_a_bind_every_nic_is_bound(case):
    plan = bind(case)
    assume(not plan.refusals)
    states = bound_nics(case, applied(case.ports, plan.changes))
    for nic in case.nics:
        assert states.get(nic.id) is BindingState.BOUND


@many
@given(cases())
def test_after_an_unbind_none_of_them_is(case):
    plan = unbind(case, check_on=case.check_on)
    assume(not plan.refusals)
    after = applied(case.ports, plan.changes)
    assert not {nic.id for nic in case.nics} & bound_nics(case, after).keys()
    for nic_id in case.check_on:
        assert not by_id(after)[nic_id].check_is_off


@many
@given(cases())
def test_a_second_bind_plans_nothing(case):
    plan = bind(case)
    assume(plan.changes)
    again = bind(case, applied(case.ports, plan.changes))
    assert (again.changes, again.refusals) == ((), ())


@many
@given(cases())
def test_an_unbind_of_unbound_nics_plans_nothing(case):
    assume(not any(is_listed(case, case.ports, nic) for nic in case.nics))
    assert unbind(case).changes == ()


@many
@given(cases())
def test_bind_then_unbind_gives_back_exactly_what_there_was(case):
    assume(not any(is_listed(case, case.ports, nic) for nic in case.nics))
    plan = bind(case)
    assume(plan.changes)
    switched = [
        change.port
        for change in plan.changes
        if CHECK_OFF in {one.ip_address for one in change.add}
    ]
    bound = applied(case.ports, plan.changes)
    reverse = unbind(case, bound, check_on={port.id for port in switched})
    if any(needed_elsewhere(case, nic) for nic in switched):
        event("the check is needed elsewhere")
        assert {refusal.code for refusal in reverse.refusals} == {Code.CHECK_NEEDED}
    else:
        before = pairs_of(applied(case.ports, ()))
        assert pairs_of(applied(bound, reverse.changes)) == before


@many
@given(cases("otc"))
def test_no_check_is_switched_on_that_another_vip_needs_off(case):
    plan = unbind(case, check_on={nic.id for nic in case.nics})
    for change in plan.changes:
        if change.port.id != case.vip.id:
            assert not needed_elsewhere(case, change.port)


def needed_elsewhere(case, nic):
    others = [port for port in case.ports if port.is_vip and port.id != case.vip.id]
    return any(naming(vip, addresses(nic)) for vip in others)


@many
@given(cases(), st.integers(0, 4))
def test_a_bind_stopped_half_way_is_finished_by_planning_again(case, done):
    plan = bind(case)
    assume(plan.changes)
    halfway = applied(case.ports, plan.changes[:done])
    rest = bind(case, halfway)
    assert not rest.refusals
    assert pairs_of(applied(halfway, rest.changes)) == pairs_of(applied(case.ports, plan.changes))


@pytest.mark.parametrize("operation", ["bind", "unbind"])
@many
@given(data=st.data(), done=st.integers(1, 4))
def test_an_undo_takes_back_ours_and_keeps_what_others_wrote_since(operation, data, done):
    case = data.draw(cases())
    case = replace(case, ports=applied(case.ports, ()))
    plan = bind(case) if operation == "bind" else unbind(case, check_on=case.check_on)
    assume(plan.changes)
    made = plan.changes[:done]
    now = applied(case.ports, made)
    foreign = data.draw(foreign_entries(case, now))
    now = tuple(with_entries(port, foreign.get(port.id, ())) for port in now)
    for _ in made:
        now = applied(now, plan_undo(made, now, ()).changes[:1])
    assert plan_undo(made, now, ()).changes == ()
    assert pairs_of(now) == pairs_of(
        with_entries(port, foreign.get(port.id, ())) for port in case.ports
    )


@st.composite
def foreign_entries(draw, case, ports):
    """Port → entries that others added, of nothing that the operation is about."""
    ours = {CHECK_OFF, *(value(fixed.ip_address) for port in ports for fixed in port.fixed_ips)}
    added = {}
    for port in ports:
        taken = {(value(one.ip_address), one.mac_address) for one in port.allowed_address_pairs}
        one = draw(st.none() | entries(mac(250)).filter(lambda one: one.mac_address))
        if one and value(one.ip_address) not in ours | {known for known, _ in taken}:
            added[port.id] = (one,)
    return added


def with_entries(port, more):
    pairs = (*port.allowed_address_pairs, *more)
    return msgspec.structs.replace(port, allowed_address_pairs=pairs)
