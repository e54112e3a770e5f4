from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.client import FakePayload
from django.urls import path

from console import urls
from console.middleware import signed_out_ok
from tests.console.signing_in import attempt
from tests.factories import SubnetFactory
from tests.pages import Page

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@signed_out_ok
def broken(request):
    raise ZeroDivisionError("a mistake of ours")


@signed_out_ok
def forbidden(request):
    raise PermissionDenied


urlpatterns = [*urls.urlpatterns, path("broken/", broken), path("forbidden/", forbidden)]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def tolerant():
    """A browser does not raise what went wrong in the console."""
    return Client(raise_request_exception=False)


def toast(response):
    page = Page(response, full=False)
    assert not page.all("html"), "a whole page in a toast"
    [shown] = [each for each in page.all("div") if each["data-toast"] == "bad"]
    return shown.text


# 404


def test_an_unknown_address_is_a_page_of_ours(client):
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    page = Page(response)
    assert page.h1 == "This page does not exist"
    assert page.has("Home")


def test_who_is_signed_in_keeps_the_navigation(signed_in):
    page = Page(signed_in.get("/no-such-page/"))
    assert page.has("Bare Metal Server")
    assert page.has("Log Out", "button")


def test_for_htmx_it_is_a_toast(signed_in):
    response = signed_in.get("/no-such-page/", headers=HTMX)
    assert response.status_code == 404
    assert "This is not there" in toast(response)


@pytest.mark.parametrize(
    "address",
    [
        "/%ff%fe/",
        "/bms/servers/%ff/",
        "/bms/servers/not-a-uuid/",
        "/bms/servers/8a3c1c68-1111-4222-8333-44445555666%00/",
        "/a%00b",
        "/../../etc/passwd",
        "/bms//servers/",
        "/%F0%9F%9A%80/",
        "/sign-in/extra/",
        "/" + "x" * 4000 + "/",
        "/<script>alert(1)</script>/",
    ],
)
def test_odd_addresses_are_just_unknown(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "<script>alert" not in response.content.decode()
    Page(response)


@pytest.mark.parametrize(
    "query",
    ["next=%ff%fe", "next=%00", "next=" + "x" * 9000, "next=a&next=b", "=", "%", "&&&", "a[]"],
)
def test_odd_queries_change_nothing(client, query):
    response = client.get(f"/sign-in/?{query}")
    assert response.status_code == 200
    Page(response)


@pytest.mark.parametrize("query", ["q=%ff%fe", "q=%00", "tab=%00", "status=%ff", "region=%00"])
@pytest.mark.parametrize("address", ["/", "/projects/", "/patterns/"])
def test_neither_do_they_for_who_is_signed_in(signed_in, address, query):
    Page(signed_in.get(f"{address}?{query}"))


# 400


def test_a_foreign_host_is_refused_in_words(client):
    response = client.get("/sign-in/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert Page(response).h1 == "This request cannot be understood"


def test_a_huge_body_is_refused_in_words(client):
    response = client.post("/sign-in/", {"domain": "x" * 3_000_000})
    assert response.status_code == 400
    assert Page(response).h1 == "This request cannot be understood"


def test_so_are_too_many_fields(client):
    response = client.post("/sign-in/", {f"field-{number}": "" for number in range(1100)})
    assert response.status_code == 400
    Page(response)


def test_so_is_a_broken_upload(client):
    body = b"--frontier\r\nContent-Disposition: form-data; name=x\r\n"
    response = client.generic(
        "POST", "/sign-in/", body, content_type="multipart/form-data; boundary="
    )
    assert response.status_code == 400
    Page(response)


def test_a_form_of_another_kind_is_a_form_without_fields(client):
    response = client.post("/sign-in/", "{}", content_type="application/json")
    assert response.status_code == 422
    Page(response)


def test_a_body_in_no_known_letters_is_read_as_far_as_possible(client):
    response = client.post(
        "/sign-in/",
        b"domain=%ff%fe&username=\xff&password=x",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 422
    Page(response)


def test_a_body_that_ends_early_is_refused(tolerant):
    request = RequestFactory().post("/sign-in/")
    environ = request.environ | {
        "wsgi.input": FakePayload(b"domain=a"),
        "CONTENT_LENGTH": "8",
        "CONTENT_TYPE": "application/x-www-form-urlencoded; charset=nonsense",
    }
    response = tolerant.request(**environ)
    assert response.status_code in {400, 422}
    Page(response)


def test_for_htmx_a_senseless_request_is_a_toast(signed_in):
    fields = {f"field-{number}": "" for number in range(1100)}
    response = signed_in.post("/projects/switch/", fields, headers=HTMX)
    assert response.status_code == 400
    assert "This request cannot be understood" in toast(response)


# 403


@pytest.mark.urls(__name__)
def test_what_is_forbidden_is_a_page(client):
    response = client.get("/forbidden/")
    assert response.status_code == 403
    assert Page(response).h1 == "You may not see this page"


@pytest.mark.urls(__name__)
def test_for_htmx_it_is_a_toast_too(client):
    response = client.get("/forbidden/", headers=HTMX)
    assert response.status_code == 403
    assert "You may not do this" in toast(response)


@pytest.mark.usefixtures("people")
def test_a_missing_form_token_is_a_toast_for_htmx():
    strict = Client(enforce_csrf_checks=True)
    token = Page(strict.get("/sign-in/")).hidden("csrfmiddlewaretoken")
    attempt(strict, csrfmiddlewaretoken=token)
    subnet = SubnetFactory()
    address = f"/vpc/networks/{subnet.network_id}/subnets/{subnet.id}/virtual-ips/assign/"
    response = strict.post(address, headers=HTMX)
    assert response.status_code == 403
    assert "Reload it and try again." in toast(response)


# 500


@pytest.mark.urls(__name__)
def test_a_mistake_of_ours_is_a_page_without_a_trace(tolerant):
    response = tolerant.get("/broken/")
    assert response.status_code == 500
    page = Page(response)
    assert page.h1 == "Something went wrong"
    assert "ZeroDivisionError" not in page.html
    assert "a mistake of ours" not in page.html


@pytest.mark.urls(__name__)
def test_it_is_written_down(tolerant, caplog):
    tolerant.get("/broken/")
    assert "ZeroDivisionError: a mistake of ours" in caplog.text


@pytest.mark.urls(__name__)
def test_for_htmx_a_mistake_is_a_toast(tolerant):
    response = tolerant.get("/broken/", headers=HTMX)
    assert response.status_code == 500
    assert "The console itself failed." in toast(response)


@pytest.mark.parametrize("template", ["400.html", "403.html", "404.html", "405.html", "500.html"])
def test_each_error_page_stands_without_any_context(template):
    assert "<h1>" in render_to_string(template)


# every answer


@pytest.mark.parametrize("address", ["/sign-in/", "/no-such-page/", "/healthz", "/bms/servers/"])
def test_every_answer_has_its_policies(client, address):
    response = client.get(address)
    assert sorted(response["Content-Security-Policy"].split("; ")) == [
        "base-uri 'none'",
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_static_files_are_never_listed(client):
    assert client.get("/static/").status_code == 404
