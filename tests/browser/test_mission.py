"""From the sign-in to a virtual IP address on two servers, by the words on the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import walks
from tests.factories import ServerFactory, state

MOST_CLICKS = 9
both_profiles = pytest.mark.parametrize("profile", ["otc", "openstack"])


def log_in(tab, project=None):
    tab.open("/")
    expect(tab.heading).to_have_text("Log In")
    tab.log_in()
    if project:
        expect(tab.heading).to_have_text("Choose a Project")
        tab.button(project).click()
    expect(tab.heading).to_have_text("Home")


def walk_to_subnet(tab, server):
    """Steps 2 to 4: Bare Metal Server, its name, NICs, Manage Virtual IP Address."""
    tab.click(tab.main.get_by_role("link", name="Bare Metal Server", exact=True).first)
    tab.click(tab.link(server))
    expect(tab.heading).to_have_text(server)
    tab.click(tab.link("NICs"))
    tab.click(tab.link("Manage Virtual IP Address"))
    expect(tab.link("Virtual IP Address")).to_have_attribute("aria-current", "page")


def assign(tab, scope):
    """Step 5. The VIP that was made."""
    before = {port.id for port in walks.vips()}
    tab.click(tab.link("Assign Virtual IP Address"))
    expect(scope.get_by_role("heading", name="Assign Virtual IP Address")).to_be_visible()
    tab.click(scope.get_by_role("button", name="OK"))
    expect(tab.toasts).to_contain_text("is assigned. Bind it to your servers next.")
    (made,) = [port for port in walks.vips() if port.id not in before]
    return made


def bind(tab, scope, vip, server, other):
    """Step 6. The server one came from is ticked already."""
    row = tab.row(walks.address(vip))
    tab.click(row.get_by_role("link", name="Bind to Server"))
    expect(scope.get_by_role("heading", name="Bind to Server")).to_be_visible()
    expect(scope.get_by_role("checkbox", name=server, exact=True)).to_be_checked()
    tab.click(scope.get_by_role("checkbox", name=other, exact=True))
    if tab.dialog.count():
        tab.sees_change(walks.address(walks.nic_of(server)), walks.address(walks.nic_of(other)))
    tab.click(scope.get_by_role("button", name="OK"))


def sees_guide(scope, *servers):
    title = "Configure the address inside the servers"
    expect(scope.get_by_role("heading", name=title)).to_be_visible()
    for server in servers:
        nic_address = walks.address(walks.nic_of(server))
        expect(scope).to_contain_text(f"{server} ({nic_address})")
        expect(scope).to_contain_text(f"address show to {nic_address} |")
    expect(scope).not_to_contain_text("eth0")


def sees_both_in_table(tab, vip, *servers):
    row = tab.row(walks.address(vip))
    for server in servers:
        expect(row).to_contain_text(f"{server} ({walks.address(walks.nic_of(server))})")


def walk_and_bind(tab):
    """Steps 2 to 6 in the dialogs, and the ports are as they must be. The VIP and both NICs."""
    walk_to_subnet(tab, "db-1")
    vip = assign(tab, tab.dialog)
    bind(tab, tab.dialog, vip, "db-1", "db-2")
    sees_guide(tab.dialog, "db-1", "db-2")
    nics = [walks.nic_of("db-1"), walks.nic_of("db-2")]
    wanted = walks.pairs_when_bound(vip, nics)
    assert {port.id: walks.pairs(port) for port in (vip, *nics)} == wanted
    return vip, nics


@both_profiles
def test_a_virtual_ip_is_bound_to_two_servers_in_nine_clicks(open_tab, demo, profile):
    tab = open_tab(user=None)
    others = walks.pairs(walks.nic_of("db-2"))
    log_in(tab, project=state().projects[walks.nic_of("db-1").project_id].name)
    walk_to_subnet(tab, "db-1")
    vip = assign(tab, tab.dialog)
    bind(tab, tab.dialog, vip, "db-1", "db-2")
    sees_guide(tab.dialog, "db-1", "db-2")
    assert tab.clicks <= MOST_CLICKS
    first, second = walks.nic_of("db-1"), walks.nic_of("db-2")
    added = [] if profile == "otc" else [walks.address(vip)]
    listed = [walks.address(first), walks.address(second)] if profile == "otc" else []
    assert walks.pairs(vip) == listed
    # In the order of the cloud, which need not be the one that they were written in.
    assert sorted(walks.pairs(second)) == sorted([*others, *added]), "other people's pairs stay"
    tab.dialog.get_by_role("link", name="Close", exact=True).last.click()
    tab.sees_no_dialog()
    sees_both_in_table(tab, vip, "db-1", "db-2")


@both_profiles
def test_a_virtual_ip_is_bound_to_two_servers_without_javascript(open_tab, emulator):
    for name in ("db-1", "db-2", "db-3"):
        ServerFactory(name=name)
    tab = open_tab(user=None, javascript=False)
    log_in(tab)
    walk_to_subnet(tab, "db-1")
    vip = assign(tab, tab.main)
    bind(tab, tab.main, vip, "db-1", "db-2")
    sees_guide(tab.main, "db-1", "db-2")
    assert tab.clicks <= MOST_CLICKS
    nics = [walks.nic_of("db-1"), walks.nic_of("db-2")]
    wanted = walks.pairs_when_bound(vip, nics)
    assert {port.id: walks.pairs(port) for port in (vip, *nics)} == wanted
    assert walks.pairs(walks.nic_of("db-3")) == []
    tab.main.get_by_role("link", name="Close", exact=True).last.click()
    sees_both_in_table(tab, vip, "db-1", "db-2")
    expect(tab.link("Back to db-1")).to_be_visible()


@both_profiles
def test_a_virtual_ip_is_bound_unbound_and_released_on_a_phone(open_tab, emulator):
    for name in ("db-1", "db-2"):
        ServerFactory(name=name)
    tab = open_tab(user=None, viewport={"width": 360, "height": 740}, has_touch=True)
    log_in(tab)
    vip, nics = walk_and_bind(tab)
    tab.dialog.get_by_role("link", name="Close", exact=True).last.click()
    tab.sees_no_dialog()
    row = tab.row(walks.address(vip))
    tab.click(row.get_by_role("link", name=walks.address(vip), exact=True))
    expect(tab.heading).to_have_text(walks.address(vip))
    expect(tab.main).to_contain_text("2 servers can answer at this address")
    tab.more(tab.main, "Unbind from Server").click()
    tab.sees_dialog("Bound Server")
    for name, nic in zip(("db-1", "db-2"), nics, strict=True):
        tab.dialog.get_by_role("checkbox", name=f"{name} ({walks.address(nic)})").check()
    tab.sees_change(*(walks.address(nic) for nic in nics))
    tab.dialog.get_by_role("button", name="OK").click()
    tab.sees_no_dialog()
    expect(tab.main).to_contain_text("It is bound to no server.")
    tab.more(tab.main, "Release").click()
    tab.sees_dialog("Release")
    tab.dialog.get_by_role("textbox").fill(walks.address(vip))
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.toasts).to_contain_text("no longer there")
    assert walks.vips() == []


@both_profiles
def test_the_ports_are_exactly_as_the_cloud_wants_them(tab, emulator):
    for name in ("db-1", "db-2", "db-3"):
        ServerFactory(name=name)
    tab.open("/")
    walk_and_bind(tab)
    assert walks.pairs(walks.nic_of("db-3")) == []
