from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from console.cloud.errors import CloudError
from console.emulator.app import Emulator
from tests import factories
from tests.contract import clouds
from vpc.api import NetworkAPI
from vpc.services.operations import Place

REAL = [pytest.param("real", marks=pytest.mark.real)] if clouds.is_given() else []
FAMILIES = ["openstack", "otc", *REAL]


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def emulated(family):
    """The emulator behind it; None where the cloud is real."""
    return None if family == "real" else Emulator(profile=family)


@pytest.fixture(scope="module")
def _ground(family, emulated):
    if family == "real":
        return clouds.real()
    factories.use(emulated)
    return clouds.emulated(replace(settings.CLOUDS[""], embedded=lambda: emulated))


@pytest.fixture
def ground(_ground, emulated):
    if emulated:
        factories.use(emulated)
    return _ground


@pytest.fixture
def has_revisions(family):
    return family != "otc"


@pytest.fixture
def cloud(ground):
    return ground.client()


@pytest.fixture
def api(cloud):
    return NetworkAPI(cloud)


@pytest.fixture
def network(api, ground):
    return one_of(api, ground.network)


@pytest.fixture
def subnet(api, network):
    return next(one for one in api.list_subnets(network_id=network.id) if one.ip_version == 4)


@pytest.fixture
def shared(api, ground):
    return one_of(api, ground.shared)


@pytest.fixture
def place(network, subnet):
    return Place(network.id, f"/vpc/networks/{network.id}/subnets/{subnet.id}/")


@pytest.fixture
def make_vip(api, network, subnet):
    """Makes VIPs that are gone, and listed nowhere, when the test has ended."""
    made = []

    def make(**more):
        name = f"contract-{secrets.token_hex(4)}"
        vip = api.create_vip_port(network_id=network.id, subnet_id=subnet.id, name=name, **more)
        made.append(vip)
        return vip

    yield make
    addresses = {vip.ip_address for vip in made}
    for port in api.list_ports(network_id=network.id):
        kept = [one for one in port.allowed_address_pairs if one.ip_address not in addresses]
        if len(kept) < len(port.allowed_address_pairs):
            api.set_address_pairs(port.id, kept)
    for vip in made:
        with suppress(CloudError):
            api.delete_port(vip.id)


@pytest.fixture
def vip(make_vip):
    return make_vip()


@pytest.fixture
def make_port(cloud, network):
    """Any port, with what the body says; gone when the test has ended."""
    api, made = NetworkAPI(cloud), []

    def make(**body):
        named = {"network_id": network.id, "name": f"contract-{secrets.token_hex(4)}"}
        answer = cloud.post("network", "/ports", dict[str, Any], json={"port": named | body})
        made.append(answer["port"]["id"])
        return api.get_port(made[-1])

    yield make
    for port_id in made:
        with suppress(CloudError):
            api.delete_port(port_id)


@pytest.fixture
def ipv6_subnet(cloud, api, network, emulated):
    """A second range of the network, gone when the test has ended."""
    cidr = "fd00:c0:ffee::/64"
    if emulated:
        vpc = None
        made = factories.SubnetFactory(name="contract-6", cidr=cidr, network=network, vpc=vpc)
        yield one_subnet(api, made.id)
        del emulated.state.subnets[made.id]
        return
    asked = {"network_id": network.id, "ip_version": 6, "cidr": cidr, "name": "contract-6"}
    answer = cloud.post("network", "/subnets", dict[str, Any], json={"subnet": asked})
    yield one_subnet(api, answer["subnet"]["id"])
    cloud.delete("network", f"/subnets/{answer['subnet']['id']}")


@pytest.fixture
def eips(api):
    """Two free EIPs of the project, free again afterwards."""
    found = [one for one in api.list_floating_ips() if not one.port_id][:2]
    assert len(found) == 2, "the contract needs two free EIPs"
    yield found
    for one in found:
        api.bind_floating_ip(one.id, None)


@pytest.fixture
def nics(api, network):
    """Three NICs of three servers, as they were again afterwards."""
    ports = sorted(api.list_ports(network_id=network.id), key=lambda port: port.id)
    chosen = [port for port in ports if port.is_nic][:3]
    yield chosen
    for nic in chosen:
        api.set_address_pairs(nic.id, nic.allowed_address_pairs)


def one_subnet(api, subnet_id):
    return next(one for one in api.list_subnets() if one.id == subnet_id)


def one_of(api, name):
    return next(one for one in api.list_networks() if name in (one.id, one.name))


def pair_of(pair):
    return pair.ip_address, pair.mac_address
