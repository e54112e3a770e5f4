"""The portal's own name, logo and accent colour."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from console.branding import (
    DARK_GROUNDS,
    LIGHT_GROUNDS,
    WHITE,
    Branding,
    Logo,
    accent_css,
    contrast,
    parse,
    read_logo,
)
from tests.console.conftest import ROOT
from tests.pages import Page

SIGN_IN = reverse("console:sign_in")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
AA = 4.5


@pytest.fixture
def portal(settings):
    def be(**more):
        settings.BRANDING = Branding(**{"name": "Acme Metal"} | more)

    return be


def shades(accent):
    """{token: (light, dark)}"""
    found = re.findall(r"--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)", accent_css(accent))
    return {name: (parse(light), parse(dark)) for name, light, dark in found}


COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(COLOURS)
def test_text_in_and_on_any_accent_can_be_read(accent):
    tokens = shades(accent)

    for grounds, shade in zip((LIGHT_GROUNDS, DARK_GROUNDS), tokens["accent"], strict=True):
        assert all(contrast(shade, ground) >= AA for ground in grounds)
    for ground, shade in zip(tokens["accent-soft"], tokens["accent"], strict=True):
        assert contrast(shade, ground) >= AA
    for name in ("accent-fill", "accent-fill-hover"):
        assert all(contrast(WHITE, shade) >= AA for shade in tokens[name])


def test_the_grounds_are_those_of_the_style_sheet():
    sheet = (ROOT / "static/css/tokens.css").read_text()
    tokens = dict(re.findall(r"--([a-z-]+): light-dark\((#\w+, #\w+)\)", sheet))
    names = ("surface", "page", "surface-soft", "surface-hover")
    found = [tokens[name].split(", ") for name in names]

    assert tuple(parse(light) for light, _ in found) == LIGHT_GROUNDS
    assert tuple(parse(dark) for _, dark in found) == DARK_GROUNDS


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert shades("#0a5d43")["accent"][0] == parse("#0a5d43")


def test_contrast_is_that_of_wcag():
    assert round(contrast(parse("#777777"), WHITE), 2) == 4.48
    assert contrast(WHITE, WHITE) == 1
    assert round(contrast(WHITE, (0, 0, 0))) == 21


def test_every_page_has_the_name(portal, signed_in):
    portal()

    for url in (SIGN_IN, reverse("console:home"), reverse("bms:server_list"), "/nowhere/"):
        page = Page(signed_in.get(url, follow=True))
        assert page.html.count("Acme Metal") == 2
        assert "BMS Console" not in page.text


def test_without_an_accent_no_sheet_is_asked_for(portal, client, db):
    portal()

    assert "brand.css" not in client.get(SIGN_IN).content.decode()
    assert client.get(reverse("console:brand_css")).status_code == 404
    assert client.get(reverse("console:brand_logo")).status_code == 404


def test_the_accent_is_a_style_sheet_of_ours(portal, client, db):
    portal(accent="#0a5d43")

    [sheet] = [
        one["href"]
        for one in Page(client.get(SIGN_IN)).all("link", rel="stylesheet")
        if "brand" in one["href"]
    ]
    answer = client.get(sheet)

    assert answer["Content-Type"].startswith("text/css")
    assert "--accent: light-dark(#0a5d43, " in answer.content.decode()
    assert "immutable" in answer["Cache-Control"]
    other = client.get(f"{reverse('console:brand_css')}?v=other")
    assert other["Cache-Control"] == "no-cache"


def test_the_logo_stands_in_the_bar_and_in_the_tab(portal, client, db):
    portal(logo=Logo(SVG, "image/svg+xml"))

    page = Page(client.get(SIGN_IN))
    [icon] = page.all("link", rel="icon")
    [image] = [one for one in page.all("img") if "brand" in one["src"]]
    answer = client.get(image["src"])

    assert icon["href"] == image["src"]
    assert (answer.content, answer["Content-Type"]) == (SVG, "image/svg+xml")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_another_logo_or_colour_has_another_address():
    versions = {
        Branding("x").version,
        Branding("x", accent="#112233").version,
        Branding("x", logo=Logo(SVG, "image/svg+xml")).version,
        Branding("x", logo=Logo(SVG + b" ", "image/svg+xml")).version,
    }
    assert len(versions) == 4


# settings


def test_they_are_read_from_the_environment(read, tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_bytes(SVG)

    found = read(PORTAL_NAME="Acme", PORTAL_ACCENT="#0a5d43", PORTAL_LOGO=str(logo))["BRANDING"]

    assert (found.name, found.accent, found.logo) == ("Acme", "#0a5d43", Logo(SVG, "image/svg+xml"))


def test_by_themselves_they_are_the_consoles_own(read):
    found = read()["BRANDING"]

    assert (found.name, found.accent, found.logo) == ("BMS Console", "", None)


@pytest.mark.parametrize("accent", ["blue", "#12345", "#12345g", "#1234567", "red;}"])
def test_what_is_no_colour_stops_the_start(read, accent):
    with pytest.raises(ImproperlyConfigured, match="PORTAL_ACCENT"):
        read(PORTAL_ACCENT=accent)


@pytest.mark.parametrize(("name", "size"), [("logo.gif", 10), ("logo.svg", 300_000), ("none", 0)])
def test_what_is_no_logo_stops_the_start(tmp_path, name, size):
    path = tmp_path / name
    if size:
        path.write_bytes(b"x" * size)
    with pytest.raises(ImproperlyConfigured, match="PORTAL_LOGO"):
        read_logo(str(path))
