from __future__ import annotations

import logging

import pytest
from django.contrib.sessions.models import Session

from console.emulator.faults import Fault
from console.models import SignInAttempt
from tests.cloud_settings import change_cloud
from tests.console.scopes import scoped_answer
from tests.console.signing_in import HOME, SIGN_IN, attempt, choose, project
from tests.factories import ProjectFactory, UserFactory, default_project, state
from tests.pages import Page

NO_VERDICT = ["timeout", "reset", "refused", "cut_body", "malformed", "wrong_shape", "empty"]

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db,
    pytest.mark.usefixtures("people"),
]


# the page


def test_the_page_asks_for_what_the_cloud_needs(client):
    page = Page(client.get(SIGN_IN))
    assert page.h1 == "Log In"
    assert [field["name"] for field in page.all("input") if field["type"] != "hidden"] == [
        "domain",
        "username",
        "password",
        "passcode",
    ]
    assert not page.all("select")


def test_the_demo_says_its_credentials(client):
    assert "demo-password" in Page(client.get(SIGN_IN)).text


def test_a_password_is_for_password_managers(client):
    [password] = Page(client.get(SIGN_IN)).all("input", id="id_password")
    assert (password["type"], password["autocomplete"]) == ("password", "current-password")


def test_it_is_never_cached(client):
    assert "no-store" in client.get(SIGN_IN)["Cache-Control"]


@pytest.mark.parametrize("missing", ["domain", "username", "password"])
def test_an_empty_field_is_named_and_the_others_keep_what_was_typed(client, missing):
    response = attempt(client, **{missing: ""})
    assert response.status_code == 422
    page = Page(response)
    [field] = page.all("input", id=f"id_{missing}")
    assert field["aria-invalid"] == "true"
    assert page.text.count("This field is required.") == 1
    if missing != "username":
        assert page.all("input", id="id_username")[0]["value"] == "demo"


def test_an_invalid_form_asks_nothing_of_the_cloud(client, emulator):
    attempt(client, passcode="letters")
    assert not emulator.log


@pytest.mark.parametrize("field", ["domain", "username", "password", "passcode"])
def test_a_nul_byte_is_refused_beside_the_field(client, field):
    response = attempt(client, **{field: "a\x00b"})
    assert response.status_code == 422
    assert Page(response).all("input", id=f"id_{field}")[0]["aria-invalid"] == "true"


# right


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_one_project_leads_straight_in(client):
    response = attempt(client, follow=True)
    assert response.redirect_chain == [(HOME, 302)]
    page = Page(response)
    assert page.h1 == "Home"
    assert "demo" in page.text


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_several_projects_are_to_be_chosen_from(client):
    response = attempt(client, "several", follow=True)
    page = Page(response)
    assert page.h1 == "Choose a Project"
    names = sorted(each.name for each in state().projects.values())
    assert [button.text for button in page.all("button", name="project")] == names


def test_a_chosen_project_is_worked_in(client):
    attempt(client, "several")
    response = choose(client, "eu-de_test")
    assert response["Location"] == HOME
    page = Page(client.get(HOME))
    [chosen] = [option for option in page.all("option") if "selected" in option.attributes]
    assert chosen.text == "eu-de_test"


@pytest.mark.parametrize("wanted", ["", "not-one", "a\x00b"])
def test_choosing_what_is_no_project_of_ours_says_so(client, wanted):
    attempt(client, "several")
    response = client.post("/projects/", {"project": wanted})
    assert response.status_code == 422
    assert "Choose one of your projects." in Page(response).text


def test_a_foreign_project_cannot_be_chosen(client):
    attempt(client, "several")
    foreign = ProjectFactory(name="eu-de_foreign")
    assert client.post("/projects/", {"project": foreign.id}).status_code == 422


def test_no_project_at_all_is_said_in_words_with_a_way_out(client):
    page = Page(attempt(client, "nobody", follow=True))
    assert "Your user has no role in any project." in page.text
    assert page.has("Log Out", "button")


def test_the_bookkeeping_project_of_object_storage_is_no_choice(client):
    UserFactory(name="keeper", projects=[default_project(), ProjectFactory(name="MOS")])
    assert Page(attempt(client, "keeper", follow=True)).h1 == "Home"


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_a_passcode_is_the_second_factor(client):
    assert attempt(client, "codes", passcode="654321")["Location"] == HOME


def test_names_keep_their_case_and_passwords_their_spaces(client):
    UserFactory(name="Ünïcode 🚀", password="  two spaces  ")
    response = attempt(client, "Ünïcode 🚀", password="  two spaces  ")
    assert response["Location"] == HOME


def test_a_domain_beyond_latin_letters_is_remembered(client, emulator):
    domain = next(iter(emulator.state.domains.values()))
    domain.name = "домен"
    response = attempt(client, domain="домен")
    assert response["Location"] == HOME
    response.cookies["console_place"].OutputString().encode("ascii")
    client.post("/sign-out/")
    [field] = Page(client.get(SIGN_IN)).all("input", id="id_domain")
    assert field["value"] == "домен"


def test_the_cloud_is_asked_three_times(client, emulator):
    attempt(client)
    assert [(call.method, call.path) for call in emulator.log] == [
        ("POST", "/v3/auth/tokens"),
        ("GET", "/v3/auth/projects"),
        ("POST", "/v3/auth/tokens"),
    ]


# the project of last time


def test_the_project_of_last_time_is_taken_again(client):
    attempt(client, "several")
    choose(client, "eu-de_test")
    client.post("/sign-out/")
    assert attempt(client, "several")["Location"] == HOME
    page = Page(client.get(HOME))
    [chosen] = [option for option in page.all("option") if "selected" in option.attributes]
    assert chosen.text == "eu-de_test"


def test_it_is_remembered_for_that_user_only(client):
    attempt(client, "several")
    choose(client, "eu-de_test")
    client.post("/sign-out/")
    UserFactory(name="other", projects=[default_project(), project("eu-de_test")])
    assert attempt(client, "other")["Location"].startswith("/projects/")


def test_where_it_is_gone_the_choice_comes_back(client):
    third = ProjectFactory(name="eu-de_third")
    UserFactory(name="three", projects=[default_project(), project("eu-de_test"), third])
    attempt(client, "three")
    choose(client, "eu-de_third")
    client.post("/sign-out/")
    state().projects[third.id].enabled = False
    page = Page(attempt(client, "three", follow=True))
    assert page.h1 == "Choose a Project"
    assert "eu-de_third" not in page.text


@pytest.mark.parametrize("cookie", ["", "nonsense", "e30:1:x", "a" * 4000])
def test_a_place_cookie_of_somebody_elses_making_is_ignored(client, cookie):
    client.cookies["console_place"] = cookie
    assert Page(client.get(SIGN_IN)).all("input", id="id_domain")[0]["value"] == ""
    assert attempt(client, "several")["Location"].startswith("/projects/")


# wrong


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_every_wrong_part_gets_the_same_answer(client):
    wrong = [
        attempt(client, password="wrong"),
        attempt(client, "ghost", password="demo-password"),
        attempt(client, domain="elsewhere"),
        attempt(client, "codes"),
        attempt(client, "codes", passcode="111111"),
        attempt(client, "codes", password="wrong", passcode="654321"),
    ]
    assert {response.status_code for response in wrong} == {422}
    said = {Page(response).all("div", role="alert")[0].text for response in wrong}
    assert said == {
        "The sign-in was refused. Check domain, user name and password, and the one-time passcode "
        "if your account uses one."
    }
    assert not Session.objects.exists()


@pytest.mark.parametrize("status", [400, 403, 404])
def test_other_refusals_of_the_cloud_tell_no_more(client, emulator, status):
    body = {"error": {"message": "The user demo is locked.", "code": status, "title": "x"}}
    emulator.faults.add(Fault("POST", "/v3/auth/tokens", "status", status=status, body=body))
    response = attempt(client)
    assert response.status_code == 422
    assert "locked" not in response.content.decode()


def has_focus(page):
    return [each for each in page.root.walk() if "autofocus" in each.attributes]


def passcode_is_folded(page):
    return "open" not in next(d for d in page.all("details") if "passcode" in d.text).attributes


def test_a_refusal_has_the_focus_and_unfolds_the_passcode(client):
    page = Page(attempt(client, password="wrong"))
    [focused] = has_focus(page)
    assert (focused["role"], focused["tabindex"]) == ("alert", "-1")
    assert not passcode_is_folded(page)


def test_a_cloud_without_a_verdict_has_the_focus_and_leaves_the_passcode_folded(client, emulator):
    emulator.faults.add(Fault("POST", "/v3/auth/tokens", "refused", times=None))
    page = Page(attempt(client))
    assert [focused["role"] for focused in has_focus(page)] == ["alert"]
    assert passcode_is_folded(page)


def test_the_first_wrong_field_has_the_focus(client):
    page = Page(attempt(client, username="", password=""))
    assert [field["id"] for field in has_focus(page)] == ["id_username"]
    assert passcode_is_folded(page)


def test_a_wrong_passcode_is_not_folded_away(client):
    page = Page(attempt(client, passcode="letters"))
    assert [field["id"] for field in has_focus(page)] == ["id_passcode"]
    assert not passcode_is_folded(page)


def test_what_was_typed_stays_but_never_the_password(client):
    response = attempt(client, password="my-secret-typo", next="/bms/servers/")
    page = Page(response)
    assert page.all("input", id="id_domain")[0]["value"] == "acme"
    assert page.all("input", id="id_username")[0]["value"] == "demo"
    assert page.all("input", name="next")[0]["value"] == "/bms/servers/"
    assert "my-secret-typo" not in page.html


def test_hostile_names_come_back_as_text(client):
    response = attempt(client, '"><script>alert(1)</script>')
    assert "<script>alert" not in response.content.decode()
    Page(response)


def test_neither_password_nor_token_is_logged(client, caplog):
    caplog.set_level(logging.DEBUG)
    attempt(client, password="my-secret-typo")
    attempt(client)
    client.get(HOME)
    assert "my-secret-typo" not in caplog.text
    assert "demo-password" not in caplog.text
    assert state().tokens
    assert not [token for token in state().tokens if token in caplog.text]


# no verdict


@pytest.mark.parametrize("kind", NO_VERDICT)
def test_a_cloud_without_a_verdict_is_said_in_words_and_not_counted(client, emulator, kind):
    emulator.faults.add(Fault("POST", "/v3/auth/tokens", kind, times=None))
    response = attempt(client)
    assert response.status_code == 503
    page = Page(response)
    assert "The cloud" in page.all("div", role="alert")[0].text
    assert page.all("input", id="id_username")[0]["value"] == "demo"
    assert not SignInAttempt.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_neither_is_one_that_fails(client, emulator, status):
    emulator.faults.add(
        Fault("POST", "/v3/auth/tokens", "status", status=status, headers={"Retry-After": "7"})
    )
    response = attempt(client)
    assert response.status_code == 503
    assert response["Retry-After"] == "7"
    assert not SignInAttempt.objects.exists()


@pytest.mark.parametrize("kind", NO_VERDICT)
@pytest.mark.parametrize(("method", "path"), [("GET", "projects"), ("POST", "tokens")])
def test_so_is_one_that_breaks_off_after_the_password(client, emulator, method, path, kind):
    skip = 1 if path == "tokens" else 0
    emulator.faults.add(Fault(method, f"/v3/auth/{path}", kind, skip=skip, times=None))
    response = attempt(client)
    assert response.status_code == 503
    assert "The cloud" in Page(response).all("div", role="alert")[0].text
    assert not SignInAttempt.objects.exists()
    assert not Session.objects.exists()


def test_a_project_lost_in_that_moment_does_not_lead_round_in_circles(client, emulator):
    emulator.faults.add(Fault("POST", "/v3/auth/tokens", "status", status=401, skip=1))
    response = attempt(client)
    assert response.status_code == 503
    assert "Your role in this project was taken away." in Page(response).text


# regions


@pytest.fixture
def two_regions(settings):
    change_cloud(settings, regions=("eu-de", "eu-nl"))


@pytest.mark.usefixtures("two_regions")
def test_several_regions_are_to_be_chosen_from(client):
    [field] = Page(client.get(SIGN_IN)).all("select", name="region")
    assert [option.text for option in field.walk() if option.tag == "option"] == ["eu-de", "eu-nl"]


@pytest.mark.usefixtures("two_regions")
def test_a_region_that_was_not_offered_is_refused(client):
    response = attempt(client, region="mars")
    assert response.status_code == 422
    assert Page(response).all("select", name="region")[0]["aria-invalid"] == "true"


def catalog_of_two_regions(emulator):
    """The next scoped token offers servers in a second region too."""
    emulator.faults.add(scoped_answer("demo", regions=("eu-de", "eu-nl"), skip=1))


@pytest.mark.usefixtures("two_regions")
@pytest.mark.parametrize("region", ["eu-de", "eu-nl"])
def test_the_chosen_region_is_worked_in(client, emulator, region):
    catalog_of_two_regions(emulator)
    page = Page(attempt(client, region=region, follow=True))
    [field] = page.all("select", name="region")
    [chosen] = [option.text for option in field.walk() if "selected" in option.attributes]
    assert chosen == region


@pytest.mark.usefixtures("two_regions")
def test_it_is_remembered_too(client, emulator):
    catalog_of_two_regions(emulator)
    attempt(client, region="eu-nl")
    client.post("/sign-out/")
    [field] = Page(client.get(SIGN_IN)).all("select", name="region")
    [chosen] = [option.text for option in field.walk() if "selected" in option.attributes]
    assert chosen == "eu-nl"


@pytest.mark.usefixtures("two_regions")
def test_it_is_carried_through_the_choice_of_a_project(client):
    response = attempt(client, "several", region="eu-nl", next="/bms/servers/", follow=True)
    page = Page(response)
    assert page.hidden("region") == "eu-nl"
    assert page.hidden("next") == "/bms/servers/"
