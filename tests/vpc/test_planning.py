from __future__ import annotations

import pytest

from tests.vpc.networks import OTHER_SUBNET, applied, by_id, nic, pair, texts, vip
from vpc.resources import CHECK_OFF, AddressPair, FixedIP
from vpc.services.changes import PortChange, merge
from vpc.services.planning import idle_checks, plan_bind, plan_unbind
from vpc.services.repairing import plan_take_back
from vpc.services.undoing import leftovers, plan_undo, uncertain

VRRP = "00:00:5e:00:01:0a"


def summary(plan):
    return [(one.port.id, texts(one.add), texts(one.remove)) for one in plan.changes]


def test_otc_bind_switches_the_checks_off_and_lists_the_nics_last():
    ports = [vip(), nic(2), nic(1)]
    plan = plan_bind("otc", vip(), [nic(2), nic(1)], ports)
    assert summary(plan) == [
        ("nic-01", [CHECK_OFF], []),
        ("nic-02", [CHECK_OFF], []),
        ("vip-100", ["10.0.0.2", "10.0.0.1"], []),
    ]
    assert plan.scope == ("nic-01", "nic-02", "vip-100")


def test_openstack_bind_lists_the_vip_on_the_nics_only():
    plan = plan_bind("openstack", vip(), [nic(2), nic(1)], [vip(), nic(1), nic(2)])
    assert summary(plan) == [("nic-01", ["10.0.0.100"], []), ("nic-02", ["10.0.0.100"], [])]


def test_the_address_in_the_subnet_of_the_vip_is_written():
    both = nic(1, "10.0.1.1", "10.0.0.1")
    assert both.fixed_ips[0] == FixedIP(OTHER_SUBNET, "10.0.1.1")
    plan = plan_bind("otc", vip(), [both], [both, vip()])
    assert summary(plan)[-1] == ("vip-100", ["10.0.0.1"], [])


def test_what_is_there_already_is_not_written_again():
    ports = [vip(pairs=["10.0.0.1"]), nic(1), nic(2, pairs=["192.0.2.1", CHECK_OFF])]
    plan = plan_bind("otc", vip(), [nic(1), nic(2)], ports)
    assert summary(plan) == [("nic-01", [CHECK_OFF], []), ("vip-100", ["10.0.0.2"], [])]


def test_a_nic_chosen_twice_is_bound_once():
    plan = plan_bind("openstack", vip(), [nic(1), nic(1)], [vip(), nic(1)])
    assert summary(plan) == [("nic-01", ["10.0.0.100"], [])]


def test_the_list_as_read_counts_and_not_the_one_that_was_chosen_from():
    stale, fresh = nic(1), nic(1, pairs=["192.0.2.9"])
    (change,) = plan_bind("openstack", vip(), [stale], [vip(), fresh]).changes
    assert texts(change.after) == ["192.0.2.9", "10.0.0.100"]


def test_entries_of_others_keep_their_macs_and_their_order():
    theirs = [pair("10.0.0.0/28", VRRP), pair("192.0.2.1", VRRP), pair("192.0.2.1")]
    (change,) = plan_bind("openstack", vip(), [nic(1)], [vip(), nic(1, pairs=theirs)]).changes
    assert change.after == (*theirs, AddressPair("10.0.0.100"))


def test_otc_unbind_takes_the_nic_off_the_list_and_leaves_its_check():
    ports = [vip(pairs=["10.0.0.1", "10.0.0.2/32", "10.0.0.77"]), nic(1), nic(2)]
    plan = plan_unbind("otc", vip(), [nic(2)], ports)
    assert summary(plan) == [("vip-100", [], ["10.0.0.2/32"])]


def test_otc_unbind_with_the_check_writes_the_vip_first():
    ports = [vip(pairs=["10.0.0.1"]), nic(1, pairs=["192.0.2.1", CHECK_OFF])]
    plan = plan_unbind("otc", vip(), [nic(1)], ports, check_on=["nic-01"])
    assert summary(plan) == [("vip-100", [], ["10.0.0.1"]), ("nic-01", [], [CHECK_OFF])]


def test_openstack_unbind_leaves_a_1_1_1_1_of_somebody_else():
    ports = [vip(), nic(1, pairs=[CHECK_OFF, "10.0.0.100"])]
    (change,) = plan_unbind("openstack", vip(), [nic(1)], ports).changes
    assert texts(change.after) == [CHECK_OFF]


def test_orphans_are_removed_where_they_stand():
    ports = [vip(pairs=["10.0.0.77", "10.0.0.1", "10.0.0.78"]), nic(1)]
    plan = plan_unbind("otc", vip(), [], ports, orphans=["10.0.0.77/32"])
    assert summary(plan) == [("vip-100", [], ["10.0.0.77"])]
    detached = nic(1, device_id="", pairs=["192.0.2.1", "10.0.0.100"])
    plan = plan_unbind("openstack", vip(), [], [vip(), detached], orphans=["nic-01"])
    assert summary(plan) == [("nic-01", [], ["10.0.0.100"])]
    assert plan.scope == ("nic-01", "vip-100")


def test_an_orphan_that_is_gone_already_is_nothing_to_do():
    plan = plan_unbind("otc", vip(), [], [vip()], orphans=["10.0.0.77"])
    assert (plan.changes, plan.refusals) == ((), ())


def test_idle_checks_are_those_that_no_other_vip_needs():
    ports = [
        vip(100, pairs=["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        vip(101, pairs=["10.0.0.2"]),
        nic(1, pairs=[CHECK_OFF]),
        nic(2, pairs=[CHECK_OFF]),
        nic(3),
    ]
    idle = idle_checks("otc", vip(), [nic(1), nic(2), nic(3)], ports)
    assert [port.id for port in idle] == ["nic-01"]
    assert idle_checks("openstack", vip(), [nic(1)], ports) == ()


def test_a_plan_can_be_read():
    plan = plan_bind("otc", vip(), [nic(1)], [vip(), nic(1)])
    assert plan.words == (
        "NIC 10.0.0.1, port nic-01: + 1.1.1.1/0 (source/destination check off)",
        "VIP 10.0.0.100, port vip-100: + 10.0.0.1",
    )


# --- changes --------------------------------------------------------------------------------------


def test_changes_of_one_port_are_merged():
    a, b = AddressPair("10.0.0.1"), AddressPair("10.0.0.2")
    merged = merge([PortChange(vip(), (a,)), PortChange(nic(1)), PortChange(vip(), (a, b))])
    assert [(one.port.id, one.add) for one in merged] == [("vip-100", (a, b))]


def test_an_addition_is_met_by_its_address_and_a_removal_by_the_entry():
    change = PortChange(nic(1), (AddressPair("10.0.0.100"),), (pair("192.0.2.1", VRRP),))
    met = nic(1, pairs=[pair("10.0.0.100/32", "fa:16:3e:11:11:11"), pair("192.0.2.1")])
    assert change.unmet(met) == ()
    assert texts(change.unmet(nic(1, pairs=[pair("192.0.2.1", VRRP)]))) == [
        "10.0.0.100",
        "192.0.2.1",
    ]


@pytest.mark.parametrize(
    "attributes",
    [{"pairs": ["192.0.2.1"]}, {"device_id": "other"}, {"port_security_enabled": False}],
)
def test_a_port_that_changed_does_not_fit(attributes):
    change = PortChange(nic(1))
    assert change.fits(nic(1, name="renamed", revision_number=99))
    assert not change.fits(nic(1, **attributes))


# --- undo -----------------------------------------------------------------------------------------


def test_an_undo_puts_an_entry_back_to_its_place():
    before = nic(1, pairs=["192.0.2.1", "10.0.0.100", "192.0.2.2"])
    (made,) = plan_unbind("openstack", vip(), [before], [vip(), before]).changes
    now = nic(1, pairs=["192.0.2.1", "192.0.2.2", pair("192.0.2.3", VRRP)])
    (change,) = plan_undo([made], [now], ()).changes
    assert texts(change.after) == ["192.0.2.1", "10.0.0.100", "192.0.2.2", "192.0.2.3"]


def test_an_undo_leaves_an_entry_for_another_mac():
    made = PortChange(nic(1), (AddressPair("10.0.0.100"),))
    now = nic(1, pairs=["10.0.0.100", pair("10.0.0.100", VRRP)])
    (change,) = plan_undo([made], [now], ()).changes
    assert change.after == (pair("10.0.0.100", VRRP),)


def test_a_port_that_is_gone_needs_no_undo():
    assert plan_undo([PortChange(nic(1), (AddressPair("10.0.0.100"),))], [], ()).changes == ()


def test_an_undo_goes_backwards():
    ports = [vip(), nic(1), nic(2)]
    made = plan_bind("otc", vip(), [nic(1), nic(2)], ports).changes
    undo = plan_undo(made, applied(ports, made), ())
    assert [change.port.id for change in undo.changes] == ["vip-100", "nic-02", "nic-01"]


def test_an_undo_keeps_a_check_off_for_a_vip_that_lists_the_nic_since():
    ports = [vip(), nic(1), vip(101, pairs=["10.0.0.1"]), vip(102)]
    made = plan_bind("otc", vip(), [nic(1)], ports).changes
    now = by_id(applied(ports, made))
    ours_gone = [vip(), now["vip-101"], vip(102)]
    assert texts(plan_undo(made, [now["nic-01"]], ours_gone).changes[0].remove) == [CHECK_OFF]
    bound_since = [vip(), now["vip-101"], vip(102, pairs=["10.0.0.1"])]
    undo = plan_undo(made, [now["nic-01"]], bound_since)
    assert undo.changes == ()
    assert [change.port.id for change in undo.kept] == ["nic-01"]


@pytest.mark.parametrize("half_bound", [[], [nic(2)]])
def test_what_is_taken_back_of_a_whole_bind_switches_its_checks_on_again(half_bound):
    """Nobody read it between the last write and the press of Repair."""
    ports = [vip(), nic(1), nic(2)]
    made = plan_bind("otc", vip(), [nic(1), nic(2)], ports).changes
    now = by_id(applied(ports, made))
    for one in half_bound:
        now[one.id] = one

    plan = plan_take_back("otc", now["vip-100"], half_bound, now.values(), made)

    after = applied(now.values(), plan.changes)
    assert not any(port.allowed_address_pairs for port in after)
    assert plan.changes[0].port.id == "vip-100"


def test_leftovers_say_which_port_has_or_lacks_what():
    change = PortChange(nic(1), (AddressPair("10.0.0.100"),), (pair("192.0.2.1", VRRP),))
    assert [one.words for one in uncertain([change])] == [
        "NIC 10.0.0.1 (port nic-01) may still list 10.0.0.100; it could not be read again.",
        f"NIC 10.0.0.1 (port nic-01) may no longer list 192.0.2.1 (for MAC {VRRP}); "
        "it could not be read again.",
    ]
    assert [one.words for one in leftovers([change])] == [
        f"NIC 10.0.0.1 (port nic-01) still lists 192.0.2.1 (for MAC {VRRP}).",
        "NIC 10.0.0.1 (port nic-01) no longer lists 10.0.0.100.",
    ]
