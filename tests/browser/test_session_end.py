"""The token ends while one works: the whole browser goes to the sign-in, and back afterwards."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.browser import walks
from tests.factories import state
from tests.tour import furnish


def revoked():
    state().tokens.clear()


def expired():
    days_later = time.time() + 3 * 24 * 3600
    state().clock = lambda: days_later


def open_table(tab, tour):
    """The table with the servers' names, which come a moment later. Its address."""
    tab.open(tour.urls["subnet_virtual_ips"])
    expect(tab.row(tour.vip.ip_address)).to_contain_text("db-1")
    return tab.page.url


def goes_to_sign_in_and_back(tab, address):
    expect(tab.heading).to_have_text("Log In")
    tab.is_whole_page()
    tab.sees_no_dialog()
    expect(tab.main).to_contain_text("Your sign-in has ended")
    state().clock = time.time
    tab.log_in()
    expect(tab.page).to_have_url(address)
    tab.is_whole_page()


@pytest.mark.parametrize("end", [revoked, expired])
def test_the_token_ends_with_a_dialog_open(tab, end):
    tour = furnish()
    tab.expect_status(401)
    address = open_table(tab, tour)
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")
    end()
    tab.dialog.get_by_role("button", name="OK").click()
    goes_to_sign_in_and_back(tab, address)
    assert len(walks.vips()) == 2


def test_the_token_ends_while_one_ticks_servers(tab):
    tour = furnish()
    tab.expect_status(401)
    address = open_table(tab, tour)
    tab.link(f"Bind to Server {tour.free.ip_address}").click()
    tab.sees_dialog("Bind to Server")
    revoked()
    tab.dialog.get_by_role("checkbox", name="db-1").click()
    goes_to_sign_in_and_back(tab, address)


def test_the_token_ends_before_the_bind_is_confirmed(tab):
    tour = furnish()
    tab.expect_status(401)
    address = open_table(tab, tour)
    tab.link(f"Bind to Server {tour.free.ip_address}").click()
    tab.dialog.get_by_role("checkbox", name="db-1").check()
    preview = tab.dialog.get_by_role("region", name="What will change")
    expect(preview).to_contain_text(tour.servers[0].ip_address)
    revoked()
    tab.dialog.get_by_role("button", name="OK").click()
    goes_to_sign_in_and_back(tab, address)
    assert walks.pairs(tour.free.port) == []


@pytest.mark.parametrize("opening", ["Bind to Server", "Servers", "Refresh"])
def test_the_token_ends_before_a_part_is_fetched(tab, opening):
    tour = furnish()
    tab.expect_status(401)
    address = open_table(tab, tour)
    revoked()
    tab.page.get_by_role("link", name=opening).first.click()
    goes_to_sign_in_and_back(tab, address)


def test_the_session_is_gone_from_the_console(tab):
    tour = furnish()
    tab.expect_status(401)
    address = open_table(tab, tour)
    tab.page.context.clear_cookies(name="console_session")
    tab.link("Assign Virtual IP Address").click()
    expect(tab.heading).to_have_text("Log In")
    tab.is_whole_page()
    tab.log_in()
    expect(tab.page).to_have_url(address)


def test_a_plain_page_asks_to_sign_in_and_goes_on_where_one_was(open_tab):
    tour = furnish()
    tab = open_tab(user=None, javascript=False)
    tab.open(tour.urls["server_nics"])
    expect(tab.heading).to_have_text("Log In")
    tab.log_in()
    expect(tab.heading).to_have_text("db-1")
    expect(tab.link("NICs")).to_have_attribute("aria-current", "page")


def test_log_out_ends_the_token(tab):
    furnish()
    tab.open("/")
    tab.page.locator("summary", has_text="User menu").click()
    tab.button("Log Out").click()
    expect(tab.heading).to_have_text("Log In")
    expect(tab.main).to_contain_text("You are logged out.")
    assert not state().tokens
    tab.page.go_back()
    expect(tab.heading).to_have_text("Log In")
