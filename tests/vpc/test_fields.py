"""Lists ask for the fields that are shown, and for no others."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from tests.factories import (
    FloatingIPFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
    VPCFactory,
    default_subnet,
)
from vpc.api import NetworkAPI
from vpc.resources import CHECK_OFF

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def api(cloud):
    return NetworkAPI(cloud)


@pytest.fixture
def asked(emulator):
    """The names that the only call asked for."""

    def names():
        (call,) = emulator.log
        return parse_qs(call.query)["fields"]

    return names


@pytest.fixture
def furnished(api, emulator):
    """A VIP with an EIP on a server, and the log emptied after it was made."""
    subnet = SubnetFactory(vpc=VPCFactory())
    vip = VirtualIPFactory(subnet=subnet, bound_to=[ServerFactory(subnet=subnet).nic])
    eip = FloatingIPFactory(port=vip)
    emulator.log.clear()
    return vip, eip


@PROFILES
def test_networks_are_asked_for_what_is_shown(api, furnished, asked):
    networks = api.list_networks()

    assert {"id", "name", "status", "router:external", "subnets", "shared"} <= {*asked()}
    assert "availability_zones" not in asked()
    assert "is_external" not in asked(), "the name in the code is not the name on the wire"
    assert {network.is_external for network in networks} == {True, False}
    assert all(network.subnets and network.status == "ACTIVE" for network in networks)


@PROFILES
def test_subnets_are_asked_for_what_is_shown(api, furnished, asked):
    vip, _ = furnished

    subnets = {subnet.id: subnet for subnet in api.list_subnets()}

    assert {"cidr", "gateway_ip", "allocation_pools", "dns_nameservers"} <= {*asked()}
    assert "host_routes" not in asked()
    found = subnets[vip.subnet_id]
    assert found.network_id == vip.network_id
    assert found.allocation_pools
    assert found.gateway_ip


@PROFILES
def test_floating_ips_are_asked_for_what_is_shown(api, furnished, asked):
    vip, eip = furnished

    (found,) = api.list_floating_ips()

    assert {"floating_ip_address", "port_id"} <= {*asked()}
    assert "port_details" not in asked()
    assert (found.floating_ip_address, found.port_id) == (eip.ip_address, vip.id)
    assert found.fixed_ip_address == vip.ip_address


@PROFILES
def test_ports_are_asked_for_what_is_shown(api, furnished, asked, profile):
    vip, _ = furnished

    ports = api.list_ports(network_id=vip.network_id)

    assert {"id", "fixed_ips", "allowed_address_pairs", "revision_number"} <= {*asked()}
    assert "extra_dhcp_opts" not in asked()
    (nic,) = (port for port in ports if port.is_nic)
    expected = CHECK_OFF if profile == "otc" else vip.ip_address
    assert [pair.ip_address for pair in nic.allowed_address_pairs] == [expected]


@PROFILES
def test_security_groups_are_asked_for_their_names(api, emulator, asked):
    default_subnet()
    emulator.log.clear()

    assert all(group.name for group in api.list_security_groups())

    assert asked() == ["id", "name"]
