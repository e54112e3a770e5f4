"""`manage.py cloud_emulator`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

MANAGE = Path(__file__).parents[2] / "manage.py"


@pytest.fixture
def port(socket_enabled):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def start(*arguments):
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, str(MANAGE), "cloud_emulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_it_serves_says_how_and_stops(port):
    with start("--port", str(port), "--profile", "openstack", "--servers", "40") as process:
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v3", timeout=5) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)
    assert f"http://127.0.0.1:{port}/v3" in said
    for words in ("demo-password", "viewer-password", "123456", "OS_REGION_NAME=RegionOne"):
        assert words in said
    assert (process.returncode, rest, errors) == (0, "Stopped.\n", "")


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
    "arguments", [("--port", "x"), ("--port", "70000"), ("--servers", "-1"), ("--profile", "aws")]
)
def test_bad_options_are_refused(arguments):
    with start(*arguments) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "error: argument" in errors
