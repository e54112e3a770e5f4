"""Answers that hardly change are kept for a while, for looking only."""

from __future__ import annotations

import pytest
from django.urls import reverse

from console import kept
from console.emulator.faults import Fault
from tests.factories import (
    NetworkFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    UserFactory,
    default_project,
    state,
)
from vpc.api import NetworkAPI


def subnet_url(subnet, query=""):
    return reverse("vpc:subnet_detail", args=[subnet.network_id, subnet.id]) + query


VIPS = "?tab=virtual-ips"
WORDS = "The subnet's own data and its VPC were read"


def rename(subnet, name):
    state().subnets[subnet.id].name = name


def test_what_was_kept_is_shown_with_its_age(emulator, visit):
    subnet = SubnetFactory(name="before")
    assert WORDS not in visit(subnet_url(subnet, VIPS)).text
    rename(subnet, "after")

    page = visit(subnet_url(subnet, VIPS))

    assert page.h1 == "before"
    assert WORDS in page.text


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("&anew=1", {}),
        ("", {"Cache-Control": "max-age=0"}),
        ("", {"Cache-Control": "no-cache"}),
    ],
)
def test_a_reload_and_read_again_read_it_anew(emulator, visit, query, headers):
    subnet = SubnetFactory(name="before")
    visit(subnet_url(subnet, VIPS))
    rename(subnet, "after")

    page = visit(subnet_url(subnet, VIPS + query), **headers)

    assert page.h1 == "after"
    assert WORDS not in page.text
    assert visit(subnet_url(subnet, VIPS)).h1 == "after"  # and that is what is kept now


def test_read_again_leads_to_the_same_page(emulator, visit):
    subnet = SubnetFactory()
    visit(subnet_url(subnet, VIPS))

    page = visit(subnet_url(subnet, VIPS))

    assert page.link("Read again")["href"] == subnet_url(subnet, f"{VIPS}&anew=1")


def test_no_link_of_a_page_that_was_read_again_reads_again(emulator, visit):
    subnet = SubnetFactory()

    page = visit(subnet_url(subnet, f"{VIPS}&anew=1"))

    links = [link["href"] for link in page.all("a") if "anew" in link["href"]]
    assert links == []


def test_a_page_about_the_subnet_itself_reads_it_anew(emulator, visit):
    subnet = SubnetFactory(name="before")
    visit(subnet_url(subnet))
    rename(subnet, "after")

    assert visit(subnet_url(subnet)).h1 == "after"


def test_a_subnet_that_is_newer_than_what_was_kept_is_found(emulator, visit):
    network = NetworkFactory()
    visit(subnet_url(SubnetFactory(network=network), VIPS))
    younger = SubnetFactory(name="younger", network=network)

    assert visit(subnet_url(younger, VIPS)).h1 == "younger"


def test_a_form_that_is_sent_is_planned_on_what_is_read_now(emulator, visit, signed_in):
    """Opened from what was kept, but the address is held against the subnet of now."""
    subnet = SubnetFactory(cidr="10.20.8.0/24")
    url = reverse("vpc:virtual_ip_assign", args=[subnet.network_id, subnet.id])
    visit(subnet_url(subnet, VIPS))
    emulator.log.clear()

    signed_in.post(url, {"action": "preview", "mode": "automatic", "ip_version": "4"})

    assert [call for call in emulator.log if call.path.endswith("/subnets")]


def test_failures_are_not_kept(emulator, visit):
    server = ServerFactory()
    url = reverse("bms:server_detail", args=[server.id])
    emulator.faults.add(Fault("GET", "/vpcs", "status", status=500, times=None))
    assert "could not be read" in visit(url).text
    emulator.faults.clear()

    assert "could not be read" not in visit(url).text


def test_nobody_is_shown_what_was_kept_for_another_project_or_other_roles(emulator, open_cloud):
    other = ProjectFactory()
    UserFactory(name="neighbour", projects=[other])
    UserFactory(name="reader", roles="reader", projects=[default_project()])
    SubnetFactory(name="ours")

    def subnets(user):
        cloud = open_cloud(user)
        read = kept.Kept(cloud, NetworkAPI(cloud).list_subnets)
        return [subnet.name for subnet in read.result()], cloud.kept_since is not None

    assert subnets("demo") == (["ours"], False)
    assert subnets("neighbour") == ([], False)
    assert subnets("reader") == (["ours"], False)
    assert subnets("demo") == (["ours"], True)
