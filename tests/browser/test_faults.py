from __future__ import annotations

import pytest
from playwright.sync_api import expect

from console.emulator.faults import Fault
from tests.browser import walks
from tests.tour import furnish

KINDS = {"status": 503, "refused": 503, "malformed": 502}


def down(emulator, kind="status", method="*", path="/network"):
    emulator.faults.add(Fault(method, path, kind, status=500, times=None))


@pytest.mark.parametrize("kind", KINDS)
def test_the_cloud_fails_under_an_open_dialog(tab, emulator, kind):
    tour = furnish()
    tab.expect_status(500, 502, 503)
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")
    down(emulator, kind)
    ok = tab.dialog.get_by_role("button", name="OK")
    ok.click()
    message = tab.dialog.get_by_role("alert")
    expect(message).not_to_be_empty()
    expect(message).to_contain_text("cloud")
    expect(ok).to_be_enabled()
    expect(ok).not_to_have_attribute("aria-disabled", "true")
    tab.sees_dialog("Assign Virtual IP Address")
    assert len(walks.vips()) == 2
    emulator.faults.clear()
    ok.click()
    tab.sees_no_dialog()
    expect(tab.rows).to_have_count(3)
    assert len(walks.vips()) == 3


def test_the_cloud_is_down_when_a_dialog_is_asked_for(tab, emulator):
    tour = furnish()
    tab.expect_status(500, 502, 503)
    tab.open(tour.urls["subnet_virtual_ips"])
    down(emulator, "refused")
    tab.link("Assign Virtual IP Address").click()
    expect(tab.toasts.get_by_role("button", name="Dismiss")).to_be_visible()
    tab.sees_no_dialog()
    tab.is_whole_page()
    expect(tab.rows).to_have_count(2)
    emulator.faults.clear()
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")


def test_the_preview_fails_and_comes_back(tab, emulator):
    tour = furnish()
    tab.expect_status(500, 502, 503)
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link(f"Bind to Server {tour.free.ip_address}").click()
    tab.sees_dialog("Bind to Server")
    down(emulator, "refused")
    box = tab.dialog.get_by_role("checkbox", name="db-1")
    box.check()
    expect(tab.dialog.get_by_role("alert")).not_to_be_empty()
    expect(box).to_be_checked()
    emulator.faults.clear()
    tab.dialog.get_by_role("checkbox", name="db-2").check()
    preview = tab.dialog.get_by_role("region", name="What will change")
    expect(preview).to_contain_text(tour.servers[1].ip_address)
    expect(preview).to_contain_text(tour.servers[0].ip_address)


def test_a_failed_bind_says_that_nothing_was_changed(tab, emulator):
    tour = furnish()
    tab.expect_status(422)
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link(f"Bind to Server {tour.free.ip_address}").click()
    for name in ("db-1", "db-2"):
        tab.dialog.get_by_role("checkbox", name=name).check()
    tab.sees_change(*(server.ip_address for server in tour.servers))
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=500, times=None))
    ok = tab.dialog.get_by_role("button", name="OK")
    ok.click()
    expect(tab.dialog).to_contain_text("Nothing was changed")
    expect(tab.dialog.get_by_role("checkbox", name="db-1")).to_be_checked()
    assert walks.pairs(tour.free.port) == []
    emulator.faults.clear()
    tab.sees_change(*(server.ip_address for server in tour.servers))
    ok.click()
    tab.sees_dialog("Configure the address inside the servers")
    assert len(walks.pairs(tour.free.port)) == 2


def test_a_page_that_cannot_be_read_says_so_and_can_be_tried_again(tab, emulator):
    furnish()
    tab.expect_status(500, 502, 503)
    down(emulator, "refused", path="/compute")
    tab.open("/bms/servers/")
    tab.is_whole_page()
    expect(tab.main).to_contain_text("the rest of this console keeps working")
    tab.link("Virtual Private Cloud").click()
    expect(tab.row("vpc-prod")).to_be_visible()
    tab.page.go_back()
    emulator.faults.clear()
    tab.link("Try again").click()
    expect(tab.row("db-1")).to_be_visible()


def test_the_console_itself_cannot_be_reached(tab):
    tour = furnish()
    tab.expect_offline()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.page.context.set_offline(True)
    tab.link("Refresh").click()
    expect(tab.toasts).to_contain_text("The console cannot be reached")
    tab.page.context.set_offline(False)
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")
    tab.page.context.set_offline(True)
    ok = tab.dialog.get_by_role("button", name="OK")
    ok.click()
    expect(tab.dialog.get_by_role("alert")).to_contain_text("The console cannot be reached")
    tab.page.context.set_offline(False)
    ok.click()
    expect(tab.rows).to_have_count(3)
    assert len(walks.vips()) == 3
