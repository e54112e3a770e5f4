from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from console.emulator.faults import Fault
from tests.browser import walks
from tests.factories import ServerFactory, SubnetFactory, UserFactory, VirtualIPFactory
from tests.tour import furnish

VIEWING = re.compile("only allows viewing")


def open_bind(tab, tour, vip=None):
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link(f"Bind to Server {(vip or tour.free).ip_address}").click()
    tab.sees_dialog("Bind to Server")


def box(tab, name):
    return tab.dialog.get_by_role("checkbox", name=name, exact=True)


def changes(tab):
    return tab.dialog.get_by_role("region", name="What will change")


def test_what_will_change_follows_what_is_ticked(tab):
    tour = furnish(servers=3)
    open_bind(tab, tour)
    expect(changes(tab)).to_contain_text("Choose a server to see what will change.")
    box(tab, "db-3").check()
    expect(changes(tab)).to_contain_text(f"VIP {tour.free.ip_address}")
    expect(changes(tab)).to_contain_text(f"NIC {tour.servers[2].ip_address} of db-3")
    box(tab, "db-1").check()
    expect(changes(tab)).to_contain_text(tour.servers[0].ip_address)
    box(tab, "db-3").uncheck()
    expect(changes(tab)).not_to_contain_text("db-3")
    box(tab, "db-1").uncheck()
    expect(changes(tab)).to_contain_text("Choose a server to see what will change.")
    assert walks.pairs(tour.free.port) == []


def test_a_search_keeps_what_was_ticked(tab):
    tour = furnish(servers=4)
    open_bind(tab, tour)
    box(tab, "db-1").check()
    tab.dialog.get_by_role("searchbox").fill("db-4")
    expect(box(tab, "db-2")).to_have_count(0)
    expect(box(tab, "db-1")).to_be_checked()
    box(tab, "db-4").check()
    tab.dialog.get_by_role("searchbox").fill("")
    expect(box(tab, "db-2")).to_be_visible()
    expect(box(tab, "db-1")).to_be_checked()
    expect(box(tab, "db-4")).to_be_checked()
    tab.sees_change(tour.servers[0].ip_address, tour.servers[3].ip_address)
    tab.dialog.get_by_role("button", name="OK").click()
    tab.sees_dialog("Configure the address inside the servers")
    bound = [tour.servers[0].ip_address, tour.servers[3].ip_address]
    assert sorted(walks.pairs(tour.free.port)) == sorted(bound)


def test_enter_in_the_search_searches_and_binds_nothing(tab):
    tour = furnish(servers=3)
    open_bind(tab, tour)
    box(tab, "db-1").check()
    tab.dialog.get_by_role("searchbox").fill("db-3")
    tab.press("Enter")
    expect(box(tab, "db-2")).to_have_count(0)
    expect(box(tab, "db-1")).to_be_checked()
    assert walks.pairs(tour.free.port) == []


def test_a_server_that_turns_out_to_be_a_virtual_machine_cannot_be_ticked(tab, emulator):
    tour = furnish()
    ServerFactory(name="vm-1", subnet=tour.subnet, bare_metal=False, flavor="s3.large.4", created=1)
    for server in tour.servers[1:]:
        server.server.created = 1
    for _ in range(51):
        ServerFactory(nics=0)
    emulator.faults.add(Fault("GET", "/servers/", "delay", delay_ms=800, times=None))
    tab.open(tour.dialog("bind", tour.free))
    machine = tab.rows.filter(has_text="not read yet").last
    machine.get_by_role("checkbox").check()
    machine = tab.rows.filter(has_text="Virtual machine")
    expect(machine).to_contain_text("vm-1")
    expect(machine.get_by_role("checkbox")).not_to_be_checked()
    expect(machine.get_by_role("checkbox")).to_be_disabled()
    db = tab.rows.filter(has_text="db-2")
    expect(db).to_contain_text("Running")
    expect(db.get_by_role("checkbox")).to_be_enabled()


def test_one_may_choose_among_the_nics_of_a_server(tab, emulator):
    subnet = SubnetFactory(name="subnet-db")
    server = ServerFactory(name="gateway-1", subnets=[subnet, subnet])
    vip = VirtualIPFactory(subnet=subnet)
    tab.open(f"/vpc/networks/{subnet.network_id}/subnets/{subnet.id}/virtual-ips/{vip.id}/bind/")
    nics = tab.main.get_by_label("NIC of gateway-1")
    first, second = (nic.ip_address for nic in server.nics)
    expect(nics.locator("option")).to_have_text([f"{first} (primary)", second])
    tab.main.get_by_role("checkbox", name="gateway-1").check()
    nics.select_option(second)
    region = tab.main.get_by_role("region", name="What will change")
    expect(region).to_contain_text(f"NIC {second} of gateway-1")
    tab.main.get_by_role("button", name="OK").click()
    expect(tab.heading).to_have_text("Configure the address inside the servers")
    assert walks.pairs(vip.port) == [second]
    assert walks.pairs(server.nics[0].port) == []


def test_a_server_that_is_bound_already_cannot_be_ticked(tab):
    tour = furnish(servers=3)
    open_bind(tab, tour, tour.vip)
    for bound in ("db-1", "db-2"):
        expect(box(tab, bound)).to_be_disabled()
        row = tab.dialog.get_by_role("row", name=bound)
        expect(row).to_contain_text("Bound")
    expect(box(tab, "db-3")).to_be_enabled()


def test_ok_without_a_choice_says_what_is_missing(tab):
    tour = furnish()
    tab.expect_status(422)
    open_bind(tab, tour)
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.dialog).to_contain_text("Choose at least one server.")
    tab.sees_dialog("Bind to Server")


@pytest.mark.parametrize("way", ["Cancel", "Close", "Escape"])
def test_leaving_the_dialog_leaves_nothing_behind(tab, emulator, way):
    tour = furnish()
    open_bind(tab, tour)
    box(tab, "db-1").check()
    expect(changes(tab)).to_contain_text(tour.servers[0].ip_address)
    if way == "Escape":
        tab.press(way)
    else:
        tab.dialog.get_by_role("link", name=way, exact=True).click()
    tab.sees_no_dialog()
    assert walks.pairs(tour.free.port) == []
    assert not [call for call in emulator.log if call.method not in ("GET", "HEAD")]
    tab.link(f"Bind to Server {tour.free.ip_address}").click()
    expect(box(tab, "db-1")).not_to_be_checked()


def test_a_double_click_on_ok_binds_once(tab, emulator):
    tour = furnish()
    open_bind(tab, tour)
    box(tab, "db-1").check()
    box(tab, "db-2").check()
    tab.sees_change(*(server.ip_address for server in tour.servers))
    tab.dialog.get_by_role("button", name="OK").dblclick()
    tab.sees_dialog("Configure the address inside the servers")
    writes = [call.path for call in emulator.log if call.method == "PUT"]
    assert len(writes) == len(set(writes)), writes


def test_what_follows_begins_at_its_top(open_tab):
    """The dialog stays the same element, and would stay as far down as it was."""
    tour = furnish(servers=12)
    tab = open_tab(viewport={"width": 1000, "height": 400})
    open_bind(tab, tour)
    for name in ("db-11", "db-12"):
        box(tab, name).check()
    tab.sees_change(tour.servers[10].ip_address, tour.servers[11].ip_address)
    tab.dialog.evaluate("one => one.scrollTo(0, one.scrollHeight)")
    assert tab.dialog.evaluate("one => one.scrollTop") > 0

    tab.dialog.get_by_role("button", name="OK").click()
    tab.sees_dialog("Configure the address inside the servers")

    tab.waits_for(lambda: tab.dialog.evaluate("one => one.scrollTop") == 0)


def test_a_viewer_is_told_why_and_can_write_nothing(open_tab, emulator):
    tour = furnish()
    UserFactory(name="viewer", roles="reader")
    tab = open_tab(user="viewer")
    tab.open(tour.urls["subnet_virtual_ips"])
    for name in ("Assign Virtual IP Address", f"Bind to Server {tour.free.ip_address}"):
        button = tab.button(name)
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_accessible_description(VIEWING)
        tab.page.mouse.move(0, 0)
        button.focus()
        expect(button).to_be_focused()
        expect(tab.page.get_by_role("tooltip").filter(visible=True)).to_contain_text(
            "only allows viewing"
        )
        tab.press("Enter")
        button.click(force=True)
        tab.sees_no_dialog()
    tab.open(tour.dialog("assign"))
    ok = tab.button("OK")
    expect(ok).to_have_attribute("aria-disabled", "true")
    ok.click(force=True)
    expect(tab.heading).to_have_text("Assign Virtual IP Address")
    assert not [call for call in emulator.log if call.method != "GET"]


def test_what_a_viewer_sends_all_the_same_is_refused_in_words(open_tab, emulator):
    tour = furnish()
    UserFactory(name="viewer", roles="reader")
    tab = open_tab(user="viewer")
    tab.expect_status(403, 422)
    tab.open(tour.dialog("assign"))
    tab.page.get_by_text("Manual", exact=True).click()
    tab.page.get_by_label("Virtual IP Address", exact=True).fill("10.20.1.77")
    tab.main.locator("form").evaluate("form => form.requestSubmit()")
    expect(tab.main.get_by_role("alert").filter(has_text="Request ID")).to_be_visible()
    tab.is_whole_page()
    assert len(walks.vips()) == 2
