"""What the dialog warns of on the part of the chosen servers: that they cannot answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import ServerFactory
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
SAME = "The binding is made all the same"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def warned(signed_in, tour):
    """The words of the preview for these servers; `vip` instead of the tour's free one."""

    def choose_them(*servers, vip=None):
        opened = Dialog(signed_in, tour.dialog("bind", vip or tour.free))
        entries = opened.entries | choose(*servers) | {"action": "preview"}
        page = Page(signed_in.post(opened.url, entries))
        return page.all("section", id="bind-preview")[0].text

    return choose_them


@PROFILES
@pytest.mark.parametrize(
    ("status", "label"),
    [("ERROR", "Faulty"), ("SHUTOFF", "Stopped"), ("PAUSED", "Paused"), ("SUSPENDED", "Suspended")],
)
def test_a_server_that_does_not_run_is_warned_about(warned, tour, status, label):
    server = ServerFactory(name="db-3", subnet=tour.subnet, status=status)

    words = warned(server, tour.servers[0])

    assert f"db-3 is {label}. {SAME}, but it cannot answer until it runs." in words
    assert words.count(SAME) == 1
    assert "What will change" in words, "it holds nothing back"


@PROFILES
def test_a_server_that_is_being_deleted_is_warned_about(warned, tour):
    server = ServerFactory(name="db-3", subnet=tour.subnet, task_state="deleting")

    words = warned(server)

    assert f"db-3 is being deleted. {SAME}" in words
    assert "Choose another server." in words
    assert "What will change" in words


@pytest.mark.parametrize(
    ("status", "task"), [("ACTIVE", None), ("SHUTOFF", "powering-on"), ("REBOOT", "rebooting")]
)
def test_one_that_runs_or_will_soon_is_not(warned, tour, status, task):
    server = ServerFactory(name="db-3", subnet=tour.subnet, status=status, task_state=task)

    assert SAME not in warned(server)


def test_a_server_that_is_bound_already_is_not(warned, tour):
    """Nor is one that was not chosen."""
    for server in tour.servers:
        server.server.now = replace(server.server.now, status="SHUTOFF")
    fresh = ServerFactory(name="fresh", subnet=tour.subnet)

    assert SAME not in warned(fresh, *tour.servers, vip=tour.vip)
    assert SAME in warned(*tour.servers)


def test_a_refusal_comes_alone(warned, tour):
    stopped = ServerFactory(name="db-3", subnet=tour.subnet, status="SHUTOFF")
    machine = ServerFactory(name="vm", subnet=tour.subnet, bare_metal=False, flavor="s3.large.4")

    words = warned(stopped, machine)

    assert "vm is a virtual machine" in words
    assert SAME not in words


def test_it_is_bound_all_the_same(signed_in, tour):
    server = ServerFactory(name="db-3", subnet=tour.subnet, status="ERROR")
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))

    opened.done(**choose(server))

    assert tour.free.pairs == [server.ip_address]


def test_a_hostile_name_stays_text(warned, tour):
    server = ServerFactory(name="<b>db</b>", subnet=tour.subnet, status="SHUTOFF")

    assert "<b>db</b> is Stopped." in warned(server)
