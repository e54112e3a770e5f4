"""The focus is never lost where a part of the page is exchanged, and results are said."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.factories import UserFactory
from tests.tour import furnish

FOCUSABLE = "a[href], button, summary, input:not([type='hidden']), select"
LOST = "document.activeElement === document.body"
PARTS = {
    "servers": ("server_list", "#servers"),
    "virtual IP addresses": ("subnet_virtual_ips", "#vips"),
    "addresses": ("subnet_virtual_ips", "#addresses"),
    "records": ("operation_list", "#operations"),
    "a virtual IP address": ("virtual_ip_detail", "#virtual-ip"),
}


def renew(tab, part):
    """As a dialog's end, a poll or Refresh does."""
    old = tab.page.locator(part).element_handle()
    url = tab.page.evaluate("location.pathname + location.search")
    tab.page.evaluate(f"htmx.ajax('GET', '{url}', {{target: '{part}', swap: 'outerHTML'}})")
    tab.page.wait_for_function("old => !old.isConnected", arg=old)


@pytest.mark.parametrize("what", PARTS)
def test_whatever_has_the_focus_in_a_part_that_is_renewed_keeps_it(tab, what):
    tour = furnish(records=True)
    page, part = PARTS[what]
    tab.open(tour.urls[page])
    tab.is_at_rest()
    lost = []
    count = tab.page.locator(part).locator(FOCUSABLE).count()
    assert count > 3
    for number in range(count):
        one = tab.page.locator(part).locator(FOCUSABLE).nth(number)
        if not one.is_visible():
            continue
        words = one.evaluate("one => one.outerHTML.slice(0, 80)")
        one.focus()
        renew(tab, part)
        now = tab.page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
        if tab.page.evaluate(LOST) or now != words:
            lost.append(f"{words} → {now}")
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("server_list", "No server matches"),
        ("subnet_virtual_ips", "No virtual IP address matches"),
        ("operation_list", "No operation record matches"),
    ],
)
def test_what_a_search_found_is_said_and_the_focus_stays(tab, page, words):
    tour = furnish(records=True)
    tab.open(tour.urls[page])
    said = tab.page.locator("#said")
    expect(said).to_have_attribute("role", "status")
    if page == "operation_list":
        tab.page.get_by_label("Virtual IP address", exact=True).fill("10.9.9.9")
    else:
        tab.main.get_by_role("searchbox").first.fill("nothing-like-it")
    search = tab.main.get_by_role("button", name="Search", exact=True).first
    search.press("Enter")
    expect(said).to_contain_text(words)
    expect(tab.main.get_by_role("button", name="Search", exact=True).first).to_be_focused()


def test_a_name_that_is_being_typed_outlives_the_news_of_an_eip(tab):
    tour = furnish()
    tab.open(tour.urls["virtual_ip_detail"])
    tab.is_at_rest()
    tab.page.locator(f"#rename-{tour.vip.id}").click()
    field = tab.page.get_by_label(f"Name of {tour.vip.ip_address}", exact=True)
    field.fill("half a na")
    tab.page.evaluate("htmx.trigger(document.body, 'eips-settled')")
    tab.is_at_rest()
    expect(field).to_have_value("half a na")
    expect(field).to_be_focused()


def test_a_dialog_is_described_by_its_first_sentence(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.more(tab.row(tour.free.ip_address), "Release").click()
    expect(tab.dialog).to_have_accessible_description("Release virtual IP address 10.20.1.11?")


def test_who_wants_less_motion_sees_none_that_goes_on(open_tab):
    tab = open_tab(reduced_motion="reduce")
    tab.open("/patterns/")
    endless = """document.getAnimations().filter(
        (one) => one.effect.getComputedTiming().iterations === Infinity
            || one.effect.getComputedTiming().duration > 10).length"""
    assert tab.page.evaluate(endless) == 0
    tab.page.emulate_media(reduced_motion="no-preference")
    assert tab.page.evaluate(endless) > 0


def test_escape_hides_the_reason_why_a_button_is_off(open_tab):
    tour = furnish()
    UserFactory(name="viewer", roles="reader")
    tab = open_tab(user="viewer")
    tab.open(tour.urls["subnet_virtual_ips"])
    button = tab.button("Assign Virtual IP Address")
    reason = tab.page.get_by_role("tooltip").filter(has_text="only allows viewing").first
    button.hover()
    expect(reason).to_be_visible()
    tab.press("Escape")
    expect(reason).not_to_be_visible()
    tab.heading.hover()
    button.hover()
    expect(reason).to_be_visible()
