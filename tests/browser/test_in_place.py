"""A NIC's check, a VIP's name and an unused address, by keyboard and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import walks
from tests.browser.test_keyboard import go_to, where
from tests.factories import ServerFactory, state
from tests.tour import furnish

both_profiles = pytest.mark.parametrize("profile", ["otc", "openstack"])


def nics_of(server):
    return f"/bms/servers/{server.id}/?tab=nics"


def row_of(tab, port):
    return tab.page.locator(f"#vip-{port.id}")


def test_the_check_is_switched_by_keyboard(tab):
    tour = furnish()
    server = ServerFactory(subnet=tour.subnet)
    tab.open(nics_of(server))
    label = f"the source/destination check of {server.ip_address}"
    go_to(tab, f"Switch off {label}")
    tab.press("Enter")
    tab.sees_dialog("Source/Destination Check")
    assert where(tab)["in_dialog"]
    go_to(tab, "OK")
    tab.press("Enter")
    tab.sees_no_dialog()
    expect(tab.toasts).to_contain_text(f"check of NIC {server.ip_address} is off")
    expect(tab.link(f"Switch on {label}")).to_be_focused()
    assert walks.pairs(server.nic.port) == [walks.CHECK_OFF]


def test_a_check_that_a_vip_needs_off_asks_for_a_tick(tab):
    tour = furnish()
    server = tour.servers[0]
    tab.expect_status(422)
    tab.open(nics_of(server))
    tab.page.get_by_role("link", name="Switch on").click()
    tab.sees_dialog("Source/Destination Check")
    expect(tab.dialog).to_contain_text(f"{tour.vip.ip_address} (vip-db) needs this check off")
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.dialog).to_contain_text("Tick this, or leave the check off.")
    tab.dialog.get_by_role("checkbox", name="Switch it on all the same").check()
    tab.dialog.get_by_role("button", name="OK").click()
    tab.sees_no_dialog()
    expect(tab.main).to_contain_text("Half bound")
    assert walks.pairs(server.nic.port) == []


@both_profiles
def test_a_name_is_edited_in_place_by_keyboard(tab, profile):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    edit = f"Edit name of {tour.free.ip_address}"
    go_to(tab, edit)
    tab.press("Enter")
    field = row_of(tab, tour.free).get_by_role("textbox")
    expect(field).to_be_focused()
    expect(field).to_have_value("vip-free")
    tab.page.keyboard.type("vip-web")
    tab.press("Enter")
    expect(tab.toasts).to_contain_text("is called vip-web now")
    expect(row_of(tab, tour.free)).to_contain_text("vip-web")
    expect(tab.page.get_by_role("link", name=edit)).to_be_focused()
    assert tour.free.port.name == "vip-web"


def test_escape_and_cancel_bring_back_the_name_and_the_focus(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    row = row_of(tab, tour.free)
    edit = row.get_by_role("link", name="Edit name of")
    for leave in (lambda: tab.press("Escape"), lambda: tab.link("Cancel").click()):
        edit.click()
        expect(row.get_by_role("textbox")).to_be_focused()
        tab.page.keyboard.type("other")
        leave()
        expect(row.get_by_role("textbox")).to_have_count(0)
        expect(row).to_contain_text("vip-free")
        expect(edit).to_be_focused()
    assert tour.free.port.name == "vip-free"


def test_a_name_changed_by_somebody_else_is_asked_about_in_the_row(tab):
    tour = furnish()
    tab.expect_status(422)
    tab.open(tour.urls["subnet_virtual_ips"])
    row = row_of(tab, tour.free)
    row.get_by_role("link", name="Edit name of").click()
    expect(row.get_by_role("textbox")).to_be_focused()
    tour.free.port.name = "theirs"
    tab.page.keyboard.type("mine")
    tab.press("Enter")
    expect(row).to_contain_text("is called theirs now, and you want the name mine")
    expect(row.get_by_role("textbox")).to_be_focused()
    row.get_by_role("button", name="Save").click()
    expect(tab.toasts).to_contain_text("is called mine now")
    expect(row.get_by_role("textbox")).to_have_count(0)
    assert tour.free.port.name == "mine"


@both_profiles
def test_an_unused_address_is_released(tab, profile):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    row = tab.page.locator(f"#address-{tour.unused.id}")
    expect(row).to_contain_text("Unused")
    row.get_by_role("link", name="Release").focus()
    tab.press("Enter")
    tab.sees_dialog("Release Private IP Address")
    tab.dialog.get_by_role("button", name="OK").click()
    tab.sees_no_dialog()
    expect(tab.toasts).to_contain_text(f"address {tour.unused.ip_address} is released")
    expect(row).to_have_count(0)
    assert tour.unused.id not in state().ports


def test_the_two_tables_are_searched_each_for_itself(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    lower = tab.page.locator("#addresses")
    lower.get_by_role("searchbox").fill("unused")
    tab.press("Enter")
    expect(lower.locator("tbody").get_by_role("row")).to_have_count(1)
    expect(tab.page.locator("#vips tbody").get_by_role("row")).to_have_count(2)
    tab.page.reload()
    expect(lower.locator("tbody").get_by_role("row")).to_have_count(1)


def test_all_of_it_works_without_javascript(open_tab):
    tour = furnish()
    server = ServerFactory(subnet=tour.subnet)
    tab = open_tab(javascript=False)
    tab.open(tour.urls["subnet_virtual_ips"])
    row_of(tab, tour.free).get_by_role("link", name="Edit name of").click()
    expect(tab.heading).to_have_text("Edit name")
    tab.page.get_by_label("Name").fill("vip-web")
    tab.button("Save").click()
    expect(tab.toasts).to_contain_text("is called vip-web now")
    release = tab.page.locator(f"#release-address-{tour.unused.id}")
    release.click()
    expect(tab.heading).to_have_text("Release Private IP Address")
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("is released")
    tab.open(nics_of(server))
    tab.page.get_by_role("link", name="Switch off").click()
    expect(tab.heading).to_have_text("Source/Destination Check")
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("is off.")
    expect(tab.page.get_by_role("link", name="Switch on")).to_be_visible()
