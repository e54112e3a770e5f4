"""`scripts/run`, which `make run` starts, as a user meets it: a process, a port, Ctrl-C."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.pages import Page
from tests.running import ROOT, RUN, Browser, Server, environment, free_port

pytestmark = pytest.mark.xdist_group("run")


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def server(var):
    server = Server(var, EMBEDDED_LATENCY_MS="30")
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def browser(server):
    with Browser(server) as browser:
        yield browser


# served


def test_the_credentials_it_prints_are_good(server, browser):
    response = browser.submit(
        "/sign-in/", domain="acme", username="viewer", password="viewer-password"
    )
    assert Page(response).h1 == "Home"
    assert browser.open("/bms/servers/").status_code == 200


def test_every_file_of_a_page_is_served_compressed_and_for_long(browser):
    page = Page(browser.open("/sign-in/"))
    files = [each["href"] for each in page.all("link")] + [e["src"] for e in page.all("script")]
    assert len(files) > 5
    for path in files:
        response = browser.open(path)
        assert response.status_code == 200, path
        assert "immutable" in response.headers["Cache-Control"], path
        assert not response.cookies


def test_the_page_for_mistakes_finds_its_files():
    """It is shown when all else has failed, so it must not fail over a missing file."""
    text = (ROOT / "templates/500.html").read_text(encoding="utf-8")
    for name in re.findall(r"static '([^']+)'", text):
        assert (ROOT / "static" / name).is_file(), name


def test_head_has_no_body(browser):
    response = browser.head(f"{browser.server.url}/sign-in/", timeout=30)
    assert (response.status_code, response.content) == (200, b"")


def test_readyz_answers(browser):
    assert browser.open("/readyz").json() == {"status": "ok"}


def test_what_it_writes_is_for_its_user_alone(server, var):
    assert var.stat().st_mode & 0o777 == 0o700
    assert (var / "secret_key").stat().st_mode & 0o777 == 0o600
    assert len((var / "secret_key").read_text(encoding="utf-8")) > 50


# refused


def start(var, port, **more):
    return subprocess.run(
        [RUN],
        cwd=ROOT,
        env=environment(var, port, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_in_use_is_one_clear_line(server, var):
    answer = start(var, server.port)
    assert answer.returncode == 1
    assert f"Port {server.port} cannot be used: Address already in use." in answer.stderr
    assert "make run PORT=8080" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["abc", "80a", "-1", "8000; true", "99999"])
def test_what_is_no_port_is_refused(var, port):
    answer = start(var, port)
    assert answer.returncode == 1
    assert answer.stderr.startswith((f"PORT={port} is not a port number.", f"Port {port} cannot"))
    assert answer.stderr.count("\n") == 1


def test_a_wrong_setting_is_one_clear_line(var):
    answer = start(var, free_port(), LOG_LEVEL="LOUD")
    assert answer.returncode == 1
    assert answer.stderr.startswith("LOG_LEVEL='LOUD' is not one of")
    assert answer.stderr.count("\n") == 1


# stopped, and started again; these come last


def test_ctrl_c_stops_it_without_a_word_of_complaint(server):
    printed, code = server.stop()
    assert code == 0
    assert printed.splitlines()[:3] == [
        f"BMS Console: {server.url}",
        "Demo cloud. Domain: acme, user name: demo, password: demo-password",
        "Ctrl-C stops it.",
    ]
    assert "Traceback" not in printed
    assert "ERROR" not in printed


def test_a_later_start_is_quick_and_keeps_the_key(server, var):
    key = (var / "secret_key").read_text(encoding="utf-8")
    again = Server(var)
    again.stop()
    assert again.cpu_seconds < 4, "of a processor, so that a busy machine does not matter"
    assert (var / "secret_key").read_text(encoding="utf-8") == key


def test_an_empty_key_of_an_interrupted_start_is_made_anew(server, var):
    (var / "secret_key").write_text("", encoding="utf-8")
    Server(var).stop()
    assert len((var / "secret_key").read_text(encoding="utf-8")) > 50
    assert not [path for path in var.iterdir() if path.name.startswith("secret_key.")]


def test_a_real_cloud_that_is_down_does_not_keep_it_from_starting(server, var):
    down = Server(var, CLOUD_AUTH_URL="http://127.0.0.1:1/v3")
    try:
        with Browser(down) as browser:
            ready = browser.open("/readyz")
            page = Page(browser.submit("/sign-in/", domain="d", username="u", password="p"))
    finally:
        printed, code = down.stop()
    assert ready.status_code == 503
    assert list(ready.json()["reasons"]) == ["cloud"]
    assert "The cloud cannot be reached" in page.text
    assert (code, "Demo" in printed, "Traceback" in printed) == (0, False, False)
