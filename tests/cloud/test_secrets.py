"""The token is in the request's header and nowhere else."""

from __future__ import annotations

import logging
import traceback

import pytest

from console.cloud.auth import Identity
from console.cloud.errors import CloudError
from console.cloud.transport import open_session
from tests.cloud.conftest import SECRET, TOKEN, Envelope
from tests.cloud.server import Answer
from tests.cloud.tokens import token_answer

PASSWORD = "the-password-that-nobody-may-see"
TROUBLES = {
    "good": Answer(body={"thing": {"id": "a"}}),
    "refused": Answer(403, {"message": "no"}),
    "unauthorized": Answer(401, {"error": {"code": 401, "message": "no", "title": "no"}}),
    "broken": Answer(reset=True),
    "slow": Answer(delay=1),
    "nonsense": Answer(body=b"<html>"),
    "wrong": Answer(body={"thing": None}),
    "redirect": Answer(302, headers={"Location": "/elsewhere"}),
    "cut": Answer(body={"thing": {"id": "a"}}, cut=4),
    "bad head": Answer(raw=b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n{}"),
}


@pytest.fixture
def everything_logged(caplog):
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def told(call, *args, **kwargs):
    """All that a failing call tells, in its own words and those of its causes."""
    try:
        call(*args, **kwargs)
    except CloudError as error:
        return repr(error) + str(vars(error)) + "".join(traceback.format_exception(error))
    return ""


@pytest.mark.parametrize("answer", TROUBLES.values(), ids=TROUBLES.keys())
def test_neither_logs_nor_errors_show_the_token(client, server, everything_logged, answer):
    server.otherwise = answer
    words = told(client.get, "network", "/things/a", Envelope)
    words += told(client.put, "network", "/things/a", Envelope, json={"script": "private"})
    assert server.calls[0].headers["X-Auth-Token"] == SECRET
    assert SECRET not in words
    assert SECRET not in everything_logged.text
    assert "private" not in everything_logged.text
    assert "PUT network/things/a" in everything_logged.text


@pytest.mark.parametrize("answer", TROUBLES.values(), ids=TROUBLES.keys())
def test_neither_logs_nor_errors_of_a_sign_in_show_a_secret(
    config, server, everything_logged, answer
):
    server.otherwise = answer
    identity = Identity(open_session(config), config)
    words = told(
        identity.sign_in, domain="d", user="u", password=PASSWORD, passcode="987654"
    ) + told(identity.scope_to, TOKEN, "p")
    words += told(identity.revoke, TOKEN) + told(identity.list_projects, TOKEN)
    assert PASSWORD.encode() in server.calls[0].body
    for secret in (SECRET, PASSWORD, "987654"):
        assert secret not in words
        assert secret not in everything_logged.text


def test_a_good_sign_in_logs_no_secret(config, server, everything_logged):
    server.otherwise = token_answer(SECRET)
    identity = Identity(open_session(config), config)
    _, token = identity.sign_in(domain="d", user="u", password=PASSWORD)
    identity.scope_to(token, "p")
    assert token.text == SECRET
    assert SECRET not in everything_logged.text
    assert PASSWORD not in everything_logged.text


@pytest.mark.parametrize("text", ["ends\x01here", "spät", ""])
def test_a_token_that_cannot_be_sent_in_a_header_is_refused_unquoted(config, server, text):
    server.say(token_answer(text))
    identity = Identity(open_session(config), config)
    words = told(identity.sign_in, domain="d", user="u", password="p")
    assert "BadAnswer" in words
    assert not text or text not in words


def test_nothing_that_holds_the_token_shows_it(client):
    started = client.start(lambda: None)
    held = (client, client.scope, client.scope.token, client._auth, started, client.calls)
    assert SECRET not in "".join(f"{one!r}{one!s}" for one in held)
    assert repr(TOKEN) == "Token(expires_at=2099-01-01T00:00:00Z)"
