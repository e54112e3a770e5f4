"""While the cloud takes its time: what a person sees, and cannot do by mistake."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from console.emulator.faults import Fault
from tests.tour import furnish


@pytest.mark.parametrize("way", ["Escape", "Close", "Cancel"])
def test_a_dialog_stays_open_until_its_write_is_answered(tab, emulator, way):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")
    emulator.faults.add(Fault("POST", "/ports", "delay", delay_ms=2000))
    ok = tab.dialog.get_by_role("button", name="OK")
    ok.click()
    for _ in range(2):
        if way == "Escape":
            tab.press("Escape")
        else:
            tab.dialog.get_by_role("link", name=way).click()
        tab.sees_dialog("Assign Virtual IP Address")
    expect(ok).to_have_attribute("aria-disabled", "true")
    tab.sees_no_dialog()
    expect(tab.rows).to_have_count(3)


def test_a_dialog_that_is_slow_to_come_shows_that_it_is_under_way(tab, emulator):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    bar = "getComputedStyle(document.body, '::before').opacity"
    emulator.faults.add(Fault("GET", "/networks", "delay", delay_ms=1500))
    tab.link("Assign Virtual IP Address").click()
    tab.page.wait_for_timeout(600)
    tab.sees_no_dialog()
    assert tab.page.evaluate("getComputedStyle(document.body, '::before').content") == '""'
    assert tab.page.evaluate(bar) == "1"
    tab.sees_dialog("Assign Virtual IP Address")
    assert tab.page.evaluate("getComputedStyle(document.body, '::before').content") == "none"


@pytest.mark.parametrize("width", [1280, 400])
def test_an_explanation_is_seen_whole(open_tab, width):
    tab = open_tab(viewport={"width": width, "height": 800})
    tab.open("/patterns/")
    tab.page.get_by_label("What is Source/Destination Check?").click()
    words = tab.page.get_by_text("When it is on, the network drops")
    expect(words).to_be_in_viewport(ratio=1)


def test_a_button_that_is_off_looks_off_under_the_pointer_too(open_tab):
    tab = open_tab()
    tab.open("/patterns/")
    button = tab.page.locator("#reason-2")
    colour = "each => getComputedStyle(each).backgroundColor"
    before = button.evaluate(colour)
    button.hover()
    assert button.evaluate(colour) == before
