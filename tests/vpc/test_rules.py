from __future__ import annotations

import re

import msgspec
import pytest

from tests.vpc.networks import PROFILES, nic, pair, vip
from vpc.resources import CHECK_OFF, FloatingIP, VIFDetails
from vpc.services.bindings import virtual_ips
from vpc.services.notices import Code
from vpc.services.planning import plan_bind, plan_unbind
from vpc.services.rules import eip_refusals, release_refusals

both = pytest.mark.parametrize("profile", PROFILES)

LABELS = {
    *("Bind to Server", "Unbind from Server", "Unbind from EIP"),
    *("Assign Virtual IP Address", "Virtual IP Address"),
}
NAMED = re.compile(r"(?:[A-Z][a-z]+|EIP|IP)(?: (?:to|from|[A-Z][a-z]+|IP|EIP))+")
"""What looks like the label of a control or of a tab."""


def refusals(plan):
    assert plan.changes == () or not plan.refusals
    for notice in plan.refusals:
        check(notice)
    return [notice.code for notice in plan.refusals]


def check(notice):
    """Whole sentences, and no way out by a control that does not exist."""
    assert notice.message.endswith(".")
    assert notice.way_out.endswith(".")
    assert set(NAMED.findall(notice.way_out)) <= LABELS
    assert "VIP" not in str(notice)


def warnings(plan):
    for notice in plan.warnings:
        check(notice)
    return [notice.code for notice in plan.warnings]


def bind(profile, the_vip, *nics, others=()):
    return plan_bind(profile, the_vip, nics, [the_vip, *nics, *others])


def bound(profile, the_vip, *nics):
    """The ports with the VIP bound to the NICs."""
    return [the_vip, *nics] if not nics else list(applied_bind(profile, the_vip, nics))


def applied_bind(profile, the_vip, nics):
    if profile == "openstack":
        yield the_vip
        for one in nics:
            yield with_pairs(one, *one.allowed_address_pairs, pair(the_vip.ip_address))
    else:
        yield with_pairs(the_vip, *(pair(one.ip_address) for one in nics))
        for one in nics:
            yield with_pairs(one, *one.allowed_address_pairs, pair(CHECK_OFF))


def with_pairs(port, *pairs):
    return msgspec.structs.replace(port, allowed_address_pairs=tuple(dict.fromkeys(pairs)))


# --- bind -----------------------------------------------------------------------------------------


@both
def test_the_nic_must_be_in_the_subnet_of_the_vip(profile):
    plan = bind(profile, vip(), nic(1, "10.0.1.1"))
    assert refusals(plan) == [Code.OTHER_SUBNET]
    assert "NIC 10.0.1.1 has no address in the subnet of virtual IP address 10.0.0.100" in str(
        plan.refusals[0]
    )


@both
def test_the_nic_must_have_an_address(profile):
    homeless = msgspec.structs.replace(nic(1), fixed_ips=())
    assert refusals(bind(profile, vip(), homeless)) == [Code.NO_ADDRESS]


@both
def test_only_a_nic_of_a_server_can_be_bound(profile):
    assert refusals(bind(profile, vip(), nic(1, device_id=""))) == [Code.NOT_A_NIC]
    assert refusals(bind(profile, vip(), nic(1, device_owner="network:dhcp"))) == [Code.NOT_A_NIC]


@both
def test_only_a_vip_can_be_bound(profile):
    assert refusals(bind(profile, nic(9), nic(1))) == [Code.NOT_A_VIP]
    assert refusals(plan_unbind(profile, nic(9), [nic(1)], [nic(1), nic(9)])) == [Code.NOT_A_VIP]


@both
def test_a_vip_needs_an_address(profile):
    bare = msgspec.structs.replace(vip(), fixed_ips=())
    assert Code.NO_VIP_ADDRESS in refusals(bind(profile, bare, nic(1)))


@both
def test_a_vip_of_the_system_is_not_ours(profile):
    theirs = vip(device_id="database-1")
    plan = bind(profile, theirs, nic(1))
    assert refusals(plan) == [Code.SYSTEM_OWNED]
    assert "database-1" in plan.refusals[0].message
    unbind = plan_unbind(profile, theirs, [nic(1)], [theirs, nic(1)])
    assert refusals(unbind) == [Code.SYSTEM_OWNED]


@both
def test_ten_nics_are_the_most_for_a_vip(profile):
    nics = [nic(n) for n in range(1, 12)]
    assert refusals(bind(profile, vip(), *nics[:10])) == []
    plan = bind(profile, vip(), *nics)
    assert refusals(plan) == [Code.TOO_MANY_NICS]
    assert "Choose at most 10" in plan.refusals[0].way_out


@both
def test_nics_that_are_bound_already_count(profile):
    ports = bound(profile, vip(), *(nic(n) for n in range(1, 10)))
    plan = plan_bind(profile, vip(), [nic(20), nic(21)], [*ports, nic(20), nic(21)])
    assert Code.TOO_MANY_NICS in refusals(plan)
    assert "Choose at most 1," in plan.refusals[0].way_out
    again = plan_bind(profile, vip(), [nic(1), nic(20)], [*ports, nic(20)])
    assert refusals(again) == []


@both
def test_ten_vips_are_the_most_for_a_nic(profile):
    one, ports = nic(1), []
    for number in range(100, 110):
        the_vip, one = bound(profile, vip(number), one)
        ports.append(the_vip)
    plan = plan_bind(profile, vip(120), [nic(1)], [*ports, one, vip(120)])
    assert refusals(plan) == [Code.TOO_MANY_VIPS]
    assert "carries 10 virtual IP addresses" in plan.refusals[0].message


def test_otc_orphans_take_room_in_the_list_of_the_vip():
    full = vip(pairs=[f"10.0.0.{n}" for n in range(200, 210)])
    plan = bind("otc", full, nic(1))
    assert refusals(plan) == [Code.TOO_MANY_PAIRS]
    assert (
        plan.refusals[0].way_out
        == "Remove its 10 orphaned addresses first, with Unbind from Server."
    )
    assert plan.refusals[0].port_id == full.id


@both
def test_a_full_list_of_the_nic_is_refused(profile):
    full = nic(1, pairs=[f"192.0.2.{n}" for n in range(10)])
    plan = bind(profile, vip(), full)
    assert refusals(plan) == [Code.TOO_MANY_PAIRS]
    assert "NIC 10.0.0.1 has 10 allowed address pairs" in plan.refusals[0].message


@both
def test_a_list_longer_than_ten_may_shrink(profile):
    listed = "10.0.0.1" if profile == "otc" else "10.0.0.100"
    pairs = [listed, *(f"192.0.2.{n}" for n in range(12))]
    ports = [vip(pairs=pairs), nic(1)] if profile == "otc" else [vip(), nic(1, pairs=pairs)]
    plan = plan_unbind(profile, vip(), [nic(1)], ports)
    assert [len(change.after) for change in plan.changes] == [12]


def test_otc_an_ipv6_vip_takes_one_nic():
    six = vip(100, "fd00::64")
    one, two = nic(1, "fd00::1"), nic(2, "fd00::2")
    assert refusals(bind("otc", six, one)) == []
    assert refusals(bind("otc", six, one, two)) == [Code.ONE_NIC_FOR_IPV6]
    assert refusals(bind("otc", vip(100, "fd00::64", pairs=["fd00::1"]), two, others=[one])) == [
        Code.ONE_NIC_FOR_IPV6
    ]
    assert refusals(bind("openstack", six, one, two)) == []


def test_openstack_a_nic_without_port_security_takes_no_pairs():
    plan = bind("openstack", vip(), nic(1, port_security_enabled=False))
    assert refusals(plan) == [Code.NO_PORT_SECURITY]
    assert "AddressPairAndPortSecurityRequired" in plan.refusals[0].message
    assert "needs none" in plan.refusals[0].message


def test_otc_a_nic_without_port_security_needs_no_entry():
    plan = bind("otc", vip(), nic(1, port_security_enabled=False))
    assert refusals(plan) == []
    assert [change.port.id for change in plan.changes] == ["vip-100"]


@both
def test_more_than_eight_vips_on_a_server_are_warned_about(profile):
    ports = []
    for number in range(8):
        ports += bound(profile, vip(100 + number), nic(number + 1, server="one"))
    new = nic(50, "10.0.0.50", server="one")
    plan = plan_bind(profile, vip(120), [new], [*ports, new, vip(120)])
    assert refusals(plan) == []
    assert Code.MANY_VIPS in warnings(plan)
    assert "would have 9 virtual IP addresses" in plan.warnings[0].message
    fewer = plan_bind(profile, vip(120), [new], [*ports[2:], new, vip(120)])
    assert Code.MANY_VIPS not in warnings(fewer)


@both
def test_two_nics_of_one_server_in_the_subnet_are_warned_about(profile):
    one, two = nic(1, server="one"), nic(2, server="one")
    assert warnings(bind(profile, vip(), one, others=[two])) == [Code.TWO_NICS]
    elsewhere = nic(2, "10.0.1.2", server="one")
    assert warnings(bind(profile, vip(), one, others=[elsewhere])) == []


@both
def test_one_of_two_nics_is_right_if_it_is_the_primary_one(profile):
    one, two = nic(10, server="one"), nic(9, server="one")
    for chosen, other in ((one, two), (two, one)):
        (notice,) = bind(profile, vip(), chosen, others=[other]).warnings
        assert "(10.0.0.9 and 10.0.0.10)" in notice.message
        assert f"{chosen.ip_address} would carry 10.0.0.100" in notice.message
        assert "If it is the primary NIC, all is well." in notice.way_out


@both
def test_where_the_port_says_that_it_is_the_primary_one_all_is_well(profile):
    primary = nic(1, server="one", vif_details=VIFDetails(primary_interface=True))
    second = nic(2, server="one", vif_details=VIFDetails(primary_interface=False))
    assert warnings(bind(profile, vip(), primary, others=[second])) == []
    (notice,) = bind(profile, vip(), second, others=[primary]).warnings
    assert notice.code is Code.TWO_NICS
    assert notice.way_out.startswith("Choose its primary NIC, 10.0.0.1, or set up policy routing")
    (both_of_them,) = bind(profile, vip(), primary, second).warnings
    assert both_of_them.way_out == "Bind the primary NIC, 10.0.0.1, only."


@both
def test_the_second_nic_of_a_server_beside_the_bound_one_is_warned_about(profile):
    ports = bound(profile, vip(), nic(1, server="one"))
    new = nic(2, server="one")
    plan = plan_bind(profile, ports[0], [new], [*ports, new])
    assert warnings(plan) == [Code.TWO_NICS]
    assert "10.0.0.1 and 10.0.0.2 would carry 10.0.0.100" in plan.warnings[0].message
    assert plan.warnings[0].way_out == "Bind the primary NIC only."


def test_otc_a_vip_that_is_half_bound_on_the_nic_is_completed_with_a_warning():
    one, other = nic(1), vip(101, pairs=["10.0.0.1"])
    plan = bind("otc", vip(), one, others=[other])
    assert refusals(plan) == []
    assert warnings(plan) == [Code.COMPLETES_OTHERS]
    assert "also completes 10.0.0.101 on NIC 10.0.0.1 of server server-1" in str(plan.warnings[0])
    assert "Unbind from Server" in plan.warnings[0].way_out


def test_otc_finishing_one_half_bound_vip_completes_the_other_one_too():
    one, half = nic(1), vip(100, pairs=["10.0.0.1"])
    plan = bind("otc", half, one, others=[vip(101, pairs=["10.0.0.1"])])
    assert warnings(plan) == [Code.COMPLETES_OTHERS]
    assert "completes 10.0.0.101 on" in plan.warnings[0].message


@pytest.mark.parametrize(
    "one", [nic(1, pairs=[CHECK_OFF]), nic(1, port_security_enabled=False)], ids=["off", "none"]
)
def test_otc_where_the_check_is_off_already_no_other_vip_is_completed(one):
    assert warnings(bind("otc", vip(), one, others=[vip(101, pairs=["10.0.0.1"])])) == []


def test_otc_a_vip_that_is_half_bound_elsewhere_is_not_completed():
    others = [vip(101, pairs=["10.0.0.2"]), nic(2)]
    assert warnings(bind("otc", vip(), nic(1), others=others)) == []


def test_openstack_no_other_vip_is_ever_completed():
    plan = bind("openstack", vip(), nic(1), others=[vip(101, pairs=["10.0.0.1"])])
    assert warnings(plan) == []


# --- unbind ---------------------------------------------------------------------------------------


def test_otc_a_check_that_another_vip_needs_stays_off():
    one = nic(1, pairs=[CHECK_OFF])
    vips = [vip(100, pairs=["10.0.0.1"]), vip(101, pairs=["10.0.0.1"])]
    plan = plan_unbind("otc", vips[0], [one], [one, *vips], check_on=[one.id])
    assert refusals(plan) == [Code.CHECK_NEEDED]
    assert "also carries 10.0.0.101" in plan.refusals[0].message


def test_only_the_check_of_a_chosen_nic_can_be_switched():
    plan = plan_unbind("otc", vip(), [nic(1)], [nic(1), nic(2), vip()], check_on=["nic-02"])
    assert refusals(plan) == [Code.NOT_SELECTED]


def test_openstack_has_no_check():
    plan = plan_unbind("openstack", vip(), [nic(1)], [nic(1), vip()], check_on=["nic-01"])
    assert refusals(plan) == [Code.NO_CHECK]


def test_an_orphan_that_got_a_port_is_none_any_more():
    ports = [vip(pairs=["10.0.0.1"]), nic(1)]
    assert refusals(plan_unbind("otc", vip(), [], ports, orphans=["10.0.0.1"])) == [Code.NO_ORPHAN]
    ports = [vip(), nic(1, pairs=["10.0.0.100"])]
    plan = plan_unbind("openstack", vip(), [], ports, orphans=["nic-01"])
    assert refusals(plan) == [Code.NO_ORPHAN]


@both
def test_an_entry_for_another_mac_goes_with_a_warning(profile):
    vrrp = pair("10.0.0.1" if profile == "otc" else "10.0.0.100", "00:00:5e:00:01:0a")
    ports = [vip(pairs=[vrrp]), nic(1)] if profile == "otc" else [vip(), nic(1, pairs=[vrrp])]
    plan = plan_unbind(profile, vip(), [nic(1)], ports)
    assert warnings(plan) == [Code.OTHER_MAC]
    assert plan.changes[0].remove == (vrrp,)
    assert "for MAC 00:00:5e:00:01:0a" in plan.words[0]


# --- release and EIP ------------------------------------------------------------------------------


def release(profile, *ports, eip=None):
    eips = [FloatingIP(id="e", floating_ip_address="192.0.2.1", port_id="vip-100")] if eip else []
    (found,) = virtual_ips(profile, ports, eips)
    notices = release_refusals(profile, found)
    for notice in notices:
        check(notice)
    return notices


@both
def test_a_free_vip_can_be_released(profile):
    assert release(profile, vip(), nic(1, pairs=[CHECK_OFF])) == ()


@both
def test_a_bound_vip_is_not_released(profile):
    (notice,) = release(profile, *bound(profile, vip(), nic(1), nic(2)))
    assert notice.code is Code.STILL_BOUND
    assert "2 NICs (10.0.0.1, 10.0.0.2)" in notice.message
    assert "Unbind from Server" in notice.way_out


def test_a_half_bound_vip_is_not_released():
    (notice,) = release("otc", vip(pairs=["10.0.0.1"]), nic(1))
    assert notice.code is Code.STILL_BOUND


@both
def test_a_vip_with_an_eip_is_not_released(profile):
    (notice,) = release(profile, vip(), eip=True)
    assert notice.code is Code.HAS_EIP
    assert "192.0.2.1" in notice.message
    assert notice.way_out == "Unbind the EIP first, with Unbind from EIP."


@both
def test_a_vip_of_the_system_is_not_released(profile):
    (notice,) = release(profile, vip(device_id="database-1"))
    assert notice.code is Code.SYSTEM_OWNED


def test_orphans_hold_a_release_on_otc_only():
    orphaned = nic(1, device_id="", pairs=["10.0.0.100"])
    assert release("openstack", vip(pairs=["192.0.2.1"]), orphaned) == ()
    (notice,) = release("otc", vip(pairs=["10.0.0.77"]))
    assert notice.code is Code.LIST_NOT_EMPTY
    assert "Remove the orphaned addresses first, with Unbind from Server." in notice.way_out
    (notice,) = release("otc", vip(pairs=["10.0.0.0/28"]))
    assert notice.code is Code.LIST_NOT_EMPTY
    assert "outside this console" in notice.message


@pytest.mark.parametrize(
    ("port", "eip", "codes"),
    [
        (vip(), False, []),
        (vip(), True, [Code.HAS_EIP]),
        (vip(100, "fd00::64"), False, [Code.NO_EIP_FOR_IPV6]),
        (vip(device_id="database-1"), False, [Code.SYSTEM_OWNED]),
    ],
)
def test_who_may_take_an_eip(port, eip, codes):
    eips = [FloatingIP(id="e", floating_ip_address="192.0.2.1", port_id="vip-100")] if eip else []
    (found,) = virtual_ips("otc", [port], eips)
    notices = eip_refusals(found)
    for notice in notices:
        check(notice)
    assert [notice.code for notice in notices] == codes
