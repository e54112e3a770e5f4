"""The way in: versions, unknown paths, broken bodies, ids, the log, latency."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.emulator.app import Emulator
from tests.emulator.conftest import Caller, password
from tests.factories import ServerFactory, VirtualIPFactory

SURROGATE = b'{"port": {"name": "\\ud800"}}'
REQUEST_ID = r"req-[0-9a-f-]{36}"
SERVICES = ["/v3/auth/projects", "/network/v2.0/ports", "/image/v2/images"]


@pytest.mark.parametrize(
    ("path", "status", "found"),
    [
        ("/", 300, "versions"),
        ("/v3", 200, "version"),
        ("/v3/", 200, "version"),
        ("/compute/", 200, "versions"),
        ("/compute", 200, "versions"),
        ("/compute/v2.1/", 200, "version"),
        ("/network/", 200, "versions"),
        ("/network/v2.0/", 200, "resources"),
        ("/image/", 300, "versions"),
        ("/image/versions", 300, "versions"),
    ],
)
def test_version_documents_need_no_token(anonymous, path, status, found):
    answer = anonymous.get(path)
    assert answer.status == status
    assert found in answer.json


def test_the_version_of_nova(anonymous, profile):
    version = anonymous.get("/compute/v2.1/").json["version"]
    assert version["min_version"] == "2.1"
    assert version["version"] == ("2.60" if profile == "otc" else "2.103")
    assert version["links"][0]["href"] == "https://cloud.example/compute/v2.1/"


def test_every_answer_has_a_request_id(demo, anonymous):
    ServerFactory()
    for path in [*SERVICES, f"{demo.compute}/servers", "/nosuch", "/network/nosuch"]:
        for caller in (demo, anonymous):
            assert re.fullmatch(REQUEST_ID, caller.get(path).headers["x-openstack-request-id"])
    nova = demo.nova("/servers").headers
    assert nova["x-compute-request-id"] == nova["x-openstack-request-id"]


UNKNOWN = [
    ("/nosuch", {"error": {"code": 404, "title": "Not Found"}}),
    ("/v3/nosuch", {"error": {"code": 404, "title": "Not Found"}}),
    ("/compute/v2.1/nosuch", {"itemNotFound": {"code": 404}}),
    ("/network/v2.0/nosuch", {"NeutronError": {"type": "HTTPNotFound", "detail": ""}}),
]


@pytest.mark.parametrize(("path", "body"), UNKNOWN)
def test_unknown_paths_are_404_in_the_words_of_the_family(demo, path, body):
    answer = demo.get(path)
    (name,) = body
    assert answer.status == 404
    assert answer.json[name] | body[name] == answer.json[name]


@pytest.mark.parametrize("path", [*SERVICES, "/network/v2.0/routers", "/v3"])
def test_wrong_methods_are_405(demo, path):
    answer = demo("PATCH", path)
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"x"', b'{"port": 1}', b"\xff", SURROGATE]
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_bodies_that_are_no_json_are_400(demo, method, body):
    path = "/network/v2.0/ports"
    if method == "PUT":
        path += f"/{ServerFactory().nic.id}"
    answer = demo(method, path, body)
    assert (answer.status, answer.kind) == (400, "HTTPBadRequest")


def test_a_project_in_the_path_must_be_the_tokens(demo, other_project):
    answer = demo.get(f"/compute/v2.1/{other_project.id}/servers")
    assert (answer.status, answer.message) == (400, "Malformed request url")
    assert demo.get(f"/compute/v2.1/{demo.project_id}/servers").status == 200
    assert demo.get("/compute/v2.1/servers").status == 200


def test_head_is_get_without_body(demo):
    answer = demo("HEAD", "/network/v2.0/ports")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_urls_follow_the_host_of_the_request(demo):
    ServerFactory()
    environ_host = demo.nova("/servers").json["servers"][0]["links"][0]["href"]
    assert environ_host.startswith("https://cloud.example/compute/")


def test_the_log_knows_every_call(demo, emulator):
    emulator.log.clear()
    emulator.latency_ms = 20
    answer = demo.ports("?name=x&fields=id")
    (call,) = emulator.log
    assert (call.method, call.path, call.query) == (
        "GET",
        "/network/v2.0/ports",
        "name=x&fields=id",
    )
    assert (call.status, call.request_id) == (200, answer.headers["x-openstack-request-id"])
    assert 0.02 <= call.ended - call.started < 2
    assert call.ended <= time.monotonic()


def test_the_log_keeps_what_a_write_sent(demo, emulator):
    vip = VirtualIPFactory()
    emulator.log.clear()
    demo.pairs(vip, "10.20.0.9")
    demo("PUT", f"/network/v2.0/ports/{vip.id}", b'{"port": ')
    demo("GET", "/network/v2.0/ports", {"not": "a write"})
    demo.delete_port(vip)
    written, broken, read, deleted = emulator.log
    assert written.json == {"port": {"allowed_address_pairs": [{"ip_address": "10.20.0.9"}]}}
    assert (broken.body, broken.json, broken.status) == (b'{"port": ', None, 400)
    assert (read.body, deleted.body, deleted.json) == (b"", b"", None)


def test_the_log_keeps_no_secrets_and_no_more_than_10_kb(demo, emulator):
    emulator.log.clear()
    Caller(emulator)("POST", "/v3/auth/tokens", password())
    demo.create_port(name="x" * 20_000)
    signed_in, written = emulator.log
    assert signed_in.body == b""
    assert len(written.body) == 10 * 1024
    assert demo.token not in repr(emulator.log)
    assert "demo-password" not in repr(emulator.log)


def test_latency_is_slept_outside_the_lock(demo, emulator):
    """Two calls at once take the time of one."""
    emulator.latency_ms = 200
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: demo.ports(), range(4)))
    assert [answer.status for answer in answers] == [200] * 4
    assert time.monotonic() - started < 0.6


def test_an_emulator_is_empty_at_first(profile):
    state = Emulator(profile).state
    assert [*state.users, *state.projects, *state.servers, *state.ports] == []
