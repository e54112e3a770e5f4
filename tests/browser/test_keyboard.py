"""Everything by keyboard alone: where the focus is can be seen, and it is never lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import walks
from tests.factories import ServerFactory, VirtualIPFactory
from tests.tour import furnish

WHERE = """() => {
    const here = document.activeElement;
    const style = getComputedStyle(here);
    const words = here.getAttribute("aria-label") ?? (here.labels?.[0] ?? here).textContent;
    return {
        words: words.replace(/\\s+/g, " ").trim(),
        tag: here.localName,
        in_dialog: here.closest("dialog") !== null,
        visible: here.matches(":focus-visible") && style.outlineStyle !== "none"
            && parseFloat(style.outlineWidth) >= 1,
    };
}"""


def where(tab):
    return tab.page.evaluate(WHERE)


def go_to(tab, words, most=60, key="Tab"):
    """Tab on until the focus is on what is called `words`; at every stop it can be seen."""
    for _ in range(most):
        tab.press(key)
        here = where(tab)
        if here["tag"] != "body":
            assert here["visible"], f"no visible focus on {here}"
        if here["words"] == words:
            return
    raise AssertionError(f"{words!r} cannot be reached by Tab")


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_the_whole_way_goes_by_keyboard(open_tab, emulator):
    for name in ("db-1", "db-2"):
        ServerFactory(name=name)
    tab = open_tab(user=None)
    tab.open("/")
    for words in ("acme", "demo", "demo-password"):
        go_to(tab, {"acme": "Domain", "demo": "User name"}.get(words, "Password"))
        tab.page.keyboard.type(words)
    tab.press("Enter")
    expect(tab.heading).to_have_text("Home")
    go_to(tab, "Bare Metal Server")
    tab.press("Enter")
    expect(tab.heading).to_have_text("Bare Metal Server")
    go_to(tab, "db-1")
    tab.press("Enter")
    expect(tab.heading).to_have_text("db-1")
    go_to(tab, "NICs")
    tab.press("Enter")
    expect(tab.link("NICs")).to_have_attribute("aria-current", "page")
    go_to(tab, "Manage Virtual IP Address")
    tab.press("Enter")
    expect(tab.heading).to_have_text("subnet-main")
    go_to(tab, "Assign Virtual IP Address")
    tab.press("Enter")
    tab.sees_dialog("Assign Virtual IP Address")
    go_to(tab, "OK")
    tab.press("Enter")
    expect(tab.toasts).to_contain_text("is assigned")
    (vip,) = walks.vips()
    expect(tab.row(walks.address(vip))).to_be_visible()
    expect(tab.link("Assign Virtual IP Address")).to_be_focused()
    go_to(tab, f"Bind to Server {walks.address(vip)}")
    tab.press("Enter")
    tab.sees_dialog("Bind to Server")
    go_to(tab, "db-2")
    tab.press("Space")
    expect(tab.dialog.get_by_role("checkbox", name="db-2")).to_be_checked()
    tab.sees_change(*(walks.address(walks.nic_of(name)) for name in ("db-1", "db-2")))
    go_to(tab, "OK")
    tab.press("Enter")
    tab.sees_dialog("Configure the address inside the servers")
    nics = [walks.nic_of("db-1"), walks.nic_of("db-2")]
    wanted = walks.pairs_when_bound(vip, nics)
    assert {port.id: walks.pairs(port) for port in (vip, *nics)} == wanted
    tab.press("Escape")
    tab.sees_no_dialog()
    expect(tab.row("db-2")).to_be_visible()
    expect(tab.link(f"Bind to Server {walks.address(vip)}")).to_be_focused()


def open_bind(tab):
    tour = furnish(servers=3)
    tab.open(tour.urls["subnet_virtual_ips"])
    link = tab.link(f"Bind to Server {tour.free.ip_address}")
    link.focus()
    tab.press("Enter")
    tab.sees_dialog("Bind to Server")
    return tour, link


def test_a_dialog_keeps_the_focus_inside(tab):
    open_bind(tab)
    assert where(tab)["in_dialog"]
    stops = set()
    for key in ["Tab"] * 20 + ["Shift+Tab"] * 20:
        tab.press(key)
        here = where(tab)
        stops.add(here["words"] if here["in_dialog"] else here["tag"])
    # At its end a browser passes through its own buttons, where the page has no focus.
    assert stops - {"body"} >= {"OK", "Cancel", "Close", "db-1", "db-2", "db-3"}
    assert not stops & {"a", "button", "input", "summary", "main"}, stops


def test_esc_closes_a_dialog_and_gives_the_focus_back(tab):
    _, link = open_bind(tab)
    tab.press("Escape")
    tab.sees_no_dialog()
    expect(link).to_be_focused()


def test_the_focus_comes_back_to_its_row_after_an_unbind_from_the_menu(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    row = tab.row(tour.vip.ip_address)
    row.locator("summary").focus()
    tab.press("Enter")
    go_to(tab, "Unbind from Server")
    tab.press("Enter")
    tab.sees_dialog("Bound Server")
    go_to(tab, f"db-1 ({tour.servers[0].ip_address})")
    tab.press("Space")
    tab.sees_change(tour.servers[0].ip_address)
    go_to(tab, "OK")
    tab.press("Enter")
    tab.sees_no_dialog()
    expect(row).not_to_contain_text("db-1")
    expect(row.locator("summary")).to_be_focused()


def test_the_focus_goes_to_the_table_when_the_row_is_gone(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.more(tab.row(tour.free.ip_address), "Release").click()
    tab.sees_dialog("Release")
    go_to(tab, "OK")
    tab.press("Enter")
    expect(tab.row(tour.free.ip_address)).to_have_count(0)
    expect(tab.page.locator("#vips")).to_be_focused()


def test_a_menu_opens_and_closes_by_keyboard(tab):
    tour = furnish()
    VirtualIPFactory(subnet=tour.subnet)
    tab.open(tour.urls["subnet_virtual_ips"])
    row = tab.row(tour.vip.ip_address)
    row.locator("summary").focus()
    tab.press("Enter")
    expect(row.get_by_text("Release")).to_be_visible()
    tab.press("Tab", "Escape")
    expect(row.get_by_text("Release")).to_be_hidden()
    expect(row.locator("summary")).to_be_focused()


def test_the_skip_link_leads_past_the_navigation(tab):
    furnish()
    tab.open("/bms/servers/")
    tab.press("Tab")
    assert where(tab)["words"] == "Skip to the content"
    tab.press("Enter", "Tab")
    assert where(tab)["words"].startswith("Search")
