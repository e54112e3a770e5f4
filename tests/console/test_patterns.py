"""The pattern page: every component renders, and every component is on it."""

from __future__ import annotations

import gzip
import re

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from tests.console.signing_in import attempt
from tests.pages import Page

HTMX = {"HX-Request": "true"}
TEMPLATES = django_settings.BASE_DIR / "templates"
STATIC = django_settings.BASE_DIR / "static"
# Parts of the shell, or shown by the components that include them.
WITHIN_OTHERS = {
    *("stylesheets", "sidenav", "topbar", "preferences", "toasts", "toasts_oob", "loading")
}
GOOD = {
    "dialog-name": "vip-1",
    "dialog-subnet": "a",
    "dialog-mode": "auto",
    "dialog-version": "4",
}


@pytest.fixture
def url():
    return reverse("console:patterns")


def sources(*names):
    return {path: path.read_text() for name in names for path in TEMPLATES.rglob(name)}


def test_page_is_sound(signed_in, url):
    page = Page(signed_in.get(url))
    assert page.h1 == "Patterns"


@pytest.mark.parametrize("query", ["", "?dialog"])
def test_strangers_are_sent_to_sign_in(client, db, url, query):
    for response in (client.get(url + query), client.post(url + query, GOOD)):
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("console:sign_in"))


@pytest.mark.parametrize("query", ["", "?dialog"])
def test_page_is_sound_without_a_sign_in_while_debugging(client, url, query, settings):
    settings.DEBUG = True
    assert Page(client.get(url + query)).h1


@pytest.mark.usefixtures("people")
def test_page_needs_no_project(client, db, url):
    attempt(client, "several")
    assert client.get(reverse("console:home")).status_code == 302
    assert Page(client.get(url)).h1 == "Patterns"


def test_page_shows_every_component(signed_in, url):
    used: set[str] = set()
    waiting = ["console/patterns.html", "console/patterns_dialog.html"]
    tags = ["page_header", "panel", "menu", "dialog", "copy_button"]
    while waiting:
        text = (TEMPLATES / waiting.pop()).read_text()
        found = {*re.findall(r'"components/(\w+)\.html"', text)}
        found |= {tag for tag in tags if f"{{% {tag} " in text}
        found |= {"form", "field", "field_notes", "form_errors"} if "{{ form }}" in text else set()
        waiting += [f"components/{name}.html" for name in found - used]
        used |= found
    components = {path.stem for path in (TEMPLATES / "components").iterdir()}
    assert components - used <= WITHIN_OTHERS


def test_every_component_says_what_it_takes():
    for path, text in sources("components/*.html").items():
        assert text.startswith("{% comment %}"), path.name


def test_htmx_gets_the_table_alone(signed_in, url):
    page = Page(signed_in.get(url, headers=HTMX), full=False)
    assert len(page.all("table")) == 1
    assert not page.all("h1")


def test_hostile_names_are_escaped(signed_in, url):
    assert "&lt;b&gt;rocket" in signed_in.get(url).content.decode()


def test_dialog_is_a_page_of_its_own(signed_in, url):
    page = Page(signed_in.get(f"{url}?dialog"))
    assert page.h1 == "Assign Virtual IP Address"
    assert page.link("Cancel")["href"] == url
    assert not [form for form in page.all("form") if form["hx-post"]]


def test_dialog_for_htmx_posts_into_the_modal(signed_in, url):
    page = Page(signed_in.get(f"{url}?dialog", headers=HTMX), full=False)
    (form,) = page.all("form")
    assert form["hx-post"] == form["action"] == f"{url}?dialog"
    assert form["hx-target"] == "#modal"
    assert page.all("h2", id="modal-title")
    assert not page.all("h1")


def test_wrong_dialog_answers_422_with_the_typed_values(signed_in, url):
    response = signed_in.post(f"{url}?dialog", GOOD | {"dialog-address": "10.1.0"}, headers=HTMX)
    assert response.status_code == 422
    page = Page(response, full=False)
    (field,) = page.all("input", name="dialog-address")
    assert field["value"] == "10.1.0"
    assert field["aria-invalid"] == "true"
    assert page.all("ul", id=field["aria-describedby"])


def test_accepted_dialog_closes_with_a_toast(signed_in, url):
    response = signed_in.post(f"{url}?dialog", GOOD, headers=HTMX)
    assert response["HX-Reswap"] == "none"
    assert 'hx-swap-oob="beforeend:#toasts"' in response.content.decode()


def test_accepted_dialog_without_htmx_goes_back_with_a_toast(signed_in, url):
    page = Page(signed_in.post(f"{url}?dialog", GOOD, follow=True))
    assert "The sample was accepted." in page.text


def test_every_icon_named_in_a_template_is_in_the_sprite():
    sprite = (STATIC / "img" / "icons.svg").read_text()
    known = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = set()
    for text in sources("*.html").values():
        named.update(re.findall(r"""(?:\{% icon |icon=)["']([\w-]+)""", text))
    assert named <= known


def test_colours_stand_in_the_tokens_only():
    for path in (STATIC / "css").rglob("*.css"):
        if path.name != "tokens.css":
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b", path.read_text()), path.name


def test_style_sheets_are_all_linked_and_layered():
    linked = (TEMPLATES / "components" / "stylesheets.html").read_text()
    for path in (STATIC / "css").rglob("*.css"):
        assert str(path.relative_to(STATIC)) in linked
        assert "@layer" in path.read_text()


def test_scripts_are_small_modules_without_imports():
    for path in (STATIC / "js").glob("*.js"):
        text = path.read_text()
        assert len(text.splitlines()) < 70, path.name
        assert not re.search(r"^import ", text, re.MULTILINE), path.name


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_no_context(name):
    from django.http import HttpResponse  # noqa: PLC0415
    from django.template.loader import get_template  # noqa: PLC0415

    response = HttpResponse(get_template(f"{name}.html").render({}))
    response["Content-Security-Policy"] = "default-src 'self'"
    assert Page(response).link("Home")["href"] == "/"


def test_all_style_sheets_together_are_small():
    sheets = [gzip.compress(path.read_bytes()) for path in (STATIC / "css").rglob("*.css")]
    assert sum(map(len, sheets)) < 16 * 1024
