"""Names that a page about a network fetches afterwards."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from tests.factories import ProjectFactory, ServerFactory, SubnetFactory
from tests.pages import Page

HTMX = {"HX-Request": "true"}
PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def name(signed_in):
    def ask(*ids):
        query = "&".join(f"id={one}" for one in ids)
        response = signed_in.get(f"{reverse('bms:server_names')}?{query}", headers=HTMX)
        assert response.status_code == 200
        page = Page(response, full=False)
        return {e["hx-swap-oob"]: e.text for e in page.all("bdi")}

    return ask


def place(server_id):
    return f"innerHTML:[data-server-name='{server_id}']"


@PROFILES
def test_each_name_goes_to_every_place_that_shows_the_id(name):
    one, two = ServerFactory(name="db-1"), ServerFactory(name="db-2")

    assert name(one.id, two.id) == {place(one.id): "db-1", place(two.id): "db-2"}


def test_a_virtual_machine_has_a_name_too(name):
    machine = ServerFactory(name="vm-1", bare_metal=False, flavor="s3.large.4")

    assert name(machine.id) == {place(machine.id): "vm-1"}


def test_a_server_without_a_name_keeps_its_id(name):
    server = ServerFactory(name="")

    assert name(server.id) == {place(server.id): server.id}


def test_servers_that_are_gone_or_of_another_project_are_left_out(name):
    other = ProjectFactory()
    theirs = ServerFactory(project=other, subnet=SubnetFactory(project=other, vpc=None))
    mine = ServerFactory(name="db-1")

    assert name(theirs.id, uuid.uuid4(), mine.id) == {place(mine.id): "db-1"}


@pytest.mark.parametrize("nonsense", ["", "../ports", "'];x['", "%00", "<script>", "1"])
def test_what_is_no_id_never_reaches_the_cloud(name, emulator, nonsense):
    assert name(nonsense) == {}
    assert len(emulator.log) == 0


def test_no_more_than_fifty_are_asked_for_at_once(name, emulator):
    name(*(uuid.uuid4() for _ in range(80)))

    assert len(emulator.log) == 50


def test_the_same_id_twice_is_asked_for_once(name, emulator):
    server = ServerFactory()

    name(server.id, server.id)

    assert len(emulator.log) == 1


def test_a_hostile_name_stays_text(name, signed_in):
    server = ServerFactory(name="<img src=x onerror=alert(1)>'\"")

    assert name(server.id) == {place(server.id): "<img src=x onerror=alert(1)>'\""}


def test_opened_as_a_page_it_leads_to_the_list(signed_in):
    response = signed_in.get(reverse("bms:server_names"))

    assert response.status_code == 302
    assert response.url == reverse("bms:server_list")
