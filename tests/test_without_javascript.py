"""The whole mission with links and forms alone, followed by their labels: six documented steps."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from django.urls import reverse

from tests.factories import ServerFactory, SubnetFactory, VPCFactory, default_project, state
from tests.pages import Page
from tests.reading import fields

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
MOST_CLICKS = 9


class Browser:
    """A browser without JavaScript. Each link, button and box that is clicked counts."""

    def __init__(self, client):
        self._client = client
        self.clicks = 0

    def open(self, url):
        self.url = url
        response = self._client.get(url, follow=True)
        if response.redirect_chain:
            self.url = response.redirect_chain[-1][0]
        self.page = Page(response)

    def click(self, label):
        self.clicks += 1
        self.open(urljoin(self.url, self.page.link(label)["href"]))

    def tick(self, name, value):
        self.clicks += 1
        assert self.page.all("input", name=name, value=value), f"no box {name}={value}"
        self._ticked.append((name, value))

    def type(self, label, text):
        """Into the field that is called so."""
        [called] = [one for one in self.page.all("label") if one.text == label]
        [field] = self.page.all("input", id=called["for"])
        self._entries[field["name"]] = text

    def form(self, *, around):
        """Begin to fill in the form that has this button."""
        button = self.page.button(around)
        form = next(f for f in self.page.all("form") if button in f.walk())
        self._action = urljoin(self.url, form["action"])
        self._entries = fields(self.page, form["action"])
        self._ticked = []

    def press(self, label):
        self.clicks += 1
        assert self.page.button(label)["aria-disabled"] != "true"
        for name, value in self._ticked:
            self._entries.setdefault(name, []).append(value)
        response = self._client.post(self._action, self._entries, follow=True)
        if response.redirect_chain:
            self.url = response.redirect_chain[-1][0]
        self.page = Page(response)


@pytest.fixture
def servers(emulator):
    subnet = SubnetFactory(name="subnet-db", vpc=VPCFactory(name="vpc-prod"))
    return [ServerFactory(name=name, subnet=subnet) for name in ("db-1", "db-2")]


@PROFILES
def test_from_home_to_a_new_vip_on_two_servers_in_nine_clicks(sign_in, servers, profile):
    browser = Browser(sign_in())
    browser.open(reverse("console:home"))

    browser.click("Bare Metal Server")
    browser.click("db-1")
    browser.click("NICs")
    browser.click("Manage Virtual IP Address")
    browser.click("Assign Virtual IP Address")
    browser.form(around="OK")
    browser.press("OK")
    browser.click("Bind to Server")
    browser.form(around="OK")
    assert browser._entries["server"] == [servers[0].id]
    browser.tick("server", servers[1].id)
    browser.press("OK")

    vip = next(p for p in state().ports.values() if p.device_owner == "neutron:VIP_PORT")
    address = vip.fixed_ips[0].ip_address
    assert browser.clicks <= MOST_CLICKS
    assert f"Virtual IP address {address} is bound to" in browser.page.text
    if profile == "otc":
        listed = {pair.ip_address for pair in vip.allowed_address_pairs}
        assert listed == {server.ip_address for server in servers}
        assert all(server.nic.pairs == ["1.1.1.1/0"] for server in servers)
    else:
        assert all(server.nic.pairs == [address] for server in servers)


@PROFILES
def test_the_way_by_the_vpc_leads_to_the_same_place(sign_in, servers):
    browser = Browser(sign_in())
    browser.open(reverse("console:home"))

    for label in ("Virtual Private Cloud", "vpc-prod", "subnet-db", "Virtual IP Address"):
        browser.click(label)

    assert browser.page.h1 == "subnet-db"
    assert browser.page.has("Assign Virtual IP Address")


@PROFILES
def test_unbind_and_release_and_the_way_back_to_the_server(sign_in, servers):
    browser = Browser(sign_in())
    browser.open(reverse("bms:server_list"))
    for label in ("db-1", "NICs", "Manage Virtual IP Address", "Assign Virtual IP Address"):
        browser.click(label)
    browser.form(around="OK")
    browser.press("OK")
    browser.click("Bind to Server")
    browser.form(around="OK")
    browser.press("OK")
    browser.click("Close")

    browser.click("Unbind from Server")
    browser.form(around="OK")
    browser.press("OK")
    assert "is unbound from" in browser.page.text
    browser.click("Release")
    browser.form(around="OK")
    [vip] = [p for p in state().ports.values() if p.device_owner == "neutron:VIP_PORT"]
    address = vip.fixed_ips[0].ip_address
    browser.type(f"Type {address} to confirm", address)
    browser.press("OK")
    assert "is released." in browser.page.text
    browser.click("Back to db-1")

    assert browser.page.h1 == "db-1"
    assert not [p for p in state().ports.values() if p.device_owner == "neutron:VIP_PORT"]


@PROFILES
def test_signed_out_one_lands_where_one_wanted_to_go(client, db, servers):
    default_project()
    wanted = reverse("bms:server_detail", args=[servers[0].id])
    response = client.get(wanted, follow=True)
    url = response.redirect_chain[-1][0]

    entries = {"domain": "acme", "username": "demo", "password": "demo-password"}
    entries["next"] = Page(response).hidden("next")
    page = Page(client.post(url, entries, follow=True))

    assert page.h1 == "db-1"
