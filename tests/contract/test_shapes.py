"""The emulator's answers have the keys and types of those that were recorded from a real OpenStack,
for every call of the console; and a real one still answers so.

`CONTRACT_RECORD=1 make test-openstack` records anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bms.api import BareMetalAPI
from console.cloud.transport import open_session
from tests.contract.conftest import one_of
from tests.contract.shapes import Shape, differences, listening
from tests.environment import GIVEN
from vpc.api import NetworkAPI
from vpc.resources import AddressPair

RECORDED = Path(__file__).with_name("recorded.json")


@pytest.fixture
def heard(ground, family, nics, eips):
    """{call: shape} of one walk through all calls, in a session of its own."""
    if family == "otc":
        pytest.skip("What Open Telekom Cloud answers is known from its documents alone")
    found: dict[str, Shape] = {}
    session = open_session(ground.config)
    with listening(session.session, found):
        walk(ground, session, nics, eips)
    return found


def walk(ground, session, nics, eips):
    cloud = ground.open(session)
    servers = BareMetalAPI(cloud)
    for server in servers.list_servers(limit=1000).items:
        servers.get_server(server.id)
    servers.list_servers(limit=1)
    servers.list_images()
    api = NetworkAPI(cloud)
    network = api.get_network(one_of(api, ground.network).id)
    api.list_ports(network_id=network.id)
    api.list_vip_ports()
    api.list_gateway_ports()
    [subnet, *_] = api.list_subnets(network_id=network.id)
    for vpc in api.list_vpcs():
        api.get_vpc(vpc.id)
    api.list_routers()
    api.list_security_groups()
    vip = api.create_vip_port(network_id=network.id, subnet_id=subnet.id, name="contract-shapes")
    try:
        api.set_address_pairs(vip.id, [AddressPair("192.0.2.1")])
        api.rename_port(vip.id, "contract-shapes-2")
        api.bind_floating_ip(eips[0].id, vip.id)
        api.list_floating_ips()
        api.get_port(vip.id)
        api.bind_floating_ip(eips[0].id, None)
        for nic in nics:
            api.get_port(nic.id)
    finally:
        api.delete_port(vip.id)


def test_answers_have_the_keys_and_types_that_a_real_openstack_gave(heard, family):
    if family == "real" and GIVEN.get("CONTRACT_RECORD"):
        RECORDED.write_text(json.dumps(heard, indent=1, sort_keys=True) + "\n")
    recorded = json.loads(RECORDED.read_text())

    assert heard.keys() == recorded.keys()
    found = [
        difference
        for call, shape in sorted(heard.items())
        for difference in differences(shape, recorded[call], call)
    ]
    assert found == [], "\n".join(found)
