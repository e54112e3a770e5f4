"""The page that explains how two servers are made highly available, and the ways to it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories import SubnetFactory

URL = reverse("console:high_availability")
TITLE = "How to make two servers highly available"


def test_it_explains_the_words_and_the_steps(visit):
    page = visit(URL)

    assert page.h1 == TITLE
    terms = [one.text for one in page.all("dt")]
    assert terms == ["Virtual IP address (VIP)", "NIC", "Bind to Server", "EIP", "Keepalived"]
    assert [one.text for one in page.all("h2") if one.inside("main")] == [
        "What belongs together",
        "In this console",
        "Inside the two servers",
        "To see that it works",
    ]
    assert page.link("Bare Metal Server")["href"] == reverse("bms:server_list")


def test_htmx_gets_a_part_of_it(visit):
    assert visit(URL, htmx=True).h1 == TITLE


def test_signed_out_one_is_led_to_the_sign_in(client, db):
    assert reverse("console:sign_in") in client.get(URL)["Location"]


def test_it_asks_nothing_of_the_cloud(visit, emulator):
    visit(URL)
    assert len(emulator.log) == 0


def empty_subnet(tab):
    subnet = SubnetFactory()
    return f"{reverse('vpc:subnet_detail', args=[subnet.network_id, subnet.id])}?tab={tab}"


@pytest.mark.parametrize(
    "page",
    [
        lambda: reverse("console:home"),
        lambda: reverse("bms:server_list"),
        lambda: reverse("vpc:vpc_list"),
        lambda: empty_subnet("virtual-ips"),
        lambda: empty_subnet("servers"),
    ],
    ids=["home", "no servers", "no VPC", "no VIP", "no server in the subnet"],
)
def test_who_has_nothing_yet_is_shown_the_way_to_it(visit, page):
    assert visit(page()).link(TITLE)["href"] == URL
