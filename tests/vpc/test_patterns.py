"""The HA picture in every state, on one page."""

from __future__ import annotations

from django.urls import reverse

from tests.pages import Page
from vpc.services.ha_picture import Link

URL = reverse("vpc:patterns")
HTMX = {"HX-Request": "true"}


def test_each_kind_of_link_is_drawn(signed_in):
    page = Page(signed_in.get(URL))

    assert page.h1 == "The HA picture"
    said = " ".join(one.text for one in page.all("svg", role="img"))
    for link in (Link.BOUND, Link.HALF_BOUND, Link.ORPHANED, Link.OTHER):
        assert link.value in said
    assert "Server: Stopped" in said
    assert "NIC: Down" in said


def test_the_part_is_the_pictures_alone(signed_in):
    assert not Page(signed_in.get(URL, headers=HTMX), full=False).all("h1")


def test_strangers_are_sent_to_sign_in_but_while_debugging(client, db, settings):
    assert client.get(URL).status_code == 302
    settings.DEBUG = True
    assert Page(client.get(URL)).h1
