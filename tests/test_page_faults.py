"""Every page, every call it makes, and every way in which that call goes wrong.

Each test goes through all calls of one page. It fails with the list of the cases that do.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from console import session
from console.emulator.faults import Fault
from tests.cloud_settings import change_cloud
from tests.fault_kinds import KINDS, UNANSWERED, fault_at, place
from tests.pages import Page
from tests.tour import FRAGMENTS, PAGES, furnish

HERE = "/vpc/vpcs/?q=here"
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{HERE}"}
VARIANTS = [
    *((name, "otc", False) for name in PAGES),
    *((name, "openstack", False) for name in PAGES),
    *((name, "otc", True) for name in (*PAGES, *FRAGMENTS)),
    *((name, "openstack", True) for name in FRAGMENTS),
]
ANSWERED_OTHERWISE = ("timeout", "malformed", "401", "403", "404", "429", "503")
"""A part is spoilt like the page, and the page like that of the other family; these are the ways in
which the answer is another one."""

ANSWERS = {200, 403, 404, 409, 502, 503}
VPC_CALLS = re.compile("/vpcs|/routers|device_owner=network")
DIALOG = re.compile("/virtual-ips/|/addresses/")
PART = "A part of this page could not be read"


@pytest.fixture
def visitor(emulator, sign_in):
    """Opens a page with nothing cached, signed in whatever happened before."""

    client = sign_in()

    def visit(url, fault=None, *, htmx=False):
        if session.KEY not in client.session:
            sign_in()
        emulator.log.clear()
        cache.clear()
        if fault:
            emulator.faults.add(fault)
        response = client.get(url, headers=HTMX if htmx else {})
        emulator.faults.clear()
        return response

    return visit


@pytest.mark.parametrize(("name", "profile", "htmx"), VARIANTS)
def test_every_call_of_a_page_may_go_wrong_in_every_way(
    visitor, emulator, settings, name, profile, htmx
):
    tour = furnish()
    url = tour.urls[name]
    visitor(url, htmx=htmx)
    calls = [place(call) for call in emulator.log]
    # A second attempt would sleep: that is tested with the client.
    change_cloud(settings, read_retries=0)
    everything = name in FRAGMENTS or (profile == "otc" and not htmx)
    kinds = KINDS if everything else ANSWERED_OTHERWISE
    wrong = {}
    for where in calls:
        for kind in kinds:
            response = visitor(url, fault_at(where, kind), htmx=htmx)
            if problem := check(response, url, where, kind, emulator, htmx=htmx):
                wrong[(*where, kind)] = problem

    print(f"{name} on {profile}: {len(calls) * len(kinds)} cases")  # noqa: T201
    assert calls
    assert wrong == {}


def check(response, url, where, kind, emulator, *, htmx):
    """What is wrong with the answer; nothing when all is right."""
    if kind == "401":
        return check_sign_in(response, url, htmx=htmx)
    if response.status_code not in ANSWERS:
        return f"status {response.status_code}"
    page = Page(response, full=not htmx)
    if htmx and "<html" in page.html:
        return "a whole page inside a part"
    if response.status_code == 200:
        return check_partial(page, where, kind)
    request_ids = [call.request_id for call in emulator.log if place(call) == where]
    return check_words(page, kind, request_ids)


def check_words(page, kind, request_ids):
    if "The cloud" not in page.text and "Not found in project" not in page.text:
        return "no words"
    if "took effect" in page.text:
        return "speaks of a change where nothing was to be changed"
    if kind == "429" and page.response["Retry-After"] != "99":
        return "the time to wait is lost"
    if kind not in UNANSWERED and request_ids[-1] not in page.text:
        return "the request id is lost"
    return ""


def check_partial(page, where, kind):
    """Without a word may be missing: names of images and the VPC in a dialog's breadcrumbs; and a
    server that is gone simply leaves the list."""
    path = where[1]
    if "/images" in path or (kind == "404" and "/servers/" in path):
        return ""
    if DIALOG.search(page.response.request["PATH_INFO"]) and VPC_CALLS.search(path):
        return ""
    return "" if PART in page.text else "a part is missing without a word"


def check_sign_in(response, url, *, htmx):
    target = response.headers.get("HX-Redirect" if htmx else "Location", "")
    if response.status_code != (401 if htmx else 302) or response.content:
        return f"status {response.status_code}, {len(response.content)} bytes"
    if parse_qs(urlsplit(target).query).get("next") != [HERE if htmx else url]:
        return f"leads to {target}"
    return ""


@pytest.mark.parametrize("htmx", [False, True])
def test_the_clouds_own_words_are_shown_as_text(visitor, htmx):
    tour = furnish()
    said = {"type": "<i>Type</i>", "message": "<b>no</b> way", "detail": ""}
    fault = Fault("GET", "/networks/", "status", status=409, body={"NeutronError": said})

    page = Page(visitor(tour.urls["subnet_summary"], fault, htmx=htmx), full=not htmx)

    assert "<b>no</b> way" in page.text
    assert "<i>Type</i>" in page.text
    assert not page.all("b")


def test_a_proxys_error_page_is_not_shown(visitor):
    tour = furnish()
    body = "<html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"
    fault = Fault(
        "GET", "/networks/", "status", status=502, body=body, headers={"Retry-After": "99"}
    )

    page = Page(visitor(tour.urls["subnet_summary"], fault))

    assert "nginx" not in page.text
    assert "The cloud cannot be reached" in page.h1
