"""The language of a page: the browser's, unless its user has chosen one."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from console import leases
from console.models import Preference
from tests.factories import UserFactory
from tests.pages import Page
from tests.tour import furnish

HOME = reverse("console:home")
SIGN_IN = reverse("console:sign_in")
COOKIE = django_settings.LANGUAGE_COOKIE_NAME


def language_of(response):
    [html] = Page(response).all("html")
    assert response["Content-Language"] == html["lang"]
    return html["lang"]


def choose(client, language, to=HOME):
    fields = {"language": language, "next": to}
    return client.post(reverse("console:preferences_save"), fields)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,de;q=0.5", "de"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        ("de;q=nonsense", "en"),
        ("\u20ac" * 3, "en"),
    ],
)
def test_the_browser_asks(client, db, asked, given):
    response = client.get(SIGN_IN, headers={"Accept-Language": asked})

    assert language_of(response) == given
    assert "Accept-Language" in response["Vary"]


def test_who_is_not_signed_in_chooses_for_this_browser(client, db):
    response = choose(client, "de", to=SIGN_IN)

    assert response["Location"] == SIGN_IN
    assert language_of(client.get(SIGN_IN)) == "de"
    assert language_of(Client().get(SIGN_IN)) == "en"

    choose(client, "", to=SIGN_IN)
    assert language_of(client.get(SIGN_IN)) == "en"


def test_the_sign_in_page_offers_each_language_in_its_own_words(client, db):
    page = Page(client.get(SIGN_IN, headers={"Accept-Language": "de"}))

    buttons = page.all("button", name="language")
    assert [(one["lang"], one.text, one["aria-pressed"]) for one in buttons] == [
        ("en", "English", "false"),
        ("de", "Deutsch", "true"),
    ]


def test_a_user_has_chosen_whatever_the_browser_asks(signed_in):
    choose(signed_in, "de")

    assert language_of(signed_in.get(HOME)) == "de"
    assert language_of(signed_in.get(HOME, headers={"Accept-Language": "en"})) == "de"

    choose(signed_in, "")
    assert language_of(signed_in.get(HOME)) == "en"
    assert language_of(signed_in.get(HOME, headers={"Accept-Language": "de"})) == "de"


def test_it_is_kept_with_the_user_in_another_browser_too(signed_in, sign_in):
    choose(signed_in, "de")

    assert language_of(sign_in().get(HOME)) == "de"


def test_other_choices_leave_it_alone(signed_in):
    choose(signed_in, "de")
    signed_in.post(reverse("console:preferences_save"), {"theme": "dark"})

    assert language_of(signed_in.get(HOME)) == "de"
    assert Preference.objects.get().theme == "dark"


@pytest.mark.parametrize("nonsense", ["fr", "xx-yy", "../de", "d" * 300])
def test_nonsense_changes_nothing(signed_in, nonsense):
    choose(signed_in, "de")
    choose(signed_in, nonsense)

    assert language_of(signed_in.get(HOME)) == "de"


@pytest.mark.parametrize("nonsense", ["fr", "../de", "d" * 300, "\u00fc"])
def test_a_cookie_of_nonsense_is_passed_over(client, db, nonsense):
    client.cookies[COOKIE] = nonsense

    assert language_of(client.get(SIGN_IN, headers={"Accept-Language": "de"})) == "de"


def test_what_the_cloud_client_does_on_a_thread_is_in_the_readers_language(open_cloud):
    cloud = open_cloud()
    with translation.override("de"):
        started = cloud.start(translation.get_language)

    assert started.result() == "de"
    assert cloud.start(translation.get_language).result() == "en"


def test_a_request_leaves_no_language_behind(client, db):
    client.get(SIGN_IN, headers={"Accept-Language": "de"})

    assert translation.get_language() == "en"


@pytest.mark.parametrize(
    "page", ["server_list", "subnet_virtual_ips", "virtual_ip_bind", "virtual_ip_detail"]
)
def test_rows_that_are_kept_are_not_shown_in_another_language(emulator, sign_in, page):
    url = furnish().urls[page]
    client = sign_in()
    english = client.get(url).content.decode()
    german = client.get(url, headers={"Accept-Language": "de"}).content.decode()

    assert client.get(url).content.decode().count("Bare Metal") == english.count("Bare Metal")
    assert Page(client.get(url)).text == Page(client.get(url)).text
    assert english != german


def test_what_one_user_chose_in_a_browser_is_not_the_next_ones(signed_in, sign_in):
    choose(signed_in, "de")
    UserFactory(name="other")
    client = sign_in("other")
    client.cookies[COOKIE] = "de"

    assert language_of(client.get(HOME, headers={"Accept-Language": "en"})) == "en"


def test_who_else_is_writing_is_told_in_the_readers_language(db):
    with (
        leases.held(uuid4(), ["port:1"], words="Bind to Server by demo", patience=0),
        translation.override("de"),
        pytest.raises(leases.Busy, match="An Server binden von demo"),
        leases.held(uuid4(), ["port:1"], words="", patience=0),
    ):
        pass
