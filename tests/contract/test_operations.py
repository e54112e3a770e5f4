"""The operations themselves, each read back by another client's eyes."""

from __future__ import annotations

import secrets

import pytest

from console.models import Operation, OperationState
from tests.record_making import perform_now
from vpc.resources import CHECK_OFF, AddressPair
from vpc.services.bind_goals import Bind, Unbind
from vpc.services.vip_goals import Assign, Release

pytestmark = pytest.mark.django_db
FOREIGN = AddressPair("192.0.2.7", "00:00:5e:00:01:0a")


@pytest.fixture
def listing(api, family):
    """{address of a NIC: whether the VIP is bound there}, read from the lists alone."""

    def read(vip, nics):
        holder = {pair.ip_address for pair in api.get_port(vip.id).allowed_address_pairs}
        found = {}
        for nic in nics:
            own = {pair.ip_address for pair in api.get_port(nic.id).allowed_address_pairs}
            is_off = CHECK_OFF in own
            found[nic.ip_address] = (
                nic.ip_address in holder and is_off if family == "otc" else vip.ip_address in own
            )
        return found

    return read


def test_bind_and_unbind_two_servers(cloud, place, api, vip, nics, listing):
    for nic in nics:
        own = [AddressPair(one.ip_address, one.mac_address) for one in nic.allowed_address_pairs]
        api.set_address_pairs(nic.id, [FOREIGN, *own])
    two, ids = nics[:2], [nic.id for nic in nics[:2]]

    bound = perform_now(cloud, Bind(cloud, place, vip.id, ids))

    assert bound.outcome.is_good, bound.message
    assert list(listing(vip, nics).values()) == [True, True, False]
    again = perform_now(cloud, Bind(cloud, place, vip.id, ids))
    assert again.outcome.is_good
    assert not again.outcome.made

    unbound = perform_now(cloud, Unbind(cloud, place, vip.id, ids))

    assert unbound.outcome.is_good, unbound.message
    assert not any(listing(vip, nics).values())
    for nic in two:
        first = api.get_port(nic.id).allowed_address_pairs[0]
        assert (first.ip_address, first.mac_address) == (FOREIGN.ip_address, FOREIGN.mac_address)
    assert {one.state for one in Operation.objects.all()} == {OperationState.DONE}


def test_assign_and_release(cloud, place, api, subnet):
    label = f"contract-{secrets.token_hex(4)}"

    assigned = perform_now(cloud, Assign(cloud, place, subnet.id, label=label))

    assert assigned.outcome.is_good, assigned.message
    [vip] = api.list_ports(name=label)
    assert vip.is_vip

    released = perform_now(cloud, Release(cloud, place, vip.id))

    assert released.outcome.is_good, released.message
    assert api.list_ports(name=label) == ()


def test_a_vip_in_use_is_not_released(cloud, place, api, vip, nics):
    perform_now(cloud, Bind(cloud, place, vip.id, [nics[0].id]))

    refused = perform_now(cloud, Release(cloud, place, vip.id, confirmed=True))

    assert not refused.outcome.is_good
    assert api.get_port(vip.id).id == vip.id


def test_what_a_reader_wants_is_refused_in_words(ground, place, vip, nics, api):
    reader = ground.client("reader")
    goal = Bind(reader, place, vip.id, [nics[0].id])

    refused = perform_now(reader, goal)

    assert not refused.outcome.is_good
    assert "does not allow" in refused.message
    assert api.get_port(vip.id).allowed_address_pairs == ()
