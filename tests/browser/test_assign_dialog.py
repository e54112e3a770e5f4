from __future__ import annotations

import re

from playwright.sync_api import expect

from console.emulator.faults import Fault
from tests.browser import walks
from tests.factories import SubnetFactory
from tests.tour import furnish


def open_assign(tab, tour):
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")


def ok(tab):
    return tab.dialog.get_by_role("button", name="OK")


def type_address(tab, text):
    tab.dialog.get_by_text("Manual", exact=True).click()
    field = tab.dialog.get_by_label("Virtual IP Address", exact=True)
    field.fill(text)
    return field


def test_a_wrong_address_is_explained_beside_the_field_and_stays_typed(tab):
    tour = furnish()
    tab.expect_status(422)
    open_assign(tab, tour)
    wrong = {
        "10.20.0.1": "gateway",
        "192.168.7.7": "10.20.0.0/23",
        tour.vip.ip_address: "already in use",
        "10.20.0": "Enter a valid",
    }
    for text, words in wrong.items():
        type_address(tab, text)
        ok(tab).click()
        field = tab.dialog.get_by_label("Virtual IP Address", exact=True)
        expect(field).to_have_accessible_description(re.compile(re.escape(words)))
        expect(field).to_have_value(text)
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(tab.dialog.get_by_role("radio", name="Manual")).to_be_checked()
    assert len(walks.vips()) == 2
    type_address(tab, "10.20.1.77")
    ok(tab).click()
    expect(tab.row("10.20.1.77")).to_be_visible()
    assert len(walks.vips()) == 3


def test_a_slow_press_of_ok_is_not_lost(tab):
    """The field would lose the focus at once, its change show a longer preview, and the button be
    elsewhere when it is let go."""
    tour = furnish()
    open_assign(tab, tour)
    type_address(tab, "10.20.1.77\n10.20.1.78")
    place = ok(tab).bounding_box()
    tab.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    tab.page.mouse.down()
    tab.page.wait_for_timeout(700)
    tab.page.mouse.up()
    expect(tab.row("10.20.1.77")).to_be_visible()
    expect(tab.row("10.20.1.78")).to_be_visible()


def test_what_the_cloud_refuses_is_said_in_the_dialog(tab, emulator):
    tour = furnish()
    tab.expect_status(422)
    open_assign(tab, tour)
    emulator.faults.add(Fault("POST", "/ports", "status", status=409))
    type_address(tab, "10.20.1.77")
    ok(tab).click()
    expect(tab.dialog.get_by_role("alert").filter(has_text="Request ID")).to_be_visible()
    expect(tab.dialog.get_by_label("Virtual IP Address", exact=True)).to_have_value("10.20.1.77")
    ok(tab).click()
    expect(tab.row("10.20.1.77")).to_be_visible()


def test_a_double_click_on_ok_makes_one_virtual_ip(tab, emulator):
    tour = furnish()
    open_assign(tab, tour)
    emulator.faults.add(Fault("POST", "/ports", "delay", delay_ms=300))
    ok(tab).dblclick()
    expect(tab.toasts).to_contain_text("is assigned")
    tab.sees_no_dialog()
    expect(tab.rows).to_have_count(3)
    assert len(walks.vips()) == 3
    assert len([call for call in emulator.log if call.method == "POST"]) == 1


def test_while_the_answer_is_awaited_ok_says_so_and_the_dialog_stays(tab, emulator):
    tour = furnish()
    open_assign(tab, tour)
    emulator.faults.add(Fault("POST", "/ports", "delay", delay_ms=700))
    button = ok(tab)
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    tab.press("Escape")
    tab.sees_dialog("Assign Virtual IP Address")  # it still has to tell what became of it
    expect(tab.toasts).to_contain_text("is assigned")


def test_a_reload_after_a_plain_submit_makes_no_second_one(open_tab, emulator):
    tour = furnish()
    tab = open_tab(javascript=False)
    tab.open(tour.dialog("assign"))
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("is assigned")
    tab.page.reload()
    expect(tab.rows).to_have_count(3)
    expect(tab.toasts).to_be_empty()


def test_two_tabs_that_send_one_form_make_one_virtual_ip(open_tab, emulator):
    tour = furnish()
    tab = open_tab()
    tab.open(tour.dialog("assign"))
    with tab.page.expect_popup() as other:
        tab.page.evaluate("""() => {
            const form = document.querySelector("main form");
            form.target = "_blank";
            form.dataset.noBusy = "";
            form.requestSubmit();
        }""")
    expect(other.value.locator("#toasts")).to_contain_text("is assigned")
    tab.page.evaluate("document.querySelector('main form').target = ''")
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("is assigned")
    assert len(walks.vips()) == 3


def test_both_versions_are_offered_where_the_subnet_has_both(tab, emulator):
    subnet = SubnetFactory(name="dual", ipv6_cidr="2001:db8:7::/64")
    tab.open(f"/vpc/networks/{subnet.network_id}/subnets/{subnet.id}/?tab=virtual-ips")
    tab.link("Assign Virtual IP Address").click()
    tab.dialog.get_by_text("IPv6", exact=True).click()
    ok(tab).click()
    expect(tab.toasts).to_contain_text("2001:db8:7:")
    (vip,) = walks.vips()
    assert walks.address(vip).startswith("2001:db8:7:")


def test_cancel_and_esc_assign_nothing(tab):
    tour = furnish()
    open_assign(tab, tour)
    type_address(tab, "10.20.1.77")
    tab.dialog.get_by_role("link", name="Cancel").click()
    tab.sees_no_dialog()
    tab.link("Assign Virtual IP Address").click()
    expect(tab.dialog.get_by_label("Virtual IP Address", exact=True)).to_have_value("")
    tab.press("Escape")
    tab.sees_no_dialog()
    assert len(walks.vips()) == 2


def marked(tab):
    """The rows that stand out as new."""
    return tab.main.locator("tbody tr[data-new]")


def test_the_row_of_what_was_assigned_stands_out(open_tab):
    tour = furnish()
    tab = open_tab(reduced_motion="reduce")
    open_assign(tab, tour)
    expect(marked(tab)).to_have_count(0)
    type_address(tab, "10.20.1.77")
    ok(tab).click()
    expect(marked(tab)).to_have_count(1)
    expect(marked(tab)).to_contain_text("10.20.1.77")
    expect(marked(tab)).to_be_in_viewport()
    ground = "row => getComputedStyle(row).backgroundColor"
    other = tab.row(tour.vip.ip_address).evaluate(ground)
    assert marked(tab).evaluate(ground) != other


def test_what_a_search_brings_back_is_not_new(tab):
    tour = furnish()
    tab.open(f"{tour.urls['subnet_virtual_ips']}&q={tour.vip.ip_address}")
    expect(tab.rows).to_have_count(1)
    tab.vip_search.fill("")
    tab.button("Search").click()
    expect(tab.rows).to_have_count(2)
    expect(marked(tab)).to_have_count(0)


def test_three_at_once_one_of_which_fails_and_is_sent_again(tab, emulator):
    tour = furnish()
    tab.expect_status(422)
    open_assign(tab, tour)
    type_address(tab, "10.20.1.77\n10.20.1.78\n10.20.1.79")
    emulator.faults.add(Fault("POST", "/ports", "status", status=409, skip=1, times=1))
    ok(tab).click()
    results = tab.dialog.get_by_role("list", name="Results").get_by_role("listitem")
    expect(results).to_have_count(3)
    expect(results.nth(0)).to_contain_text("Assigned")
    expect(results.nth(1)).to_contain_text("Refused")
    expect(tab.row("10.20.1.79")).to_have_count(1)  # the table behind follows at once
    expect(tab.dialog.get_by_label("Virtual IP Address", exact=True)).to_have_value("10.20.1.78")
    ok(tab).click()
    expect(tab.row("10.20.1.78")).to_be_visible()
    tab.sees_no_dialog()
    assert len(walks.vips()) == 5


def test_how_many_is_asked_for_only_where_the_cloud_chooses(tab, emulator):
    tour = furnish()
    open_assign(tab, tour)
    many = tab.dialog.get_by_label("How many")
    many.select_option("3")
    tab.sees_change("chosen by the cloud")
    expect(tab.page.locator("#bind-preview .diff")).to_have_count(3)
    tab.dialog.get_by_text("Manual", exact=True).click()
    expect(many).to_be_hidden()
    tab.dialog.get_by_text("Automatic", exact=True).click()
    expect(tab.dialog.get_by_label("Virtual IP Address", exact=True)).to_be_hidden()
    ok(tab).click()
    expect(tab.toasts).to_contain_text("3 virtual IP addresses are assigned")
    assert len(walks.vips()) == 5


def test_back_and_ok_again_assigns_no_second_one(open_tab):
    """What Back brings is up to the browser: the form as it was, or the page asked for anew."""
    tour = furnish()
    tab = open_tab(javascript=False)
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Assign Virtual IP Address").click()
    tab.button("OK").click()
    expect(tab.toasts).to_contain_text("is assigned")
    assert len(walks.vips()) == 3
    tab.page.go_back()
    expect(tab.heading).to_have_text("Assign Virtual IP Address")
    if tab.button("OK").count():
        tab.button("OK").click()
        expect(tab.toasts).to_contain_text("is assigned")
    else:
        expect(tab.main).to_contain_text("This form was carried out: Virtual IP address")
        tab.link("Assign another one").click()
        expect(tab.button("OK")).to_be_visible()
    assert len(walks.vips()) == 3
