from __future__ import annotations

import pytest

from console.navigation import own_path, start_of_service
from tests.factories import ServerFactory, SubnetFactory


@pytest.mark.parametrize(
    "path", ["/", "/bms/servers/?q=a", "/a%2Fb", "/?next=https://other.example"]
)
def test_a_path_of_ours_is_ours(path):
    assert own_path(path, "/home") == path


@pytest.mark.parametrize(
    "path",
    ["", "bms/", "//x", "/\\x", "\\/x", "http:x", "https://x/", "javascript:x", "\x00/", "?a"],
)
def test_any_other_is_the_default(path):
    assert own_path(path, "/home") == "/home"


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/bms/servers/", "/bms/servers/"),
        ("/bms/servers/names/?id=x", "/bms/servers/"),
        ("/vpc/vpcs/8a3c1c68-1111-4222-8333-444455556666/", "/vpc/vpcs/"),
        ("/operations/8a3c1c68-1111-4222-8333-444455556666/", "/operations/"),
        ("/sign-in/", "/"),
        ("/nowhere/", "/"),
        ("/bms/nowhere/", "/"),
    ],
)
def test_each_page_belongs_to_a_service(path, start):
    assert start_of_service(path) == start


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/bms/servers/", "Bare Metal Server"),
        ("/vpc/vpcs/", "Virtual Private Cloud"),
        ("/operations/", "Operation records"),
    ],
)
def test_the_navigation_marks_where_one_is(visit, path, label):
    page = visit(path)
    [nav] = page.all("nav", aria_label="Services")
    current = [each.text for each in nav.walk() if each["aria-current"] == "page"]
    assert current == [label]


def test_so_it_does_on_the_pages_below(visit):
    page = visit(f"/bms/servers/{ServerFactory().id}/")
    assert [each.text for each in page.all("a", aria_current="page", href="/bms/servers/")]


@pytest.mark.parametrize(
    ("query", "label"),
    [("server={server}&nic={nic}", "Bare Metal Server"), ("", "Virtual Private Cloud")],
)
def test_a_subnet_belongs_where_its_breadcrumbs_begin(visit, query, label):
    subnet = SubnetFactory()
    server = ServerFactory(subnet=subnet)
    url = f"/vpc/networks/{subnet.network_id}/subnets/{subnet.id}/"
    page = visit(f"{url}?tab=virtual-ips&{query.format(server=server.id, nic=server.nic.id)}")
    [trail] = page.all("nav", aria_label="Breadcrumbs")
    [nav] = page.all("nav", aria_label="Services")
    assert next(each.text for each in trail.walk() if each.tag == "a") == label
    assert [each.text for each in nav.walk() if each["aria-current"]] == [label]


def test_the_services_stand_in_their_groups(visit):
    [nav] = visit("/").all("nav", aria_label="Services")
    assert [each.text for each in nav.walk() if each.tag == "h2"] == [
        "Computing",
        "Network",
        "Management",
    ]
    assert not [each for each in nav.walk() if each["aria-current"]]


def test_signed_out_there_is_none(client, emulator):
    assert b'aria-label="Services"' not in client.get("/sign-in/").content
