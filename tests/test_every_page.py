"""What holds for every page about servers and networks, whatever it shows."""

from __future__ import annotations

import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from tests.factories import ProjectFactory, UserFactory, default_project
from tests.pages import Page
from tests.tour import DIALOGS, FRAGMENTS, PAGES, RECORDS, furnish

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
EVERY = pytest.mark.parametrize("name", PAGES)
EVERY_PART = pytest.mark.parametrize("name", [*PAGES, *FRAGMENTS])
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/vpc/vpcs/"}

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": "\" onmouseover=alert(1) x='",
    "template": "{{ 7|add:7 }}{% debug %}",
    "right to left": "\u202eecilA\u2066",
    "long": "x" * 255,
    "emoji": "\U0001f980\U0001f469‍\U0001f4bb db",
    "entity": "&lt;b&gt;&amp;",
    "json": '"}, "x": [1, {"',
    "url": "javascript:alert(1)//../?q=1&x=#y",
}


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("header", ["", "HX-Boosted", "HX-History-Restore-Request"])
def test_pages_of_records_need_no_cloud(emulator, sign_in, name, header):
    tour = furnish(records=True)
    client = sign_in()
    emulator.faults.add(Fault("*", "", "refused", times=None))
    url = tour.urls[name]

    page = Page(client.get(url, headers=HTMX | {header: "true"} if header else {}))
    part = Page(client.get(url, headers=HTMX), full=False)

    assert page.h1
    assert not part.all("main")
    assert page.response["Vary"] == part.response["Vary"]
    assert "HX-Request" in part.response["Vary"]
    assert len(emulator.log) == 0


@PROFILES
@EVERY
def test_it_opens_as_a_page(emulator, sign_in, name):
    tour = furnish()

    response = sign_in().get(tour.urls[name])

    assert response.status_code == 200
    assert Page(response).h1
    assert "HX-Request" in response["Vary"]


@EVERY_PART
def test_htmx_gets_a_part_of_it(emulator, sign_in, name):
    tour = furnish()

    response = sign_in().get(tour.urls[name], headers=HTMX)

    assert response.status_code == 200
    page = Page(response, full=False)
    assert "<html" not in page.html
    assert not page.all("main")
    assert "HX-Request" in response["Vary"]


@EVERY
@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_whole_page_is_sent_where_htmx_shows_a_whole_page(emulator, sign_in, name, header):
    tour = furnish()

    response = sign_in().get(tour.urls[name], headers=HTMX | {header: "true"})

    assert "<html" in response.content.decode()


@EVERY_PART
def test_signed_out_it_leads_to_the_sign_in_page_and_back(client, emulator, db, name):
    url = furnish().urls[name]

    response = client.get(url)

    assert response.status_code == 302
    target = urlsplit(response["Location"])
    assert target.path == reverse("console:sign_in")
    assert parse_qs(target.query)["next"] == [url]
    assert len(emulator.log) == 0


@EVERY_PART
def test_signed_out_htmx_is_sent_away_as_a_whole(client, emulator, db, name):
    """Never a sign-in page inside a part of another page."""
    response = client.get(furnish().urls[name], headers=HTMX)

    assert response.status_code == 401
    assert response.content == b""
    target = urlsplit(response["HX-Redirect"])
    assert target.path == reverse("console:sign_in")
    assert parse_qs(target.query)["next"] == ["/vpc/vpcs/"]


@PROFILES
@EVERY_PART
def test_a_token_that_ended_leads_to_the_sign_in_page_and_back(emulator, sign_in, name):
    tour = furnish()
    client = sign_in()
    emulator.state.tokens.clear()

    response = client.get(tour.urls[name])
    part = sign_in().get
    emulator.state.tokens.clear()
    answer = part(tour.urls[name], headers=HTMX)

    if name in FRAGMENTS:
        assert response.status_code == 302
    else:
        assert parse_qs(urlsplit(response["Location"]).query)["next"] == [tour.urls[name]]
    assert answer.status_code == 401
    assert answer.content == b""
    assert "/sign-in/" in answer["HX-Redirect"]


@PROFILES
@EVERY
def test_a_reader_sees_it(emulator, sign_in, name):
    tour = furnish()
    UserFactory(name="viewer", roles="reader")

    assert Page(sign_in("viewer").get(tour.urls[name])).h1


@pytest.mark.parametrize("name", ["subnet_virtual_ips", "virtual_ip_detail"])
def test_a_reader_is_told_why_nothing_can_be_changed(emulator, sign_in, name):
    tour = furnish()
    UserFactory(name="viewer", roles="reader")

    page = Page(sign_in("viewer").get(tour.urls[name]))

    asked = {"subnet_virtual_ips": ("Assign Virtual IP Address",)}.get(name, ())
    for label in (*asked, "Unbind from Server", "Release"):
        button = page.button(label)
        assert button["aria-disabled"] == "true"
        reason = page.all("span", id=button["aria-describedby"])[0].text
        assert "only allows viewing" in reason
    links = {a["href"] for a in page.all("a") if "/virtual-ips/" in a["href"]}
    looking = {
        tour.dialog(what, vip) for what in ("detail", "guide") for vip in (tour.vip, tour.free)
    }
    assert links <= looking


@PROFILES
@EVERY
def test_with_the_cloud_down_it_says_so_and_the_console_stands(emulator, sign_in, name):
    tour = furnish()
    client = sign_in()
    emulator.faults.add(Fault("*", "", "refused", times=None))

    response = client.get(tour.urls[name])

    page = Page(response)
    assert response.status_code == 503
    assert "The cloud" in page.h1
    assert "Nothing was changed" in page.text
    assert page.has("Bare Metal Server")
    assert page.link("Try again")["href"] == tour.urls[name]


@pytest.mark.parametrize("name", [n for n in PAGES if n not in ("server_list", "vpc_list")])
@PROFILES
def test_ids_that_never_were_are_a_404_page(emulator, sign_in, name):
    tour = furnish()
    ids = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", tour.urls[name].partition("?")[0])
    client = sign_in()

    for one in ids:
        response = client.get(tour.urls[name].replace(one, str(uuid.uuid4())))
        assert response.status_code == 404
        assert Page(response).h1


@pytest.mark.parametrize("name", [n for n in PAGES if n not in ("server_list", "vpc_list")])
@PROFILES
def test_what_another_project_has_does_not_exist(emulator, sign_in, name):
    tour = furnish(name="their-secret")
    other = ProjectFactory(name="other")
    UserFactory(name="stranger", projects=[other])

    response = sign_in("stranger").get(tour.urls[name])

    if name in ("server_list_by_id", "server_list_by_address"):
        assert Page(response).rows() == []
    else:
        assert response.status_code == 404
    assert "their-secret" not in response.content.decode()


@PROFILES
@EVERY_PART
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(emulator, sign_in, name, kind):
    tour = furnish(name=HOSTILE[kind])
    client = sign_in()
    client.get(tour.urls["server_list"])

    response = client.get(tour.urls[name], headers=HTMX if name in FRAGMENTS else {})

    assert response.status_code == 200
    page = Page(response, full=name not in FRAGMENTS)
    assert {script["src"][:8] for script in page.all("script")} <= {"/static/"}
    assert not page.all("b")
    assert not [e for e in page.root.walk() if e["href"].startswith("javascript:")]
    if emulator.state.otc and name.startswith(("subnet", "vpc_d", "server_l", "server_d")):
        assert " ".join(HOSTILE[kind].split()) in page.text


@pytest.mark.parametrize("dialog", DIALOGS)
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_only_get_and_post_are_understood(emulator, sign_in, dialog, method):
    url = furnish().dialog(dialog)

    assert getattr(sign_in(), method)(url).status_code == 405


@EVERY
def test_no_part_of_the_token_is_on_it(emulator, sign_in, name):
    tour = furnish()
    client = sign_in()

    html = client.get(tour.urls[name]).content.decode()

    assert not [token for token in emulator.state.tokens if token in html]


@EVERY
def test_an_empty_project_has_the_page_or_does_not_know_the_thing(emulator, sign_in, name):
    default_project()
    tour = furnish()
    for table in ("servers", "networks", "subnets", "ports", "routers", "floating_ips"):
        getattr(emulator.state, table).clear()
    for index in ("_ports_of_device", "_ports_of_network"):
        getattr(emulator.state, index).clear()

    response = sign_in().get(tour.urls[name])

    assert response.status_code in {200, 404}
    assert Page(response).h1
