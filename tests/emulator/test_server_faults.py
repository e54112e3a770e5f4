"""Every kind of fault over a real socket, and many clients of one process at once."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import pytest

from console.emulator import faults
from console.emulator.faults import Fault
from console.emulator.server import serve
from tests.emulator.profiles import OPENSTACK
from tests.factories import FloatingIPFactory, PortFactory, VirtualIPFactory

PORTS = "/network/v2.0/ports"
# A client that writes once and says what it was answered.
CLIENT = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], timeout=10)
connection.request("PUT", sys.argv[2], sys.argv[4], {"X-Auth-Token": sys.argv[3]})
print(connection.getresponse().status)
input()
"""


@pytest.fixture
def address(emulator, socket_enabled):
    with serve(emulator) as handle:
        yield handle.url.removeprefix("http://")


@pytest.fixture
def client(address, demo):
    with Client(address, demo.token) as client:
        yield client


class Client:
    """One connection that is kept alive."""

    def __init__(self, address, token):
        self.connection = http.client.HTTPConnection(address, timeout=10)
        self.token = token

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def __call__(self, method, path, body=None, **headers):
        headers = {"X-Auth-Token": self.token, **headers}
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def pairs(*addresses):
    return {"port": {"allowed_address_pairs": [{"ip_address": each} for each in addresses]}}


NO_ANSWER = {
    "timeout": http.client.RemoteDisconnected,
    "reset": ConnectionResetError,
    "refused": ConnectionResetError,
    "kill": ConnectionResetError,
    "cut_body": http.client.IncompleteRead,
}
ANSWER = {
    "status": (503, b"NeutronError"),
    "delay": (200, b'"port"'),
    "hook": (200, b'"port"'),
    "malformed": (200, b'{"servers": ['),
    "wrong_shape": (200, b"unexpected"),
    "empty": (200, b""),
}
WITH_EFFECT = {"delay", "cut_body", "hook"}


def test_all_kinds_are_tried_here():
    assert {*NO_ANSWER, *ANSWER} == set(get_args(faults.Kind))


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("kind", get_args(faults.Kind))
def test_every_kind_over_a_socket(client, emulator, kind, after_effect):
    vip, called = VirtualIPFactory(), []
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        emulator.faults.add(
            Fault(
                "PUT",
                "/ports/",
                kind,
                status=503,
                delay_ms=20,
                after_effect=after_effect,
                pid=process.pid,
                hook=(lambda: called.append(1)) if kind == "hook" else None,
            )
        )
        if kind in NO_ANSWER:
            with pytest.raises(NO_ANSWER[kind]):
                client("PUT", f"{PORTS}/{vip.id}", pairs("10.20.0.9"))
            client.connection.close()
        else:
            status, body = client("PUT", f"{PORTS}/{vip.id}", pairs("10.20.0.9"))
            assert (status, ANSWER[kind][1] in body) == (ANSWER[kind][0], True)
    assert vip.pairs == (["10.20.0.9"] if after_effect or kind in WITH_EFFECT else [])
    assert called == ([1] if kind == "hook" else [])
    assert client("GET", f"{PORTS}/{vip.id}")[0] == 200


@pytest.mark.parametrize("after_effect", [False, True])
def test_the_client_is_killed_in_its_call(address, demo, emulator, after_effect):
    vip = VirtualIPFactory()
    path, body = f"{PORTS}/{vip.id}", json.dumps(pairs("10.20.0.9"))
    command = [sys.executable, "-c", CLIENT, address, path, demo.token, body]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        fault = Fault("PUT", "/ports/", "kill", pid=client.pid, after_effect=after_effect)
        emulator.faults.add(fault)
        said, _ = client.communicate(timeout=20)
    assert (said, client.returncode) == (b"", -signal.SIGKILL)
    assert vip.pairs == (["10.20.0.9"] if after_effect else [])
    assert emulator.log[-1].status == 0


@OPENSTACK
def test_overlapping_writes_over_sockets(address, demo, emulator):
    port = PortFactory()
    emulator.overlap_ms = 300
    headers = {"If-Match": "revision_number=1"}

    def write(pair):
        with Client(address, demo.token) as client:
            return client("PUT", f"{PORTS}/{port.id}", pairs(pair), **headers)[0]

    addresses = [f"10.20.0.{n}" for n in range(1, 5)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(write, addresses)) == [200] * 4
    assert sorted(port.pairs) == addresses


def test_twenty_clients_of_one_process(address, demo, emulator):
    """2,000 mixed calls: nothing is lost, nothing stands still, each keeps its connection."""
    ports = [PortFactory() for _ in range(20)]
    vips = [VirtualIPFactory() for _ in range(20)]
    floating = [FloatingIPFactory() for _ in range(20)]
    emulator.overlap_ms = 1

    def work(number):
        own = f"{PORTS}/{ports[number].id}"
        eip = f"/network/v2.0/floatingips/{floating[number].id}"
        statuses = Counter[int]()
        with Client(address, demo.token) as client:
            client("GET", own)
            before = client.connection.sock.getsockname()
            for turn in range(20):
                bound = {"floatingip": {"port_id": None if turn % 2 else vips[number].id}}
                calls = [
                    ("PUT", own, pairs(*(f"10.20.1.{n}" for n in range(turn % 9 + 1)))),
                    ("GET", f"{PORTS}?network_id={ports[0].network_id}"),
                    ("PUT", eip, bound),
                    ("GET", own),
                    ("GET", f"{demo.compute}/servers"),
                ]
                statuses.update(client(*call)[0] for call in calls)
            assert client.connection.sock.getsockname() == before
        return statuses

    with ThreadPoolExecutor(20) as pool:
        statuses = sum(pool.map(work, range(20)), Counter[int]())
    assert statuses == {200: 2000}
    assert {len(port.pairs) for port in ports} == {2}
    assert len([call for call in emulator.log if call.status == 200]) >= 2000
