"""Times in the reader's own zone, and what each user chose of the console's looks."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from tests.record_factories import operation_about
from tests.tour import furnish

NOON = dt.datetime(2026, 1, 14, 12, 2, 41, tzinfo=dt.UTC)
BACKGROUND = "() => getComputedStyle(document.documentElement).backgroundColor"


@pytest.mark.parametrize(
    ("zone", "words"),
    [("Europe/Berlin", "14 Jan 2026, 13:02 CET"), ("UTC", "14 Jan 2026, 12:02 UTC")],
)
def test_a_time_is_that_of_the_readers_zone_and_on_hover_utc(open_tab, zone, words):
    tour = furnish()
    operation_about("vip", tour.vip.id, tour.vip.ip_address, at=NOON)
    tab = open_tab(timezone_id=zone)
    tab.open("/operations/")

    time = tab.main.locator("time").first
    expect(time).to_have_text(words)
    expect(time).to_have_attribute("title", "14 Jan 2026, 12:02 UTC")


def test_a_part_that_comes_later_has_the_readers_times_too(open_tab):
    tour = furnish()
    operation_about("vip", tour.vip.id, tour.vip.ip_address, at=NOON)
    tab = open_tab(timezone_id="Asia/Tokyo")
    tab.open("/operations/")
    tab.link("Refresh").click()
    expect(tab.main.locator("time").first).to_have_text(re.compile("21:02"))
    tab.is_at_rest()
    expect(tab.main.locator("time").first).to_have_text(re.compile("21:02"))


def test_without_javascript_a_time_says_that_it_is_utc(open_tab):
    tour = furnish()
    operation_about("vip", tour.vip.id, tour.vip.ip_address, at=NOON)
    tab = open_tab(timezone_id="Asia/Tokyo", javascript=False)
    tab.open("/operations/")
    expect(tab.main.locator("time").first).to_have_text("14 Jan 2026, 12:02 UTC")


def test_dark_is_dark_whatever_the_system_says(open_tab):
    furnish()
    tab = open_tab(color_scheme="light")
    tab.open("/bms/servers/")
    light = tab.page.evaluate(BACKGROUND)
    tab.page.locator("summary", has_text="User menu").click()
    tab.button("Dark").click()
    expect(tab.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(tab.heading).to_have_text("Bare Metal Server")
    dark = tab.page.evaluate(BACKGROUND)
    assert dark != light
    tab.page.emulate_media(color_scheme="dark")
    assert tab.page.evaluate(BACKGROUND) == dark


def test_the_folded_navigation_names_what_the_keyboard_comes_to(open_tab):
    furnish()
    tab = open_tab()
    tab.open("/bms/servers/")
    tab.button("Fold the navigation").click()
    expect(tab.page.locator(".shell")).to_have_class(re.compile("folded"))
    link = tab.page.get_by_role("navigation", name="Services").get_by_role("link").first
    text = link.locator(".sidenav-text")
    assert text.bounding_box()["width"] <= 1
    link.focus()
    tab.press("Shift+Tab", "Tab")
    assert text.bounding_box()["width"] > 60
    tab.button("Unfold the navigation").click()
    expect(tab.page.locator(".shell")).not_to_have_class(re.compile("folded"))


@pytest.mark.parametrize("javascript", [True, False])
def test_records_are_filtered_by_the_readers_own_time(open_tab, javascript):
    """What is sent is UTC, so that the address of the list is good for others too."""
    furnish()
    for hours in (0, 2):
        operation_about(
            "vip", "1", "", message=f"at {12 + hours}", at=NOON + dt.timedelta(hours=hours)
        )
    tab = open_tab(timezone_id="Europe/Berlin", javascript=javascript)
    tab.open("/operations/")
    since, typed = (
        ("From (your time)", "2026-01-14T15:00")
        if javascript
        else ("From (UTC)", "2026-01-14T14:00")
    )
    field = tab.page.get_by_label(since, exact=True)
    field.fill(typed)
    tab.button("Search").click()
    expect(tab.rows).to_have_count(1)
    expect(tab.rows).to_contain_text("at 14")
    expect(field).to_have_value(typed)
    assert "since=2026-01-14T14%3A00" in tab.page.url
    tab.page.reload()
    expect(field).to_have_value(typed)
    expect(tab.rows).to_have_count(1)
    tab.link("Refresh").click()
    expect(field).to_have_value(typed)


def test_an_hour_that_comes_twice_stays_the_one_that_was_asked_for(open_tab):
    """At the end of summer time 2:30 comes twice: a search that was not touched must not move."""
    furnish()
    tab = open_tab(timezone_id="Europe/Berlin")
    tab.open("/operations/?since=2026-10-25T01:30")
    expect(tab.page.get_by_label("From (your time)")).to_have_value("2026-10-25T02:30")
    tab.button("Search").click()
    tab.page.wait_for_url("**since=2026-10-25T01%3A30**")


def test_a_year_that_is_none_stops_in_the_browser(open_tab):
    furnish()
    tab = open_tab(timezone_id="Europe/Berlin")
    tab.open("/operations/")
    field = tab.page.get_by_label("From (your time)")
    field.evaluate("one => { one.value = '12026-10-25T02:30'; }")
    tab.button("Search").click()
    assert not field.evaluate("one => one.checkValidity()")
    assert "since" not in tab.page.url
