"""Each database as the console meets it: prepared, served, written to from many sides at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.pages import Page
from tests.running import Browser, Server, at_once, plain_files, run

WRITERS = 8
WRITES = """
import uuid
import django
django.setup()
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
for _ in range(200):
    key = uuid.uuid4().hex
    with transaction.atomic():
        Session.objects.create(session_key=key, expire_date=timezone.now())
    Session.objects.filter(session_key=key).update(session_data="Done.")
    print(Session.objects.filter(session_key=key, session_data="Done.").delete()[0])
"""


@pytest.fixture(scope="module")
def var(tmp_path_factory, database_url):
    return tmp_path_factory.mktemp("var")


# prepared


def test_it_may_be_prepared_again_and_lacks_nothing(var, database_url):
    for _ in range(2):
        assert run("manage.py", "prepare", var=var, DATABASE_URL=database_url) == (0, "")
    code, printed = run("manage.py", "migrate", "--check", var=var, DATABASE_URL=database_url)
    assert code == 0, printed


# served


@pytest.fixture(scope="module")
def server(var, database_url):
    server = Server(var, DATABASE_URL=database_url, EMBEDDED_LATENCY_MS="30", **plain_files())
    yield server
    server.stop()


@pytest.fixture
def browser(server):
    with Browser(server) as browser:
        yield browser


def test_a_sign_in_lasts_until_the_sign_out(browser):
    assert browser.open("/readyz").json() == {"status": "ok"}
    browser.submit("/sign-in/", domain="acme", username="viewer", password="viewer-password")
    assert Page(browser.open("/bms/servers/")).h1 == "Bare Metal Server"
    browser.submit("/sign-out/")
    assert Page(browser.open("/bms/servers/")).h1 == "Log In"


# at the same moment


def first_link(response, pattern):
    found = [re.match(pattern, link["href"]) for link in Page(response).all("a")]
    return next(match.group() for match in found if match)


def test_attempts_at_the_same_moment_cannot_slip_through_together(browser):
    token = Page(browser.open("/sign-in/")).hidden("csrfmiddlewaretoken")
    fields = {"domain": "acme", "username": "ghost", "password": "x", "csrfmiddlewaretoken": token}
    url = f"{browser.server.url}/sign-in/"
    cookies = browser.cookies.get_dict()
    answers = at_once(lambda: requests.post(url, fields, cookies=cookies, timeout=30).status_code)
    assert set(answers) <= {422, 429}
    assert answers.count(422) <= 5


def test_a_form_sent_many_times_at_the_same_moment_is_carried_out_once(browser):
    browser.submit("/sign-in/", domain="acme", username="demo", password="demo-password")
    if "Choose a Project" in browser.open("/projects/").text:
        project = Page(browser.open("/projects/")).all("button", name="project")[0]["value"]
        browser.submit("/projects/", project=project)
    vpc = first_link(browser.open("/vpc/vpcs/"), r"/vpc/vpcs/[-0-9a-f]{36}/")
    subnet = first_link(browser.open(vpc), r"/vpc/networks/[-0-9a-f]{36}/subnets/[-0-9a-f]{36}/")
    table = f"{subnet}?tab=virtual-ips"
    page = Page(browser.open(f"{subnet}virtual-ips/assign/"))
    fields = {
        "mode": "automatic",
        "ip_version": "4",
        "key": page.hidden("key"),
        "csrfmiddlewaretoken": page.hidden("csrfmiddlewaretoken"),
    }
    before = len(Page(browser.open(table)).rows())
    url = f"{browser.server.url}{subnet}virtual-ips/assign/"
    cookies = browser.cookies.get_dict()
    answers = at_once(lambda: requests.post(url, fields, cookies=cookies, timeout=30).status_code)
    assert set(answers) == {200}
    assert len(Page(browser.open(table)).rows()) == before + 1


def test_processes_that_write_all_the_time_never_fail(server, var, database_url):
    """Of each, 200 rows are written, changed and deleted, each by itself."""
    more = {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "console.settings"}
    with ThreadPoolExecutor(WRITERS) as threads:
        answers = list(threads.map(lambda _: run("-c", WRITES, var=var, **more), range(WRITERS)))
    assert answers == [(0, "1\n" * 200)] * WRITERS
