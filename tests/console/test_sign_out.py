from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from console.emulator.faults import Fault
from tests.console.signing_in import HOME, attempt, choose
from tests.factories import state
from tests.pages import Page

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db,
    pytest.mark.usefixtures("people"),
]

SIGN_OUT = "/sign-out/"


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_it_ends_both_tokens_at_the_cloud(client):
    attempt(client)
    assert len(state().tokens) == 2
    client.post(SIGN_OUT)
    assert not state().tokens


def test_it_ends_the_tokens_of_the_projects_left_before_too(client):
    attempt(client, "several")
    choose(client, "eu-de_test")
    choose(client, "eu-de_prod")
    client.post("/projects/switch/", {"region": "eu-de"})
    assert len(state().tokens) == 4
    client.post(SIGN_OUT)
    assert not state().tokens


def test_it_ends_the_token_where_no_project_was_chosen(client):
    attempt(client, "several")
    client.post(SIGN_OUT)
    assert not state().tokens


def test_it_ends_the_session(client):
    attempt(client)
    client.post(SIGN_OUT)
    assert not Session.objects.exists()
    assert client.get(HOME)["Location"] == "/sign-in/?next=%2F"


def test_it_says_so_once(client):
    attempt(client)
    page = Page(client.post(SIGN_OUT, follow=True))
    assert page.h1 == "Log In"
    assert page.text.count("You are logged out.") == 1
    assert "logged out" not in Page(client.get("/sign-in/")).text


def test_the_pages_of_before_are_not_kept_by_the_browser(client):
    attempt(client)
    for path in (HOME, "/bms/servers/", "/projects/"):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_a_token_that_has_ended_already_does_not_save_the_other(client):
    attempt(client)
    scoped = next(value for value, token in state().tokens.items() if token.project)
    del state().tokens[scoped]
    page = Page(client.post(SIGN_OUT, follow=True))
    assert not state().tokens
    assert "You are logged out." in page.text


@pytest.mark.parametrize("kind", ["timeout", "reset", "refused"])
def test_a_cloud_that_is_down_keeps_nobody_in(client, emulator, kind):
    attempt(client)
    emulator.log.clear()
    emulator.faults.add(Fault("DELETE", "/v3/auth/tokens", kind, times=None))
    page = Page(client.post(SIGN_OUT, follow=True))
    assert "You are logged out here, but the cloud could not be reached" in page.text
    assert not Session.objects.exists()
    assert len(emulator.log) == 1, "who cannot be reached is not asked again"


def test_a_token_that_may_not_be_ended_is_said_to_live_on(client, emulator):
    attempt(client)
    emulator.faults.add(Fault("DELETE", "/v3/auth/tokens", "status", status=403))
    page = Page(client.post(SIGN_OUT, follow=True))
    assert "It ends by itself at" in page.text
    assert len(state().tokens) == 1


def test_only_a_form_does_it(client):
    attempt(client)
    response = client.get(SIGN_OUT)
    assert response.status_code == 405
    assert Page(response).h1 == "This address only takes a form"
    assert len(state().tokens) == 2


def test_and_only_one_of_ours():
    strict = Client(enforce_csrf_checks=True)
    token = Page(strict.get("/sign-in/")).hidden("csrfmiddlewaretoken")
    attempt(strict, csrfmiddlewaretoken=token)
    response = strict.post(SIGN_OUT)
    assert response.status_code == 403
    page = Page(response)
    assert page.h1 == "This form is too old"
    assert page.has("Log Out", "button"), "who is signed in still sees it"
    assert state().tokens


def test_twice_is_as_good_as_once(client):
    attempt(client)
    client.post(SIGN_OUT)
    assert client.post(SIGN_OUT)["Location"] == "/sign-in/"


def test_other_browsers_of_the_same_user_stay_in(client):
    other = Client()
    attempt(client)
    attempt(other)
    client.post(SIGN_OUT)
    assert other.get("/bms/servers/").status_code == 200
