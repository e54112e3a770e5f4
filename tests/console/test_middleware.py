from __future__ import annotations

import uuid

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver, reverse

from console.branding import Branding, Logo
from console.emulator.faults import Fault
from tests.console.scopes import scoped_answer
from tests.console.signing_in import HOME, attempt
from tests.factories import ServerFactory, SubnetFactory, VirtualIPFactory, state
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("people")]

LIST = "/bms/servers/"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/vpc/vpcs/?q=x"}
NOBODY = "8a3c1c68-1111-4222-8333-444455556666"
OPEN = {"healthz", "readyz", "sign_in", "sign_out", "brand_css", "brand_logo"}


@pytest.fixture
def signed_in(client):
    attempt(client)
    return client


def every_address():
    """The address of each page there is, with ids of nothing."""

    def walk(patterns, namespace="", above=()):
        for pattern in patterns:
            wanted = (*above, *pattern.pattern.converters)
            if hasattr(pattern, "url_patterns"):
                within = f"{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern.url_patterns, within, wanted)
            elif pattern.name:
                ids = dict.fromkeys(wanted, NOBODY)
                yield pattern.name, reverse(f"{namespace}{pattern.name}", kwargs=ids)

    return walk(get_resolver().url_patterns)


ADDRESSES = dict(every_address())


# closed by default


@pytest.mark.parametrize("name", sorted(ADDRESSES.keys() - OPEN))
def test_a_stranger_sees_no_page(client, name, emulator):
    response = client.get(ADDRESSES[name])
    assert response.status_code in {302, 405}
    if response.status_code == 302:
        assert response["Location"].startswith("/sign-in/?next=%2F")
    assert not emulator.log


@pytest.mark.parametrize("name", sorted(ADDRESSES.keys() - OPEN))
def test_a_stranger_sends_no_form(client, name, emulator):
    response = client.post(ADDRESSES[name])
    assert response.status_code in {302, 405}
    assert not emulator.log


def test_these_alone_are_open(client, settings):
    settings.BRANDING = Branding("Acme", accent="#0a5d43", logo=Logo(b"<svg/>", "image/svg+xml"))
    opened = [name for name in ADDRESSES if client.get(ADDRESSES[name]).status_code == 200]
    assert set(opened) == OPEN - {"sign_out"}


# signed out


def test_the_way_to_the_sign_in_keeps_the_page(client):
    response = client.get(f"{LIST}?q=a%26b")
    assert response["Location"] == "/sign-in/?next=%2Fbms%2Fservers%2F%3Fq%3Da%2526b"


def test_for_htmx_the_whole_browser_goes_and_comes_back_to_the_page_seen(client):
    response = client.get(f"{LIST}rows/?id={NOBODY}", headers=HTMX)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/sign-in/?next=%2Fvpc%2Fvpcs%2F%3Fq%3Dx"
    assert not response.content


@pytest.mark.parametrize("url", ["https://evil.example/x", "nonsense", "", "http://testserver"])
def test_what_page_was_seen_is_not_taken_from_anywhere(client, url):
    response = client.get(LIST, headers={"HX-Request": "true", "HX-Current-URL": url})
    assert response["HX-Redirect"] in {"/sign-in/?next=%2F", "/sign-in/?next="}


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/vpc/vpcs/?q=x", "%2Fvpc%2Fvpcs%2F%3Fq%3Dx"),
        ("https://evil.example/x", "%2Fprojects%2F"),
        ("http://[broken", "%2Fprojects%2F"),
        ("", "%2Fprojects%2F"),
    ],
)
def test_a_form_comes_back_to_the_page_it_stood_on(client, referer, back):
    response = client.post("/projects/", headers={"Referer": referer})
    assert response["Location"] == f"/sign-in/?next={back}"


def test_boosted_and_restored_pages_are_pages_of_the_browser(signed_in):
    for header in ("HX-Boosted", "HX-History-Restore-Request"):
        response = signed_in.get(HOME, headers={"HX-Request": "true", header: "true"})
        assert Page(response).h1 == "Home"


def test_a_fragment_is_a_fragment(signed_in):
    response = signed_in.get(LIST, headers={"HX-Request": "true"})
    page = Page(response, full=False)
    assert not page.all("html")
    assert "HX-Request" in response["Vary"]


def test_both_kinds_are_kept_apart_by_caches(signed_in):
    for headers in ({}, {"HX-Request": "true"}):
        vary = signed_in.get(LIST, headers=headers)["Vary"]
        assert {"HX-Request", "Cookie"} <= {word.strip() for word in vary.split(",")}


# the sign-in ends on the way


def test_a_revoked_token_leads_to_the_sign_in_with_a_word_and_back(signed_in):
    ServerFactory(name="db-1")
    state().tokens.clear()
    response = signed_in.get(f"{LIST}?status=ACTIVE", follow=True)
    page = Page(response)
    assert page.h1 == "Log In"
    assert page.text.count("Your sign-in has ended. Log in to go on where you were.") == 1
    back = attempt(signed_in, next=page.hidden("next"), follow=True)
    assert back.redirect_chain == [(f"{LIST}?status=ACTIVE", 302)]
    assert "db-1" in Page(back).text
    assert "has ended" not in Page(back).text


def test_for_htmx_too(signed_in):
    state().tokens.clear()
    response = signed_in.get(LIST, headers=HTMX)
    assert (response.status_code, response.content) == (401, b"")
    assert response["HX-Redirect"] == "/sign-in/?next=%2Fvpc%2Fvpcs%2F%3Fq%3Dx"
    assert "Your sign-in has ended." in Page(signed_in.get("/sign-in/")).text


def test_in_the_middle_of_a_dialog_nothing_is_changed(signed_in):
    vip = VirtualIPFactory()
    path = reverse(
        "vpc:virtual_ip_release",
        kwargs={"network_id": vip.network_id, "subnet_id": vip.subnet_id, "vip_id": vip.id},
    )
    form = Page(signed_in.get(path))
    state().tokens.clear()
    response = signed_in.post(path, {"key": form.hidden("key")})
    assert response["Location"].startswith("/sign-in/?next=%2Fvpc%2Fnetworks%2F")
    assert vip.id in state().ports
    page = Page(signed_in.get(response["Location"]))
    back = attempt(signed_in, next=page.hidden("next"))
    assert back["Location"] == path
    assert signed_in.get(path).status_code == 200


def test_the_session_is_gone_then(signed_in):
    state().tokens.clear()
    signed_in.get(LIST)
    assert signed_in.get(HOME).status_code == 302


def dialog_of(vip):
    where = {"network_id": vip.network_id, "subnet_id": vip.subnet_id, "vip_id": vip.id}
    return reverse("vpc:virtual_ip_release", kwargs=where)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_form_sent_after_the_session_was_gone_changed_nothing_and_says_so(signed_in, headers):
    vip = VirtualIPFactory()
    form = Page(signed_in.get(dialog_of(vip)))
    Session.objects.all().delete()
    response = signed_in.post(dialog_of(vip), {"key": form.hidden("key")}, headers=headers)
    page = Page(signed_in.get(response.get("HX-Redirect") or response["Location"]))
    assert page.text.count("Your sign-in has ended. Nothing was changed by what you just sent") == 1
    assert vip.id in state().ports


def test_so_is_one_sent_after_a_log_out_in_another_tab(signed_in):
    vip = VirtualIPFactory()
    form = Page(signed_in.get(dialog_of(vip)))
    signed_in.post("/sign-out/")
    signed_in.get("/sign-in/")
    response = signed_in.post(dialog_of(vip), {"key": form.hidden("key")})
    assert "Nothing was changed by what you" in Page(signed_in.get(response["Location"])).text


def test_a_page_asked_for_after_the_session_was_gone_says_so_once(signed_in):
    Session.objects.all().delete()
    page = Page(signed_in.get(LIST, follow=True))
    assert page.text.count("Your sign-in has ended. Log in to go on where you were.") == 1
    assert "has ended" not in Page(signed_in.get(LIST, follow=True)).text
    assert not Session.objects.exists()


def test_a_first_visitor_hears_of_no_sign_in_that_ended(client):
    assert "has ended" not in Page(client.get(LIST, follow=True)).text


# what the cloud says no to


FAULTS = [
    (403, 403, "The cloud does not allow you to do this"),
    (404, 404, "Not found in project eu-de_prod"),
    (409, 409, "The cloud's present state does not allow this"),
    (429, 503, "The cloud is asked too much right now"),
    (500, 503, "The cloud had a fault of its own"),
    (502, 503, "The cloud cannot be reached"),
    (503, 503, "The cloud cannot be reached"),
]


def spoil(emulator, kind="status", **more):
    emulator.faults.add(Fault("GET", "/servers/", kind, times=None, **more))
    return f"{LIST}{ServerFactory().id}/"


@pytest.mark.parametrize(("given", "status", "headline"), FAULTS)
def test_it_is_a_page_in_words(signed_in, emulator, given, status, headline):
    path = spoil(emulator, status=given)
    response = signed_in.get(path)
    assert response.status_code == status
    page = Page(response)
    assert page.h1 == headline
    assert page.has("Home")
    if status in {403, 404}:
        assert not page.has("Try again"), "it would be answered the same"
    else:
        assert page.link("Try again")["href"] == path
    assert "req-" in page.text, "the request id helps the cloud's support"
    assert page.has("Bare Metal Server"), "the rest of the console is still there"


@pytest.mark.parametrize(("given", "status", "headline"), FAULTS)
def test_for_htmx_it_is_one_toast(signed_in, emulator, given, status, headline):
    response = signed_in.get(spoil(emulator, status=given), headers=HTMX)
    assert response.status_code == status
    page = Page(response, full=False)
    assert headline in page.text
    assert not page.all("html")
    assert len([each for each in page.all("div") if "data-toast" in each.attributes]) == 1
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("kind", ["malformed", "wrong_shape", "empty"])
def test_nonsense_is_a_bad_gateway(signed_in, emulator, kind):
    response = signed_in.get(spoil(emulator, kind))
    assert response.status_code == 502
    assert Page(response).h1 == "The cloud's answer could not be understood"


@pytest.mark.parametrize("kind", ["timeout", "reset", "refused"])
def test_silence_is_unavailable_and_not_in_the_clouds_words(signed_in, emulator, kind):
    response = signed_in.get(spoil(emulator, kind))
    assert response.status_code == 503
    [fold] = [one for one in Page(response).all("summary") if one.inside("main")]
    assert fold.text == "Details"


@pytest.mark.parametrize("kind", ["refused", "malformed"])
def test_in_a_toast_too_only_the_clouds_words_are_quoted(signed_in, emulator, kind):
    ours = Page(signed_in.get(spoil(emulator, kind), headers=HTMX), full=False)
    emulator.faults.clear()
    body = {"itemNotFound": {"code": 404, "message": "Instance is away."}}
    theirs = spoil(emulator, status=404, body=body)
    assert not ours.all("q")
    [quoted] = Page(signed_in.get(theirs, headers=HTMX), full=False).all("q")
    assert quoted.text == "Instance is away."


def test_the_browser_is_told_to_wait_as_the_cloud_asked(signed_in, emulator):
    path = spoil(emulator, status=503, headers={"Retry-After": "120"})
    response = signed_in.get(path)
    assert response["Retry-After"] == "120"
    assert "The cloud asks to wait 120 seconds;" in Page(response).text


def test_the_clouds_own_words_are_text(signed_in, emulator):
    body = {"itemNotFound": {"code": 404, "message": "<script>alert(1)</script>"}}
    response = signed_in.get(spoil(emulator, status=404, body=body))
    assert "<script>alert(1)" not in response.content.decode()
    assert "<script>alert(1)</script>" in Page(response).text
    [fold] = [one for one in Page(response).all("summary") if one.inside("main")]
    assert fold.text == "What the cloud said"


def test_a_service_that_the_cloud_has_not_is_said(client, emulator):
    emulator.faults.add(scoped_answer("demo", without="compute", skip=1))
    attempt(client)
    response = client.get(LIST)
    assert response.status_code == 502
    assert Page(response).h1 == "The cloud does not offer this service here"


# messages


def test_a_message_is_shown_once_on_a_page(signed_in):
    response = signed_in.post("/projects/switch/", {"project": "foreign"}, follow=True)
    assert Page(response).text.count("That project is not one of yours.") == 1
    assert "not one of yours" not in Page(signed_in.get(HOME)).text


def test_a_message_is_shown_once_as_a_toast(signed_in):
    signed_in.post("/projects/switch/", {"project": "foreign"})
    first = Page(signed_in.get(LIST, headers=HTMX), full=False)
    assert first.text.count("That project is not one of yours.") == 1
    [toasts] = [each for each in first.all("div") if each["hx-swap-oob"] == "beforeend:#toasts"]
    assert "not one of yours" in toasts.text
    assert "not one of yours" not in Page(signed_in.get(LIST, headers=HTMX), full=False).text
    assert "not one of yours" not in Page(signed_in.get(HOME)).text


def test_a_message_waits_while_the_browser_is_sent_elsewhere(signed_in):
    signed_in.post("/projects/switch/", {"project": "foreign"})
    state().tokens.clear()
    signed_in.get(LIST, headers=HTMX)  # 401 with HX-Redirect
    page = Page(signed_in.get("/sign-in/"))
    assert "not one of yours" in page.text
    assert "Your sign-in has ended." in page.text


def test_without_a_message_a_fragment_has_no_toasts(signed_in):
    page = Page(signed_in.get(LIST, headers=HTMX), full=False)
    assert not [each for each in page.all("div") if each["hx-swap-oob"]]


# other methods


@pytest.mark.parametrize("path", [HOME, LIST, "/sign-in/", "/projects/", "/healthz", "/patterns/"])
def test_head_answers_as_get_does_without_a_body(signed_in, path):
    asked, got = signed_in.head(path), signed_in.get(path)
    assert asked.status_code == got.status_code
    assert not asked.content
    assert asked["Content-Type"] == got.get("Content-Type", "")


def test_head_of_a_dialog_sends_nothing(signed_in, emulator):
    subnet = SubnetFactory()
    path = reverse(
        "vpc:virtual_ip_assign", kwargs={"network_id": subnet.network_id, "subnet_id": subnet.id}
    )
    assert signed_in.head(f"{path}?form={uuid.uuid4()}").status_code == 200
    assert {call.method for call in emulator.log if "auth" not in call.path} == {"GET"}


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused_in_words(signed_in, method):
    response = getattr(signed_in, method)(LIST)
    assert response.status_code == 405
    assert response["Allow"] == "GET"
    assert Page(response).h1 == "This address only takes a form"


def test_another_method_of_a_stranger_is_no_way_in():
    assert Client().options(LIST).status_code == 302
