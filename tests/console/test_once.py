from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.contrib import messages
from django.test import Client
from django.utils import timezone

from console.emulator.faults import Fault
from console.models import Submission
from tests.console.signing_in import attempt
from tests.factories import SubnetFactory, UserFactory, state
from tests.pages import Page

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db,
    pytest.mark.usefixtures("people"),
]

TOLD = "is assigned. Bind it to your servers next."


class AssignForm:
    """The form of a new VIP: call it with a key to send it; `by` is another browser."""

    def __init__(self, client, subnet):
        self.client = client
        self.address = f"/vpc/networks/{subnet.network_id}/subnets/{subnet.id}/virtual-ips/assign/"
        self.key = Page(client.get(self.address, follow=True)).hidden("key")

    def __call__(self, key, by=None):
        fields = {"key": str(key), "mode": "automatic"}
        return Page((by or self.client).post(self.address, fields, follow=True))


@pytest.fixture
def assign(client):
    attempt(client)
    return AssignForm(client, SubnetFactory())


def count():
    return len([p for p in state().ports.values() if p.name.startswith("vip-")])


def test_each_form_has_a_key_of_its_own(assign, client):
    other = Page(client.get(assign.address, follow=True)).hidden("key")
    assert uuid.UUID(other) != uuid.UUID(assign.key)


def test_a_form_sent_twice_is_carried_out_once_and_told_twice(assign):
    first, second = assign(assign.key), assign(assign.key)
    assert count() == 1
    assert TOLD in first.text
    assert TOLD in second.text


def test_another_form_is_carried_out(assign):
    assign(assign.key)
    assign(uuid.uuid4())
    assert count() == 2


def test_while_the_first_is_on_its_way_the_second_is_told_so(assign, client):
    user = client.get("/").wsgi_request.account.user
    Submission.objects.create(key=assign.key, user_id=user.id, at=timezone.now())
    page = assign(assign.key)
    assert count() == 0
    assert "This was sent twice, and the first time has not reported how it ended" in page.text


def test_what_another_user_was_told_is_not_told(assign):
    assign(assign.key)
    UserFactory(name="other")
    stranger = Client()
    attempt(stranger, "other")
    page = assign(assign.key, by=stranger)
    assert count() == 1
    assert TOLD not in page.text


def test_what_was_refused_may_be_sent_again(assign, emulator):
    emulator.faults.add(Fault("POST", "/ports", "status", status=409))
    refused = assign(assign.key)
    assert refused.all("div", role="alert")
    assert not Submission.objects.exists()
    assert TOLD in assign(assign.key).text
    assert count() == 1


def test_what_ended_in_doubt_may_not(assign, emulator):
    emulator.faults.add(Fault("POST", "/ports", "timeout", after_effect=True))
    assign(assign.key)
    assert count() == 1
    assign(assign.key)
    assert count() == 1


def test_an_invalid_form_uses_up_no_key(assign):
    assign("no-key")
    assert not Submission.objects.exists()
    assert count() == 0


def test_it_is_told_in_the_tone_of_the_first_time(assign, client):
    user = client.get("/").wsgi_request.account.user
    Submission.objects.create(
        key=assign.key,
        user_id=user.id,
        at=timezone.now(),
        level=messages.WARNING,
        message="Half of it worked.",
    )
    page = assign(assign.key)
    [toast] = [each for each in page.all("div") if each["data-toast"] == "warn"]
    assert "Half of it worked." in toast.text


def test_keys_are_forgotten_after_a_day(assign):
    old = timezone.now() - dt.timedelta(days=1, minutes=1)
    Submission.objects.create(key=uuid.uuid4(), user_id="x", at=old)
    young = timezone.now() - dt.timedelta(hours=23)
    kept = Submission.objects.create(key=uuid.uuid4(), user_id="x", at=young)
    assign(assign.key)
    keys = {row.key for row in Submission.objects.all()}
    assert keys == {kept.key, uuid.UUID(assign.key)}
