"""`manage.py cloud_emulator`."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

MANAGE = Path(__file__).parents[2] / "manage.py"


@pytest.fixture
def port(socket_enabled):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def start(*arguments):
    """Whatever a test finds, the process ends with it."""
    with subprocess.Popen(
        [sys.executable, str(MANAGE), "cloud_emulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_says_how_and_stops(port, number):
    with start("--port", str(port), "--profile", "openstack", "--servers", "40") as process:
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v3", timeout=5) as answer:
            assert answer.status == 200
        process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
    assert f"http://127.0.0.1:{port}/v3" in said
    for words in ("demo-password", "viewer-password", "123456", "OS_REGION_NAME=RegionOne"):
        assert words in said
    assert (process.returncode, rest, errors) == (0, "Stopped.\n", "")


def call(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    found = answer.headers, json.loads(answer.read())
    connection.close()
    return found


def sign_in(port):
    who = {"name": "demo", "password": "demo-password", "domain": {"name": "acme"}}
    scope = {"project": {"name": "prod", "domain": {"name": "acme"}}}
    identity = {"methods": ["password"], "password": {"user": who}}
    headers, _ = call(
        port, "POST", "/v3/auth/tokens", {"auth": {"identity": identity, "scope": scope}}
    )
    return {"X-Auth-Token": headers["X-Subject-Token"]}


def test_writes_overlap_when_asked(port):
    with start("--port", str(port), "--profile", "openstack", "--overlap", "300") as process:
        while "Ctrl-C" not in process.stdout.readline():
            pass
        token = sign_in(port)
        _, body = call(port, "GET", "/network/v2.0/ports?name=vip-free", **token)
        (vip,) = body["ports"]
        token["If-Match"] = f"revision_number={vip['revision_number']}"

        def write(address):
            pairs = {"port": {"allowed_address_pairs": [{"ip_address": address}]}}
            _, body = call(port, "PUT", f"/network/v2.0/ports/{vip['id']}", pairs, **token)
            return body["port"]["revision_number"] - vip["revision_number"]

        with ThreadPoolExecutor(2) as pool:
            risen = sorted(pool.map(write, ("10.20.0.1", "10.20.0.2")))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert risen == [1, 2]


def test_a_port_in_use_is_one_line(port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with start("--port", str(port)) as process:
            _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors == (
        f"CommandError: Port {port} on 127.0.0.1 cannot be used: Address already in use.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "x"),
        ("--port", "70000"),
        ("--servers", "-1"),
        ("--profile", "aws"),
        ("--overlap", "-1"),
    ],
)
def test_bad_options_are_refused(arguments):
    with start(*arguments) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "error: argument" in errors
