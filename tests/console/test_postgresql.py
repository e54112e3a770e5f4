"""PostgreSQL goes away and comes back under the console, and is asked from many sides."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.pages import Page
from tests.postgres import Postgres
from tests.running import Browser, Server, plain_files, run

THREADS, WORKERS = 3, 2
HOSTS = ["one", "two", "three"]
LIST = "/bms/servers/"


@pytest.fixture(scope="module")
def own_postgres():
    """Not the one of the other tests: it is stopped here."""
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def server(own_postgres, tmp_path_factory):
    url = own_postgres.create_database("console")
    server = Server(tmp_path_factory.mktemp("var"), DATABASE_URL=url, **plain_files())
    yield server
    server.stop()


@pytest.fixture
def browser(server):
    with Browser(server) as browser:
        yield browser


@pytest.fixture
def signed_in(browser):
    browser.submit("/sign-in/", domain="acme", username="viewer", password="viewer-password")
    return browser


@pytest.fixture
def stopped(own_postgres):
    own_postgres.stop()
    yield own_postgres
    if not own_postgres.is_running:
        own_postgres.start()


# restarted


def test_after_a_restart_pages_answer_as_before(signed_in, own_postgres):
    # All threads of the console have a connection that the restart ends.
    with ThreadPoolExecutor(16) as threads:
        before = list(threads.map(lambda _: signed_in.open(LIST).status_code, range(48)))
    own_postgres.stop()
    own_postgres.start()
    with ThreadPoolExecutor(16) as threads:
        after = list(threads.map(lambda _: Page(signed_in.open(LIST)).h1, range(48)))
    assert set(before) == {200}
    assert set(after) == {"Bare Metal Server"}


# not there


def ask_readyz(browser):
    """What it answers, and after how many seconds."""
    began = time.monotonic()
    response = browser.open("/readyz")
    return response, time.monotonic() - began


def test_while_it_is_stopped_the_console_is_up_and_not_ready(browser, stopped):
    response, seconds = ask_readyz(browser)
    assert response.status_code == 503
    assert list(response.json()["reasons"]) == ["database"]
    assert response.json()["reasons"]["database"].startswith("The database does not answer")
    assert seconds < 3
    assert browser.open("/healthz").status_code == 200
    stopped.start()
    assert browser.open("/readyz").json() == {"status": "ok"}


def test_one_that_takes_calls_and_says_nothing_is_given_up(browser, own_postgres):
    own_postgres.stop()
    own_postgres.start()  # so that no connection is left
    with own_postgres.frozen():
        response, seconds = ask_readyz(browser)
    assert response.status_code == 503
    assert response.json()["reasons"]["database"]
    assert seconds < 6
    assert browser.open("/readyz").json() == {"status": "ok"}


# from many sides


def test_hosts_may_prepare_it_at_the_same_moment(tmp_path, own_postgres):
    url = own_postgres.create_database("empty")

    def prepare(host):
        (tmp_path / host).mkdir()
        return run("manage.py", "prepare", var=tmp_path / host, DATABASE_URL=url)

    with ThreadPoolExecutor() as threads:
        assert list(threads.map(prepare, HOSTS)) == [(0, "")] * len(HOSTS)


@pytest.fixture
def workers(own_postgres, tmp_path):
    url = own_postgres.create_database("workers")
    size = {"WEB_CONCURRENCY": str(WORKERS), "WEB_THREADS": str(THREADS)}
    cloud = {"CLOUD_AUTH_URL": "http://127.0.0.1:1/v3"}
    server = Server(tmp_path, DATABASE_URL=url, **size, **cloud, **plain_files())
    yield server
    server.stop()


def test_each_thread_of_each_worker_holds_one_connection_at_most(workers, own_postgres):
    cookie = {"console_session": "a" * 32}  # is looked up, and there is none

    def visit(_):
        return requests.get(f"{workers.url}{LIST}", cookies=cookie, timeout=30).status_code

    with ThreadPoolExecutor(24) as threads:
        assert set(threads.map(visit, range(240))) == {200}
    with own_postgres.connect() as connection:
        held = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'workers'"
        [count] = connection.execute(held).fetchone()
    assert 1 <= count <= WORKERS * THREADS
