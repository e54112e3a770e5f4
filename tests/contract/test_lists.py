"""How lists come: in pages, in an order, and of what may be asked."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from console.cloud.errors import BadRequest, NotFound

Listing = dict[str, object]


def raw(cloud, **query):
    return cloud.get("network", "/ports", dict, params=list(query.items()))


def test_pages_of_ports_end_where_the_list_ends(api, network, make_vip):
    for _ in range(3):
        make_vip()
    whole = api.list_ports(network_id=network.id)

    paged = api.list_ports(network_id=network.id, limit="2")

    assert {port.id for port in paged} == {port.id for port in whole}
    assert len(paged) == len(whole)


def test_the_next_page_is_named_by_its_marker(cloud, network, make_vip):
    for _ in range(3):
        make_vip()
    first = raw(cloud, network_id=network.id, limit="2")

    [link] = [one for one in first["ports_links"] if one["rel"] == "next"]
    query = parse_qs(urlsplit(link["href"]).query)

    assert query["marker"] == [first["ports"][-1]["id"]]
    assert query["limit"] == ["2"]
    assert query["network_id"] == [network.id]
    second = raw(cloud, network_id=network.id, limit="2", marker=query["marker"][0])
    assert second["ports"][0]["id"] not in [port["id"] for port in first["ports"]]


def test_pages_follow_the_ids(cloud, network, make_vip):
    for _ in range(3):
        make_vip()
    ids = [port["id"] for port in raw(cloud, network_id=network.id, limit="500")["ports"]]

    assert ids == sorted(ids)


def test_a_marker_that_is_gone(cloud, family):
    with pytest.raises(BadRequest if family == "otc" else NotFound) as refusal:
        raw(cloud, limit="2", marker=str(uuid4()))
    assert refusal.value.status == (400 if family == "otc" else 404)


def test_a_filter_that_there_is_not(api, family):
    if family == "otc":
        pytest.skip("Open Telekom Cloud does not say what it does with them")
    with pytest.raises(BadRequest) as refusal:
        api.list_ports(no_such_filter="1")
    assert refusal.value.status == 400


def test_only_the_fields_that_were_asked_for(cloud, network):
    [port, *_] = raw(cloud, network_id=network.id, fields="id")["ports"]

    assert list(port) == ["id"]


def test_servers_are_given_in_pages_with_a_link_to_the_next(cloud):
    answer = cloud.get("compute", "/servers/detail", dict, params=[("limit", "1")])

    [server] = answer["servers"]
    [link] = [one for one in answer["servers_links"] if one["rel"] == "next"]
    assert parse_qs(urlsplit(link["href"]).query)["marker"] == [server["id"]]
