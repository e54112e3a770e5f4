"""The mission in German: bound, recorded, and shown in either language."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import walks
from tests.tour import furnish


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_a_virtual_ip_is_bound_to_two_servers(open_tab, profile):
    furnish()
    tab = open_tab(locale="de-DE")
    tab.open("/")
    tab.main.get_by_role("link", name="Bare Metal Server", exact=True).first.click()
    tab.link("db-1").click()
    tab.link("NICs").click()
    tab.link("Virtuelle IP-Adresse verwalten").click()
    before = {port.id for port in walks.vips()}
    tab.link("Virtuelle IP-Adresse zuweisen").click()
    tab.sees_dialog("Virtuelle IP-Adresse zuweisen")
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.toasts).to_contain_text(
        "ist zugewiesen. Binden Sie sie als Nächstes an Ihre Server."
    )
    [vip] = [port for port in walks.vips() if port.id not in before]
    tab.row(walks.address(vip)).get_by_role("link", name="An Server binden").click()
    tab.sees_dialog("An Server binden")
    tab.dialog.get_by_role("checkbox", name="db-2", exact=True).check()
    nics = [walks.nic_of(server) for server in ("db-1", "db-2")]
    changes = tab.dialog.get_by_role("region", name="Was sich ändern wird")
    expect(changes).to_contain_text(walks.address(nics[1]))
    tab.dialog.get_by_role("button", name="OK").click()
    tab.sees_dialog("Die Adresse in den Servern einrichten")
    wanted = walks.pairs_when_bound(vip, nics)
    for port in (vip, *nics):
        assert set(wanted[port.id]) <= set(walks.pairs(port))

    tab.open("/operations/")
    row = tab.main.locator("tbody tr").first
    expect(row).to_contain_text("An Server binden")
    expect(row).to_contain_text("Erledigt")
    expect(row.locator("bdi[lang='de']")).to_contain_text("ist gebunden an")
    # What was told stays in its words; the rest follows the reader.
    tab.page.locator("summary", has_text="Benutzermenü").click()
    tab.page.get_by_role("button", name="English").click()
    expect(row).to_contain_text("Bind to Server")
    expect(row).to_contain_text("Done")
    expect(row.locator("bdi[lang='de']")).to_contain_text("ist gebunden an")
