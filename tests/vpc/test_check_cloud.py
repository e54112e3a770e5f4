"""`manage.py check_cloud`: does a cloud offer what the console needs?"""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command

from bms import api as bms_api
from console.emulator.faults import Fault
from tests.cloud_settings import change_cloud
from tests.console.scopes import scoped_answer
from tests.factories import ProjectFactory, SubnetFactory, UserFactory
from tests.tour import furnish

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def check(monkeypatch, emulator, capsys):
    def run(user="demo", **options):
        monkeypatch.setenv("CLOUD_PASSWORD", f"{user}-password")
        emulator.log.clear()
        error = ""
        try:
            call_command("check_cloud", domain="acme", user=user, **options)
        except CommandError as failure:
            error = str(failure)
        writes = [call for call in emulator.log if call.method != "GET"]
        assert all(call.path.endswith("/auth/tokens") for call in writes)
        return capsys.readouterr().out, error

    return run


@pytest.fixture
def tour(emulator):
    return furnish()


@PROFILES
def test_a_cloud_that_offers_everything(check, tour, profile):
    printed, error = check()

    assert error == ""
    first, head, *rows = printed.splitlines()
    assert first.startswith("demo in project ")
    assert first.endswith(profile)
    assert head.split()[:3] == ["call", "status", "ms"]
    calls = [row for row in rows if " 200 " in row]
    assert len(calls) == (14 if profile == "otc" else 13)
    assert "->" not in "".join(calls)
    assert ("no revisions" in printed) == (profile == "otc")


@PROFILES
def test_it_makes_every_reading_call_that_pages_make(check, signed_in, tour, emulator):
    pages = set()
    for url in tour.urls.values():
        emulator.log.clear()
        signed_in.get(url)
        pages |= {kind(call) for call in emulator.log}

    check()

    assert pages - {kind(call) for call in emulator.log} == set()


def kind(call):
    return re.sub("/[0-9a-f-]{32,36}", "/{id}", call.path)


@PROFILES
def test_what_is_missing_and_what_becomes_of_it(check, tour, emulator):
    emulator.faults.add(Fault("GET", "/v2.0/security-groups", "status", status=403, times=None))

    printed, error = check()

    assert error == ""
    [row] = [row for row in printed.splitlines() if row.startswith("security groups")]
    assert " 403 " in row
    assert "  role: " in row
    assert row.endswith("-> they are shown by their id")


@PROFILES
@pytest.mark.parametrize(
    ("status", "lack"), [(404, "  extension: "), (406, "  version: "), (500, "  ")]
)
def test_what_kind_of_thing_is_missing(check, tour, emulator, status, lack):
    body = {"NeutronError": {"type": "T", "message": "Its own words.", "detail": ""}}
    fault = Fault("GET", "/v2.0/floatingips", "status", status=status, body=body, times=None)
    emulator.faults.add(fault)

    [row] = [row for row in check()[0].splitlines() if row.startswith("EIPs ")]

    assert f"{lack}Its own words. -> no EIPs are shown" in row


@pytest.mark.parametrize("profile", ["openstack"])
def test_a_service_that_the_catalogue_does_not_have(check, tour, emulator):
    emulator.faults.add(scoped_answer("demo", regions=("RegionOne",), without="image", skip=1))

    [row] = [row for row in check()[0].splitlines() if row.startswith("images ")]

    assert row.endswith("service: none in the catalogue -> images are shown by their id")


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("otc", "microversion 2.26: servers come without tags"),
        ("openstack", "microversion 2.47: flavors are shown by their id"),
    ],
)
def test_a_nova_that_is_too_old(check, tour, emulator, words):
    emulator.faults.add(Fault("GET", "/servers/detail", "status", status=406))

    assert words in check()[0]
    bms_api._without_tags.clear()
    assert words not in check()[0]


@PROFILES
def test_what_nothing_works_without(check, tour, emulator):
    emulator.faults.add(Fault("GET", "/servers/detail", "status", status=404, times=None))

    printed, error = check()

    assert "nothing works without it" in printed
    assert error == "The console cannot work here: no servers."


def test_each_call_has_the_time_of_a_page(check, tour, emulator, settings):
    """All of them together may take longer."""
    change_cloud(settings, read_deadline=1, write_deadline=1)
    emulator.latency_ms = 150

    printed, error = check()

    assert error == ""
    assert "->" not in "".join(printed.splitlines()[2:])


def test_who_may_only_look_is_told(check, tour):
    UserFactory(name="viewer", roles="reader")

    assert "no role that may change anything" in check(user="viewer")[0]
    assert "no role" not in check()[0]


@pytest.mark.parametrize("profile", ["openstack"])
def test_networks_of_others_are_named(check, tour):
    SubnetFactory(name="lan-shared", shared=True, project=ProjectFactory(name="other"))

    assert "Networks of other projects: lan-shared." in check()[0]


def test_a_project_by_its_name(check, tour):
    assert "There is no such project. The user may enter: " in check(project="nonsense")[1]


def test_nobody_and_a_wrong_password(check, tour, monkeypatch, capsys):
    assert check(user="")[1] == "Say with --user who looks at the cloud."
    _, error = check(user="nobody")
    assert "could not sign in" in error
    assert "nobody-password" not in error


def test_a_cloud_that_does_not_answer(check, tour, emulator):
    emulator.faults.add(Fault("POST", "/auth/tokens", "refused", times=None))

    assert check()[1].startswith("The cloud cannot be reached: ")
