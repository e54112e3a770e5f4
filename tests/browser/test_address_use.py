"""Use as Virtual IP Address moves an address from the lower table to the upper one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.tour import furnish

pytestmark = pytest.mark.parametrize("profile", ["openstack"])
TITLE = "Use as Virtual IP Address"


@pytest.mark.parametrize("javascript", [True, False])
def test_both_tables_show_it(open_tab, emulator, javascript):
    tour = furnish()
    tab = open_tab(javascript=javascript)
    tab.open(tour.urls["subnet_virtual_ips"])
    address = tour.unused.ip_address
    addresses = tab.page.locator("#addresses")
    addresses.get_by_role("link", name=f"{TITLE} {address}").click()
    if javascript:
        tab.sees_dialog(TITLE)
    else:
        expect(tab.heading).to_have_text(TITLE)
    tab.sees_change("virtual IP address")
    tab.button("OK").click()
    expect(tab.row(address)).to_contain_text("Bind to Server")
    expect(addresses).not_to_contain_text(address)
    expect(tab.toasts).to_contain_text(f"{address} is a virtual IP address now.")
