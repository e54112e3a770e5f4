from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from console.emulator.build import SERVER_STATES
from console.emulator.faults import Fault
from tests.factories import ServerFactory
from tests.tour import furnish

LIST = "/bms/servers/"
POLL = 5_500


@pytest.fixture
def clock(emulator):
    """The cloud's clock, which tests put on by hand."""
    ahead = [0.0]
    emulator.state.clock = lambda: time.time() + ahead[0]
    return ahead


def server_state(status, task=None):
    return replace(SERVER_STATES[status], task_state=task)


def asked_for(emulator, server):
    return len([call for call in emulator.log if call.path.endswith(f"/servers/{server.id}")])


def test_rows_on_their_way_refresh_by_themselves_and_stop(tab, emulator, clock):
    going, gone = ServerFactory(name="db-1"), ServerFactory(name="db-2")
    ServerFactory(name="db-3")
    state = emulator.state
    for server, last in ((going, server_state("SHUTOFF")), (gone, None)):
        server.server.now = server_state("ACTIVE", "powering-off" if last else "deleting")
        state.move(server.server, (60, last))
    tab.page.clock.install()
    tab.open(LIST)
    expect(tab.row("db-1")).to_contain_text("Stopping")
    expect(tab.row("db-2")).to_contain_text("Deleting")
    tab.link("db-3").focus()
    tab.page.clock.run_for(POLL)
    tab.waits_for(lambda: asked_for(emulator, going))
    expect(tab.row("db-1")).to_contain_text("Stopping")
    clock[0] = 61
    tab.is_at_rest()
    tab.page.clock.run_for(POLL)
    expect(tab.row("db-1")).to_contain_text("Stopped")
    expect(tab.row("db-2")).to_have_count(0)
    expect(tab.link("db-3")).to_be_focused()
    tab.is_at_rest()
    asked = len(emulator.log)
    tab.page.clock.run_for(10 * POLL)
    tab.page.evaluate("0")
    tab.is_at_rest()
    assert len(emulator.log) == asked


def test_search_and_filter_stand_in_the_address(open_tab, emulator):
    for name, status in (("db-1", "ACTIVE"), ("db-2", "SHUTOFF"), ("web-1", "ACTIVE")):
        ServerFactory(name=name, status=status)
    tab = open_tab()
    tab.open(LIST)
    tab.page.get_by_role("searchbox").fill("db")
    tab.press("Enter")
    expect(tab.rows).to_have_count(2)
    expect(tab.page).to_have_url(re.compile(r"[?&]q=db"))
    tab.page.get_by_label("Status", exact=True).select_option("Stopped (SHUTOFF)")
    expect(tab.rows).to_have_count(1)
    expect(tab.page).to_have_url(re.compile(r"q=db&status=SHUTOFF"))
    tab.is_whole_page()
    deep = open_tab()
    deep.open(tab.page.url)
    expect(deep.rows).to_have_count(1)
    expect(deep.row("db-2")).to_be_visible()
    expect(deep.page.get_by_role("searchbox")).to_have_value("db")
    expect(deep.page.get_by_label("Status", exact=True)).to_have_value("SHUTOFF")


def test_no_match_leads_back_to_all(tab, emulator):
    ServerFactory(name="db-1")
    tab.open(LIST)
    tab.page.get_by_role("searchbox").fill("nothing-like-it")
    tab.button("Search").click()
    expect(tab.main).to_contain_text("No server matches")
    tab.link("Show all servers").click()
    expect(tab.row("db-1")).to_be_visible()


def test_back_and_forward_bring_whole_pages(tab, emulator):
    for name in ("db-1", "web-1"):
        ServerFactory(name=name)
    tab.open(LIST)
    tab.page.get_by_role("searchbox").fill("db")
    tab.press("Enter")
    expect(tab.rows).to_have_count(1)
    tab.link("db-1").click()
    expect(tab.heading).to_have_text("db-1")
    tab.link("NICs").click()
    expect(tab.link("Manage Virtual IP Address")).to_be_visible()
    for heading, rows in (("db-1", None), ("Bare Metal Server", 1), ("Bare Metal Server", 2)):
        tab.page.go_back()
        expect(tab.heading).to_have_text(heading)
        tab.is_whole_page()
        if rows:
            expect(tab.rows).to_have_count(rows)
    for heading in ("Bare Metal Server", "db-1", "db-1"):
        tab.page.go_forward()
        expect(tab.heading).to_have_text(heading)
        tab.is_whole_page()
    expect(tab.link("Manage Virtual IP Address")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_hundred_and_twenty_servers_are_paged(open_tab, emulator, javascript):
    for number in range(120):
        ServerFactory(name=f"bms-{number:03d}", created=1_700_000_000.0 + number)
    tab = open_tab(javascript=javascript)
    tab.open(LIST)
    newest_first = [f"bms-{number:03d}" for number in reversed(range(120))]
    names = tab.rows.get_by_role("rowheader").get_by_role("link")
    for start, onwards in ((0, "Next"), (50, "Next"), (100, "Previous"), (50, "Previous")):
        expect(names).to_have_text(newest_first[start : start + 50])
        tab.is_whole_page()
        tab.link(onwards).click()
    expect(names).to_have_text(newest_first[:50])


def test_the_way_back_never_ends_on_an_empty_page(tab, emulator):
    """Nova announces a further page whenever one is full, so the first page may seem to have one
    before it: that leads to the first page again."""
    for number in range(51):
        ServerFactory(name=f"bms-{number:03d}")
    tab.open(LIST)
    expect(tab.link("Previous")).to_have_count(0)
    tab.link("Next").click()
    expect(tab.rows).to_have_count(1)
    for _ in range(2):
        tab.link("Previous").click()
        expect(tab.rows).to_have_count(50)
    expect(tab.link("Previous")).to_have_count(0)


def test_refresh_reads_the_list_again(tab, emulator):
    furnish()
    tab.open(LIST)
    expect(tab.rows).to_have_count(2)
    ServerFactory(name="new-1")
    tab.link("Refresh").click()
    expect(tab.row("new-1")).to_be_visible()


def search_for(tab, address):
    tab.open(LIST)
    tab.page.get_by_role("searchbox").fill(address)
    tab.page.get_by_role("searchbox").press("Enter")


def test_a_server_found_by_its_address_on_a_later_page_becomes_whole(tab, emulator):
    old = ServerFactory(name="old", ip_address="10.20.0.250", created=0)
    for _ in range(51):
        ServerFactory(nics=0)
    emulator.faults.add(Fault("GET", f"/servers/{old.id}", "delay", delay_ms=800))
    search_for(tab, "10.20.0.250")
    row = tab.page.get_by_role("row").filter(has_text=old.id)
    expect(row).to_contain_text("not read yet")
    expect(row).to_contain_text("Running")
    expect(row).to_contain_text("old")
    expect(row).not_to_contain_text("not read yet")
    expect(row.get_by_role("cell")).to_have_count(6)
    row.get_by_role("link", name="old", exact=True).click()
    expect(tab.heading).to_have_text("old")


def test_a_virtual_machine_found_by_its_address_leaves_with_words(tab, emulator):
    machine = ServerFactory(
        ip_address="10.20.0.250", created=0, bare_metal=False, flavor="s3.large.4"
    )
    for _ in range(51):
        ServerFactory(nics=0)
    emulator.faults.add(Fault("GET", f"/servers/{machine.id}", "delay", delay_ms=800))
    search_for(tab, "10.20.0.250")
    expect(tab.page.get_by_text(machine.id).first).to_be_visible()
    expect(tab.page.get_by_text("No server matches")).to_be_visible()
    expect(tab.page.get_by_role("table")).to_have_count(0)
    expect(tab.link("Show all servers")).to_be_visible()
