"""The same application over a real socket."""

from __future__ import annotations

import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.emulator.faults import Fault
from console.emulator.server import serve
from tests.emulator.conftest import password

PORTS = "/network/v2.0/ports"


@pytest.fixture
def profile():
    return "otc"


@pytest.fixture
def server(emulator, socket_enabled):
    with serve(emulator) as handle:
        yield handle


@pytest.fixture
def connection(server):
    address = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=5)
    yield connection
    connection.close()


@pytest.fixture
def headers(connection):
    response, _ = ask(connection, "POST", "/v3/auth/tokens", json.dumps(password()))
    return {"X-Auth-Token": response.headers["X-Subject-Token"]}


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return response, response.read()


def test_one_connection_serves_many_requests(connection, headers):
    ask(connection, "GET", PORTS, headers=headers)
    before = connection.sock.getsockname()
    for _ in range(5):
        response, body = ask(connection, "GET", PORTS, headers=headers)
        assert (response.status, response.version, body) == (200, 11, b'{"ports":[]}')
    assert connection.sock.getsockname() == before


def test_urls_carry_the_port(connection, server, headers):
    _, body = ask(connection, "GET", "/v3/auth/catalog", headers=headers)
    network = next(e for e in json.loads(body)["catalog"] if e["type"] == "network")
    assert network["endpoints"][0]["url"] == f"{server.url}/network"


def test_bodies_head_and_204(connection, headers, emulator):
    response, _ = ask(connection, "PUT", f"{PORTS}/x", b'{"port": {"name": "x"}}', headers)
    assert response.status == 404
    response, body = ask(connection, "HEAD", PORTS, headers=headers)
    assert (response.status, response.headers["Content-Length"], body) == (200, "12", b"")
    gone = headers | {"X-Subject-Token": headers["X-Auth-Token"]}
    response, body = ask(connection, "DELETE", "/v3/auth/tokens", headers=gone)
    assert (response.status, body) == (204, b"")
    assert ask(connection, "GET", PORTS, headers=headers)[0].status == 401


def test_the_socket_sends_at_once(server):
    handle = server._server.RequestHandlerClass
    assert handle.disable_nagle_algorithm is True


def test_many_connections_at_once(server, headers, emulator):
    emulator.latency_ms = 500

    def one(_):
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
        status = ask(connection, "GET", PORTS, headers=headers)[0].status
        connection.close()
        return status

    started = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(one, range(20))) == {200}
    assert time.monotonic() - started < 8, "one after the other they take ten seconds"


@pytest.mark.parametrize("kind", ["reset", "refused"])
def test_a_reset_is_one(connection, headers, emulator, kind):
    emulator.faults.add(Fault("GET", PORTS, kind))
    with pytest.raises(ConnectionResetError):
        ask(connection, "GET", PORTS, headers=headers)


def test_a_timeout_holds_the_connection(connection, headers, emulator):
    emulator.faults.add(Fault("GET", PORTS, "timeout"))
    connection.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        ask(connection, "GET", PORTS, headers=headers)


def test_a_timeout_ends_after_its_delay(connection, headers, emulator):
    emulator.faults.add(Fault("GET", PORTS, "timeout", delay_ms=100))
    started = time.monotonic()
    with pytest.raises(http.client.RemoteDisconnected):
        ask(connection, "GET", PORTS, headers=headers)
    assert time.monotonic() - started >= 0.1


def test_a_cut_body_is_short(connection, headers, emulator):
    emulator.faults.add(Fault("GET", PORTS, "cut_body"))
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(connection, "GET", PORTS, headers=headers)
    assert caught.value.expected


def test_stopping_ends_what_is_open(emulator, socket_enabled):
    handle = serve(emulator).start()
    address = handle.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=5)
    assert ask(connection, "GET", "/v3")[0].status == 200
    handle.stop()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        ask(connection, "GET", "/v3")
    connection.close()


def test_a_port_in_use_is_an_error(server, emulator):
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        serve(emulator, port=port)


def test_rubbish_on_the_wire_does_no_harm(server, connection):
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(b"NONSENSE\r\n\r\n")
        assert raw.recv(100)
    assert ask(connection, "GET", "/v3")[0].status == 200
