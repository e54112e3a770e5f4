"""Bind to Server: what OK writes, and what it says."""

from __future__ import annotations

import pytest
from django.urls import reverse

from console.emulator.records import FixedIP, Pair
from tests.factories import (
    PortFactory,
    ServerFactory,
    VirtualIPFactory,
    state,
)
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

pytestmark = pytest.mark.database

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
CHECK_OFF = "1.1.1.1/0"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def dialog(signed_in, tour):
    """The dialog of the tour's free VIP, or of another."""

    def open_dialog(vip=None, query="", **more):
        return Dialog(signed_in, tour.dialog("bind", vip or tour.free) + query, **more)

    return open_dialog


@pytest.fixture
def carries(profile):
    """Whether the NIC carries the VIP, as the cloud itself has it."""

    def look(nic, vip):
        if profile == "otc":
            return nic.ip_address in vip.pairs and CHECK_OFF in nic.pairs
        return vip.ip_address in nic.pairs

    return look


def ports():
    return state().ports.values()


@PROFILES
def test_two_servers_are_bound_at_once(dialog, tour, carries):
    page = dialog().done(**choose(*tour.servers))

    assert all(carries(server.nic, tour.free) for server in tour.servers)
    words = [f"{server.name} ({server.ip_address})" for server in tour.servers]
    assert any(f"is bound to {a} and {b}." in page.text for a, b in (words, words[::-1]))


@PROFILES
def test_the_other_pairs_of_the_nics_are_kept(dialog, tour, carries):
    foreign = Pair("192.0.2.7", "00:00:5e:00:01:0a")
    for server in tour.servers:
        server.nic.port.allowed_address_pairs.append(foreign)

    dialog().done(**choose(*tour.servers))

    for server in tour.servers:
        assert foreign in server.nic.port.allowed_address_pairs
        assert carries(server.nic, tour.vip)
        assert carries(server.nic, tour.free)


@PROFILES
def test_the_nic_that_was_chosen_is_the_one_that_is_bound(dialog, tour, carries):
    server = ServerFactory(name="two", subnet=tour.subnet, nics=2)

    dialog().done(server=server.id, **{f"nic-{server.id}": server.nics[1].id})

    assert carries(server.nics[1], tour.free)
    assert server.nics[0].pairs == []


def test_a_half_bound_server_is_finished(dialog, tour, carries):
    server = ServerFactory(name="half", subnet=tour.subnet)
    vip = VirtualIPFactory(half_bound_to=[server.nic])

    dialog(vip).done(**choose(server))

    assert carries(server.nic, vip)
    assert vip.pairs == [server.ip_address]


@PROFILES
def test_in_the_dialog_the_guide_follows_and_the_table_is_told(dialog, tour):
    response = dialog(htmx=True).send(**choose(*tour.servers))

    page = Page(response, full=False)
    assert response.status_code == 200
    assert "Configure the address inside the servers" in page.text
    assert "vips-changed" in response["HX-Trigger-After-Settle"]
    assert "is bound to" in page.text


@PROFILES
def test_a_dual_stack_nic_is_bound_by_its_address_of_the_vips_family(dialog, signed_in):
    tour = furnish(ipv6_cidr="2001:db8:20::/64")
    server = ServerFactory(name="both", subnet=tour.subnet)
    assert tour.subnet.ipv6
    server.nic.port.fixed_ips.append(FixedIP(tour.subnet.ipv6.id, "2001:db8:20::5"))
    vip = VirtualIPFactory(subnet=tour.subnet.ipv6, ip_address="2001:db8:20::9")

    page = Dialog(signed_in, tour.dialog("bind", vip)).done(**choose(server))

    if state().otc:
        assert vip.pairs == ["2001:db8:20::5"]
    else:
        assert server.nic.pairs == ["2001:db8:20::9"]
    assert 'ip -6 address add 2001:db8:20::9/128 dev "$NIC"' in page.text


@PROFILES
def test_the_same_form_sent_twice_binds_once(dialog, tour, emulator):
    opened = dialog()
    opened.done(**choose(*tour.servers))
    lists = {port.id: list(port.allowed_address_pairs) for port in ports()}
    emulator.log.clear()

    page = opened.done()

    assert {port.id: list(port.allowed_address_pairs) for port in ports()} == lists
    assert "PUT" not in {call.method for call in emulator.log}
    assert "is bound to" in page.text


@PROFILES
def test_a_second_form_finds_nothing_to_change(dialog, tour):
    one, two = dialog(), dialog()
    one.done(**choose(*tour.servers))
    lists = {port.id: list(port.allowed_address_pairs) for port in ports()}

    page = two.done(**choose(*tour.servers))

    assert "Nothing to change: " in page.text
    assert {port.id: list(port.allowed_address_pairs) for port in ports()} == lists


def test_the_way_back_to_the_server_is_kept(dialog, tour):
    server = tour.servers[0]

    page = dialog(query=f"?server={server.id}&nic={server.nic.id}").done(**choose(*tour.servers))

    assert reverse("bms:server_detail", args=[server.id]) in page.html
    assert f"server={server.id}" in page.link("Close")["href"]


def test_a_port_without_server_is_not_offered(dialog, tour):
    PortFactory(subnet=tour.subnet)

    assert len(dialog().page.rows()) == 2


@PROFILES
def test_a_hostile_server_name_is_text_in_every_part(signed_in, emulator):
    evil = "<script>alert(1)</script>'\"‮"
    tour = furnish(name=evil)
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))
    for action in ("search", "preview"):
        entries = opened.entries | choose(*tour.servers) | {"action": action}
        assert "<script>alert" not in signed_in.post(opened.url, entries).content.decode()

    page = opened.done(**choose(*tour.servers))

    assert "<script>alert" not in page.html
    assert evil.split("'")[0] in page.text


@PROFILES
def test_what_was_not_shown_is_not_done_by_the_dialog(signed_in, tour):
    """OK pressed before the preview of the last tick came: it is shown first."""
    opened = Dialog(signed_in, tour.dialog("bind", tour.free), htmx=True)
    opened.choose(**choose(tour.servers[0]))
    both = opened.entries | choose(*tour.servers)

    answer = signed_in.post(opened.url, both, headers=opened.headers)

    page = Page(answer, full=False)
    assert answer.status_code == 422
    assert "was not shown yet" in page.text
    shown = page.hidden("shown")
    assert shown != opened.entries["shown"]
    assert tour.free.pairs == []
    again = signed_in.post(opened.url, both | {"shown": shown}, headers=opened.headers)
    assert again.status_code == 200
    assert "is bound to" in again.content.decode()
