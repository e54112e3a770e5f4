from __future__ import annotations

from uuid import uuid4

import pytest

from bms.api import BareMetalAPI
from console.cloud.errors import BadRequest, NotFound


@pytest.fixture
def servers_api(cloud):
    return BareMetalAPI(cloud)


def test_pages_follow_one_another_to_the_end(servers_api):
    first = servers_api.list_servers(limit=1)
    second = servers_api.list_servers(limit=1, marker=first.next_marker)

    assert len(first.items) == len(second.items) == 1
    assert first.next_marker == first.items[0].id
    assert first.items[0].id != second.items[0].id
    everything = servers_api.list_servers(limit=1000)
    assert everything.items[:2] == (first.items[0], second.items[0])


def test_oldest_and_newest_first_are_each_other_backwards(servers_api):
    down = servers_api.list_servers(limit=1000).items
    up = servers_api.list_servers(limit=1000, sort_dir="asc").items

    assert list(up) == sorted(up, key=lambda server: (server.created, server.id))
    assert down == up[::-1]


def test_a_marker_that_is_gone(servers_api):
    with pytest.raises(BadRequest) as refusal:
        servers_api.list_servers(limit=1, marker=str(uuid4()))

    assert refusal.value.status == 400


def test_a_server_that_there_is_not(servers_api):
    with pytest.raises(NotFound) as refusal:
        servers_api.get_server(str(uuid4()))

    assert refusal.value.status == 404


def test_names_are_searched_for_in_part(servers_api):
    [server] = servers_api.list_servers(limit=1).items

    found = servers_api.list_servers(limit=1000, name=server.name[1:])

    assert server.id in [one.id for one in found.items]
    assert servers_api.list_servers(limit=10, name="no-such-name").items == ()


def test_addresses_are_searched_for(servers_api, nics):
    address = nics[0].ip_address

    found = servers_api.list_servers(limit=1000, ip=address.replace(".", r"\."))

    assert nics[0].device_id in [one.id for one in found.items]


def test_a_status_is_picked_out(servers_api):
    found = servers_api.list_servers(limit=1000, status="ACTIVE").items

    assert found
    assert {one.status for one in found} == {"ACTIVE"}
    assert servers_api.list_servers(limit=10, status="ERROR").items == ()


def test_one_server_is_as_in_the_list(servers_api):
    [server] = servers_api.list_servers(limit=1).items

    assert servers_api.get_server(server.id).name == server.name


def test_images_have_names(servers_api):
    assert all(image.id for image in servers_api.list_images())
