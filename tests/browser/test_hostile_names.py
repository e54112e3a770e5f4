"""Whatever things are called: no script of theirs runs, and the name is shown as it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import hostile, walks
from tests.tour import FRAGMENTS, furnish


@pytest.mark.parametrize("kind", ["script", "quotes"])
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_no_script_runs_from_a_name(tab, kind, profile):
    """An alert box, an inline script or handler that the policy stopped: each fails the test."""
    name = hostile.NAMES[kind]
    tour = furnish(name=name, records=True)
    for what, url in tour.urls.items():
        if what not in FRAGMENTS:
            tab.open(url)
            tab.is_at_rest()
            assert tab.page.evaluate("document.images.length") <= 1, "only the brand's picture"


@pytest.mark.parametrize("kind", hostile.NAMES)
def test_a_name_is_shown_as_text_all_the_way(tab, kind):
    name = hostile.NAMES[kind]
    shown = " ".join(name.split())
    tour = furnish(name=name)
    tab.open("/bms/servers/")
    expect(tab.rows.first).to_contain_text(shown)
    tab.rows.get_by_role("rowheader").get_by_role("link").first.click()
    expect(tab.heading).to_have_text(shown)
    tab.link("NICs").click()
    tab.link("Manage Virtual IP Address").click()
    expect(tab.heading).to_have_text(shown)
    row = tab.row(tour.vip.ip_address)
    expect(row.get_by_role("link", name=shown)).to_have_count(2)
    tab.row(tour.free.ip_address).get_by_role("link", name="Bind to Server").click()
    tab.sees_dialog("Bind to Server")
    boxes = tab.dialog.get_by_role("checkbox", name=shown)
    expect(boxes).to_have_count(2)
    boxes.first.check()
    boxes.last.check()
    tab.sees_change(*(server.ip_address for server in tour.servers))
    tab.dialog.get_by_role("button", name="OK").click()
    tab.sees_dialog("Configure the address inside the servers")
    expect(tab.dialog).to_contain_text(shown)
    assert len(walks.pairs(tour.free.port)) == 2


def test_what_is_typed_into_a_search_is_shown_as_text(tab):
    furnish()
    tab.open("/bms/servers/")
    tab.page.get_by_role("searchbox").fill(hostile.SCRIPT)
    tab.press("Enter")
    expect(tab.main).to_contain_text("No server matches")
    expect(tab.page.get_by_role("searchbox")).to_have_value(hostile.SCRIPT)
    tab.page.reload()
    expect(tab.page.get_by_role("searchbox")).to_have_value(hostile.SCRIPT)
