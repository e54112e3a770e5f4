"""While the cloud takes its time: what a person sees, and cannot do by mistake."""

from __future__ import annotations

import datetime as dt
import re
import threading

import pytest
from playwright.sync_api import expect

from console.emulator.faults import Fault
from tests.factories import VirtualIPFactory
from tests.tour import furnish


@pytest.mark.parametrize("way", ["Escape", "Close", "Cancel"])
def test_a_dialog_stays_open_until_its_write_is_answered(tab, emulator, way):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")
    gate = threading.Event()
    emulator.faults.add(Fault("POST", "/ports", "hook", hook=lambda: gate.wait(30)))
    ok = tab.dialog.get_by_role("button", name="OK")
    ok.click()
    for _ in range(2):
        if way == "Escape":
            tab.press("Escape")
        else:
            tab.dialog.get_by_role("link", name=way).click(force=True)  # it says that it is off
        tab.sees_dialog("Assign Virtual IP Address")
    expect(ok).to_have_attribute("aria-disabled", "true")
    gate.set()
    tab.sees_no_dialog()
    expect(tab.rows).to_have_count(3)


WAITING = "This takes a moment"


@pytest.fixture
def late(emulator):
    """What a dialog asks for comes only when it is let go."""
    gate = threading.Event()

    def begin(asked="/networks"):
        emulator.faults.add(Fault("GET", asked, "hook", hook=lambda: gate.wait(30)))
        return gate

    yield begin
    gate.set()


def test_a_dialog_that_is_slow_to_come_has_grey_lines_in_its_place(tab, late):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    gate = late()
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog(WAITING)
    expect(tab.dialog.get_by_role("heading", name=WAITING)).to_be_focused()
    expect(tab.dialog).to_have_accessible_name(WAITING)
    gate.set()
    tab.sees_dialog("Assign Virtual IP Address")
    expect(tab.dialog.locator(":focus")).to_have_count(1)
    tab.press("Escape")
    tab.sees_no_dialog()
    expect(tab.link("Assign Virtual IP Address")).to_be_focused()


def test_who_closes_the_grey_lines_does_not_get_the_dialog_later(tab, late):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.expect_abort()
    gate = late()
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog(WAITING)
    tab.press("Escape")
    tab.sees_no_dialog()
    expect(tab.link("Assign Virtual IP Address")).to_be_focused()
    gate.set()
    tab.page.wait_for_load_state("networkidle")
    tab.sees_no_dialog()
    expect(tab.toasts).to_be_empty()
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")


def test_a_dialog_that_fails_late_says_so_on_the_page(tab, emulator):
    tour = furnish()
    tab.expect_status(500, 502, 503)
    tab.open(tour.urls["subnet_virtual_ips"])
    late = Fault("GET", "/networks", "status", status=500, times=None, delay_ms=2000)
    emulator.faults.add(late)
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog(WAITING)
    expect(tab.toasts.get_by_role("button", name="Dismiss")).to_be_visible()
    tab.sees_no_dialog()


def test_a_late_dialog_comes_though_its_row_was_exchanged_meanwhile(tab, late):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.is_at_rest()
    gate = late("/servers")  # from now on the dialog alone asks for them
    opener = tab.row(tour.free.ip_address).get_by_role("link", name="Bind to Server")
    opener.click()
    tab.sees_dialog(WAITING)
    old = tab.page.locator("#vips").element_handle()
    with tab.page.expect_response(lambda answer: "tab=virtual-ips" in answer.url):
        tab.page.evaluate("htmx.trigger(document.body, 'vips-changed')")
    tab.page.wait_for_function("old => !old.isConnected", arg=old)
    gate.set()
    tab.sees_dialog("Bind to Server")
    tab.press("Escape")
    tab.sees_no_dialog()
    expect(opener).to_be_focused()


def test_a_double_click_opens_one_dialog(tab, emulator):
    tour = furnish()
    tab.expect_abort()
    tab.open(tour.urls["subnet_virtual_ips"])
    emulator.latency_ms = 300
    tab.link("Assign Virtual IP Address").dblclick()
    tab.sees_dialog("Assign Virtual IP Address")
    tab.is_at_rest()
    expect(tab.dialog).to_have_count(1)
    tab.press("Escape")
    tab.sees_no_dialog()
    expect(tab.link("Assign Virtual IP Address")).to_be_focused()
    tab.is_at_rest()
    tab.sees_no_dialog()


def test_the_grey_lines_come_after_200_milliseconds_and_no_sooner(tab, late):
    tour = furnish()
    tab.page.clock.install()
    tab.open(tour.urls["subnet_virtual_ips"])
    gate = late()
    tab.page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))
    tab.link("Assign Virtual IP Address").click()
    tab.page.clock.run_for(199)
    tab.sees_no_dialog()
    tab.page.clock.run_for(1)
    tab.sees_dialog(WAITING)
    tab.page.clock.resume()
    gate.set()
    tab.sees_dialog("Assign Virtual IP Address")


def test_what_several_writes_have_come_to_is_seen_meanwhile(tab, emulator):
    """Release of two: the second is held up; the first has ended, and the dialog says so."""
    tour = furnish()
    second = VirtualIPFactory(subnet=tour.subnet, ip_address="10.20.1.30")
    gate = threading.Event()
    hold = Fault("DELETE", f"/ports/{second.id}", "hook", hook=lambda: gate.wait(30))
    tab.open(tour.urls["subnet_virtual_ips"])
    for vip in (tour.free, second):
        tab.page.get_by_role("checkbox", name=f"Tick {vip.ip_address}", exact=True).check()
    tab.main.get_by_role("button", name="Release", exact=True).click()
    tab.sees_dialog("Release")
    emulator.faults.add(hold)
    tab.dialog.get_by_role("button", name="OK").click()
    course = tab.dialog.locator("[data-progress] li")
    try:
        expect(course).to_have_text(
            [re.compile(r"Release 10\.20\.1\.11\s+Done"), re.compile(r"10\.20\.1\.30\s+Under way")]
        )
        expect(tab.dialog.get_by_role("status")).to_contain_text("1 of 2 operations have ended.")
    finally:
        gate.set()
    tab.sees_no_dialog()
    expect(tab.rows).to_have_count(1)


@pytest.mark.parametrize("width", [1280, 400])
def test_an_explanation_is_seen_whole(open_tab, width):
    tab = open_tab(viewport={"width": width, "height": 800})
    tab.open("/patterns/")
    tab.page.get_by_label("What is Source/Destination Check?").click()
    words = tab.page.get_by_text("While it is on, the cloud drops")
    expect(words).to_be_in_viewport(ratio=1)


def test_a_button_that_is_off_looks_off_under_the_pointer_too(open_tab):
    tab = open_tab()
    tab.open("/patterns/")
    button = tab.page.locator("#reason-2")
    colour = "each => getComputedStyle(each).backgroundColor"
    before = button.evaluate(colour)
    button.hover()
    assert button.evaluate(colour) == before
