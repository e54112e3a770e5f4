from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from tests.console.scopes import scoped_answer
from tests.console.signing_in import HOME, attempt, choose, project
from tests.factories import ProjectFactory, ServerFactory, UserFactory, state
from tests.pages import Page

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db,
    pytest.mark.usefixtures("people"),
]

LIST = "/bms/servers/"
SWITCH = "/projects/switch/"


@pytest.fixture
def several(client):
    """Signed in with two projects, in the first, where `db-1` is; `db-2` is in the other."""
    ServerFactory(name="db-1")
    ServerFactory(name="db-2", project=project("eu-de_test"))
    attempt(client, "several")
    choose(client, "eu-de_prod")
    return client


def selected(page, name):
    [field] = page.all("select", name=name)
    [chosen] = [option.text for option in field.walk() if "selected" in option.attributes]
    return chosen


def switch(client, name, follow=False, **more):
    return client.post(SWITCH, {"project": project(name).id, **more}, follow=follow)


def test_the_top_bar_offers_the_other_projects(several):
    page = Page(several.get(HOME))
    assert selected(page, "project") == "eu-de_prod"
    [field] = page.all("select", name="project")
    assert [o.text for o in field.walk() if o.tag == "option"] == ["eu-de_prod", "eu-de_test"]
    assert page.has("Switch", "button"), "it needs no script"


def test_after_the_switch_only_the_other_project_is_seen(several):
    switch(several, "eu-de_test")
    page = Page(several.get(LIST))
    assert "db-2" in page.text
    assert "db-1" not in page.text
    assert selected(page, "project") == "eu-de_test"


def test_it_says_where_one_works_now(several):
    page = Page(switch(several, "eu-de_test", follow=True))
    assert page.text.count("You now work in eu-de_test.") == 1


def test_what_the_first_project_owns_is_not_found_then(several):
    [first] = [server for server in state().servers.values() if server.name == "db-1"]
    path = f"{LIST}{first.id}/"
    assert several.get(path).status_code == 200
    switch(several, "eu-de_test")
    assert several.get(path).status_code == 404


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/bms/servers/8a3c1c68-1111-4222-8333-444455556666/?tab=nics", LIST),
        ("/bms/servers/?q=db&marker=x", LIST),
        ("/vpc/vpcs/8a3c1c68-1111-4222-8333-444455556666/", "/vpc/vpcs/"),
        ("/", HOME),
        ("/projects/", HOME),
        ("/no-such-page/", HOME),
        ("//evil.example/bms/servers/", HOME),
        ("https://evil.example/", HOME),
        ("", HOME),
        ("/%ff\x00", HOME),
    ],
)
def test_it_leads_to_the_start_of_the_service_one_is_in(several, here, there):
    assert switch(several, "eu-de_test", next=here)["Location"] == there


def test_the_page_tells_where_one_is(several):
    page = Page(several.get(f"{LIST}?status=ACTIVE"))
    [form] = page.all("form", action=SWITCH)
    [field] = [each for each in form.walk() if each["name"] == "next"]
    assert field["value"] == f"{LIST}?status=ACTIVE"


@pytest.mark.parametrize("wanted", ["foreign", "no-such-id", "a\x00b"])
def test_a_project_of_others_is_refused_in_words(several, wanted):
    foreign = ProjectFactory(name="eu-de_foreign")
    response = several.post(
        SWITCH, {"project": foreign.id if wanted == "foreign" else wanted}, follow=True
    )
    page = Page(response)
    assert "That project is not one of yours. Nothing was switched." in page.text
    assert selected(page, "project") == "eu-de_prod"


def test_it_is_remembered_for_the_next_sign_in(several):
    switch(several, "eu-de_test")
    several.post("/sign-out/")
    attempt(several, "several")
    assert selected(Page(several.get(HOME)), "project") == "eu-de_test"


def test_each_project_has_a_token_of_its_own(several):
    switch(several, "eu-de_test")
    scoped = [token.project.name for token in state().tokens.values() if token.project]
    assert sorted(scoped) == ["eu-de_prod", "eu-de_test"]


def test_the_token_left_behind_still_serves_other_tabs(several, emulator):
    """A page that was on its way during the switch must not end as a sign-out."""
    before = set(state().tokens)
    switch(several, "eu-de_test")
    assert before <= set(state().tokens)
    assert not [call for call in emulator.log if call.method == "DELETE"]


def test_a_role_taken_away_is_said_and_nobody_is_signed_out(several):
    user = next(user for user in state().users.values() if user.name == "several")
    user.roles = {k: v for k, v in user.roles.items() if k != project("eu-de_test").id}
    response = switch(several, "eu-de_test")
    assert response.status_code == 403
    assert "Your role in this project was taken away." in Page(response).text
    assert selected(Page(several.get(HOME)), "project") == "eu-de_prod"


def test_a_sign_in_that_has_ended_leads_to_the_sign_in_and_back(several):
    state().tokens.clear()
    response = several.post(
        SWITCH,
        {"project": project("eu-de_test").id},
        headers={"Referer": "http://testserver/bms/servers/"},
    )
    assert response["Location"] == "/sign-in/?next=%2Fbms%2Fservers%2F"


def test_a_cloud_that_is_down_switches_nothing(several, emulator):
    emulator.faults.add(Fault("POST", "/v3/auth/tokens", "refused"))
    response = switch(several, "eu-de_test")
    assert response.status_code == 503
    assert Page(response).h1 == "The cloud cannot be reached"
    assert selected(Page(several.get(HOME)), "project") == "eu-de_prod"


def test_the_switch_is_only_a_form(several):
    response = several.get(SWITCH)
    assert response.status_code == 405
    assert Page(response).has("Home")


def test_another_region(client, emulator):
    emulator.faults.add(scoped_answer("demo", regions=("eu-de", "eu-nl"), skip=1))
    attempt(client)
    assert selected(Page(client.get(HOME)), "region") == "eu-de"
    emulator.faults.add(scoped_answer("demo", regions=("eu-de", "eu-nl")))
    response = client.post(SWITCH, {"region": "eu-nl", "next": LIST})
    assert response["Location"] == LIST
    assert selected(Page(client.get(HOME)), "region") == "eu-nl"


@pytest.mark.parametrize("region", ["mars", "a\x00b", "*"])
def test_a_region_that_is_not_there_is_the_projects_own(client, region):
    attempt(client)
    client.post(SWITCH, {"region": region})
    assert client.get(HOME).wsgi_request.account.region == "eu-de"


def test_with_one_region_there_is_nothing_to_choose(several):
    assert not Page(several.get(HOME)).all("select", name="region")


def test_who_has_no_project_yet_is_led_to_the_choice_and_on(client):
    attempt(client, "several")
    response = client.get(f"{LIST}?q=db")
    assert response["Location"] == "/projects/?next=%2Fbms%2Fservers%2F%3Fq%3Ddb"
    page = Page(client.get(response["Location"]))
    assert choose(client, "eu-de_test", next=page.hidden("next"))["Location"] == f"{LIST}?q=db"


def test_for_htmx_the_whole_browser_goes_there(client):
    attempt(client, "several")
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/vpc/vpcs/?q=x"}
    response = client.get(LIST, headers=headers)
    assert response["HX-Redirect"] == "/projects/?next=%2Fvpc%2Fvpcs%2F%3Fq%3Dx"
    assert not response.content


def test_a_reader_is_told_why_nothing_can_be_changed(client):
    UserFactory(name="viewer", roles="reader")
    attempt(client, "viewer")
    context = client.get(HOME).context
    assert not context["can_write"]
    assert "only allows viewing" in context["read_only_reason"]
