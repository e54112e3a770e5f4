"""No word of any page is left out of the catalogs: in a language that puts each of its words in
brackets, nothing but data stands outside of them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.urls import reverse

from tests.tour import DIALOGS, FRAGMENTS, PAGES, RECORDS, furnish

WORDS = Path("locale/de/LC_MESSAGES/django.po")
SAID = {"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"}
DATA = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\b(db-\d|vip-\w+|vpc-\w+|subnet-\w+|eip-\w+|put-aside)\b"
)
"""Ids, and the names that the tour gives."""


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
        self._silent += tag in {"script", "style"}
        self.words += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag):
        self._silent -= tag in {"script", "style"}

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


def test_pages_dialogs_and_parts(emulator, sign_in, brackets):
    tour = furnish(records=True)
    client = sign_in()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    urls = {name: tour.urls[name] for name in (*PAGES, *RECORDS)}
    for name in ("home", "high_availability", "project_choose"):
        urls[name] = reverse(f"console:{name}")
    found = {name: outside(client.get(url).content.decode()) for name, url in urls.items()}
    for name in (*PAGES, *FRAGMENTS):
        answer = client.get(tour.urls[name], headers={"HX-Request": "true"})
        found[f"{name} (part)"] = outside(answer.content.decode())

    assert {name: words for name, words in found.items() if words} == {}


def test_forms_that_are_sent_empty(emulator, sign_in, brackets):
    tour = furnish()
    client = sign_in()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    found = {
        name: outside(client.post(tour.dialog(name), {}, follow=True).content.decode())
        for name in DIALOGS
    }

    assert {name: words for name, words in found.items() if words} == {}
