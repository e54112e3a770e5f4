"""Binding and unbinding EIPs by clicking, and the rows that follow by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browser import hostile
from tests.browser.test_keyboard import go_to
from tests.browser.test_narrow import too_wide
from tests.factories import FloatingIPFactory, VirtualIPFactory, state
from tests.tour import furnish
from tests.vpc.eips import give, held_by

both_profiles = pytest.mark.parametrize("profile", ["otc", "openstack"])
OK = "OK"


@pytest.fixture
def tour(emulator):
    return furnish()


def offer(tab, address, label):
    """What the row of this VIP offers."""
    return tab.row(address).get_by_role("link", name=f"{label} {address}", exact=True)


def open_dialog(tab, tour, address, label):
    tab.open(tour.urls["subnet_virtual_ips"])
    offer(tab, address, label).click()
    tab.sees_dialog(label)


def choose(tab, floating):
    tab.dialog.get_by_role("radio", name=floating.ip_address, exact=True).check()


def ok(tab):
    tab.dialog.get_by_role("button", name=OK, exact=True).click()


def unbind_ticked(tab):
    return tab.main.get_by_role("button", name="Unbind EIP", exact=True)


@both_profiles
def test_an_eip_is_chosen_seen_and_bound(tab, tour, profile):
    open_dialog(tab, tour, "10.20.1.11", "Bind to EIP")
    expect(tab.dialog).to_contain_text("Choose an EIP to see what will change.")
    choose(tab, tour.free_eip)
    tab.sees_change(
        f"EIP {tour.free_eip.ip_address}", "not bound", "bound to virtual IP address 10.20.1.11"
    )
    ok(tab)
    words = f"EIP {tour.free_eip.ip_address} is bound to virtual IP address 10.20.1.11."
    expect(tab.toasts).to_contain_text(words)
    tab.sees_no_dialog()
    expect(tab.row("10.20.1.11")).to_contain_text(tour.free_eip.ip_address)
    expect(offer(tab, "10.20.1.11", "Unbind from EIP")).to_be_focused()
    assert held_by(tour.free_eip) == tour.free.id


@both_profiles
def test_an_eip_is_unbound(tab, tour, profile):
    open_dialog(tab, tour, "10.20.1.10", "Unbind from EIP")
    tab.sees_change(f"EIP {tour.eip.ip_address}", "bound to virtual IP address 10.20.1.10")
    ok(tab)
    expect(tab.toasts).to_contain_text(f"EIP {tour.eip.ip_address} is unbound from")
    tab.sees_no_dialog()
    expect(tab.row("10.20.1.10")).not_to_contain_text(tour.eip.ip_address)
    expect(offer(tab, "10.20.1.10", "Bind to EIP")).to_be_focused()
    assert held_by(tour.eip) is None


@pytest.mark.parametrize("way", ["Cancel", "Escape"])
def test_a_dialog_that_is_left_changes_nothing_and_gives_the_focus_back(tab, tour, way):
    open_dialog(tab, tour, "10.20.1.10", "Unbind from EIP")
    if way == "Escape":
        tab.press("Escape")
    else:
        tab.dialog.get_by_role("link", name="Cancel").click()
    tab.sees_no_dialog()
    expect(offer(tab, "10.20.1.10", "Unbind from EIP")).to_be_focused()
    assert held_by(tour.eip) == tour.vip.id


@both_profiles
def test_the_eips_of_ticked_rows_are_unbound_at_once(tab, tour, profile):
    second = VirtualIPFactory(subnet=tour.subnet, ip_address="10.20.1.20")
    floating = FloatingIPFactory(port=second)
    tab.open(tour.urls["subnet_virtual_ips"])
    expect(unbind_ticked(tab)).to_have_attribute("aria-disabled", "true")
    for address in ("10.20.1.10", "10.20.1.11", "10.20.1.20"):
        tab.page.get_by_role("checkbox", name=f"Tick {address}", exact=True).check()
    unbind_ticked(tab).click()
    tab.sees_dialog("Unbind EIP")
    expect(tab.dialog).to_contain_text("Unbind 2 EIPs?")
    tab.sees_change("10.20.1.10", "10.20.1.20")
    expect(tab.dialog.get_by_role("region", name="Left out")).to_contain_text("It has no EIP.")
    ok(tab)
    expect(tab.toasts).to_contain_text("2 EIPs are unbound:")
    tab.sees_no_dialog()
    for one in (tour.eip, floating):
        expect(tab.main.locator("#vips")).not_to_contain_text(one.ip_address)
        assert held_by(one) is None
    expect(unbind_ticked(tab)).to_be_focused()


def test_a_row_follows_its_eip_until_it_is_bound_and_then_the_asking_ends(tab, tour, emulator):
    state().eip_seconds = float("inf")
    open_dialog(tab, tour, "10.20.1.11", "Bind to EIP")
    choose(tab, tour.free_eip)
    tab.sees_change("10.20.1.11")
    ok(tab)
    row = tab.row("10.20.1.11")
    expect(row).to_contain_text("Binding…")
    bind = row.get_by_role("link", name="Bind to Server")
    bind.focus()
    with tab.page.expect_response(lambda answer: "/eips/" in answer.url):
        pass
    expect(row).to_contain_text("Binding…")
    tour.free_eip.floating_ip.busy_until = 0
    expect(row).not_to_contain_text("Binding…")
    expect(row).to_contain_text(tour.free_eip.ip_address)
    expect(bind).to_be_focused()
    expect(tab.page.locator("#eip-watch")).to_have_count(0)
    emulator.log.clear()
    tab.page.wait_for_timeout(3500)
    assert not emulator.log


def test_a_row_follows_its_eip_until_it_is_free(tab, tour):
    state().eip_seconds = float("inf")
    open_dialog(tab, tour, "10.20.1.10", "Unbind from EIP")
    ok(tab)
    row = tab.row("10.20.1.10")
    expect(row).to_contain_text("Unbinding…")
    tour.eip.floating_ip.busy_until = 0
    expect(row).not_to_contain_text("Unbinding…")
    expect(row).not_to_contain_text(tour.eip.ip_address)
    expect(tab.page.locator("#eip-watch")).to_have_count(0)


@both_profiles
def test_an_eip_that_was_taken_meanwhile_is_said_in_the_dialog(tab, tour, profile):
    tab.expect_status(422)
    other = FloatingIPFactory()
    open_dialog(tab, tour, "10.20.1.11", "Bind to EIP")
    choose(tab, tour.free_eip)
    tab.sees_change(tour.free_eip.ip_address)
    give(tour.free_eip, tour.servers[0].nic)
    ok(tab)
    expect(tab.dialog.get_by_role("alert").filter(has_text="is bound to NIC")).to_be_visible()
    choose(tab, other)
    tab.sees_change(other.ip_address)
    ok(tab)
    expect(tab.toasts).to_contain_text(f"EIP {other.ip_address} is bound to")
    assert held_by(other) == tour.free.id


def test_one_among_many_is_found_and_stays_chosen(tab, tour):
    many = [FloatingIPFactory(ip_address=f"203.0.113.{100 + n}") for n in range(12)]
    open_dialog(tab, tour, "10.20.1.11", "Bind to EIP")
    search = tab.dialog.get_by_role("searchbox")
    expect(search).to_be_focused()
    search.fill("113.1")
    expect(tab.dialog).to_contain_text("12 of 13 free EIPs")
    choose(tab, many[5])
    search.fill("nothing like it")
    expect(tab.dialog).to_contain_text("1 of 13 free EIPs")
    tab.press("Enter")
    expect(tab.dialog.get_by_role("radio", name="203.0.113.105")).to_be_checked()
    tab.sees_change("EIP 203.0.113.105")
    ok(tab)
    expect(tab.toasts).to_contain_text("EIP 203.0.113.105 is bound to")


def test_it_all_goes_by_keyboard(tab, tour):
    other = FloatingIPFactory()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Refresh").first.focus()
    go_to(tab, "Bind to EIP 10.20.1.11")
    tab.press("Enter")
    tab.sees_dialog("Bind to EIP")
    expect(tab.dialog.get_by_role("radio").first).to_be_focused()
    tab.press("Space")
    tab.sees_change(tour.free_eip.ip_address)
    tab.press("ArrowDown")
    tab.sees_change(other.ip_address)
    tab.press("ArrowUp")
    tab.sees_change(tour.free_eip.ip_address)
    go_to(tab, OK)
    tab.press("Enter")
    tab.sees_no_dialog()
    expect(offer(tab, "10.20.1.11", "Unbind from EIP")).to_be_focused()
    tab.press("Enter")
    tab.sees_dialog("Unbind from EIP")
    go_to(tab, OK)
    tab.press("Enter")
    tab.sees_no_dialog()
    expect(offer(tab, "10.20.1.11", "Bind to EIP")).to_be_focused()
    assert held_by(tour.free_eip) is None


@both_profiles
def test_it_all_goes_without_javascript(open_tab, tour, profile):
    tab = open_tab(javascript=False)
    tab.open(tour.urls["subnet_virtual_ips"])
    offer(tab, "10.20.1.11", "Bind to EIP").click()
    expect(tab.heading).to_have_text("Bind to EIP")
    tab.page.get_by_role("radio", name=tour.free_eip.ip_address).check()
    tab.button("Show what will change").click()
    tab.sees_change("bound to virtual IP address 10.20.1.11")
    expect(tab.page.get_by_role("radio", name=tour.free_eip.ip_address)).to_be_checked()
    tab.button(OK).click()
    expect(tab.toasts).to_contain_text(f"EIP {tour.free_eip.ip_address} is bound to")
    offer(tab, "10.20.1.11", "Unbind from EIP").click()
    tab.button(OK).click()
    expect(tab.toasts).to_contain_text(f"EIP {tour.free_eip.ip_address} is unbound from")
    tab.page.get_by_role("checkbox", name="Tick 10.20.1.10", exact=True).check()
    unbind_ticked(tab).click()
    expect(tab.heading).to_have_text("Unbind EIP")
    tab.button(OK).click()
    expect(tab.toasts).to_contain_text(f"EIP {tour.eip.ip_address} is unbound from")
    assert (held_by(tour.free_eip), held_by(tour.eip)) == (None, None)


def test_long_names_make_neither_table_nor_dialogs_wider(open_tab, emulator):
    tour = furnish(name=hostile.LONG)
    for floating in (tour.eip, tour.free_eip):
        record = floating.floating_ip
        record.bandwidth = replace(record.bandwidth, name="b" * 64)
    tab = open_tab(viewport={"width": 1280, "height": 900})
    tab.open(tour.urls["subnet_virtual_ips"])
    assert tab.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    tab.page.set_viewport_size({"width": 400, "height": 800})
    found = []
    ways = {"10.20.1.11": "Bind to EIP", "10.20.1.10": "Unbind from EIP"}
    for address, label in ways.items():
        offer(tab, address, label).click()
        tab.sees_dialog(label)
        found += too_wide(tab, label)
        assert tab.dialog.evaluate("one => one.scrollWidth - one.clientWidth") <= 0, label
        tab.press("Escape")
        tab.sees_no_dialog()
    assert not found, "\n".join(found)
