"""Pages of lists (cloud-api 2.4, 3.6): markers, links of other hosts, lists that never end."""

from __future__ import annotations

import pytest

from bms.api import BareMetalAPI
from console.cloud.errors import BadAnswer, BadRequest, CloudUnavailable
from console.cloud.paging import Link, Page, every_item, next_marker
from console.emulator.faults import Fault
from tests.cloud.server import Answer
from tests.factories import PortFactory, ServerFactory
from vpc.api import NetworkAPI

IDS = [f"7c5e9a14-d3b0-4286-8f4d-60a1e2c7b9{number:02}" for number in range(20)]


def ports(*ids, after=None, host="http://127.0.0.1:9696"):
    body = {"ports": [{"id": one} for one in ids]}
    if after:
        body["ports_links"] = [
            {"rel": "previous", "href": f"{host}/v2.0/ports?marker=x&page_reverse=True"},
            {"rel": "next", "href": f"{host}/v2.0/ports?limit=2&fields=id&marker={after}"},
        ]
    return Answer(body=body)


@pytest.mark.parametrize(
    ("links", "marker"),
    [
        ([], None),
        ([Link("previous", "http://x/?marker=a")], None),
        ([Link("next", "http://x/?limit=2&marker=a-b")], "a-b"),
        ([Link("next", "/v2/images?marker=a%20b")], "a b"),
        ([Link("next", "?marker=a")], "a"),
        ([Link("previous", "?marker=a"), Link("next", "?marker=b")], "b"),
        ([Link("next", "")], None),
    ],
)
def test_the_marker_of_the_next_page(links, marker):
    assert next_marker(links) == marker


@pytest.mark.parametrize(
    "href", ["http://x/", "http://x/?page=2", "?marker=", "http://[::1/?marker=a", "nonsense"]
)
def test_a_next_page_without_a_marker_is_no_end_of_the_list(href):
    with pytest.raises(BadAnswer):
        next_marker([Link("next", href)])


def test_neutrons_pages_are_read_to_the_end(client, server):
    server.say(
        ports(IDS[0], IDS[1], after=IDS[1]), ports(IDS[2], IDS[3], after=IDS[3]), ports(IDS[4])
    )
    found = NetworkAPI(client).list_ports(network_id="n")
    assert [port.id for port in found] == IDS[:5]
    assert ["marker" in call.path for call in server.calls] == [False, True, True]
    assert server.calls[2].path.endswith(f"&marker={IDS[3]}")
    assert all("network_id=n" in call.path for call in server.calls)


def test_the_host_of_a_link_is_not_called(client, server, other_server):
    """It is often the one behind the proxy, or none that may see a token."""
    server.say(ports(IDS[0], after=IDS[0], host=other_server.url), ports(IDS[1]))
    assert len(NetworkAPI(client).list_ports()) == 2
    assert other_server.calls == []


def test_an_empty_page_with_a_next_one_is_not_the_end(client, server):
    server.say(ports(after=IDS[0]), ports(IDS[1]))
    assert [port.id for port in NetworkAPI(client).list_ports()] == [IDS[1]]


@pytest.mark.parametrize("cycle", [[0], [0, 1], [0, 1, 2]])
def test_markers_that_come_again_end_in_an_error(client, server, cycle):
    server.say(*[ports(IDS[n], after=IDS[n]) for n in cycle * 3])
    with pytest.raises(BadAnswer, match="never end"):
        NetworkAPI(client).list_ports()
    assert len(server.calls) == len(cycle) + 1


def test_markers_that_are_always_new_end_in_an_error():
    fetched = []

    def fetch(marker):
        fetched.append(marker)
        return Page((), next_marker=str(len(fetched)))

    with pytest.raises(BadAnswer, match="never end"):
        every_item(fetch)
    assert len(fetched) == 200


def test_a_page_that_fails_is_a_list_that_fails(client, server):
    server.say(ports(IDS[0], after=IDS[0]), *[Answer(503)] * 3)
    with pytest.raises(CloudUnavailable):
        NetworkAPI(client).list_ports()


def test_a_page_that_fails_once_is_read_again(client, server):
    server.say(ports(IDS[0], after=IDS[0]), Answer(503), ports(IDS[1]))
    assert [port.id for port in NetworkAPI(client).list_ports()] == IDS[:2]


def test_novas_next_page_is_asked_for_by_the_last_servers_id(cloud, emulator):
    made = {ServerFactory().id for _ in range(5)}
    api = BareMetalAPI(cloud)
    seen, marker, sizes = [], None, []
    while True:
        page = api.list_servers(limit=2, marker=marker)
        seen += [server.id for server in page.items]
        sizes.append(len(page.items))
        marker = page.next_marker
        if marker is None:
            break
        assert marker == seen[-1]
    assert sizes == [2, 2, 1]
    assert len(seen) == 5
    assert set(seen) == made


def test_a_marker_that_is_gone_is_said(cloud, emulator):
    with pytest.raises(BadRequest):
        BareMetalAPI(cloud).list_servers(limit=2, marker=IDS[0])


def test_a_page_is_one_call(cloud, emulator):
    for _ in range(4):
        ServerFactory()
    emulator.log.clear()
    assert len(BareMetalAPI(cloud).list_servers(limit=3).items) == 3
    assert len(emulator.log) == 1


def test_all_ports_are_one_list_for_the_embedded_cloud_too(cloud, emulator):
    made = {PortFactory().port.id for _ in range(7)}
    found = NetworkAPI(cloud).list_ports()
    assert made <= {port.id for port in found}


# --- microversions


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_nova_is_told_the_microversion_in_both_spellings(connect, server, profile):
    server.otherwise = Answer(body={"servers": []})
    BareMetalAPI(connect(profile=profile)).list_servers(limit=1)
    (call,) = server.calls
    version = {"otc": "2.26", "openstack": "2.47"}[profile]
    assert call.headers["OpenStack-API-Version"] == f"compute {version}"
    assert call.headers["X-OpenStack-Nova-API-Version"] == version


def test_nobody_else_is_told_a_microversion(client, server):
    server.otherwise = Answer(body={"ports": []})
    NetworkAPI(client).list_ports()
    (call,) = server.calls
    assert "OpenStack-API-Version" not in call.headers
    assert "X-OpenStack-Nova-API-Version" not in call.headers


@pytest.mark.parametrize("profile", ["otc"])
def test_an_old_nova_is_asked_again_without_tags_and_remembered(cloud, emulator):
    ServerFactory(name="metal", flavor="physical.o2.medium")
    ServerFactory(name="virtual", bare_metal=False, flavor="s3.large")
    fault = Fault("GET", "/servers/detail", "status", status=406)
    emulator.faults.add(fault)
    emulator.log.clear()
    api = BareMetalAPI(cloud)
    assert [server.name for server in api.list_servers(limit=9).items] == ["metal"]
    first, second = emulator.log
    assert (first.status, second.status) == (406, 200)
    assert "tags=" in first.query
    assert "tags=" not in second.query
    api.list_servers(limit=9)
    assert len(emulator.log) == 3
    assert "tags=" not in emulator.log[-1].query


@pytest.mark.parametrize("profile", ["otc"])
def test_a_nova_that_refuses_everything_is_not_asked_for_ever(cloud, emulator):
    emulator.faults.add(Fault("GET", "/servers/detail", "status", status=406, times=None))
    emulator.log.clear()
    with pytest.raises(BadRequest):
        BareMetalAPI(cloud).list_servers(limit=9)
    assert len(emulator.log) == 2
