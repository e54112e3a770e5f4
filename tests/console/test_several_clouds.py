"""Several clouds: chosen at sign-in, and each session stays in its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from console import session
from console.emulator.app import Emulator
from tests import factories
from tests.factories import ServerFactory, default_project
from tests.pages import Page

SIGN_IN = reverse("console:sign_in")
PERSON = {"domain": "acme", "username": "demo", "password": "demo-password"}


@pytest.fixture
def clouds(settings, db):
    """Two clouds with a server each."""
    emulators = {"north": Emulator(profile="otc"), "south": Emulator(profile="openstack")}
    [config] = settings.CLOUDS.values()
    settings.CLOUDS = {
        name: replace(config, embedded=lambda one=one: one) for name, one in emulators.items()
    }
    session.shared_session.cache_clear()
    for name, one in emulators.items():
        factories.use(one)
        default_project()
        ServerFactory(name=f"server-{name}")
    yield emulators
    session.shared_session.cache_clear()


@pytest.fixture
def enter(client, clouds):
    def sign_in(cloud):
        answer = client.post(SIGN_IN, PERSON | {"cloud": cloud})
        assert answer.status_code == 302
        return Page(client.get(reverse("bms:server_list")))

    return sign_in


def test_the_page_offers_them(client, clouds):
    page = Page(client.get(SIGN_IN))
    [choice] = page.all("select", name="cloud")
    assert [option["value"] for option in choice.walk() if option.tag == "option"] == [*clouds]
    assert not page.all("select", name="region")
    assert page.text.count("optional") == 1, "only the passcode is"


@pytest.mark.parametrize("name", ["north", "south"])
def test_one_works_in_the_chosen_one_and_the_bar_says_which(enter, clouds, name):
    for emulator in clouds.values():
        emulator.log.clear()
    page = enter(name)
    assert f"server-{name}" in page.text
    assert f"Cloud {name}" in page.text
    [other] = clouds.keys() - {name}
    assert f"server-{other}" not in page.text
    assert not clouds[other].log


def test_a_cloud_that_there_is_not_is_refused(client, clouds):
    answer = client.post(SIGN_IN, PERSON | {"cloud": "west"})
    assert answer.status_code == 422
    assert not any(one.log for one in clouds.values())


def test_without_a_choice_it_is_the_first(client, clouds):
    assert client.post(SIGN_IN, PERSON).status_code == 302
    assert "server-north" in Page(client.get(reverse("bms:server_list"))).text


def test_the_last_one_is_offered_again(client, enter):
    enter("south")
    client.post(reverse("console:sign_out"))
    page = Page(client.get(SIGN_IN))
    [chosen] = [o for o in page.root.walk() if o.tag == "option" and "selected" in o.attributes]
    assert chosen["value"] == "south"


def test_a_log_out_ends_the_token_where_it_is_good(client, enter, clouds):
    enter("south")
    for emulator in clouds.values():
        emulator.log.clear()
    client.post(reverse("console:sign_out"))
    assert "DELETE" in {call.method for call in clouds["south"].log}
    assert not clouds["north"].log


def test_with_the_cloud_gone_from_the_settings_the_sign_in_is_over(client, enter, settings):
    enter("south")
    settings.CLOUDS = {"north": settings.CLOUDS["north"]}
    answer = client.get(reverse("bms:server_list"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(SIGN_IN)


def test_readyz_asks_each_of_them(client, clouds, settings):
    settings.CLOUDS = settings.CLOUDS | {
        "south": replace(settings.CLOUDS["south"], embedded=None, auth_url="http://127.0.0.1:9/v3")
    }
    session.shared_session.cache_clear()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["reasons"]) == ["cloud south"]
