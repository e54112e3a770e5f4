from __future__ import annotations

import sys

import msgspec
import pytest
from hypothesis import given, settings

from tests.vpc.networks import PROFILES, cases, make_port, nic, pair, texts, vip
from vpc.resources import CHECK_OFF, FloatingIP
from vpc.services.bindings import BindingState, virtual_ips
from vpc.services.pairs import key


def read(profile, *ports, eips=()):
    (found,) = virtual_ips(profile, ports, eips)
    return found


def states(found):
    return {binding.nic.id: binding.state for binding in found.bindings}


def test_otc_a_nic_is_bound_when_the_vip_lists_it_and_its_check_is_off():
    found = read("otc", nic(1, pairs=[CHECK_OFF]), nic(2), vip(pairs=["10.0.0.1", "10.0.0.2"]))
    assert states(found) == {"nic-01": BindingState.BOUND, "nic-02": BindingState.HALF_BOUND}
    assert [binding.nic.id for binding in found.half_bound] == ["nic-02"]


def test_otc_a_nic_whose_check_is_off_is_not_bound_by_that_alone():
    assert states(read("otc", nic(1, pairs=[CHECK_OFF, "10.0.0.100"]), vip())) == {}


def test_otc_a_nic_without_port_security_is_never_half_bound():
    one = nic(1, port_security_enabled=False)
    assert states(read("otc", one, vip(pairs=["10.0.0.1"]))) == {"nic-01": BindingState.BOUND}


def test_openstack_a_nic_is_bound_when_it_lists_the_vip():
    ports = nic(1, pairs=["10.0.0.100"]), nic(2, pairs=["10.0.0.101"]), vip(pairs=["10.0.0.2"])
    assert states(read("openstack", *ports)) == {"nic-01": BindingState.BOUND}


@pytest.mark.parametrize("listed", ["10.0.0.1", "10.0.0.1/32", "10.0.1.1", "fd00::1"])
def test_otc_any_address_of_the_nic_counts(listed):
    one = nic(1, "10.0.0.1", "10.0.1.1", "fd00::1", pairs=[CHECK_OFF])
    assert states(read("otc", one, vip(pairs=[listed]))) == {"nic-01": BindingState.BOUND}


@pytest.mark.parametrize(
    "listed", ["fd00::64", "FD00::64", "fd00:0:0::64", "fd00::64/128", "fd00:0:0:0:0:0:0:64"]
)
def test_addresses_are_compared_by_value(listed):
    found = read("openstack", nic(1, "fd00::1", pairs=[listed]), vip(100, "fd00::64"))
    assert states(found) == {"nic-01": BindingState.BOUND}


@pytest.mark.parametrize("listed", ["10.0.0.0/24", "0.0.0.0/0", "10.0.0.100/31", "nonsense", ""])
def test_a_network_that_holds_the_address_binds_nothing(listed):
    assert states(read("openstack", nic(1, pairs=[listed]), vip())) == {}
    assert states(read("otc", nic(1, pairs=[CHECK_OFF]), vip(pairs=[listed]))) == {}


def test_a_nic_listed_twice_is_bound_once():
    twice = [pair("10.0.0.1"), pair("10.0.0.1", "00:00:5e:00:01:0a"), pair("10.0.0.1/32")]
    assert len(read("otc", nic(1), vip(pairs=twice)).bindings) == 1


def test_otc_an_address_of_no_port_is_an_orphan():
    gateway = make_port("gw", "10.0.0.9", device_owner="network:router_interface", device_id="r")
    listed = ["10.0.0.1", "10.0.0.77", "10.0.0.9", "10.0.0.0/28", "10.0.0.100"]
    found = read("otc", nic(1), gateway, vip(pairs=listed))
    assert [orphan.id for orphan in found.orphans] == ["10.0.0.77"]
    assert texts(other.pair for other in found.others) == ["10.0.0.9", "10.0.0.0/28", "10.0.0.100"]


def test_otc_the_address_of_a_detached_nic_is_neither_bound_nor_an_orphan():
    found = read("otc", nic(1, device_id=""), vip(pairs=["10.0.0.1"]))
    assert (found.bindings, found.orphans) == ((), ())
    assert texts(other.pair for other in found.others) == ["10.0.0.1"]


def test_openstack_a_vip_in_the_list_of_a_port_that_no_server_holds_is_an_orphan():
    detached = nic(1, pairs=["10.0.0.100"], device_id="", device_owner="")
    found = read("openstack", detached, vip(pairs=["10.0.0.77", "10.0.0.100"]))
    assert [orphan.id for orphan in found.orphans] == ["nic-01"]
    assert found.bindings == ()


def test_eips_are_joined_by_port():
    eip = FloatingIP(id="e", floating_ip_address="192.0.2.1", port_id="vip-100")
    free = FloatingIP(id="f", floating_ip_address="192.0.2.2")
    assert read("otc", vip(), eips=[free, eip]).floating_ip is eip
    assert read("otc", vip(101), eips=[free, eip]).floating_ip is None


def test_a_vip_without_an_address_can_be_read():
    bare = msgspec.structs.replace(vip(), fixed_ips=())
    found = read("openstack", bare)
    assert (found.address, found.subnet_id, found.is_ipv6) == ("", "", False)


def test_a_vip_with_a_device_belongs_to_the_system():
    assert read("otc", vip(device_id="database")).is_system_owned


@settings(max_examples=120, deadline=None, database=None, derandomize=True)
@given(cases())
def test_reading_says_what_the_definition_says(case):
    """Against the definition of 4.3 and 4.6, port by port and entry by entry."""
    for found in virtual_ips(case.profile, case.ports):
        expected = {
            port.id for port in case.ports if port.is_nic and tied(case.profile, found.port, port)
        }
        assert {binding.nic.id for binding in found.bindings} == expected
        assert len(found.bindings) == len(expected)


def tied(profile, vip_port, port):
    holder, other = (vip_port, port) if profile == "otc" else (port, vip_port)
    owned = {key(fixed.ip_address) for fixed in other.fixed_ips}
    return any(key(one.ip_address) in owned for one in holder.allowed_address_pairs)


def large(number):
    """A network of so many NICs and 100 VIPs, each with ten entries."""
    nics = [
        make_port(
            f"nic-{n}",
            f"10.1.{n // 250}.{n % 250}",
            device_id="s",
            device_owner="compute:a",
            pairs=[f"10.2.0.{(n + k) % 100}" for k in range(10)],
        )
        for n in range(number)
    ]
    vips = [
        vip(n, f"10.2.0.{n}", pairs=[f"10.1.0.{(n + k) % 250}" for k in range(10)])
        for n in range(100)
    ]
    return [*nics, *vips]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_work_grows_with_the_ports_and_no_faster(profile):
    """Counted in functions called: quadratic work would make it sixteen times as much."""

    def work(number):
        ports = large(number)
        virtual_ips(profile, ports)  # addresses are parsed once
        calls = 0

        def count(_, event, __):
            nonlocal calls
            calls += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            found = virtual_ips(profile, ports)
        finally:
            sys.setprofile(before)
        assert all(one.bindings for one in found)
        return calls

    few, many = work(375), work(1500)

    assert few < many < 6 * few
