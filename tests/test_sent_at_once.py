"""The same form sent twice at the same moment, to a real server with threads and a database file.

In this process Django's test database has one connection; here it is what an operator runs.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from console.emulator.server import serve
from tests.factories import default_project, state
from tests.tour import furnish

ROOT = Path(__file__).parent.parent
LATENCY_MS = 60


@pytest.fixture
def console(emulator, tmp_path):
    """The address of a console of its own, whose cloud is this test's emulator."""
    default_project()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serve(emulator) as cloud:
        environment = os.environ | {
            "CLOUD_AUTH_URL": f"{cloud.url}/v3",
            "DATABASE_URL": f"sqlite:///{tmp_path}/console.sqlite3",
            "VAR_DIR": str(tmp_path),
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "console.settings",
        }
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, check=True, cwd=ROOT, env=environment)
        command = [sys.executable, "-m", "gunicorn", "console.wsgi"]
        quiet = subprocess.DEVNULL
        server = subprocess.Popen(command, stdout=quiet, cwd=ROOT, env=environment)
        try:
            yield wait_for(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(url):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            requests.get(f"{url}/healthz", timeout=5)
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return url
    raise AssertionError("the console did not start")


def value(html, name):
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


@pytest.fixture
def browser(console):
    """A session that is signed in, and a way to send a dialog twice at once."""
    session = requests.Session()
    page = session.get(f"{console}/sign-in/").text
    session.post(
        f"{console}/sign-in/",
        {
            "csrfmiddlewaretoken": value(page, "csrfmiddlewaretoken"),
            "domain": "acme",
            "username": "demo",
            "password": "demo-password",
        },
    ).raise_for_status()

    def send_twice(path, **entries):
        page = session.get(console + path).text
        form = page[page.index('<form method="post"\n          action="/vpc/') :]
        hidden = {name: value(form, name) for name in ("csrfmiddlewaretoken", "key")}
        if 'name="was"' in form:
            hidden["was"] = value(form, "was")
        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(session.post, console + path, hidden | entries) for _ in range(2)]
        answers = [one.result() for one in sent]
        assert [answer.status_code for answer in answers] == [200, 200]
        return answers

    return send_twice


@pytest.fixture
def tour(emulator):
    made = furnish()
    emulator.latency_ms = LATENCY_MS
    return made


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_each_dialog_is_carried_out_once(tour, browser, emulator, profile):
    vips = sum(port.device_owner == "neutron:VIP_PORT" for port in state().ports.values())
    server = tour.servers[0]

    browser(tour.dialog("assign"), mode="automatic")
    assert calls(emulator) == {"POST": 1}
    assert (
        sum(port.device_owner == "neutron:VIP_PORT" for port in state().ports.values()) == vips + 1
    )

    bind = {"server": server.id, f"nic-{server.id}": server.nic.id}
    browser(tour.dialog("bind", tour.free), **bind)
    assert calls(emulator) == {"PUT": 1}

    browser(tour.dialog("unbind", tour.free), nic=server.nic.id)
    assert calls(emulator) == {"PUT": 1}

    browser(tour.dialog("name", tour.free), name="renamed")
    assert calls(emulator) == {"PUT": 1}
    assert tour.free.port.name == "renamed"

    browser(tour.dialog("address_release"))
    assert calls(emulator) == {"DELETE": 1}

    if profile == "otc":
        browser(tour.dialog("nic_check"), to="on", vip=tour.vip.id, confirm="on")
        assert calls(emulator) == {"PUT": 1}

    browser(tour.dialog("bind_eip", tour.free), eip=tour.free_eip.id)
    assert calls(emulator) == {"PUT": 1}
    assert tour.free_eip.floating_ip.port_id == tour.free.id

    browser(tour.dialog("unbind_eip"), **{f"eip-{tour.vip.id}": tour.eip.id})
    assert calls(emulator) == {"PUT": 1}
    assert tour.eip.floating_ip.port_id is None

    several = tour.several("unbind_eip", tour.vip, tour.free)
    browser(several, **{f"eip-{tour.free.id}": tour.free_eip.id})
    assert calls(emulator) == {"PUT": 1}
    assert tour.free_eip.floating_ip.port_id is None

    confirmed = {f"confirm-{tour.free.id}": tour.free.ip_address}
    browser(tour.dialog("release", tour.free), **confirmed)
    assert calls(emulator) == {"DELETE": 1}
    assert tour.free.id not in state().ports


def calls(emulator):
    """{method: number} of the writes since the last look."""
    found: dict[str, int] = {}
    for call in list(emulator.log):
        if call.method != "GET" and ("/ports" in call.path or "/floatingips" in call.path):
            found[call.method] = found.get(call.method, 0) + 1
    emulator.log.clear()
    return found
