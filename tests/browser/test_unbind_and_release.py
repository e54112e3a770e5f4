from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import walks
from tests.tour import furnish

both_profiles = pytest.mark.parametrize("profile", ["otc", "openstack"])


TITLES = {"Unbind from Server": "Bound Server"}


def open_entry(tab, tour, entry, vip=None):
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.more(tab.row((vip or tour.vip).ip_address), entry).click()
    tab.sees_dialog(TITLES.get(entry, entry))


def ok(tab):
    tab.dialog.get_by_role("button", name="OK").click()


@both_profiles
def test_one_server_is_unbound_and_the_other_stays(tab, profile):
    tour = furnish()
    first, second = tour.servers
    open_entry(tab, tour, "Unbind from Server")
    tab.dialog.get_by_role("checkbox", name="db-1").check()
    tab.sees_change(first.ip_address if profile == "otc" else tour.vip.ip_address)
    ok(tab)
    expect(tab.toasts).to_contain_text(f"is unbound from db-1 ({first.ip_address})")
    tab.sees_no_dialog()
    row = tab.row(tour.vip.ip_address)
    expect(row).not_to_contain_text("db-1")
    expect(row).to_contain_text(f"db-2 ({second.ip_address})")
    if profile == "otc":
        assert walks.pairs(tour.vip.port) == [second.ip_address]
    else:
        assert (walks.pairs(first.nic.port), walks.pairs(second.nic.port)) == (
            [],
            [tour.vip.ip_address],
        )


@both_profiles
def test_unbind_of_one_row_asks_to_confirm_that_one_alone(tab, profile):
    tour = furnish()
    first, second = tour.servers
    open_entry(tab, tour, "Unbind from Server")
    tab.dialog.get_by_role("checkbox", name="db-2").check()
    tab.dialog.get_by_role("button", name="Unbind db-1").click()
    tab.sees_change(first.ip_address if profile == "otc" else tour.vip.ip_address)
    expect(tab.dialog.get_by_role("checkbox", name="db-1")).to_be_checked()
    expect(tab.dialog.get_by_role("checkbox", name="db-2")).not_to_be_checked()
    expect(tab.dialog.get_by_role("button", name="OK")).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.toasts).to_contain_text(f"is unbound from db-1 ({first.ip_address})")
    expect(tab.row(tour.vip.ip_address)).to_contain_text(f"db-2 ({second.ip_address})")


def test_the_check_is_switched_on_again_when_that_is_ticked(tab):
    tour = furnish()
    open_entry(tab, tour, "Unbind from Server")
    for box in ("db-1", "db-2"):
        tab.dialog.get_by_role("checkbox", name=box).check()
    for box in tab.dialog.get_by_role("checkbox", name="Switch on again").all():
        box.check()
    tab.sees_change("NIC", *(server.ip_address for server in tour.servers))
    ok(tab)
    expect(tab.row(tour.vip.ip_address)).not_to_contain_text("db-2")
    assert [walks.pairs(server.nic.port) for server in tour.servers] == [[], []]
    assert walks.pairs(tour.vip.port) == []


def test_unbind_without_a_choice_says_what_is_missing(tab):
    tour = furnish()
    tab.expect_status(422)
    open_entry(tab, tour, "Unbind from Server")
    ok(tab)
    expect(tab.dialog).to_contain_text("Choose at least one server.")
    assert len(walks.pairs(tour.vip.port)) == 2


def test_a_free_virtual_ip_is_released(tab):
    tour = furnish()
    open_entry(tab, tour, "Release", tour.free)
    expect(tab.dialog).to_contain_text(f"Release virtual IP address {tour.free.ip_address}?")
    ok(tab)
    expect(tab.toasts).to_contain_text(f"{tour.free.ip_address} is released")
    expect(tab.row(tour.free.ip_address)).to_have_count(0)
    assert [port.id for port in walks.vips()] == [tour.vip.id]


def test_release_of_a_bound_one_is_refused_and_leads_to_unbind(tab):
    tour = furnish()
    open_entry(tab, tour, "Release")
    expect(tab.dialog).to_contain_text("cannot be released now")
    expect(tab.dialog.get_by_role("button", name="OK")).to_have_count(0)
    tab.dialog.get_by_role("link", name="Unbind from Server").click()
    tab.sees_dialog("Bound Server")
    for box in ("db-1", "db-2"):
        tab.dialog.get_by_role("checkbox", name=box).check()
    tab.sees_change(*(server.ip_address for server in tour.servers))
    tab.is_at_rest()
    ok(tab)
    expect(tab.row(tour.vip.ip_address)).not_to_contain_text("db-1")
    assert walks.pairs(tour.vip.port) == []
    expect(tab.row(tour.vip.ip_address).locator("summary")).to_be_focused()


def test_unbind_and_release_work_without_javascript(open_tab):
    tour = furnish()
    tab = open_tab(javascript=False)
    tab.open("/bms/servers/")  # from here on the servers' names are known
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.more(tab.row(tour.vip.ip_address), "Unbind from Server").click()
    expect(tab.heading).to_have_text("Bound Server")
    tab.page.get_by_role("button", name="Unbind db-1").click()
    expect(tab.page.get_by_role("checkbox", name="db-1")).to_be_checked()
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("is unbound from db-1")
    assert walks.pairs(tour.vip.port) == [tour.servers[1].ip_address]
    tab.more(tab.row(tour.free.ip_address), "Release").click()
    expect(tab.heading).to_have_text("Release")
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("is released")
    assert [port.id for port in walks.vips()] == [tour.vip.id]


def test_cancel_releases_nothing(tab):
    tour = furnish()
    open_entry(tab, tour, "Release", tour.free)
    tab.dialog.get_by_role("link", name="Cancel").click()
    tab.sees_no_dialog()
    assert len(walks.vips()) == 2
