"""Lists: filters, fields, order, pages (cloud-api 3.6; FACTS, Neutron)."""

from __future__ import annotations

import pytest

from tests import factories
from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import PortFactory, ServerFactory, SubnetFactory, VirtualIPFactory

NOBODY = "00000000-0000-0000-0000-000000000000"
URL = "https://cloud.example/network/v2.0/ports"


@pytest.fixture
def vips(emulator):
    subnet = SubnetFactory(cidr="192.168.8.0/21")
    addresses = {"vip-spare": 252, "vip-db": 251, "vip-web": 250}
    return {
        name: VirtualIPFactory(name=name, subnet=subnet, ip_address=f"192.168.10.{last}")
        for name, last in addresses.items()
    }


def names(answer):
    assert answer.status == 200, answer.body
    return sorted(port["name"] for port in answer.json["ports"])


def ids(answer):
    return [port["id"] for port in answer.json["ports"]]


ALL = ["vip-db", "vip-spare", "vip-web"]
FILTERS = [
    ("device_owner=neutron:VIP_PORT", ALL),
    ("device_owner=neutron:NONE", []),
    ("name=vip-web&name=vip-db", ["vip-db", "vip-web"]),
    ("fixed_ips=ip_address=192.168.10.252", ["vip-spare"]),
    ("fixed_ips=ip_address%3D192.168.10.252", ["vip-spare"]),
    ("fixed_ips=ip_address=192.168.10.252&fixed_ips=ip_address=192.168.10.251", ALL[:2]),
    ("device_owner=neutron:VIP_PORT&status=DOWN&device_id=", ALL),
    ("device_owner=neutron:VIP_PORT&status=ACTIVE", []),
    ("device_owner=neutron:VIP_PORT&admin_state_up=True", ALL),
    ("device_owner=neutron:VIP_PORT&admin_state_up=false", []),
    ("device_owner=neutron:VIP_PORT&port_security_enabled=1", ALL),
    ("binding:vnic_type=normal&name=vip-db", ["vip-db"]),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_filters(demo, vips, query, expected):
    assert names(demo.ports(f"?{query}")) == expected


@pytest.mark.parametrize("name", ["id", "network_id", "mac_address", "project_id", "tenant_id"])
def test_filters_by_what_a_port_says(demo, vips, name):
    port = demo.port(vips["vip-db"])
    found = ids(demo.ports(f"?{name}={port[name]}&device_owner=neutron:VIP_PORT"))
    assert port["id"] in found
    assert len(found) == (1 if name in ("id", "mac_address") else 3)


def test_filters_by_subnet_group_and_device(demo, vips):
    vip = vips["vip-db"]
    server = ServerFactory()
    group = demo.port(vip)["security_groups"][0]
    assert set(ids(demo.ports(f"?fixed_ips=subnet_id={vip.subnet_id}"))) >= {vip.id}
    assert server.nic.id not in ids(demo.ports(f"?fixed_ips=subnet_id={vip.subnet_id}"))
    assert len(ids(demo.ports(f"?security_groups={group}"))) == 4
    assert ids(demo.ports(f"?device_id={server.id}")) == [server.nic.id]
    assert ids(demo.ports(f"?device_id={server.id}&device_id={NOBODY}")) == [server.nic.id]
    assert ids(demo.ports(f"?network_id={server.nic.network_id}&device_id={server.id}"))


@OPENSTACK
def test_filters_that_only_openstack_has(demo, vips):
    query = "?fixed_ips=ip_address_substr=192.168.10.25"
    assert names(demo.ports(query)) == ALL
    server = ServerFactory()
    demo.pairs(server.nic, "192.168.10.250", "10.0.0.0/8")
    query = "?allowed_address_pairs=ip_address=192.168.10.250&fields=id"
    assert demo.ports(query).json["ports"] == [{"id": server.nic.id}]
    answer = demo.ports("?nosuch=1&fields=id")
    assert (answer.status, answer.kind) == (400, "HTTPBadRequest")
    assert answer.message == "['nosuch'] is invalid attribute for filtering"
    assert demo.ports("?fixed_ips=nosuch=1").status == 400


@OTC
@pytest.mark.parametrize("query", ["nosuch=1", "allowed_address_pairs=ip_address=1.2.3.4"])
def test_what_otc_does_not_document_has_no_effect(demo, vips, query):
    assert names(demo.ports(f"?device_owner=neutron:VIP_PORT&{query}")) == ALL


def test_fields(demo, vips):
    vip = vips["vip-db"]
    answer = demo.ports("?name=vip-db&fields=id&fields=fixed_ips&fields=nosuch")
    address = [{"subnet_id": vip.subnet_id, "ip_address": "192.168.10.251"}]
    assert answer.json == {"ports": [{"id": vip.id, "fixed_ips": address}]}
    one = demo.ports(f"/{vip.id}?fields=id&fields=allowed_address_pairs")
    assert one.json == {"port": {"id": vip.id, "allowed_address_pairs": []}}
    assert demo.ports(f"/{vip.id}?fields=nosuch").body == b'{"port":{}}'


def test_nothing_is_an_empty_list(demo, vips):
    assert demo.ports("?name=nothing").body == b'{"ports":[]}'


# pages


@pytest.fixture
def five(emulator):
    subnet = SubnetFactory(vpc=None)
    for _ in range(5):
        PortFactory(subnet=subnet, device_owner="x")
    return sorted(p.id for p in factories.state().ports.values() if p.device_owner == "x")


def page(demo, query):
    answer = demo.ports(f"?device_owner=x&{query}&fields=id")
    links = {link["rel"]: link["href"] for link in answer.json.get("ports_links", [])}
    return ids(answer), links


def test_ids_ascend_and_pages_join(demo, five):
    first, links = page(demo, "limit=2")
    assert first == five[:2]
    following = demo.get(links["next"].removeprefix("https://cloud.example"))
    assert ids(following) == five[2:4]
    last, links = page(demo, f"limit=2&marker={five[3]}")
    assert last == five[4:]
    assert "next" not in links
    assert page(demo, f"limit=2&marker={five[4]}") == ([], {})


@OPENSTACK
def test_the_links_of_openstack(demo, five):
    """A page that is full has both links, whatever there is."""
    start = f"{URL}?device_owner=x&limit=2"
    _, links = page(demo, "limit=2")
    assert links == {
        "next": f"{start}&fields=id&marker={five[1]}",
        "previous": f"{start}&fields=id&marker={five[0]}&page_reverse=True",
    }
    back, links = page(demo, f"limit=2&marker={five[1]}&page_reverse=True")
    assert back == [five[0]]
    assert links == {"next": f"{start}&fields=id&marker={five[0]}"}
    _, links = page(demo, "limit=10000")
    assert list(links) == ["previous"]
    assert page(demo, "name=") == (five, {})


@OTC
def test_the_links_of_otc_appear_when_there_is_more(demo, five):
    assert list(page(demo, "limit=2")[1]) == ["next"]
    assert list(page(demo, f"limit=2&marker={five[1]}")[1]) == ["next", "previous"]
    assert page(demo, "limit=5") == (five, {})
    back, links = page(demo, f"limit=2&marker={five[3]}&page_reverse=True")
    assert back == five[1:3]
    assert list(links) == ["next", "previous"]


def test_order(demo, vips):
    query = "?device_owner=neutron:VIP_PORT&sort_key=name&fields=name"
    for direction, expected in (("asc", ALL), ("desc", ALL[::-1])):
        found = demo.ports(f"{query}&sort_dir={direction}").json["ports"]
        assert [port["name"] for port in found] == expected
    web = vips["vip-web"].id
    found = demo.ports(f"{query}&sort_dir=desc&limit=2&marker={web}").json["ports"]
    assert [port["name"] for port in found] == ["vip-spare", "vip-db"]


def test_a_marker_that_does_not_match_the_filter_still_has_a_place(demo, five):
    other = PortFactory(device_owner="y")
    expected = [port for port in five if port > other.id]
    assert page(demo, f"limit=10&marker={other.id}")[0] == expected


@pytest.mark.parametrize(
    "query", ["sort_key=name&sort_dir=asc&sort_dir=desc", "sort_key=nosuch&sort_dir=asc"]
)
def test_an_order_that_is_none(demo, query):
    assert demo.ports(f"?{query}").status == 400


def test_a_marker_that_is_gone(demo, profile):
    answer = demo.ports(f"?limit=2&marker={NOBODY}")
    if profile == "otc":
        assert (answer.status, answer.kind) == (400, "HTTPBadRequest")
    else:
        assert (answer.status, answer.kind) == (404, "PortNotFound")
        assert answer.message == f"Port {NOBODY} could not be found."


@pytest.mark.parametrize("limit", ["-1", "abc", "1.5", "²"])
def test_a_limit_that_is_none(demo, limit):
    answer = demo.ports(f"?limit={limit}")
    assert (answer.status, answer.kind) == (400, "BadRequest")
    assert answer.message == (
        f"Bad limit request: Limit must be an integer 0 or greater and not '{limit}'."
    )


def test_otc_gives_two_thousand_at_most(demo, profile):
    subnet = SubnetFactory(cidr="10.32.0.0/19", vpc=None)
    for _ in range(2001):
        PortFactory(subnet=subnet, device_owner="x")
    for limit in ("", "&limit=5000", "&limit=0"):
        answer = demo.ports(f"?device_owner=x&fields=id{limit}")
        assert len(answer.json["ports"]) == (2000 if profile == "otc" else 2001)
        if profile == "otc":
            assert answer.json["ports_links"][0]["rel"] == "next"


# what is found by an index is the same as what is found by looking at all


def test_by_several_ids(demo, vips, other_project):
    foreign = PortFactory(subnet=SubnetFactory(project=other_project, vpc=None))
    wanted = [vips["vip-web"].id, vips["vip-db"].id]
    query = "&".join(f"id={each}" for each in [*wanted, wanted[0], foreign.id, NOBODY])
    assert ids(demo.ports(f"?{query}")) == sorted(wanted)
    assert names(demo.ports(f"?{query}&name=vip-db")) == ["vip-db"]
    assert names(demo.ports(f"?{query}&network_id={NOBODY}")) == []
    assert names(demo.ports(f"?{query}&fixed_ips=ip_address=192.168.10.250")) == ["vip-web"]


def test_one_address_in_two_networks(demo, vips):
    twin = PortFactory(subnet=SubnetFactory(cidr="192.168.10.0/24"), ip_address="192.168.10.251")
    found = ids(demo.ports("?fixed_ips=ip_address=192.168.10.251"))
    assert found == sorted([vips["vip-db"].id, twin.id])
    network = f"network_id={twin.network_id}"
    assert ids(demo.ports(f"?fixed_ips=ip_address=192.168.10.251&{network}")) == [twin.id]


def test_an_address_that_moved_and_one_that_went(demo, vips, profile):
    vip = vips["vip-db"]
    if profile == "openstack":
        demo.update_port(vip, fixed_ips=[{"ip_address": "192.168.10.7"}])
        assert ids(demo.ports("?fixed_ips=ip_address=192.168.10.7")) == [vip.id]
    else:
        demo.delete_port(vip)
    assert ids(demo.ports("?fixed_ips=ip_address=192.168.10.251")) == []


def test_by_subnet(demo, vips):
    vip = vips["vip-db"]
    both = f"fixed_ips=subnet_id={vip.subnet_id}&fixed_ips=ip_address=192.168.10.252"
    assert names(demo.ports(f"?{both}")) == ["vip-spare"]
    found = names(demo.ports(f"?fixed_ips=subnet_id={vip.subnet_id}"))
    assert [name for name in found if name] == ALL
    assert names(demo.ports(f"?fixed_ips=subnet_id={NOBODY}")) == []
    unknown = f"fixed_ips=subnet_id={NOBODY}&fixed_ips=subnet_id={vip.subnet_id}"
    assert names(demo.ports(f"?{unknown}")) == found


@pytest.mark.parametrize("name", ["network_id", "id"])
def test_a_marker_outside_of_what_is_asked_for(demo, vips, name):
    elsewhere = PortFactory(subnet=SubnetFactory())
    wanted = [vip.id for vip in vips.values()]
    query = f"network_id={vips['vip-db'].network_id}&device_owner=neutron:VIP_PORT"
    if name == "id":
        query = "&".join(f"id={each}" for each in wanted)
    expected = [each for each in sorted(wanted) if each > elsewhere.id]
    assert ids(demo.ports(f"?{query}&marker={elsewhere.id}")) == expected
