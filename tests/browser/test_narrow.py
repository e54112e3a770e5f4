"""Nothing scrolls sideways, on a narrow screen or a wide one, whatever things are called."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from console.emulator.records import ServerState
from tests.browser import hostile, walks
from tests.browser.test_mission import log_in
from tests.factories import FloatingIPFactory, ServerFactory, VirtualIPFactory, state
from tests.tour import DIALOGS, FRAGMENTS, furnish

MEASURE = """() => {
    const wide = [...document.querySelectorAll("body *")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width && box.right > innerWidth + 1;
    });
    const scrolls = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
    const inner = [...document.querySelectorAll("body *")].find(
        (one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth && scrolls(one));
    return {
        by: document.documentElement.scrollWidth - innerWidth,
        inside: inner ? `${inner.className}: ${inner.scrollWidth - inner.clientWidth}` : "",
        what: wide.slice(0, 3).map((one) => `${one.localName}.${one.className} ${one.id}`),
    };
}"""


NARROW = (320, 360, 400)
ALL = (*NARROW, 600, 768, 900, 1024, 1150, 1280, 1366)


def too_wide(tab, what, widths=NARROW):
    found = []
    for width in widths:
        tab.page.set_viewport_size({"width": width, "height": 800})
        measured = tab.page.evaluate(MEASURE)
        if measured["by"] > 0:
            found.append(f"{what} at {width}: {measured['by']} px too wide, {measured['what']}")
        if measured["inside"]:
            found.append(f"{what} at {width} scrolls inside: {measured['inside']}")
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
            found += too_wide(tab, what, ALL)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("locale", ["en", "de-DE"])
@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_dialogs_do_not_scroll_sideways(open_tab, profile, locale):
    """Each as a page, which has the room that it has over a page."""
    tour = furnish()
    ServerFactory(subnet=tour.subnet).server.now = ServerState("SHUTOFF", "stopped", None, 4)
    for status in ("FREEZED", "ERROR", "DOWN"):
        FloatingIPFactory(status=status)
    half = VirtualIPFactory(
        subnet=tour.subnet, half_bound_to=[ServerFactory(subnet=tour.subnet).nic]
    )
    tab = open_tab(viewport={"width": 400, "height": 800}, locale=locale)
    urls = {name: tour.dialog(name) for name in DIALOGS}
    urls |= {"bind_eip": tour.dialog("bind_eip", tour.free), "repair": tour.dialog("repair", half)}
    found = []
    for name, url in urls.items():
        tab.open(url)
        tab.is_at_rest()
        found += too_wide(tab, name)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["English", "Deutsch"])
def test_nothing_of_the_demo_scrolls_sideways(demo, open_tab, language):
    """Servers in all states: the words of the longest one make a column wide."""
    nic = walks.nic_of("db-1")
    tab = open_tab(user=None)
    log_in(tab, project=state().projects[nic.project_id].name)
    tab.page.locator("summary", has_text="User menu").click()
    tab.button(language).click()
    expect(tab.page.locator("html")).to_have_attribute(
        "lang", {"Deutsch": "de"}.get(language, "en")
    )
    subnet = f"/vpc/networks/{nic.network_id}/subnets/{nic.fixed_ips[0].subnet_id}/"
    found = []
    for url in (
        "/bms/servers/",
        f"/bms/servers/{nic.device_id}/?tab=nics",
        f"{subnet}?tab=virtual-ips",
        f"{subnet}?tab=servers",
        "/vpc/vpcs/",
        "/patterns/",
    ):
        tab.open(url)
        tab.is_at_rest()
        found += too_wide(tab, url, ALL)
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
