"""One pool for all users: connections are kept, nothing of a user is."""

from __future__ import annotations

import threading

import pytest

from console.cloud.account import Token
from console.cloud.auth import Identity
from console.cloud.errors import BadAnswer, CloudError
from console.cloud.transport import open_session
from tests.cloud.conftest import SECRET, TOKEN, Envelope
from tests.cloud.server import Answer

GOOD = Answer(body={"thing": {"id": "a"}})


def read(client):
    return client.get("network", "/things/a", Envelope)


def test_twenty_calls_one_after_the_other_need_one_connection(client, server):
    server.otherwise = GOOD
    for _ in range(20):
        read(client)
    assert len(server.calls) == 20
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body={"thing": {"id": "a" * 500_000}}),
        Answer(body={"thing": {"id": "a"}}, chunked=True),
        Answer(body={"thing": {"id": "a" * 5000}}, zipped=True),
        Answer(body={"thing": {"id": "a" * 5000}}, zipped=True, chunked=True),
    ],
    ids=["large", "chunked", "packed", "packed and chunked"],
)
def test_a_connection_is_kept_however_the_body_came(client, server, answer):
    server.otherwise = answer
    for _ in range(3):
        assert read(client).thing.id == answer.body["thing"]["id"]
    assert server.connections == 1


@pytest.mark.parametrize("status", [204, 302, 400, 404, 409, 500])
def test_a_connection_is_kept_after_a_refusal(client, server, status):
    server.otherwise = Answer(status, {"message": "no"})
    for _ in range(3):
        with pytest.raises(CloudError):
            client.put("network", "/things/a", Envelope, json={})
    assert server.connections == 1


def test_a_connection_is_kept_after_deletions(client, server):
    server.otherwise = Answer(204, b"")
    for _ in range(3):
        client.delete("network", "/things/a")
    assert server.connections == 1


def test_a_connection_is_kept_after_a_body_that_does_not_fit(client, server):
    server.otherwise = Answer(body={"thing": 7})
    for _ in range(3):
        with pytest.raises(BadAnswer):
            read(client)
    assert server.connections == 1


def test_a_connection_that_the_cloud_closed_is_made_anew(client, server):
    server.say(Answer(body=GOOD.body, close=True), GOOD)
    read(client)
    read(client)
    assert server.connections == 2


def test_a_connection_with_an_unread_rest_is_not_used_again(connect, server):
    server.say(Answer(body=GOOD.body, drip=0.05), GOOD)
    with pytest.raises(CloudError):
        read(connect(seconds=0.15))
    again = connect()
    assert read(again).thing.id == "a"
    assert server.connections == 2


def test_the_cloud_is_not_left_sending_to_nobody(connect, server):
    server.say(body={"thing": {"id": "a" * 500}}, drip=0.05)
    with pytest.raises(CloudError) as caught:
        read(connect(seconds=0.15))
    assert server.left.wait(2)
    assert caught.value.outcome_unknown is False  # the error is still held; it keeps nothing open


def test_eight_parallel_calls_overlap(client, server):
    """The server answers nobody until all eight have come."""
    server.otherwise = GOOD
    server.meeting = threading.Barrier(8)
    started = [client.start(read, client) for _ in range(8)]
    assert [one.result().thing.id for one in started] == ["a"] * 8
    assert server.connections == 8


def test_parallel_calls_use_the_connections_of_those_before(client, server):
    server.otherwise = GOOD
    for _ in range(3):
        server.meeting = threading.Barrier(8)
        for one in [client.start(read, client) for _ in range(8)]:
            one.result()
    assert len(server.calls) == 24
    assert server.connections == 8


def test_two_users_share_connections_but_no_token(connect, server):
    server.otherwise = GOOD
    first = connect()
    second = connect(token=Token(text="other", expires_at=TOKEN.expires_at))
    second._session = first._session
    read(first)
    read(second)
    assert server.connections == 1
    assert [call.headers["X-Auth-Token"] for call in server.calls] == [SECRET, "other"]


def test_no_cookie_is_kept(client, server):
    server.otherwise = Answer(body=GOOD.body, headers={"Set-Cookie": "user=alice; Path=/"})
    read(client)
    read(client)
    assert "Cookie" not in server.calls[1].headers


def test_neither_a_netrc_nor_a_proxy_of_the_environment_counts(
    connect, server, other_server, monkeypatch, tmp_path
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login alice password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, other_server.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.otherwise = GOOD
    read(connect())
    assert "Authorization" not in server.calls[0].headers
    assert other_server.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_no_token_goes_elsewhere(
    client, server, other_server, status
):
    server.otherwise = Answer(status, headers={"Location": f"{other_server.url}/here"})
    with pytest.raises(BadAnswer, match="leads elsewhere"):
        read(client)
    with pytest.raises(BadAnswer):
        client.put("network", "/things/a", Envelope, json={})
    assert len(server.calls) == 2
    assert other_server.calls == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_password_follows_a_redirect(config, server, other_server, status):
    server.otherwise = Answer(status, headers={"Location": f"{other_server.url}/v3/auth/tokens"})
    identity = Identity(open_session(config), config)
    with pytest.raises(BadAnswer):
        identity.sign_in(domain="d", user="u", password="p")
    with pytest.raises(BadAnswer):
        identity.ping()
    assert other_server.calls == []


def test_the_cloud_is_told_who_calls(client, server):
    server.otherwise = GOOD
    read(client)
    assert server.calls[0].headers["User-Agent"].startswith("bms-console")
    assert server.calls[0].headers["Accept"] == "application/json"


def test_a_body_that_unpacks_to_more_than_there_is_room_for_is_refused(connect, server):
    server.say(body=b" " * (70 * 1024 * 1024), zipped=True)
    with pytest.raises(BadAnswer, match="more than 64 MiB"):
        read(connect(read_timeout=5))
