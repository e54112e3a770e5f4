from __future__ import annotations

from uuid import uuid4

import pytest

from console.cloud.errors import Changed, Conflict, Forbidden, NotFound
from vpc.api import NetworkAPI


def test_an_eip_is_bound_to_a_vip_and_unbound_again(api, vip, eips):
    bound = api.bind_floating_ip(eips[0].id, vip.id)

    assert bound.port_id == vip.id
    assert bound.fixed_ip_address == vip.ip_address
    [listed] = api.list_floating_ips(port_id=vip.id)
    assert listed.id == eips[0].id
    assert listed.floating_ip_address == eips[0].floating_ip_address

    unbound = api.bind_floating_ip(eips[0].id, None)

    assert (unbound.port_id, unbound.fixed_ip_address) == (None, None)
    assert api.list_floating_ips(port_id=vip.id) == ()


def test_a_vip_has_one_eip_only(api, vip, eips):
    first, second = eips
    api.bind_floating_ip(first.id, vip.id)

    with pytest.raises(Conflict) as refusal:
        api.bind_floating_ip(second.id, vip.id)

    assert refusal.value.status == 409
    assert [one.id for one in api.list_floating_ips(port_id=vip.id)] == [first.id]


def test_an_eip_moves_to_another_port_when_told(api, make_vip, eips):
    one, other = make_vip(), make_vip()
    api.bind_floating_ip(eips[0].id, one.id)

    assert api.bind_floating_ip(eips[0].id, other.id).port_id == other.id

    assert api.list_floating_ips(port_id=one.id) == ()


def test_what_becomes_of_an_eip_when_its_vip_is_deleted(api, vip, eips, family):
    api.bind_floating_ip(eips[0].id, vip.id)
    if family == "otc":
        with pytest.raises(Conflict):
            api.delete_port(vip.id)
        return

    api.delete_port(vip.id)

    [left] = [one for one in api.list_floating_ips() if one.id == eips[0].id]
    assert (left.port_id, left.fixed_ip_address) == (None, None)


def test_a_network_without_a_way_out(api, shared, eips, family):
    if family == "otc":
        pytest.skip("Open Telekom Cloud shares no networks among projects")
    [subnet, *_] = api.list_subnets(network_id=shared.id)
    port = api.create_vip_port(network_id=shared.id, subnet_id=subnet.id)
    try:
        with pytest.raises(NotFound) as refusal:
            api.bind_floating_ip(eips[0].id, port.id)
        assert refusal.value.status == 404
    finally:
        api.delete_port(port.id)


def test_ports_and_eips_that_there_are_not(api, vip, eips):
    with pytest.raises(NotFound):
        api.bind_floating_ip(str(uuid4()), vip.id)
    with pytest.raises(NotFound):
        api.bind_floating_ip(eips[0].id, str(uuid4()))


def test_an_eip_that_changed_meanwhile(api, vip, eips, has_revisions):
    [eip] = [one for one in api.list_floating_ips() if one.id == eips[0].id]
    if not has_revisions:
        assert eip.revision_number is None
        return
    api.bind_floating_ip(eip.id, vip.id, revision=eip.revision_number)

    with pytest.raises(Changed) as refusal:
        api.bind_floating_ip(eip.id, None, revision=eip.revision_number)
    assert refusal.value.status == 412


def test_who_may_bind_an_eip(ground, vip, eips):
    with pytest.raises(Forbidden):
        NetworkAPI(ground.client("reader")).bind_floating_ip(eips[0].id, vip.id)
    with pytest.raises(NotFound):
        NetworkAPI(ground.client("stranger")).bind_floating_ip(eips[0].id, None)


def test_the_router_leads_to_the_network_of_the_eips(api, network, eips):
    owners = api.list_gateway_ports(network_id=network.id)
    routers = {router.id: router for router in api.list_routers()}

    external = {routers[port.device_id].external_network_id for port in owners}

    assert {eip.floating_network_id for eip in eips} == external
