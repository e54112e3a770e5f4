"""Nothing scrolls sideways on a narrow screen, whatever things are called."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import hostile
from tests.tour import FRAGMENTS, furnish

MEASURE = """() => {
    const wide = [...document.querySelectorAll("body *")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width && box.right > innerWidth + 1;
    });
    return {
        by: document.documentElement.scrollWidth - innerWidth,
        what: wide.slice(0, 3).map((one) => `${one.localName}.${one.className} ${one.id}`),
    };
}"""


def too_wide(tab, what):
    found = []
    for width in (360, 400):
        tab.page.set_viewport_size({"width": width, "height": 800})
        measured = tab.page.evaluate(MEASURE)
        if measured["by"] > 0:
            found.append(f"{what} at {width}: {measured['by']} px too wide, {measured['what']}")
    return found


@pytest.mark.parametrize(
    ("name", "locale"), [("long", "en"), ("right to left", "en"), ("long", "de-DE")]
)
def test_nothing_scrolls_sideways(open_tab, name, locale):
    tour = furnish(name=hostile.NAMES[name], records=True, ipv6_cidr="2001:db8:1234:5678::/64")
    tab = open_tab(viewport={"width": 400, "height": 800}, locale=locale)
    tab.expect_status(404)
    urls = {"home": "/", "how to": "/high-availability/", "404": "/nothing/"} | tour.urls
    found = []
    for what, url in urls.items():
        if what not in FRAGMENTS:
            tab.open(url)
            tab.is_whole_page()
            tab.is_at_rest()
            found += too_wide(tab, what)
    assert not found, "\n".join(found)


def test_dialogs_fit_a_narrow_screen(open_tab):
    tour = furnish(name=hostile.LONG)
    tab = open_tab(viewport={"width": 400, "height": 800})
    tab.open(tour.urls["subnet_virtual_ips"])
    found = []
    titles = {"Unbind from Server": "Bound Server"}
    for entry in ("Bind to Server", "Unbind from Server", "Release"):
        row = tab.row(tour.vip.ip_address)
        opener = row.get_by_role("link", name=entry)
        (opener if entry == "Bind to Server" else tab.more(row, entry)).click()
        tab.sees_dialog(titles.get(entry, entry))
        found += too_wide(tab, entry)
        inside = "one => one.scrollWidth - one.clientWidth"
        if tab.dialog.evaluate(inside) > 0:
            found.append(f"{entry} scrolls sideways inside")
        tab.press("Escape")
        tab.sees_no_dialog()
    assert not found, "\n".join(found)


def test_pages_about_no_project_fit_a_narrow_screen(open_tab):
    stranger, tab = open_tab(user=None), open_tab()
    stranger.open("/sign-in/")
    found = too_wide(stranger, "/sign-in/")
    for url in ("/patterns/", "/patterns/?dialog"):
        tab.open(url)
        found += too_wide(tab, url)
    assert not found, "\n".join(found)


def test_an_open_menu_fits_a_narrow_screen(open_tab):
    tour = furnish(name=hostile.LONG)
    tab = open_tab(viewport={"width": 360, "height": 800})
    tab.open(tour.urls["subnet_virtual_ips"])
    release = tab.more(tab.row(tour.free.ip_address), "Release")
    release.scroll_into_view_if_needed()
    expect(release).to_be_in_viewport(ratio=1)
    assert not too_wide(tab, "menu of a row")
    tab.page.locator("summary", has_text="User menu").click()
    expect(tab.button("Log Out")).to_be_in_viewport(ratio=1)
    assert not too_wide(tab, "user's menu")


def test_the_list_of_servers_fits_between_narrow_and_wide(open_tab):
    tour = furnish(name=hostile.LONG)
    tab = open_tab(viewport={"width": 800, "height": 800})
    tab.open(tour.urls["server_list"])
    tab.is_at_rest()
    found = []
    for width in (770, 800, 900, 1100):
        tab.page.set_viewport_size({"width": width, "height": 800})
        measured = tab.page.evaluate(MEASURE)
        if measured["by"] > 0 or measured["what"]:
            found.append(f"{width}: {measured}")
    assert not found, "\n".join(found)
