from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from console import session
from tests.console.signing_in import HOME, SIGN_IN, attempt, choose
from tests.factories import state
from tests.pages import Page

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db,
    pytest.mark.usefixtures("people"),
]

LIST = "/bms/servers/"


def is_signed_in(client):
    return client.get(HOME).status_code == 200


def row():
    return Session.objects.get()


def tamper(change):
    """Write into the stored session what `change` makes of it."""
    stored = row()
    data = change(stored.get_decoded())
    stored.session_data = SessionStore().encode(data)
    stored.save()


@pytest.fixture
def other_key(settings):
    """Restarts the console with another key: `other_key("new", "old")`."""

    def restart(key, *fallbacks):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = key, list(fallbacks)
        session._cipher.cache_clear()

    yield restart
    session._cipher.cache_clear()


# when there is one


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", HOME),
        ("get", SIGN_IN),
        ("post", SIGN_IN),
        ("get", LIST),
        ("post", "/projects/switch/"),
        ("post", "/sign-out/"),
        ("get", "/no-such-page/"),
        ("get", "/healthz"),
        ("get", "/readyz"),
        ("get", "/patterns/"),
    ],
)
def test_a_stranger_leaves_no_row_and_gets_no_session(client, method, path):
    response = getattr(client, method)(path)
    assert not Session.objects.exists()
    assert "console_session" not in response.cookies


def test_a_session_begins_at_sign_in(client):
    attempt(client, password="wrong")
    assert not Session.objects.exists()
    attempt(client)
    assert Session.objects.count() == 1


def test_a_key_from_before_the_sign_in_is_not_kept(client):
    SessionStore(session_key="chosenbyastranger0123456789").save(must_create=True)
    client.cookies["console_session"] = "chosenbyastranger0123456789"
    attempt(client)
    assert client.cookies["console_session"].value != "chosenbyastranger0123456789"
    assert row().session_key == client.cookies["console_session"].value


def test_each_sign_in_has_a_key_of_its_own(client):
    attempt(client)
    first = client.cookies["console_session"].value
    attempt(client)
    assert client.cookies["console_session"].value != first
    assert Session.objects.count() == 1


def test_two_browsers_are_two_sessions(client):
    other = Client()
    attempt(client)
    attempt(other, "several")
    client.post("/sign-out/")
    assert not is_signed_in(client)
    assert other.get("/projects/").status_code == 200


def test_sessions_that_ended_are_removed(client):
    attempt(Client())
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(minutes=1))
    attempt(client)
    assert Session.objects.count() == 1


# what it holds


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_the_stored_row_holds_no_readable_token(client):
    attempt(client)
    stored = f"{row().session_data} {row().get_decoded()}"
    assert state().tokens
    assert not [token for token in state().tokens if token in stored]
    assert "eu-de" not in stored
    assert "demo" not in stored


def test_what_is_printed_of_an_account_holds_no_token(client):
    attempt(client)
    request = client.get(HOME).wsgi_request
    assert "demo" in repr(request.account)
    assert not [token for token in state().tokens if token in repr(request.account)]


def test_the_cookies_are_for_the_browser_alone(client):
    response = attempt(client)
    for name in ("console_session", "console_place"):
        assert response.cookies[name]["httponly"]
        assert response.cookies[name]["samesite"] == "Lax"
    assert client.cookies["console_csrf"]["httponly"]


def test_over_https_they_are_secure(client, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    response = attempt(client)
    for name in ("console_session", "console_place", "console_csrf"):
        assert response.cookies[name]["secure"], name


# its end


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_it_lives_as_long_as_its_token(client):
    attempt(client)
    ends = max(token.expires for token in state().tokens.values())
    assert abs(row().expire_date.timestamp() - ends) < 3


def test_the_cookie_ends_with_it(client):
    attempt(client)
    lasts = (row().expire_date - timezone.now()).total_seconds()
    assert abs(int(client.cookies["console_session"]["max-age"]) - lasts) < 5


def test_a_token_that_has_ended_is_a_sign_in_that_has_ended(client):
    attempt(client)

    def end(data):
        sealed = session._cipher().decrypt(data["account"].encode()).decode()
        year = str(timezone.now().year)
        past = sealed.replace(f'"expires_at":"{year}', '"expires_at":"2001')
        assert past != sealed
        return data | {"account": session._cipher().encrypt(past.encode()).decode()}

    tamper(end)
    assert client.get(LIST)["Location"] == "/sign-in/?next=%2Fbms%2Fservers%2F"


def test_choosing_another_project_does_not_prolong_it(client):
    attempt(client, "several")
    before = row().expire_date
    choose(client, "eu-de_test")
    assert abs((row().expire_date - before).total_seconds()) < 5


# what does not fit


@pytest.mark.parametrize(
    "sealed", ["", "nonsense", "gAAAAABnonsense", "ü" * 100, 7, None, ["list"], "a\x00b"]
)
def test_a_changed_session_is_signed_out(client, sealed):
    attempt(client)
    tamper(lambda data: data | {"account": sealed})
    assert client.get(HOME)["Location"] == "/sign-in/?next=%2F"
    assert Page(client.get(SIGN_IN)).h1 == "Log In"
    assert attempt(client)["Location"] == HOME


def test_a_row_that_was_not_written_by_us_is_signed_out(client):
    attempt(client)
    Session.objects.update(session_data="not ours")
    assert not is_signed_in(client)


def test_an_account_of_an_older_console_is_signed_out(client):
    attempt(client)
    sealed = session._cipher().encrypt(b'{"user": "by name only"}').decode()
    tamper(lambda data: data | {"account": sealed})
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "cookie", ["", "x", "unknown0123456789", '"a\\000bcdefgh"', "a" * 4000, "ü"]
)
def test_an_unknown_cookie_is_signed_out(client, cookie):
    client.cookies["console_session"] = cookie
    assert not is_signed_in(client)
    assert attempt(client)["Location"] == HOME
    assert is_signed_in(client)


# keys


def test_another_key_signs_everybody_out(client, other_key):
    attempt(client)
    other_key("another-key")
    assert not is_signed_in(client)
    assert attempt(client)["Location"] == HOME


def test_a_former_key_keeps_everybody_in(client, other_key, settings):
    attempt(client, "several")
    other_key("new-key", settings.SECRET_KEY)
    assert client.get("/projects/").status_code == 200
    choose(client, "eu-de_test")  # sealed with the new key from now on
    other_key("new-key")
    assert is_signed_in(client)
