"""How the console looks to a user: kept with the user, across sign-ins and browsers."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from console.models import Preference
from tests.factories import UserFactory
from tests.pages import Page

HOME = reverse("console:home")


@pytest.fixture
def choose(signed_in):
    def send(client=signed_in, to=HOME, **fields):
        return client.post(reverse("console:preferences_save"), fields | {"next": to})

    return send


@pytest.fixture
def look():
    """(theme, whether the navigation is folded) as a page shows them."""

    def read(client, url=HOME):
        page = Page(client.get(url))
        [html] = page.all("html")
        [shell] = [one for one in page.all("div") if "shell" in one["class"].split()]
        [scheme] = page.all("meta", name="color-scheme")
        assert scheme["content"] == (html["data-theme"] or "light dark")
        return html["data-theme"], "folded" in shell["class"].split()

    return read


def pressed(client):
    buttons = Page(client.get(HOME)).all("button", name="theme")
    return [one.text for one in buttons if one["aria-pressed"] == "true"]


def test_by_itself_the_system_decides(signed_in, look):
    assert look(signed_in) == ("", False)
    assert pressed(signed_in) == ["System"]


@pytest.mark.parametrize(("theme", "label"), [("light", "Light"), ("dark", "Dark")])
def test_a_theme_is_chosen_and_given_back_to_the_system(signed_in, choose, look, theme, label):
    assert choose(theme=theme).status_code == 302
    assert look(signed_in) == (theme, False)
    assert pressed(signed_in) == [label]

    choose(theme="")
    assert look(signed_in) == ("", False)


def test_the_navigation_folds_and_the_theme_stays(signed_in, choose, look):
    choose(theme="dark")
    choose(folded="on")
    assert look(signed_in) == ("dark", True)

    choose(folded="off")
    assert look(signed_in) == ("dark", False)


def test_it_is_the_users_in_another_browser_too(signed_in, choose, look, emulator):
    choose(theme="dark", folded="on")

    other = Client()
    fields = {"domain": "acme", "username": "demo", "password": "demo-password"}
    other.post(reverse("console:sign_in"), fields)

    assert look(other) == ("dark", True)
    assert Preference.objects.count() == 1


def test_it_ends_with_the_sign_out_and_is_nobody_elses(signed_in, choose, look, sign_in):
    choose(theme="dark")

    signed_in.post(reverse("console:sign_out"))
    [html] = Page(signed_in.get(reverse("console:sign_in"))).all("html")
    assert html["data-theme"] == ""

    sign_in(UserFactory().name)
    assert look(signed_in) == ("", False)


def test_one_goes_back_to_the_page_where_it_was_and_to_no_other_host(choose):
    page = f"{reverse('vpc:vpc_list')}?q=prod"

    assert choose(to=page, theme="dark")["Location"] == page
    assert choose(to="//evil.example/x", theme="dark")["Location"] == "/"


@pytest.mark.parametrize("fields", [{"theme": "pink"}, {"folded": "x"}, {}])
def test_nonsense_changes_nothing(signed_in, choose, look, fields):
    choose(theme="dark", folded="on")

    choose(**fields)

    assert look(signed_in) == ("dark", True)


def test_a_get_is_no_way_to_change_it(signed_in):
    assert signed_in.get(reverse("console:preferences_save")).status_code == 405


def test_who_is_signed_out_has_no_look_to_keep(client, db):
    client.post(reverse("console:preferences_save"), {"theme": "dark"})

    assert not Preference.objects.exists()
    assert Page(client.get(reverse("console:sign_in"))).all("html")[0]["data-theme"] == ""


def test_no_page_asks_the_database_for_it(signed_in, choose, django_assert_num_queries):
    choose(theme="dark")
    with django_assert_num_queries(1):  # the session
        signed_in.get(HOME)


def test_what_an_older_session_holds_is_passed_over(signed_in, look):
    session = signed_in.session
    session["preferences"] = {"theme": 7}
    session.save()

    assert look(signed_in) == ("", False)
