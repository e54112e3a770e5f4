"""Searching the list by name, by id and by private IP address, on clouds that help and do not."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests.factories import (
    FloatingIPFactory,
    NICFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
)

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
CANNOT = "This cloud cannot search for a part of an address"


@pytest.fixture
def search(visit):
    def look_for(text, **more):
        page = visit(f"{reverse('bms:server_list')}?{urlencode({'q': text} | more)}")
        page.names = [row["Name/ID"].split()[0] for row in page.rows()]
        return page

    return look_for


@PROFILES
def test_a_part_of_the_name_in_any_case_finds_the_server(search):
    ServerFactory(name="Database-1")
    ServerFactory(name="web-1")

    assert search("base").names == ["Database-1"]


@PROFILES
@pytest.mark.parametrize(
    "name", ["db.(1)", "db+1", "a|b", "^db$", "[x]", "{3}", "back\\slash", "db*", "who?"]
)
def test_signs_of_a_regular_expression_in_a_name_mean_themselves(search, name):
    ServerFactory(name=name)
    for near in ("db11", "dbb1", "a", "b", "db", "x", "333", "backslash", "d", "wh"):
        ServerFactory(name=near)

    assert search(name).names == [name]


@PROFILES
@pytest.mark.parametrize("spelling", [str, str.upper, "  {}  ".format])
def test_a_whole_id_finds_its_server_however_it_is_typed(search, spelling):
    server = ServerFactory(name="db-1")
    ServerFactory(name="db-2")

    assert search(spelling(server.id)).names == ["db-1"]


def test_a_part_of_an_id_is_taken_for_a_name(search):
    server = ServerFactory(name="db-1")

    page = search(server.id[:13])

    assert page.names == []
    assert "an ID must be whole" in page.text


def test_the_id_of_a_virtual_machine_finds_nothing(search):
    machine = ServerFactory(bare_metal=False, flavor="s3.large.4")

    assert search(machine.id).names == []


def test_the_id_of_another_project_finds_nothing(search):
    other = ProjectFactory()
    theirs = ServerFactory(project=other, subnet=SubnetFactory(project=other, vpc=None))

    assert search(theirs.id).names == []


def test_an_id_is_found_only_with_the_chosen_status(search):
    server = ServerFactory(name="db-1")

    assert search(server.id, status="SHUTOFF").names == []
    assert search(server.id, status="ACTIVE").names == ["db-1"]


@PROFILES
def test_a_whole_address_finds_its_server(search):
    server = ServerFactory(name="db-1", ip_address="10.20.0.77")
    ServerFactory(name="db-2", ip_address="10.20.0.78")

    page = search(server.ip_address)

    assert page.names == ["db-1"]
    assert CANNOT not in page.text


@PROFILES
def test_the_address_of_the_second_nic_finds_the_server_too(search):
    server = ServerFactory(name="db-1")
    nic = NICFactory(server=server, subnet=SubnetFactory())

    assert search(nic.ip_address).names == ["db-1"]


@OPENSTACK
def test_a_server_on_a_later_page_is_found_by_its_address(search):
    ServerFactory(name="first", ip_address="10.20.0.250", created=0)
    for _ in range(51):
        ServerFactory()

    assert search("10.20.0.250").names == ["first"]


@PROFILES
@pytest.mark.parametrize("spelling", ["2001:db8:20::77", "2001:DB8:20:0::77"])
def test_an_ipv6_address_is_found_however_it_is_written(search, spelling):
    subnet = SubnetFactory(ip_version=6)
    ServerFactory(name="six", subnet=subnet, ip_address="2001:db8:20::77")
    ServerFactory(name="other", subnet=subnet)

    assert search(spelling).names == ["six"]


@OPENSTACK
@pytest.mark.parametrize("part", ["10.30.", "10.30.0", "10.30"])
def test_the_beginning_of_an_address_finds_all_that_have_it(search, part):
    near = SubnetFactory(cidr="10.30.0.0/24")
    ServerFactory(name="a", subnet=near)
    ServerFactory(name="b", subnet=near)
    ServerFactory(name="c")

    page = search(part)

    assert set(page.names) == {"a", "b"}
    assert CANNOT not in page.text


@OPENSTACK
def test_a_dot_in_an_address_means_a_dot(search):
    """Nova takes the text for a regular expression, in which it means any sign."""
    ServerFactory(name="a", ip_address="10.20.0.251")
    ServerFactory(name="b", subnet=SubnetFactory(cidr="10.2.1.0/24"))

    page = search("2.1")

    assert page.names == ["b"]
    assert CANNOT not in page.text


@pytest.mark.parametrize("part", ["10.30.0", "10.20", "fd00:1"])
def test_where_the_cloud_ignores_a_part_of_an_address_the_page_says_only_that(search, part):
    """What matches on one page would be taken for all that match."""
    ServerFactory(name="a", ip_address="10.20.0.77")
    ServerFactory(name="b", subnet=SubnetFactory(cidr="10.30.0.0/24"))

    page = search(part)

    assert page.names == []
    assert page.text.count(CANNOT) == 1
    assert page.link("Show all servers")["href"] == reverse("bms:server_list")


def test_a_whole_address_is_not_taken_for_the_beginning_of_a_longer_one(search):
    ServerFactory(name="short", ip_address="10.20.0.7")
    ServerFactory(name="long", ip_address="10.20.0.77")

    assert search("10.20.0.7").names == ["short"]


def test_an_address_that_is_another_ones_eip_finds_only_its_own_server(search):
    server = ServerFactory(name="a")
    floating = FloatingIPFactory(port=server.nic)

    assert search(floating.ip_address).names == []


def test_an_address_of_a_virtual_machine_finds_nothing(search):
    machine = ServerFactory(bare_metal=False, flavor="s3.large.4")

    assert search(machine.ip_address).names == []


@PROFILES
def test_the_address_and_the_status_must_both_fit(search):
    server = ServerFactory(name="db-1", status="SHUTOFF")

    assert search(server.ip_address, status="ACTIVE").names == []
    assert search(server.ip_address, status="SHUTOFF").names == ["db-1"]


@PROFILES
@pytest.mark.parametrize("text", ["nothing-like-it", "10.99.0.1", "7"])
def test_no_match_says_so_and_leads_back(search, text):
    ServerFactory(name="db-x", ip_address="10.20.0.42")

    page = search(text)

    assert page.names == []
    assert "No server matches" in page.text
    assert page.link("Show all servers")["href"] == reverse("bms:server_list")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"quoted"', "a&b=c", "%", "‮olleh"])
def test_what_was_typed_stands_in_the_box_again(search, text):
    page = search(text)

    assert page.all("input", name="q")[0]["value"] == text.strip()
    assert "<script>alert" not in page.html


@PROFILES
@pytest.mark.parametrize("text", ["((((", "[", "\\", "*", "a{99999}", "'; DROP TABLE", "..."])
def test_no_text_breaks_the_search(search, text):
    ServerFactory(name="db-1")

    assert search(text).names == []
