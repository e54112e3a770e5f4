"""No word of any page is left out of the catalogs: in a language that puts each of its words in
brackets, nothing but data stands outside of them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.urls import reverse

from console.emulator.faults import Fault
from tests.factories import SubnetFactory, UserFactory
from tests.tour import DIALOGS, FRAGMENTS, PAGES, RECORDS, furnish

WORDS = Path("locale/de/LC_MESSAGES/django.po")
HTMX = {"HX-Request": "true"}
SILENT = {"script", "style", "pre", "q"}  # commands, and what the cloud said
SAID = {"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"}
DATA = re.compile(
    r"""
    # ids, and what the tour, its cloud and the portal are called
    [0-9a-f]{8}-[0-9a-f-]{27} | (db|vip|vpc|subnet|eip|bandwidth|req)-[\w.-]* | put-aside
    | acme | demo | viewer | [\w-]*-password | default | eu-de_prod | prod | RegionOne | nova
    | Standard_\S+ | (physical|bm)\.\S+ | 5_bgp | BMS\ Console
    # the same in each language
    | Deutsch | English | Linux | Keepalived | Mbit/s | \([A-Z_]+\) | \d+\ vCPU\ ·\ \d+\ GiB
    # what a record says was told and changed: it stays in the words of then
    | Virtual\ IP\ address\ is\ bound,\ number\ \d+\. | NIC\ 10\.20\.0\.31
    # the cloud's services and its own words
    | compute(Fault)? | network | image | vpc | HTTPInternalServerError | VPC\.\d+ | itemNotFound
    | Request\ Failed:.* | Instance\ .*\ could\ not\ be\ found\.
    # Django's own German
    | (\(Verstecktes\ Feld\ key\)\ )?Dieses\ Feld\ ist\ zwingend\ erforderlich\.
    """,
    re.VERBOSE,
)


@pytest.fixture
def brackets(settings, tmp_path):
    """The German of this test."""
    with WORDS.open("rb") as file:
        english = read_po(file)
    catalog = Catalog(locale="de")
    for one in english:
        if one.id:
            texts = tuple(f"⟦{text}⟧" for text in one.id) if one.pluralizable else f"⟦{one.id}⟧"
            catalog.add(one.id, texts, context=one.context)
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    settings.LOCALE_PATHS = [tmp_path]


class Said(HTMLParser):
    """All that a person reads or hears of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self._silent += tag in SILENT
        self.words += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag):
        self._silent -= tag in SILENT

    def handle_data(self, data):
        # Markup may stand inside of the brackets, so texts stay together.
        self.words.append("" if self._silent else data)


def outside(html: str) -> list[str]:
    """What stands in no bracket, but for data."""
    text = "\n".join(Said(html).words)
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = less
    lines = (DATA.sub("", line).strip() for line in text.splitlines())
    return sorted({line for line in lines if re.search(r"[^\W\d_]{3}", line)})


def found_outside(answers):
    """{what stands outside of the brackets: where}"""
    words = {name: outside(answer.content.decode()) for name, answer in answers.items()}
    return {line: name for name, lines in words.items() for line in lines}


@pytest.fixture
def enter(emulator, sign_in, brackets):
    """A browser that asks for German, signed in."""

    def come(user="demo"):
        if user != "demo":
            UserFactory(name=user, roles="reader")
        client = sign_in(user)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
        return client

    return come


both_profiles = pytest.mark.parametrize("profile", ["otc", "openstack"])


@both_profiles
@pytest.mark.parametrize("user", ["demo", "viewer"])
def test_pages_and_their_parts(enter, user):
    client = enter(user)
    tour = furnish(records=True)
    urls = {name: tour.urls[name] for name in (*PAGES, *RECORDS)}
    for name in ("home", "high_availability", "project_choose"):
        urls[name] = reverse(f"console:{name}")
    answers = {name: client.get(url) for name, url in urls.items()}
    for name in (*PAGES, *FRAGMENTS):
        answers[f"{name} (part)"] = client.get(tour.urls[name], headers=HTMX)

    assert found_outside(answers) == {}


@both_profiles
def test_forms_that_are_sent_empty(enter):
    client = enter()
    tour = furnish()
    answers = {name: client.post(tour.dialog(name), {}, follow=True) for name in DIALOGS}

    assert found_outside(answers) == {}


def test_pages_without_anything(enter):
    client = enter()
    empty = SubnetFactory(name="subnet-empty", vpc=None)
    urls = [
        *(reverse(f"bms:{name}") for name in ("server_list",)),
        *(reverse(f"vpc:{name}") for name in ("vpc_list",)),
        *(reverse(f"console:{name}") for name in ("operation_list",)),
        *(
            reverse("vpc:subnet_detail", args=[empty.network_id, empty.id]) + f"?tab={tab}"
            for tab in ("summary", "virtual-ips", "servers")
        ),
    ]
    asked = {url: client.get(url) for url in [*urls, *(f"{url}?q=xyz" for url in urls[:3])]}

    assert found_outside(asked) == {}


@pytest.mark.parametrize("kind", ["status", "wrong_shape"])
def test_pages_and_parts_of_a_cloud_that_fails(enter, emulator, kind):
    client = enter()
    tour = furnish()
    emulator.faults.add(Fault("GET", "/(compute|network|image|v1|v2|v3)", kind, times=None))
    answers = {name: client.get(tour.urls[name]) for name in PAGES}
    answers |= {f"{name} (part)": client.get(tour.urls[name], headers=HTMX) for name in PAGES}

    assert found_outside(answers) == {}


def test_what_is_not_there_and_who_is_not_signed_in(enter, client):
    signed_in = enter()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    sign_in = reverse("console:sign_in")
    answers = {
        "404": signed_in.get("/nothing/"),
        "no server": signed_in.get(reverse("bms:server_detail", args=[uuid4()])),
        "no record": signed_in.get(reverse("console:operation_detail", args=[uuid4()])),
        "405": signed_in.get(reverse("console:preferences_save")),
        "sign-in": client.get(sign_in),
        "sign-in, empty": client.post(sign_in, {}),
        "sign-in, wrong": client.post(
            sign_in, {"domain": "acme", "username": "demo", "password": "wrong"}
        ),
    }

    assert found_outside(answers) == {}
