"""Repair of what is half done, and Undo of a record, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import walks
from tests.factories import VirtualIPFactory
from tests.tour import furnish

both_profiles = pytest.mark.parametrize("profile", ["otc", "openstack"])
CHECK_OFF = "1.1.1.1/0"


@pytest.fixture
def half():
    """A VIP that somebody else left half bound, in a furnished subnet."""

    def make():
        tour = furnish(servers=3)
        tour.vip = VirtualIPFactory(
            subnet=tour.subnet, ip_address="10.20.1.30", half_bound_to=[tour.servers[2].nic]
        )
        return tour

    return make


def ok(tab):
    tab.dialog.get_by_role("button", name="OK").click()


def open_repair(tab, tour):
    tab.open(tour.urls["subnet_virtual_ips"])
    row = tab.row(tour.vip.ip_address)
    expect(row).to_contain_text("Needs repair")
    row.get_by_role("link", name="Repair").click()
    tab.sees_dialog("Repair")
    return row


def test_a_half_bound_server_is_finished(tab, half):
    tour = half()
    row = open_repair(tab, tour)
    tab.sees_change(CHECK_OFF)
    ok(tab)
    expect(tab.toasts).to_contain_text("is repaired: what was begun is finished.")
    expect(row).not_to_contain_text("Needs repair")
    assert walks.pairs(tour.servers[2].nic.port) == [CHECK_OFF]


def test_a_half_bound_server_is_taken_back(tab, half):
    tour = half()
    row = open_repair(tab, tour)
    tab.dialog.get_by_label("Take back").check()
    tab.sees_change(tour.servers[2].ip_address)
    tab.is_at_rest()
    ok(tab)
    expect(tab.toasts).to_contain_text("is repaired: what was begun is taken back.")
    expect(row).not_to_contain_text("db-3")
    assert walks.pairs(tour.vip.port) == []


def test_repair_works_by_keyboard_alone(tab, half):
    tour = half()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.row(tour.vip.ip_address).get_by_role("link", name="Repair").focus()
    tab.page.keyboard.press("Enter")
    tab.sees_dialog("Repair")
    tab.page.keyboard.press("ArrowDown")
    tab.sees_change(tour.servers[2].ip_address)
    tab.is_at_rest()
    for _ in range(6):
        if tab.dialog.get_by_role("button", name="OK").evaluate("b => b.matches(':focus')"):
            break
        tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    expect(tab.toasts).to_contain_text("taken back")
    assert walks.pairs(tour.vip.port) == []


@both_profiles
def test_an_unbind_is_undone_from_its_record_and_done_again(tab):
    tour = furnish()
    first = tour.servers[0]
    before = walks.pairs(tour.vip.port), walks.pairs(first.nic.port)
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.more(tab.row(tour.vip.ip_address), "Unbind from Server").click()
    tab.dialog.get_by_role("button", name="Unbind db-1").click()
    tab.is_at_rest()
    ok(tab)
    expect(tab.toasts).to_contain_text("is unbound from db-1")
    expect(tab.row(tour.vip.ip_address)).not_to_contain_text("db-1")
    tab.is_at_rest()
    after = walks.pairs(tour.vip.port), walks.pairs(first.nic.port)
    assert after != before

    tab.more(tab.row(tour.vip.ip_address), "Operation records").click()
    tab.page.get_by_role("link", name="Unbind from Server").first.click()
    tab.page.get_by_role("link", name="Undo").click()
    tab.sees_dialog("Undo")
    expect(tab.dialog).to_contain_text("Only what that operation wrote is taken back")
    ok(tab)
    expect(tab.toasts).to_contain_text("is undone.")
    assert (walks.pairs(tour.vip.port), walks.pairs(first.nic.port)) == before

    tab.page.get_by_role("link", name="Undo Unbind from Server").click()
    expect(tab.heading).to_contain_text("Undo Unbind from Server")
    tab.page.get_by_role("link", name="Undo", exact=True).click()
    tab.sees_dialog("Undo")
    ok(tab)
    expect(tab.page.get_by_role("link", name="Redo Unbind from Server")).to_be_visible()
    assert (walks.pairs(tour.vip.port), walks.pairs(first.nic.port)) == after


def test_undo_works_without_javascript(open_tab):
    tour = furnish()
    tab = open_tab(javascript=False)
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.more(tab.row(tour.vip.ip_address), "Unbind from Server").click()
    tab.page.get_by_role("checkbox").first.check()
    tab.button("OK").click()
    before = walks.pairs(tour.vip.port)
    tab.more(tab.row(tour.vip.ip_address), "Operation records").click()
    tab.page.get_by_role("link", name="Unbind from Server").first.click()
    tab.page.get_by_role("link", name="Undo").click()
    expect(tab.heading).to_have_text("Undo")
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("is undone.")
    assert walks.pairs(tour.vip.port) != before
