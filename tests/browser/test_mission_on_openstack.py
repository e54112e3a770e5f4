"""The mission on a real OpenStack: two VIPs, each on two servers, unbound and released again.

What the console says is compared with what `openstack port show` says afterwards.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from bms.api import BareMetalAPI
from console import session
from tests.contract import clouds
from tests.contract.conftest import one_of
from vpc.api import NetworkAPI

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]
COMMAND = Path(sys.executable).with_name("openstack")
SLOW = 60_000
"""A real Neutron lists a thousand ports in seconds."""


@pytest.fixture(scope="module")
def ground():
    return clouds.real()


@pytest.fixture
def emulator(ground, settings):
    """None: the console meets the real cloud."""
    settings.CLOUDS = {"": ground.config}
    settings.DEMO = None
    cache.clear()
    session.shared_session.cache_clear()
    yield None
    session.shared_session.cache_clear()


@pytest.fixture
def openstack(ground):
    """The command line, as somebody else's eyes: what it prints, as JSON."""
    client = ground.client()
    domain, user, password = ground.people["member"]
    environment = {
        "OS_AUTH_URL": ground.config.auth_url,
        "OS_USERNAME": user,
        "OS_PASSWORD": password,
        "OS_USER_DOMAIN_NAME": domain,
        "OS_PROJECT_ID": client.project_id,
        "OS_CACERT": ground.config.ca_bundle,
        "PYTHONWARNINGS": "ignore",
    }

    def ask(*words):
        answer = subprocess.run(
            [COMMAND, *words, "-f", "json"],
            env={name: value for name, value in environment.items() if value},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return json.loads(answer.stdout) if answer.returncode == 0 else answer.stderr

    return ask


@pytest.fixture
def network(ground):
    return one_of(NetworkAPI(ground.client()), ground.network)


@pytest.fixture
def servers(ground, network):
    """Names of two servers of the network, and the ids of their NICs there."""
    client = ground.client()
    ports = NetworkAPI(client).list_ports(network_id=network.id)
    nics = sorted((port for port in ports if port.is_nic), key=lambda port: port.device_id)
    servers = BareMetalAPI(client)
    return {servers.get_server(nic.device_id).name: nic for nic in nics[:2]}


@pytest.fixture
def enter(open_tab, ground):
    """A signed-in tab of one of the people."""

    def sign_in(who="member"):
        domain, user, password = ground.people[who]
        tab = open_tab(user=None)
        tab.page.set_default_timeout(SLOW)
        expect.set_options(timeout=SLOW)
        tab.open("/")
        tab.page.get_by_label("Domain", exact=True).fill(domain)
        tab.page.get_by_label("User name", exact=True).fill(user)
        tab.page.get_by_label("Password", exact=True).fill(password)
        tab.button("Log In").click()
        expect(tab.heading).to_have_text("Home")
        return tab

    yield sign_in
    expect.set_options(timeout=10_000)


def to_addresses(tab, servers):
    """Bare Metal Server, the first one's name, NICs, Manage Virtual IP Address."""
    name, nic = next(iter(servers.items()))
    tab.main.get_by_role("link", name="Bare Metal Server", exact=True).first.click()
    search = tab.main.get_by_role("searchbox").first
    search.fill(name)
    search.press("Enter")
    tab.link(name).click()
    expect(tab.heading).to_have_text(name)
    tab.link("NICs").click()
    expect(tab.main).to_contain_text(nic.ip_address)
    manage = re.compile(f"^Manage Virtual IP Address( of {re.escape(nic.ip_address)})?$")
    tab.main.get_by_role("link", name=manage).click()
    expect(tab.link("Virtual IP Address")).to_have_attribute("aria-current", "page")


def assign(tab):
    """The address of the VIP that was made."""
    tab.link("Assign Virtual IP Address").click()
    tab.sees_dialog("Assign Virtual IP Address")
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.toasts).to_contain_text("is assigned. Bind it to your servers next.")
    words = tab.toasts.inner_text().split()
    tab.toasts.get_by_role("button", name="Dismiss").click()
    return next(word for word in words if word.count(".") == 3)


def bind(tab, address, servers):
    tab.row(address).get_by_role("link", name="Bind to Server").click()
    tab.sees_dialog("Bind to Server")
    for name, nic in servers.items():
        tab.dialog.get_by_role("searchbox").fill(name)
        box = tab.dialog.get_by_role("checkbox", name=name, exact=True)
        box.check()
        tab.sees_change(nic.ip_address)
    tab.dialog.get_by_role("button", name="OK").click()
    tab.sees_dialog("Configure the address inside the servers")
    tab.dialog.get_by_role("link", name="Close", exact=True).last.click()
    tab.sees_no_dialog()


def unbind(tab, address, servers):
    tab.more(tab.row(address), "Unbind from Server").click()
    tab.sees_dialog("Bound Server")
    for name, nic in servers.items():
        tab.dialog.get_by_role("checkbox", name=name).check()
        tab.sees_change(f"NIC {nic.ip_address}")
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.toasts.get_by_text(f"{address} is unbound").last).to_be_visible()
    tab.sees_no_dialog()


def release(tab, address):
    tab.more(tab.row(address), "Release").click()
    tab.sees_dialog("Release")
    tab.dialog.get_by_role("textbox").fill(address)
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.toasts.get_by_text(f"{address} is released").last).to_be_visible()
    tab.sees_no_dialog()


def listed(openstack, nic):
    """Addresses that the NIC's port lists, as the command line says; Neutron keeps no order."""
    pairs = openstack("port", "show", nic.id, "-c", "allowed_address_pairs")
    return sorted(pair["ip_address"] for pair in pairs["allowed_address_pairs"])


def vip_addresses(openstack, network):
    """As the command line says."""
    owned = ("--device-owner", "neutron:VIP_PORT")
    ports = openstack("port", "list", "--network", network.id, *owned)
    return {fixed["ip_address"] for port in ports for fixed in port["Fixed IP Addresses"]}


def test_two_virtual_ips_on_two_servers_and_away_again(enter, servers, network, openstack):
    before = {nic.id: listed(openstack, nic) for nic in servers.values()}
    tab = enter()
    to_addresses(tab, servers)

    vips = [assign(tab), assign(tab)]
    for address in vips:
        bind(tab, address, servers)

    for address in vips:
        for name, nic in servers.items():
            expect(tab.row(address)).to_contain_text(f"{name} ({nic.ip_address})")
    for nic in servers.values():
        assert listed(openstack, nic) == sorted([*before[nic.id], *vips])
    made = openstack("port", "list", "--network", network.id, "--device-owner", "neutron:VIP_PORT")
    assert set(vips) <= {
        fixed["ip_address"] for port in made for fixed in port["Fixed IP Addresses"]
    }

    for address in vips:
        unbind(tab, address, servers)
        release(tab, address)

    assert {nic.id: listed(openstack, nic) for nic in servers.values()} == before
    left = openstack("port", "list", "--network", network.id, "--device-owner", "neutron:VIP_PORT")
    assert not set(vips) & {
        one["ip_address"] for port in left for one in port["Fixed IP Addresses"]
    }


def test_a_reader_sees_everything_and_is_told_why_nothing_can_be_changed(enter, servers, network):
    tab = enter("reader")
    to_addresses(tab, servers)
    reason = "Your role in this project only allows viewing."
    assign = tab.button("Assign Virtual IP Address")
    expect(assign).to_have_attribute("aria-disabled", "true")
    expect(assign).to_have_accessible_description(re.compile(reason))

    nic = next(iter(servers.values()))
    path = f"/vpc/networks/{nic.network_id}/subnets/{nic.subnet_id}/virtual-ips/assign/"
    tab.open(path)
    ok = tab.main.get_by_role("button", name="OK")
    expect(ok).to_have_attribute("aria-disabled", "true")
    expect(ok).to_have_accessible_description(re.compile(reason))


def test_somebody_of_another_project_sees_nothing(enter, servers, network, ground):
    tab = enter("stranger")
    tab.main.get_by_role("link", name="Bare Metal Server", exact=True).first.click()
    for name in servers:
        expect(tab.main).not_to_contain_text(name)
    tab.expect_status(404)
    tab.open(f"/vpc/networks/{network.id}/")
    expect(tab.heading).to_have_text("This page does not exist")
