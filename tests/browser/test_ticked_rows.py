"""Rows of the VIP table that are ticked, and what is done with all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import walks
from tests.browser.test_keyboard import go_to
from tests.factories import ServerFactory, VirtualIPFactory
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

both_profiles = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def tour(emulator):
    """A bound VIP and three free ones."""
    made = furnish()
    for address in ("10.20.1.12", "10.20.1.13"):
        VirtualIPFactory(subnet=made.subnet, ip_address=address)
    return made


def box(tab, address):
    return tab.page.get_by_role("checkbox", name=f"Tick {address}", exact=True)


def tick_all(tab):
    return tab.page.get_by_role("checkbox", name="Tick all shown")


def release(tab):
    return tab.main.get_by_role("button", name="Release", exact=True)


def is_partly_ticked(tab):
    return tick_all(tab).evaluate("box => box.indeterminate")


def test_the_button_is_grey_and_says_why_until_a_row_is_ticked(tab, tour):
    tab.open(tour.urls["subnet_virtual_ips"])
    expect(release(tab)).to_have_attribute("aria-disabled", "true")
    expect(release(tab)).to_have_accessible_description("Tick at least one row first.")
    release(tab).click(force=True)
    tab.sees_no_dialog()
    assert "release" not in tab.page.url
    box(tab, "10.20.1.11").check()
    expect(release(tab)).not_to_have_attribute("aria-disabled", "true")
    box(tab, "10.20.1.11").uncheck()
    expect(release(tab)).to_have_attribute("aria-disabled", "true")


def test_tick_all_knows_none_some_and_all(tab, tour):
    tab.open(tour.urls["subnet_virtual_ips"])
    box(tab, "10.20.1.12").check()
    assert is_partly_ticked(tab)
    tick_all(tab).click()
    expect(tick_all(tab)).to_be_checked()
    assert not is_partly_ticked(tab)
    for address in ("10.20.1.10", "10.20.1.11", "10.20.1.12", "10.20.1.13"):
        expect(box(tab, address)).to_be_checked()
    box(tab, "10.20.1.13").uncheck()
    expect(tick_all(tab)).not_to_be_checked()
    assert is_partly_ticked(tab)
    tick_all(tab).click()
    tick_all(tab).click()
    expect(box(tab, "10.20.1.13")).not_to_be_checked()
    assert not is_partly_ticked(tab)


def test_ticks_survive_a_refresh_where_the_rows_still_exist(tab, tour):
    tab.open(tour.urls["subnet_virtual_ips"])
    box(tab, "10.20.1.11").check()
    box(tab, "10.20.1.12").check()
    tour.free.port.name = "renamed"
    VirtualIPFactory(subnet=tour.subnet, ip_address="10.20.1.14")
    tab.link("Refresh").click()
    expect(tab.rows).to_have_count(5)
    expect(box(tab, "10.20.1.11")).to_be_checked()
    expect(box(tab, "10.20.1.12")).to_be_checked()
    expect(box(tab, "10.20.1.14")).not_to_be_checked()
    assert is_partly_ticked(tab)
    expect(release(tab)).not_to_have_attribute("aria-disabled", "true")


def test_what_a_search_leaves_out_is_not_ticked_any_more(tab, tour):
    tab.open(tour.urls["subnet_virtual_ips"])
    tick_all(tab).check()
    tab.vip_search.fill("10.20.1.12")
    tab.button("Search").click()
    expect(tab.rows).to_have_count(1)
    expect(box(tab, "10.20.1.12")).to_be_checked()
    tab.vip_search.fill("")
    tab.button("Search").click()
    expect(tab.rows).to_have_count(4)
    expect(box(tab, "10.20.1.11")).not_to_be_checked()
    expect(box(tab, "10.20.1.12")).to_be_checked()


@both_profiles
def test_several_are_released_and_the_held_one_is_left_out(tab, tour, profile):
    tab.open(tour.urls["subnet_virtual_ips"])
    tick_all(tab).check()
    release(tab).click()
    tab.sees_dialog("Release")
    expect(tab.dialog).to_contain_text("Release 3 virtual IP addresses?")
    expect(tab.dialog).to_contain_text("10.20.1.10 is still bound to 2 NICs")
    tab.sees_change("10.20.1.11", "10.20.1.12", "10.20.1.13")
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.toasts).to_contain_text("3 virtual IP addresses are released")
    tab.sees_no_dialog()
    expect(tab.rows).to_have_count(1)
    expect(box(tab, "10.20.1.10")).to_be_checked()
    expect(release(tab)).to_be_focused()
    assert [port.id for port in walks.vips()] == [tour.vip.id]


def test_without_javascript_ticked_ones_are_released_too(open_tab, tour):
    tab = open_tab(javascript=False)
    tab.open(tour.urls["subnet_virtual_ips"])
    expect(tick_all(tab)).to_be_hidden()
    release(tab).click()
    expect(tab.main).to_contain_text("Tick at least one virtual IP address")
    tab.link("Close").first.click()
    box(tab, "10.20.1.12").check()
    box(tab, "10.20.1.13").check()
    release(tab).click()
    expect(tab.main).to_contain_text("Release 2 virtual IP addresses?")
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("2 virtual IP addresses are released")
    expect(tab.rows).to_have_count(2)


def test_one_that_was_just_bound_is_confirmed_by_keyboard(tab, tour, client):
    server = ServerFactory(subnet=tour.subnet)
    Dialog(client, tour.dialog("bind", tour.free)).done(**choose(server))
    Dialog(client, tour.dialog("unbind", tour.free)).done(nic=server.nic.id)
    tab.expect_status(422)
    tab.open(tour.urls["subnet_virtual_ips"])
    row = tab.row("10.20.1.11")
    row.locator("summary").focus()
    tab.press("Enter")
    go_to(tab, "Release")
    tab.press("Enter")
    tab.sees_dialog("Release")
    field = tab.dialog.get_by_label("Type 10.20.1.11 to confirm")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(
        "It was bound less than a minute ago by demo, so somebody may still need it."
    )
    tab.page.keyboard.type("10.20.1.12")
    tab.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    assert len(walks.vips()) == 4
    tab.press("Control+A")
    tab.page.keyboard.type("10.20.1.11")
    go_to(tab, "OK")
    tab.press("Enter")
    expect(tab.toasts).to_contain_text("10.20.1.11 is released")
    tab.sees_no_dialog()


def test_several_are_ticked_and_released_by_keyboard(tab, tour):
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.vip_search.focus()
    go_to(tab, "Tick 10.20.1.11")
    tab.press("Space")
    go_to(tab, "Tick 10.20.1.12")
    tab.press("Space")
    go_to(tab, "Release", key="Shift+Tab")
    tab.press("Enter")
    tab.sees_dialog("Release")
    go_to(tab, "OK")
    tab.press("Enter")
    expect(tab.toasts).to_contain_text("2 virtual IP addresses are released")
    expect(tab.rows).to_have_count(2)
