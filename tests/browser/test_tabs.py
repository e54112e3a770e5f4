from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.tour import furnish

TABS = {
    "server_detail": [("Summary", "Server Information"), ("NICs", "Manage Virtual IP Address")],
    "subnet_summary": [
        ("Summary", "Gateway and DNS Information"),
        ("Virtual IP Address", "Bound Server (NIC)"),
        ("Servers", "MAC Address"),
    ],
}


def is_on(tab, name, words):
    expect(tab.link(name)).to_have_attribute("aria-current", "page")
    expect(tab.main).to_contain_text(words)
    tab.is_whole_page()


@pytest.mark.parametrize("page", TABS)
def test_a_tab_has_an_address_that_back_and_reload_know(tab, page):
    tab.open(furnish().urls[page])
    addresses = []
    for name, words in TABS[page]:
        tab.link(name).click()
        is_on(tab, name, words)
        expect(tab.page).to_have_url(re.compile(r"\?tab="))
        addresses.append(tab.page.url)
        tab.page.reload()
        is_on(tab, name, words)
    assert len(set(addresses)) == len(TABS[page])
    for name, words in reversed(TABS[page][:-1]):
        tab.page.go_back()
        is_on(tab, name, words)
    tab.page.go_forward()
    is_on(tab, *TABS[page][1])


def test_a_tab_of_the_subnet_keeps_the_way_back_to_the_server(tab):
    tour = furnish()
    tab.open(tour.urls["server_nics"])
    tab.link("Manage Virtual IP Address").click()
    for name in ("Summary", "Servers", "Virtual IP Address"):
        tab.link(name).click()
        expect(tab.link(name)).to_have_attribute("aria-current", "page")
        expect(tab.link("Back to db-1")).to_be_visible()
    tab.link("Back to db-1").click()
    expect(tab.heading).to_have_text("db-1")
    expect(tab.link("NICs")).to_have_attribute("aria-current", "page")


def test_the_search_for_virtual_ips_stands_in_the_address(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.vip_search.fill(tour.free.ip_address)
    tab.press("Enter")
    expect(tab.rows).to_have_count(1)
    expect(tab.page).to_have_url(re.compile(re.escape(tour.free.ip_address)))
    tab.page.reload()
    expect(tab.rows).to_have_count(1)
    expect(tab.main).to_contain_text("1 of 2 virtual IP addresses")
