from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import pytest
from django.contrib.sessions.models import Session

from console.emulator.faults import Fault

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOWHERE = "sqlite:////nowhere/at/all.sqlite3"
PROBE = """
import django
django.setup()
from django.test import Client
for path in ("/healthz", "/readyz"):
    answer = Client().get(path)
    print(answer.status_code, answer.content.decode())
"""


def ask_elsewhere(**environment):
    """What a console of its own process answers."""
    answer = subprocess.run(
        [sys.executable, "-c", PROBE],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "console.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_a_process_that_is_up_says_so(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_it_asks_nobody(client, emulator, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")
    assert not emulator.log


def test_ready_is_who_has_database_and_cloud(client, emulator):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert [(call.method, call.path) for call in emulator.log] == [("GET", "/v3")]


@pytest.mark.parametrize("kind", ["refused", "reset", "timeout", "cut_body"])
def test_without_the_cloud_it_is_not_ready_and_says_why(client, emulator, kind):
    emulator.faults.add(Fault("GET", "/v3", kind, times=None))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "not ready"
    assert list(response.json()["reasons"]) == ["cloud"]
    assert response.json()["reasons"]["cloud"]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_neither_is_it_with_a_cloud_that_fails(client, emulator, status):
    emulator.faults.add(Fault("GET", "/v3", "status", status=status))
    assert client.get("/readyz").status_code == 503


def test_without_the_cloud_the_process_is_still_up(client, emulator):
    emulator.faults.add(Fault("ANY", "", "refused", times=None))
    assert client.get("/healthz").status_code == 200


def test_without_the_database_it_is_not_ready_and_says_why():
    health, ready = ask_elsewhere(DATABASE_URL=NOWHERE)
    assert health == '200 {"status": "ok"}'
    assert ready.startswith('503 {"status": "not ready", "reasons": {"database":')
    assert "OperationalError" in ready
    assert "nowhere" not in ready


def test_what_fails_is_told_of_both():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    _, ready = ask_elsewhere(DATABASE_URL=NOWHERE, CLOUD_AUTH_URL=f"http://127.0.0.1:{port}/v3")
    assert ready.startswith('503 {"status": "not ready", "reasons": {"database": "The database')
    assert '"cloud": "' in ready


def test_nothing_that_hangs_is_waited_for_longer_than_two_seconds():
    """Neither here nor at the end of the process. The calls are taken and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        health, ready = ask_elsewhere(
            DATABASE_URL=f"postgres://console:secret@{address}/console",
            CLOUD_AUTH_URL=f"http://{address}/v3",
        )
        spent = time.monotonic() - began
    assert health.startswith("200")
    assert ready.startswith('503 {"status": "not ready", "reasons": {"database": "No answer')
    assert '"cloud": "' in ready
    assert "secret" not in ready
    assert spent < 8, "a cloud alone may take ten, a database for ever"


def test_a_slow_cloud_is_not_ready(client, emulator):
    emulator.faults.add(Fault("GET", "/v3", "delay", delay_ms=4000))
    began = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - began < 3.5
    assert response.status_code == 503
    assert response.json()["reasons"] == {"cloud": "No answer within 2 seconds."}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_get_no_cookie_no_session_and_no_cached_answer(client, path):
    response = client.get(path)
    assert not response.cookies
    assert not Session.objects.exists()
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_https(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code == 200
    assert client.get("/sign-in/").status_code == 301


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_only_ask(client, path):
    assert client.post(path).status_code == 405
