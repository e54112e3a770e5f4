from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from console.models import SignInAttempt
from tests.console.signing_in import HOME, SIGN_IN, attempt, choose, project
from tests.factories import ServerFactory, UserFactory, state
from tests.pages import Page

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db,
    pytest.mark.usefixtures("people"),
]


# the page first asked for


@pytest.mark.parametrize(
    "path", ["/bms/servers/", "/bms/servers/?q=db%201&status=ACTIVE", "/vpc/vpcs/"]
)
def test_it_leads_to_the_page_first_asked_for(client, path):
    [redirect] = client.get(path, follow=True).redirect_chain
    page = Page(client.get(redirect[0]))
    assert attempt(client, next=page.hidden("next"))["Location"] == path


def test_also_by_way_of_the_choice(client):
    page = Page(attempt(client, "several", next="/vpc/vpcs/", follow=True))
    assert choose(client, "eu-de_test", next=page.hidden("next"))["Location"] == "/vpc/vpcs/"


HOSTILE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x01/evil",
    "http:///evil.example",
    "//evil.example\\@testserver/",
    "/" * 3000,
]


@pytest.mark.parametrize("to", HOSTILE)
def test_it_never_leads_elsewhere(client, to):
    assert attempt(client, next=to)["Location"] == HOME


@pytest.mark.parametrize("to", HOSTILE)
def test_the_choice_never_leads_elsewhere(client, to):
    attempt(client, "several")
    assert choose(client, "eu-de_test", next=to)["Location"] == HOME


@pytest.mark.parametrize(
    ("to", "sent"),
    [
        ("/x\r\nSet-Cookie: a=b", "/x%0D%0ASet-Cookie:%20a=b"),
        ("/%2F%2Fevil.example", "/%2F%2Fevil.example"),
        ("/a\x00b", "/a%00b"),
        ("/ü", "/%C3%BC"),
    ],
)
def test_odd_paths_of_our_own_stay_paths(client, to, sent):
    response = attempt(client, next=to)
    assert response["Location"] == sent
    assert "a" not in response.cookies


@pytest.mark.parametrize("to", HOSTILE)
def test_a_hostile_address_is_not_even_shown(client, to):
    page = Page(client.get(SIGN_IN, {"next": to}))
    shown = {field["value"] for field in page.all("input", name="next")}
    assert shown <= {"", SIGN_IN}  # the way back of the choice of a language


# signed in already


def test_who_is_signed_in_goes_on(client):
    attempt(client)
    assert client.get(SIGN_IN)["Location"] == HOME
    assert client.get(SIGN_IN, {"next": "/vpc/vpcs/"})["Location"] == "/vpc/vpcs/"
    assert client.get(SIGN_IN, {"next": "//evil.example"})["Location"] == HOME


def test_another_user_may_sign_in_over_it(client):
    attempt(client)
    ServerFactory(name="db-1")
    UserFactory(name="tester", projects=[project("eu-de_test")])
    attempt(client, "tester")
    page = Page(client.get("/bms/servers/"))
    assert "tester" in page.text
    assert "db-1" not in page.text


# csrf


def test_without_its_token_the_form_is_refused_in_words():
    strict = Client(enforce_csrf_checks=True)
    response = attempt(strict)
    assert response.status_code == 403
    assert Page(response).h1 == "This form is too old"
    assert not Session.objects.exists()
    assert not SignInAttempt.objects.exists()


def test_with_its_token_it_is_accepted():
    strict = Client(enforce_csrf_checks=True)
    token = Page(strict.get(SIGN_IN)).hidden("csrfmiddlewaretoken")
    assert attempt(strict, csrfmiddlewaretoken=token)["Location"] == HOME


def test_a_form_token_from_before_the_sign_in_is_worth_nothing_after_it():
    strict = Client(enforce_csrf_checks=True)
    token = Page(strict.get(SIGN_IN)).hidden("csrfmiddlewaretoken")
    attempt(strict, csrfmiddlewaretoken=token)
    response = strict.post(reverse("console:sign_out"), {"csrfmiddlewaretoken": token})
    assert response.status_code == 403


def test_neither_page_nor_cookie_holds_the_token(client):
    attempt(client)
    for path in (HOME, "/bms/servers/", "/vpc/vpcs/", "/projects/"):
        html = client.get(path).content.decode()
        assert not [token for token in state().tokens if token in html]
    cookies = " ".join(morsel.value for morsel in client.cookies.values())
    assert not [token for token in state().tokens if token in cookies]


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/bms/servers/?q=x", "/bms/servers/?q=x"),
        ("https://evil.example/x", None),
        ("http://testserver//evil.example/", None),
        ("", None),
    ],
)
def test_a_refused_form_leads_back_to_a_page_of_ours_only(referer, back):
    response = attempt(Client(enforce_csrf_checks=True), headers={"Referer": referer})
    page = Page(response)
    assert "Nothing was changed." in page.text
    assert page.has("Home")
    assert page.has("Back to the page") == (back is not None)
    assert back is None or page.link("Back to the page")["href"] == back
