from __future__ import annotations

from playwright.sync_api import expect

from tests.tour import furnish


def clipboard(tab):
    return tab.page.evaluate("navigator.clipboard.readText()")


def test_a_copy_button_copies_and_says_so(open_tab):
    tour = furnish()
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.open(tour.urls["server_detail"])
    tab.button("Copy ID").first.click()
    expect(tab.button("Copied")).to_be_visible()
    assert clipboard(tab) == tour.servers[0].id
    expect(tab.button("Copied")).to_have_count(0)


def test_the_commands_of_the_guide_are_copied_whole(open_tab):
    tour = furnish()
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.open(tour.urls["virtual_ip_guide"])
    tab.main.get_by_role("button", name="Copy").first.click()
    expect(tab.button("Copied")).to_be_visible()
    text = clipboard(tab)
    assert text.startswith("# ")
    assert f"address show to {tour.servers[0].ip_address} " in text
    assert "&" not in text.replace("&&", "")
    assert text.count("\n") == 8


def test_without_permission_a_copy_button_breaks_nothing(tab):
    tour = furnish()
    tab.open(tour.urls["server_detail"])
    tab.button("Copy ID").first.click()
    tab.is_whole_page()


def test_menus_close_by_esc_by_a_click_elsewhere_and_one_by_another(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    first, second = (tab.row(vip.ip_address) for vip in (tour.free, tour.vip))
    entry, other = (row.get_by_text("Release", exact=True) for row in (first, second))
    first.get_by_text("More").click()
    expect(entry).to_be_visible()
    tab.press("Escape")
    expect(entry).to_be_hidden()
    first.get_by_text("More").click()
    tab.heading.click()
    expect(entry).to_be_hidden()
    first.get_by_text("More").click()
    second.get_by_text("More").click()
    expect(entry).to_be_hidden()
    expect(other).to_be_visible()


def read_anew(tab):
    """The table, as after every change: the answer has come and is shown."""
    with tab.page.expect_response("**/subnets/**"):
        tab.page.evaluate("htmx.trigger(document.body, 'vips-changed')")
    tab.is_at_rest()


def test_a_menu_stays_open_when_the_table_is_read_anew(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    row = tab.row(tour.free.ip_address)
    row.get_by_text("More").click()
    entry = row.get_by_text("Release", exact=True)

    read_anew(tab)

    expect(entry).to_be_visible()
    expect(row.locator("summary")).to_be_focused()
    tab.press("Tab")
    focused = tab.page.locator(":focus")
    words = focused.inner_text()
    read_anew(tab)
    expect(focused).to_have_text(words)
    expect(entry).to_be_visible()
    tab.press("Escape")
    expect(entry).to_be_hidden()
    read_anew(tab)
    expect(entry).to_be_hidden()


def test_a_menu_closes_when_an_entry_opens_a_dialog(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.more(tab.row(tour.free.ip_address), "Release").click()
    tab.sees_dialog("Release")
    tab.press("Escape")
    tab.sees_no_dialog()
    row = tab.row(tour.free.ip_address)
    expect(row.get_by_text("Release", exact=True)).to_be_hidden()
    expect(row.locator("summary")).to_be_focused()


def test_a_toast_is_dismissed(tab):
    tour = furnish()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Assign Virtual IP Address").click()
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.toasts).to_contain_text("is assigned")
    tab.toasts.get_by_role("button", name="Dismiss").click()
    expect(tab.toasts).to_be_empty()
    expect(tab.main).to_be_focused()


def test_a_good_toast_goes_by_itself(open_tab):
    tour = furnish()
    tab = open_tab()
    tab.page.clock.install()
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Assign Virtual IP Address").click()
    tab.page.clock.run_for(1000)
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.toasts).to_contain_text("is assigned")
    tab.page.mouse.move(0, 0)
    tab.page.clock.run_for(10_000)
    expect(tab.toasts).to_be_empty()


def test_on_a_narrow_screen_the_navigation_opens_as_a_panel(open_tab):
    furnish()
    tab = open_tab(viewport={"width": 400, "height": 800})
    tab.open("/bms/servers/")
    services = tab.page.get_by_role("navigation", name="Services")
    expect(services).to_be_hidden()
    tab.button("Services").click()
    expect(services).to_be_visible()
    tab.press("Escape")
    expect(services).to_be_hidden()
    tab.button("Services").click()
    services.get_by_role("link", name="Virtual Private Cloud").click()
    expect(tab.heading).to_have_text("Virtual Private Cloud")
