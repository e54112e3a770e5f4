"""Fifty servers a page, each page asked for upstream from the server before it."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from tests.factories import ServerFactory, state

LIST = reverse("bms:server_list")
PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
CHANGED = "The list has changed meanwhile"


def ids(page):
    return [row["Name/ID"].split()[-1] for row in page.rows()]


def make(number, **more):
    return [ServerFactory(nics=0, created=1000 + n, **more) for n in range(number)]


@pytest.fixture
def follow(visit):
    def go(page, label, **more):
        return visit(LIST + page.link(label)["href"].removeprefix(LIST), **more)

    return go


@pytest.fixture
def walk(visit, follow):
    """All pages from the first to the last, and back again."""

    def there_and_back():
        pages = [visit(LIST)]
        while pages[-1].has("Next"):
            pages.append(follow(pages[-1], "Next"))
        back = [pages[-1]]
        while back[-1].has("Previous"):
            back.append(follow(back[-1], "Previous"))
        return pages, back

    return there_and_back


def asked(emulator):
    return [parse_qs(call.query) for call in emulator.log if call.path.endswith("/servers/detail")]


@PROFILES
def test_120_servers_are_shown_fifty_at_a_time_newest_first(walk):
    made = make(120)

    pages, _ = walk()

    assert [len(page.rows()) for page in pages] == [50, 50, 20]
    assert [i for page in pages for i in ids(page)] == [server.id for server in reversed(made)]


@PROFILES
def test_each_page_is_one_call_for_fifty_after_the_server_before(walk, emulator):
    made = list(reversed(make(120)))

    walk()

    calls = asked(emulator)[:3]
    assert [call["limit"] for call in calls] == [["50"]] * 3
    assert [call.get("marker") for call in calls] == [None, [made[49].id], [made[99].id]]


@PROFILES
@pytest.mark.parametrize("number", [20, 51, 120])
def test_the_way_back_shows_the_same_servers_in_the_same_order(walk, number):
    made = [server.id for server in reversed(make(number))]

    pages, back = walk()

    assert [i for page in pages for i in ids(page)] == made
    assert [ids(page) for page in back[: len(pages)]] == [ids(page) for page in reversed(pages)]
    assert ids(back[-1]) == made[:50]


@PROFILES
def test_the_way_back_is_the_same_where_all_were_made_in_one_second(walk):
    """Nova by itself breaks ties the same way in both directions."""
    made = sorted((ServerFactory(nics=0, created=1000).id for _ in range(120)), reverse=True)

    pages, back = walk()

    assert [i for page in pages for i in ids(page)] == made
    assert [ids(page) for page in back[: len(pages)]] == [ids(page) for page in reversed(pages)]


def test_before_the_first_page_there_is_the_first_page(visit):
    """Nova announces a next page after every full one, also where nothing follows."""
    made = list(reversed(make(60)))

    page = visit(f"{LIST}?before={made[0].id}")

    assert ids(page) == [server.id for server in made[:50]]
    assert not page.has("Previous")


def test_behind_the_last_server_the_page_says_it_is_the_end(visit, follow):
    made = make(50)

    page = follow(visit(LIST), "Next")

    assert page.rows() == []
    assert "This is the end of the list" in page.text
    assert not page.has("Next")
    assert ids(follow(page, "Previous")) == [server.id for server in reversed(made[1:])]


@pytest.mark.parametrize("way", ["after", "before"])
@PROFILES
def test_a_page_after_a_server_that_is_gone_is_the_first_one_with_a_note(visit, emulator, way):
    made = list(reversed(make(120)))
    del state().servers[made[49].id]
    emulator.log.clear()

    page = visit(f"{LIST}?{way}={made[49].id}")

    assert CHANGED in page.text
    assert ids(page) == [server.id for server in made[:49] + made[50:51]]
    assert [call["limit"] for call in asked(emulator)] == [["50"], ["50"]]


def test_the_page_after_such_a_note_goes_on_without_it(visit, follow):
    made = list(reversed(make(70)))
    del state().servers[made[49].id]

    page = follow(visit(f"{LIST}?after={made[49].id}"), "Next")

    assert CHANGED not in page.text
    assert ids(page) == [server.id for server in made[51:]]


@PROFILES
def test_paging_keeps_the_search_and_the_status(visit, follow):
    make(60, name="db", status="SHUTOFF")
    make(5, name="web", status="SHUTOFF")
    make(5, name="db")

    page = follow(visit(f"{LIST}?q=db&status=SHUTOFF"), "Next")

    assert len(page.rows()) == 10
    assert {row["Status"] for row in page.rows()} == {"Stopped"}
    assert page.all("input", name="q")[0]["value"] == "db"


def test_going_on_leaves_the_earlier_direction_behind(visit, follow):
    make(120)

    page = follow(follow(follow(visit(LIST), "Next"), "Previous"), "Next")

    assert "before=" not in page.link("Next")["href"]
    assert page.link("Next")["href"].count("after=") == 1


def test_htmx_gets_the_next_page_as_a_part(visit, follow):
    make(60)

    page = follow(visit(LIST), "Next", htmx=True)

    assert len(page.rows()) == 10
    assert not page.all("h1")


def test_a_page_on_which_the_cloud_found_only_other_machines_leads_on(visit, follow, emulator):
    """A cloud too old for tags hands out all machines, and the console picks from each page."""

    server = ServerFactory(name="bms", nics=0, created=1)
    make(50, bare_metal=False, flavor="s3.large.4")
    emulator.faults.add(Fault("GET", "tags=", "status", status=406))

    page = visit(LIST)

    assert page.rows() == []
    assert "Go on to the next page" in page.text
    assert ids(follow(page, "Next")) == [server.id]
