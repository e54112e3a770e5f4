"""What one submit has come to: asked for by its dialog while it is being carried out."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from console import leases
from console.models import OperationState
from tests.console.test_patterns import GOOD
from tests.pages import Page
from tests.record_factories import OperationFactory

RUN = uuid4()
URL = reverse("console:operation_run", args=[RUN])
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mine(signed_in):
    """What makes a record one of this submit of this user."""
    user = signed_in.get(reverse("console:home")).wsgi_request.account.user
    return {"run": RUN, "user_id": user.id, "name": "Release"}


@pytest.fixture
def two(mine):
    """The first is done, the second under way."""
    OperationFactory(target="10.20.1.11", state=OperationState.DONE, **mine)
    OperationFactory(target="10.20.1.12", state=OperationState.APPLYING, **mine)


def test_each_thing_stands_there_with_its_state_in_order(signed_in, two):
    page = Page(signed_in.get(URL))

    assert [
        one.text for one in page.all("ul", class_="run-states")[0].walk() if one.tag == "li"
    ] == [
        "Release 10.20.1.11 Done",
        "Release 10.20.1.12 Under way",
    ]
    assert "1 of 2 operations have ended." in page.text


def test_the_part_is_the_states_alone(signed_in, two):
    part = Page(signed_in.get(URL, headers=HTMX), full=False)

    assert part.text.startswith("1 of 2 operations have ended.")
    assert not part.all("h1")


@pytest.mark.parametrize("other", ["user_id", "project_id"])
def test_a_submit_of_somebody_else_or_elsewhere_is_not_found(signed_in, mine, other):
    OperationFactory(**mine | {other: "another"})

    assert signed_in.get(URL).status_code == 404


def test_before_the_first_record_it_says_what_it_waits_for(signed_in):
    with leases.held(RUN, ["port:1"], words="Release by demo", patience=0):
        page = Page(signed_in.get(URL))

    assert "It looks at the present state, or waits for somebody else" in page.text
    assert signed_in.get(URL).status_code == 404


def test_who_is_signed_out_is_led_to_the_sign_in(client, db):
    assert client.get(URL).status_code == 302
    assert client.get(URL, headers=HTMX).status_code == 401


def test_it_takes_no_message_that_waits_for_another_answer(signed_in, two):
    """Its reader is a script, which would not show it."""
    signed_in.post(reverse("console:patterns") + "?dialog", GOOD)

    assert "toasts" not in signed_in.get(URL, headers=HTMX).content.decode()
    assert "The sample was accepted." in Page(signed_in.get(reverse("console:home"))).text
