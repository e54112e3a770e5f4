"""Whatever the cloud answers: a value, or a `CloudError`, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from bms.api import BareMetalAPI
from console.cloud.account import Project, Scope, Token, User
from console.cloud.auth import Identity
from console.cloud.client import CloudClient
from console.cloud.config import EMBEDDED_URL, CloudConfig
from console.cloud.errors import CloudError
from console.cloud.transport import Deadline, open_session
from tests.cloud.tokens import endpoint, service, token_body
from vpc.api import NetworkAPI

ID = "7c5e9a14-d3b0-4286-8f4d-60a1e2c7b958"
TOKEN = Token(text="t", expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
SUBNET = {"id": ID, "network_id": ID, "cidr": "10.0.0.0/24", "ip_version": 4, "gateway_ip": None}
PORT = {
    "id": ID,
    "network_id": ID,
    "device_owner": "compute:az",
    "fixed_ips": [{"subnet_id": ID, "ip_address": "10.0.0.5"}],
    "allowed_address_pairs": [{"ip_address": "10.0.0.9", "mac_address": "fa:16:3e:00:00:01"}],
    "security_groups": [ID],
    "revision_number": 3,
}
SERVER = {
    "id": ID,
    "name": "db",
    "status": "ACTIVE",
    "flavor": {"id": "physical.o2"},
    "image": {"id": ID},
    "addresses": {"net": [{"addr": "10.0.0.5", "OS-EXT-IPS:type": "fixed"}]},
    "metadata": {"image_name": "x"},
    "tags": ["__type_baremetal"],
}
EIP = {"id": ID, "floating_ip_address": "203.0.113.1", "port_id": ID, "status": "ACTIVE"}
NEXT = [{"rel": "next", "href": f"https://x/?marker={ID}"}]
CATALOG = [
    service("compute", endpoint("https://c/v2.1")),
    service("network", endpoint("https://n")),
]


def bms(client, _):
    return BareMetalAPI(client)


def vpc(client, _):
    return NetworkAPI(client)


def identity(_, keystone):
    return keystone


CALLS = {
    "servers": (bms, lambda api: api.list_servers(limit=50), {"servers": [SERVER]}),
    "server": (bms, lambda api: api.get_server(ID), {"server": SERVER}),
    "images": (
        bms,
        lambda api: api.list_images(),
        {"images": [{"id": ID, "name": "x"}], "next": ""},
    ),
    "ports": (vpc, lambda api: api.list_ports(), {"ports": [PORT], "ports_links": NEXT}),
    "port": (vpc, lambda api: api.get_port(ID), {"port": PORT}),
    "pairs": (vpc, lambda api: api.set_address_pairs(ID, (), revision=3), {"port": PORT}),
    "assign": (vpc, lambda api: api.create_vip_port(network_id=ID, subnet_id=ID), {"port": PORT}),
    "release": (vpc, lambda api: api.delete_port(ID), {}),
    "networks": (vpc, lambda api: api.list_networks(), {"networks": [{"id": ID, "name": "n"}]}),
    "network": (vpc, lambda api: api.get_network(ID), {"network": {"id": ID, "subnets": [ID]}}),
    "subnets": (vpc, lambda api: api.list_subnets(), {"subnets": [SUBNET]}),
    "vpcs": (vpc, lambda api: api.list_vpcs(), {"vpcs": [{"id": ID, "cidr": "10.0.0.0/8"}]}),
    "vpc": (vpc, lambda api: api.get_vpc(ID), {"vpc": {"id": ID, "status": "OK"}}),
    "eips": (vpc, lambda api: api.list_floating_ips(), {"floatingips": [EIP]}),
    "groups": (vpc, lambda api: api.list_security_groups(), {"security_groups": [{"id": ID}]}),
    "sign in": (
        identity,
        lambda api: api.sign_in(domain="d", user="u", password="p", passcode="1"),
        token_body(),
    ),
    "scope": (identity, lambda api: api.scope_to(TOKEN, "p"), token_body(catalog=CATALOG)),
    "projects": (
        identity,
        lambda api: api.list_projects(TOKEN),
        {"projects": [{"id": ID, "name": "x", "enabled": True}]},
    ),
    "revoke": (identity, lambda api: api.revoke(TOKEN), {}),
    "ping": (identity, lambda api: api.ping(), {"version": {"id": "v3.14"}}),
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([ID, "10.0.0.5", "10.0.0.0/99", "http://[", "9999-12-31T23:59:59-14:00", ""]),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none() | st.integers(), max_size=2),
)


def paths(value, path=()):
    """Every place in a document."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[key], (*path, key))


@st.composite
def spoilt(draw, document):
    """A good answer with one thing wrong: a member gone or something else in its place."""
    copy = {"": json.loads(json.dumps(document))}
    path = ("", *draw(st.sampled_from(list(paths(document)))))
    place: Any = copy
    for key in path[:-1]:
        place = place[key]
    last = path[-1]
    if draw(st.booleans()):
        place[last] = draw(ODD)
    else:
        del place[last]
    return json.dumps(copy.get("")).encode()


@cache
def stage():
    """A client and a Keystone whose every answer is `answer`, made once for thousands of calls."""
    answer: dict[str, Any] = {}

    def cloud(environ, start_response):
        answer["calls"] += 1
        status = answer["status"] if answer["calls"] < 4 else 404  # no list goes on for ever
        start_response(f"{status} OK", [*answer["headers"].items()])
        return [answer["body"]]

    config = CloudConfig(auth_url=f"{EMBEDDED_URL}/v3", embedded=lambda: cloud)
    session = open_session(config)
    services = ("compute", "network", "image", "vpc")
    scope = Scope(
        token=TOKEN,
        project=Project(id="p", name="p"),
        catalog={name: {"r": f"{EMBEDDED_URL}/{name}"} for name in services},
    )
    client = CloudClient(
        session=session,
        user=User(id="u", name="demo"),
        scope=scope,
        region="r",
        config=config,
        deadline=Deadline(3600),
        sleep=lambda _: None,
    )
    return answer, client, Identity(session, config, Deadline(3600))


def play(name, body, status=200, headers=None):
    make, call, _ = CALLS[name]
    answer, client, keystone = stage()
    answer.update(body=body, status=status, headers=headers or {"X-Subject-Token": "t"}, calls=0)
    try:
        call(make(client, keystone))
    except CloudError as error:
        return error.headline, error.message
    return None


@pytest.mark.parametrize("name", CALLS)
def test_the_good_answer_is_a_value(name):
    """The measure for all others here: each of these answers is understood."""
    *_, document = CALLS[name]
    document = {key: value for key, value in document.items() if not key.endswith("_links")}
    assert play(name, json.dumps(document).encode()) is None


@pytest.mark.parametrize("name", CALLS)
@given(
    body=st.binary(max_size=60), status=st.sampled_from([200, 201, 204, 302, 400, 404, 409, 500])
)
@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@example(body=b"[" * 100_000, status=200)
@example(body=b"[" * 100_000, status=400)
@example(body=b'{"a":' * 100_000, status=200)
def test_any_bytes(name, body, status):
    play(name, body, status)


@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, database=None, derandomize=True)
def test_any_good_answer_with_one_thing_wrong(name, data):
    *_, document = CALLS[name]
    play(name, data.draw(spoilt(document)), data.draw(st.sampled_from([200, 201])))


NAMES = ["error", "message", "code", "NeutronError", "type", "title", "error_msg", "error_code"]


@given(
    body=st.recursive(
        ODD, lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=3), max_leaves=9
    ),
    status=st.integers(300, 599),
)
@settings(max_examples=200, deadline=None, database=None, derandomize=True)
def test_any_refusal(body, status):
    for name in ("port", "release", "sign in"):
        assert all(play(name, json.dumps(body).encode(), status))


@given(value=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=12))
@settings(max_examples=200, deadline=None, database=None, derandomize=True)
def test_any_header(value):
    headers = {"X-Subject-Token": value, "Retry-After": value, "Location": value}
    play("sign in", json.dumps(token_body()).encode(), 201, headers)
    play("port", b"{}", 429, headers | {"x-openstack-request-id": value, "Content-Type": value})
