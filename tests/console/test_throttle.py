from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from console.models import SignInAttempt
from tests.console.signing_in import HOME, attempt
from tests.pages import Page

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db,
    pytest.mark.usefixtures("people"),
]


@pytest.fixture(autouse=True)
def limits(settings):
    settings.SIGN_IN_ATTEMPTS_PER_USER = 3
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = 5
    settings.SIGN_IN_WINDOW_MINUTES = 15


def fail(client, times, username="demo", **fields):
    for _ in range(times):
        assert attempt(client, username, password="wrong", **fields).status_code == 422


def let_pass(minutes, rows=None):
    """Time goes by: the attempts were that much earlier."""
    for row in rows or SignInAttempt.objects.all():
        SignInAttempt.objects.filter(pk=row.pk).update(at=row.at - dt.timedelta(minutes=minutes))


def from_address(address):
    return Client(REMOTE_ADDR=address)


# per user


def test_after_some_failures_the_user_has_to_wait(client):
    fail(client, 3)
    response = attempt(client)
    assert response.status_code == 429
    assert "Too many attempts. Try again in 15 minutes." in Page(response).text
    assert 0 < int(response["Retry-After"]) <= 15 * 60


def test_the_cloud_is_not_asked_meanwhile(client, emulator):
    fail(client, 3)
    emulator.log.clear()
    attempt(client)
    assert not emulator.log


def test_what_was_typed_stays(client):
    fail(client, 3)
    page = Page(attempt(client, next="/vpc/vpcs/"))
    assert page.all("input", id="id_username")[0]["value"] == "demo"
    assert page.hidden("next") == "/vpc/vpcs/"


def test_another_address_does_not_help(client):
    fail(client, 3)
    assert attempt(from_address("203.0.113.9")).status_code == 429


@pytest.mark.parametrize(
    "spelling", [{"username": "DEMO"}, {"domain": "ACME"}, {"username": " demo "}]
)
def test_neither_does_another_spelling(client, spelling):
    fail(client, 3)
    fields = {"username": "demo"} | spelling
    assert attempt(client, password="wrong", **fields).status_code == 429


def test_other_users_go_on(client):
    fail(client, 3)
    assert attempt(client, "several").status_code == 302


def test_the_same_name_in_another_domain_is_another_user(client):
    fail(client, 3)
    assert attempt(client, domain="elsewhere").status_code == 422


def test_users_that_do_not_exist_are_throttled_alike(client):
    fail(client, 3, "ghost")
    assert attempt(client, "ghost").status_code == 429


def test_forms_that_are_not_filled_in_do_not_count(client):
    for _ in range(9):
        attempt(client, password="")
    assert attempt(client)["Location"] == HOME


# time


def test_the_wait_ends_when_the_oldest_failure_leaves_the_window(client):
    fail(client, 3)
    let_pass(10, SignInAttempt.objects.order_by("pk")[:2])  # one failure: by user and by address
    response = attempt(client)
    assert response.status_code == 429
    assert 4 * 60 < int(response["Retry-After"]) <= 5 * 60 + 1
    let_pass(5.1)
    assert attempt(client)["Location"] == HOME


def test_a_refused_attempt_does_not_prolong_the_wait(client):
    fail(client, 3)
    let_pass(14)
    for _ in range(5):
        attempt(client)
    let_pass(1.1)
    assert attempt(client)["Location"] == HOME


def test_old_attempts_are_removed(client):
    fail(client, 2)
    let_pass(16)
    fail(client, 1)
    assert (
        SignInAttempt.objects.filter(at__lt=timezone.now() - dt.timedelta(minutes=15)).count() == 0
    )
    assert SignInAttempt.objects.count() == 2


# a right answer


def test_a_right_answer_starts_the_count_anew(client):
    fail(client, 2)
    attempt(client)
    fail(client, 3)
    assert attempt(client).status_code == 429


def test_a_right_answer_of_one_user_does_not_forgive_the_address(client):
    fail(client, 2, "ghost")
    fail(client, 2, "spirit")
    attempt(client)
    fail(client, 1, "phantom")
    assert attempt(client).status_code == 429


def test_right_answers_never_add_up(client):
    for _ in range(8):
        assert attempt(client)["Location"] == HOME
    assert not SignInAttempt.objects.exists()


# per address


def test_an_address_that_tries_many_users_has_to_wait(client):
    for name in "abcde":
        fail(client, 1, name)
    assert attempt(client).status_code == 429
    assert attempt(from_address("203.0.113.9"))["Location"] == HOME


def test_so_has_one_that_tries_many_domains(client):
    for name in "abcde":
        fail(client, 1, domain=name)
    assert attempt(client, "several").status_code == 429


def test_a_network_of_ipv6_is_one_address():
    for number in range(5):
        fail(from_address(f"2001:db8:1:2::{number + 1:x}"), 1, f"user-{number}")
    assert attempt(from_address("2001:db8:1:2:ffff::9")).status_code == 429
    assert attempt(from_address("2001:db8:1:3::9"))["Location"] == HOME


def test_ipv4_written_as_ipv6_is_the_same_address():
    for number in range(5):
        fail(from_address("::ffff:203.0.113.9"), 1, f"user-{number}")
    assert attempt(from_address("203.0.113.9")).status_code == 429
    assert attempt(from_address("203.0.113.10"))["Location"] == HOME


def test_a_header_of_the_browser_is_not_believed(client):
    for number in range(5):
        fail(client, 1, f"user-{number}", headers={"X-Forwarded-For": f"203.0.113.{number}"})
    assert attempt(client, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 429


def test_behind_our_proxy_its_word_counts(client, settings):
    settings.TRUST_PROXY = True
    for number in range(5):
        # What stands before the last comma was sent by the browser.
        header = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}
        fail(client, 1, f"user-{number}", headers=header)
    assert attempt(client, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 429
    assert attempt(client, headers={"X-Forwarded-For": "203.0.113.10"})["Location"] == HOME


@pytest.mark.parametrize("header", ["", "unknown", "<script>", "1.2.3.4:99", "a" * 5000])
def test_a_proxy_that_says_nonsense_breaks_nothing(client, settings, header):
    settings.TRUST_PROXY = True
    assert attempt(client, headers={"X-Forwarded-For": header})["Location"] == HOME


# what is kept


def test_no_name_and_no_address_is_kept(client):
    fail(client, 1)
    kept = " ".join(f"{row.key} {row}" for row in SignInAttempt.objects.all())
    assert "demo" not in kept
    assert "127.0.0.1" not in kept
