"""Ports as they are in real networks, beside the plain ones."""

from __future__ import annotations

from uuid import uuid4

import pytest

from console.cloud.errors import Conflict
from vpc.resources import AddressPair
from vpc.services.bindings import virtual_ips


def test_a_port_without_an_address(make_port, family):
    if family == "otc":
        pytest.skip("Open Telekom Cloud gives each port an address")
    port = make_port(fixed_ips=[])

    assert port.fixed_ips == ()
    assert port.ip_address == ""


def test_a_port_with_several_addresses(make_port, subnet, family):
    if family == "otc":
        pytest.skip("Open Telekom Cloud gives a port one address of a subnet")
    port = make_port(fixed_ips=[{"subnet_id": subnet.id}, {"subnet_id": subnet.id}])

    assert len({fixed.ip_address for fixed in port.fixed_ips}) == 2
    assert {fixed.subnet_id for fixed in port.fixed_ips} == {subnet.id}


def test_a_port_without_port_security_takes_no_entries(api, make_port, family):
    if family == "otc":
        pytest.skip("Open Telekom Cloud lets nobody switch it off")
    port = make_port(port_security_enabled=False, security_groups=[])

    assert port.port_security_enabled is False
    with pytest.raises(Conflict) as refusal:
        api.set_address_pairs(port.id, [AddressPair("192.0.2.1")])
    assert refusal.value.status == 409


def test_an_entry_may_be_a_whole_network(api, nics, vip, subnet, family):
    if family == "otc":
        pytest.skip("There a VIP lists the NICs")
    nic = nics[0]
    port = api.set_address_pairs(nic.id, [*nic.allowed_address_pairs, AddressPair(subnet.cidr)])

    assert subnet.cidr in [pair.ip_address for pair in port.allowed_address_pairs]
    [seen] = [one for one in virtual_ips("openstack", [vip, port]) if one.id == vip.id]
    assert seen.bindings == ()
    assert [covered.nic.id for covered in seen.covered] == [nic.id]


def test_a_nic_with_ipv6_only_carries_an_ipv6_vip(api, ipv6_subnet, make_port, family):
    if family == "otc":
        pytest.skip("Open Telekom Cloud gives each NIC an IPv4 address")
    fixed_ips = [{"subnet_id": ipv6_subnet.id}]
    nic = make_port(fixed_ips=fixed_ips, device_owner="compute:nova", device_id=str(uuid4()))
    vip = make_port(fixed_ips=fixed_ips, device_owner="neutron:VIP_PORT")

    assert nic.is_nic
    assert nic.ip_address == nic.address_in(ipv6_subnet.id) != ""
    assert all(fixed.is_ipv6 for fixed in (*nic.fixed_ips, *vip.fixed_ips))
    bound = api.set_address_pairs(nic.id, [AddressPair(vip.ip_address)])
    [seen] = virtual_ips("openstack", [vip, bound])
    assert [binding.nic.id for binding in seen.bindings] == [nic.id]


def test_a_free_port_is_no_vip_until_it_is_made_one(api, make_port, family):
    if family == "otc":
        pytest.skip("Open Telekom Cloud fixes the owner when a port is made")
    port = make_port()

    assert not port.is_vip
    assert not port.is_nic
    assert port.device_id == ""
    assert api.set_port_owner(port.id, "neutron:VIP_PORT", revision=port.revision_number).is_vip
