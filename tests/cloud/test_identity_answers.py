"""What Keystone may answer besides what it should, over a real socket."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from console.cloud.account import Project, User
from console.cloud.auth import Identity
from console.cloud.errors import (
    BadAnswer,
    CloudError,
    CloudFault,
    CloudUnavailable,
    Forbidden,
    Unauthorized,
)
from console.cloud.transport import open_session
from tests.cloud.conftest import SECRET, TOKEN
from tests.cloud.server import Answer
from tests.cloud.tokens import PROJECT, token_answer, token_body


def sign_in(identity, passcode=""):
    return identity.sign_in(domain="acme", user="ops", password="pass", passcode=passcode)


def sent(server):
    return json.loads(server.calls[-1].body)["auth"]


@pytest.mark.parametrize("status", [200, 201])
def test_any_success_is_a_sign_in(identity, server, status):
    server.say(token_answer("abc", status))
    user, token = sign_in(identity)
    assert user == User(id="0f6b", name="ops-user", domain_name="acme")
    assert token.text == "abc"


def test_what_a_sign_in_sends(identity, server):
    server.say(token_answer())
    sign_in(identity)
    who = {"name": "ops", "domain": {"name": "acme"}}
    assert sent(server) == {
        "identity": {"methods": ["password"], "password": {"user": who | {"password": "pass"}}}
    }
    assert server.calls[0].path == "/v3/auth/tokens"
    assert "X-Auth-Token" not in server.calls[0].headers


def test_what_a_sign_in_with_a_passcode_sends(identity, server):
    server.say(token_answer())
    sign_in(identity, passcode="123456")
    who = {"name": "ops", "domain": {"name": "acme"}}
    assert sent(server)["identity"] == {
        "methods": ["password", "totp"],
        "password": {"user": who | {"password": "pass"}},
        "totp": {"user": who | {"passcode": "123456"}},
    }


def test_what_the_choice_of_a_project_sends(identity, server):
    server.say(token_answer())
    identity.scope_to(TOKEN, "8f2c")
    assert sent(server) == {
        "identity": {"methods": ["token"], "token": {"id": SECRET}},
        "scope": {"project": {"id": "8f2c"}},
    }


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-03-03T08:15:04.211000Z", dt.datetime(2026, 3, 3, 8, 15, 4, 211000, dt.UTC)),
        ("2026-03-03T08:15:04Z", dt.datetime(2026, 3, 3, 8, 15, 4, 0, dt.UTC)),
        ("2026-03-03T08:15:04", dt.datetime(2026, 3, 3, 8, 15, 4, 0, dt.UTC)),
        ("2026-03-03T10:15:04+02:00", dt.datetime(2026, 3, 3, 8, 15, 4, 0, dt.UTC)),
    ],
)
def test_the_end_of_a_token(identity, server, text, end):
    server.say(token_answer(expires_at=text))
    assert sign_in(identity)[1].expires_at == end


@pytest.mark.parametrize(
    "text", ["never", "", 7, None, [], "9999-12-31T23:59:59-14:00", "2026-13-40T99:99:99Z"]
)
def test_an_end_that_is_no_time_is_refused(identity, server, text):
    server.say(token_answer(expires_at=text))
    with pytest.raises(BadAnswer):
        sign_in(identity)


def test_a_wrong_credential(identity, server):
    body = {"error": {"code": 401, "message": "Authentication needed.", "title": "Unauthorized"}}
    server.say(Answer(401, body, {"x-openstack-request-id": "req-1"}))
    with pytest.raises(Unauthorized, match=r"Authentication needed\.") as caught:
        sign_in(identity)
    assert caught.value.request_id == "req-1"
    assert caught.value.service == "identity"


RECEIPT = {
    "receipt": {"methods": ["password"], "expires_at": "2026-03-02T08:20:04Z", "issued_at": "x"},
    "required_auth_methods": [["password", "totp"]],
}


@pytest.mark.parametrize("body", [RECEIPT, {}, b"", b"<html>", {"receipt": None}])
def test_an_account_that_needs_a_passcode_too(identity, server, body):
    server.say(Answer(401, body, {"Openstack-Auth-Receipt": "abc"}))
    with pytest.raises(Unauthorized, match="passcode"):
        sign_in(identity)


def test_a_wrong_passcode_of_open_telekom_cloud(identity, server):
    server.say(Answer(400, {"error_code": "IAM.1061", "error_msg": "Wrong code."}))
    with pytest.raises(Unauthorized):
        sign_in(identity, passcode="000000")


def test_a_user_who_may_not_sign_in_here(identity, server):
    server.say(Answer(403, {"error": {"code": "IAM.0081", "message": "Console only."}}))
    with pytest.raises(Forbidden, match=r"Console only\."):
        sign_in(identity)


NONSENSE = {
    "no header": token_answer(None),
    "nothing": Answer(201, b"", {"X-Subject-Token": "t"}),
    "html": Answer(200, b"<html>Welcome to the portal</html>", {"X-Subject-Token": "t"}),
    "no json": Answer(201, b"{", {"X-Subject-Token": "t"}),
    "no utf-8": Answer(201, b'{"token": "\xff"}', {"X-Subject-Token": "t"}),
    "null": Answer(201, b"null", {"X-Subject-Token": "t"}),
    "list": Answer(201, b"[]", {"X-Subject-Token": "t"}),
    "number": Answer(201, b"7", {"X-Subject-Token": "t"}),
    "text": Answer(201, b'"token"', {"X-Subject-Token": "t"}),
    "no token": token_answer(body={}),
    "token null": token_answer(body={"token": None}),
    "token list": token_answer(body={"token": []}),
    "token text": token_answer(body={"token": "abc"}),
    "nested": Answer(201, b"[" * 100_000, {"X-Subject-Token": "t"}),
    "nested deep": Answer(201, b'{"token":' * 100_000, {"X-Subject-Token": "t"}),
    "no user": token_answer(user=None),
    "user text": token_answer(user="ops"),
    "user list": token_answer(user=[]),
    "user without id": token_answer(user={"name": "x", "domain": {"name": "y"}}),
    "user with a number": token_answer(user={"id": 7, "name": "x", "domain": {"name": "y"}}),
    "user without domain": token_answer(user={"id": "7", "name": "x"}),
    "domain null": token_answer(user={"id": "7", "name": "x", "domain": None}),
    "domain without name": token_answer(user={"id": "7", "name": "x", "domain": {}}),
    "redirect": Answer(302, headers={"Location": "/elsewhere"}),
    "choices": Answer(300, {"versions": {"values": []}}),
    "no content": Answer(204, b""),
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
def test_an_answer_that_is_no_token_is_refused(identity, server, answer):
    server.say(answer)
    with pytest.raises(BadAnswer):
        sign_in(identity)


SCOPELESS = {
    "no project": {"project": None},
    "project text": {"project": "p"},
    "project without name": {"project": {"id": "p"}},
    "project with a number": {"project": {"id": 7, "name": "p"}},
    "roles text": {"roles": "admin"},
    "roles of texts": {"roles": ["admin"]},
    "role without name": {"roles": [{"id": "0"}]},
    "role with a number": {"roles": [{"name": 7}]},
    "catalog text": {"catalog": "none"},
    "catalog of texts": {"catalog": ["none"]},
    "catalog object": {"catalog": {"compute": []}},
}


@pytest.mark.parametrize("changes", SCOPELESS.values(), ids=SCOPELESS.keys())
def test_an_answer_that_is_no_projects_token_is_refused(identity, server, changes):
    server.say(token_answer(**changes))
    with pytest.raises(BadAnswer):
        identity.scope_to(TOKEN, "p")


def test_a_projects_token_without_roles_is_one(identity, server):
    server.say(token_answer(roles=None))
    scope = identity.scope_to(TOKEN, PROJECT["id"])
    assert scope.project == Project(id="8f2c", name="eu-de_prod")
    assert scope.roles == ()


REFUSALS = [
    b"<html>",
    b"",
    b"[]",
    b"null",
    b"\xff",
    b'{"error": "no"}',
    b'{"error": [1]}',
    b'{"errors": [1]}',
    b'{"errors": {}}',
    b"[" * 99_999,
]


@pytest.mark.parametrize("body", REFUSALS)
@pytest.mark.parametrize(
    ("status", "kind"), [(401, Unauthorized), (403, Forbidden), (500, CloudFault)]
)
def test_a_refusal_counts_whatever_its_body(identity, server, body, status, kind):
    server.otherwise = Answer(status, body)
    for call in (lambda: identity.list_projects(TOKEN), lambda: sign_in(identity)):
        with pytest.raises(CloudError) as caught:
            call()
        assert type(caught.value) is kind


@pytest.mark.parametrize("body", [b"<html>", b"", b"null", b'{"projects": null}'])
def test_a_list_of_projects_that_is_none_is_refused(identity, server, body):
    server.say(body=body)
    with pytest.raises(BadAnswer):
        identity.list_projects(TOKEN)


def test_only_projects_that_can_be_worked_in_are_offered(identity, server):
    projects = [
        {"id": "1", "name": "eu-de_prod", "enabled": True, "is_domain": False},
        {"id": "2", "name": "MOS", "enabled": True},
        {"id": "3", "name": "old", "enabled": False},
        {"id": "4", "name": "acme", "enabled": True, "is_domain": True},
        {"id": "5", "name": "Alpha"},
    ]
    server.say(body={"projects": projects, "links": {"next": None}})
    found = identity.list_projects(TOKEN)
    assert found == (Project(id="5", name="Alpha"), Project(id="1", name="eu-de_prod"))
    assert server.calls[0].headers["X-Auth-Token"] == SECRET


def test_a_sign_out_ends_the_token_with_itself(identity, server):
    server.say(status=204, body=b"")
    identity.revoke(TOKEN)
    (call,) = server.calls
    assert (call.method, call.path) == ("DELETE", "/v3/auth/tokens")
    assert call.headers["X-Auth-Token"] == call.headers["X-Subject-Token"] == SECRET


def test_an_address_of_the_settings_serves_instead_of_the_first_one(config, server):
    other = replace(
        config, auth_url="http://127.0.0.1:9/v3", endpoints={"identity": f"{server.url}/own/v3"}
    )
    server.say(token_answer())
    sign_in(Identity(open_session(other), other))
    assert server.calls[0].path == "/own/v3/auth/tokens"


def test_nobody_at_keystones_address(identity, server):
    server.stop()
    with pytest.raises(CloudUnavailable, match="Could not connect to the identity service"):
        sign_in(identity)


def test_the_shape_that_is_wrong_is_named(identity, server):
    body = token_body()
    body["token"]["project"] = {"id": None, "name": "x"}
    server.say(token_answer(body=body))
    with pytest.raises(BadAnswer, match=r"\$\.id"):
        identity.scope_to(TOKEN, "p")
