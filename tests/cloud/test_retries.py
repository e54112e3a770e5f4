"""Which calls are made again, how often and when."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest

from console.cloud.errors import CloudError, CloudTimeout, CloudUnavailable, NotFound
from tests.cloud.conftest import Envelope, Thing
from tests.cloud.server import Answer

GOOD = Answer(body={"thing": {"id": "a"}})
RETRIED = [429, 502, 503, 504]
WRITES = {
    "POST": lambda client: client.post("network", "/things", Envelope, json={}),
    "PUT": lambda client: client.put("network", "/things/a", Envelope, json={}),
    "DELETE": lambda client: client.delete("network", "/things/a"),
}


@pytest.fixture
def patience():
    return 0.3


def read(client):
    return client.get("network", "/things/a", Envelope).thing


@pytest.mark.parametrize("status", RETRIED)
def test_a_read_is_tried_again_after_a_passing_trouble(client, server, pauses, status):
    server.say(Answer(status), GOOD)
    assert read(client) == Thing(id="a")
    assert len(server.calls) == 2
    assert len(pauses) == 1


@pytest.mark.parametrize("status", RETRIED)
def test_a_read_is_tried_three_times_at_most(client, server, status):
    server.otherwise = Answer(status)
    with pytest.raises(CloudUnavailable) as caught:
        read(client)
    assert caught.value.status == status
    assert len(server.calls) == 3


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_how_often_is_a_setting(connect, server, retries):
    server.otherwise = Answer(503)
    with pytest.raises(CloudUnavailable):
        read(connect(seconds=60, read_retries=retries))
    assert len(server.calls) == retries + 1


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 408, 409, 412, 413, 500, 501])
def test_a_read_is_not_tried_again_after_a_plain_answer(client, server, pauses, status):
    server.otherwise = Answer(status)
    with pytest.raises(CloudError):
        read(client)
    assert len(server.calls) == 1
    assert pauses == []


def test_a_read_is_tried_again_after_a_broken_connection(client, server):
    server.say(Answer(reset=True), GOOD)
    assert read(client) == Thing(id="a")
    assert len(server.calls) == 2


def test_a_read_is_tried_again_after_an_answer_that_broke_off(client, server):
    server.say(Answer(body={"thing": {"id": "a"}}, cut=5), GOOD)
    assert read(client) == Thing(id="a")


def test_a_read_is_tried_again_when_nobody_listens(client, server, pauses):
    server.stop()
    with pytest.raises(CloudUnavailable, match="Could not connect to"):
        read(client)
    assert len(pauses) == 2


def test_a_read_that_timed_out_is_not_tried_again(client, server, pauses):
    server.otherwise = Answer(delay=1)
    with pytest.raises(CloudTimeout):
        read(client)
    assert len(server.calls) == 1
    assert pauses == []


@pytest.mark.parametrize("body", [b"{", b'{"thing": 1}', b""])
def test_a_read_whose_answer_is_nonsense_is_not_tried_again(client, server, body):
    server.otherwise = Answer(body=body)
    with pytest.raises(CloudError):
        read(client)
    assert len(server.calls) == 1


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("status", [*RETRIED, 500, 409])
def test_a_write_is_never_repeated(client, server, pauses, method, status):
    server.otherwise = Answer(status, headers={"Retry-After": "0"})
    with pytest.raises(CloudError):
        WRITES[method](client)
    assert [call.method for call in server.calls] == [method]
    assert pauses == []


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize(
    "answer", [Answer(reset=True), Answer(delay=1), Answer(raw=b""), Answer(body={"a": 1}, cut=3)]
)
def test_a_write_is_never_repeated_when_the_connection_breaks(client, server, method, answer):
    server.otherwise = answer
    with pytest.raises(CloudError):
        WRITES[method](client)
    assert [call.method for call in server.calls] == [method]


@pytest.mark.parametrize("method", WRITES)
def test_a_write_on_a_connection_that_was_kept_alive_is_never_repeated(client, server, method):
    """Over a used connection, urllib3 could be tempted to call a reset a stale connection."""
    server.say(GOOD, Answer(reset=True))
    read(client)
    with pytest.raises(CloudUnavailable) as caught:
        WRITES[method](client)
    assert caught.value.outcome_unknown
    assert [call.method for call in server.calls] == ["GET", method]


def test_the_pauses_grow_and_are_short(client, server, pauses):
    server.otherwise = Answer(503)
    with pytest.raises(CloudUnavailable):
        read(client)
    first, second = pauses
    assert 0.1 <= first <= 0.2
    assert 0.3 <= second <= 0.6


def test_a_pause_lasts_as_long_as_the_cloud_asks(connect, server, pauses):
    server.say(Answer(429, headers={"Retry-After": "3"}), GOOD)
    assert read(connect(seconds=10)) == Thing(id="a")
    assert pauses == [3]


def test_a_pause_lasts_until_the_date_the_cloud_names(connect, server, pauses):
    until = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=4), usegmt=True)
    server.say(Answer(429, headers={"Retry-After": until}), GOOD)
    assert read(connect(seconds=10)) == Thing(id="a")
    assert len(pauses) == 1
    assert 3 <= pauses[0] <= 4


@pytest.mark.parametrize("value", ["soon", "²", "-1", "9" * 5000])
def test_a_senseless_wish_is_no_reason_to_fail(client, server, pauses, value):
    server.say(Answer(503, headers={"Retry-After": value}), GOOD)
    assert read(client) == Thing(id="a")
    assert 0.1 <= pauses[0] <= 0.2


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_beyond_the_deadline_is_not_begun(connect, server, pauses, status):
    server.otherwise = Answer(status, headers={"Retry-After": "60"})
    with pytest.raises(CloudUnavailable) as caught:
        read(connect(seconds=5))
    assert caught.value.retry_after == 60
    assert len(server.calls) == 1
    assert pauses == []


def test_no_further_attempt_is_made_at_the_deadline(connect, server, pauses):
    server.otherwise = Answer(503)
    client = connect(seconds=0.05)
    with pytest.raises(CloudUnavailable):
        read(client)
    assert len(server.calls) == 1
    assert pauses == []


def test_the_same_request_is_made_again(client, server):
    server.say(Answer(503), GOOD)
    client.get(
        "compute", "/things", Envelope, params=[("name", "a&b"), ("id", "1"), ("id", "2")],
        microversion="2.26",
    )  # fmt: skip
    first, second = server.calls
    assert first.path == second.path == "/things?name=a%26b&id=1&id=2"
    assert first.headers.items() == second.headers.items()


def test_every_attempt_is_recorded_with_its_request_id(client, server):
    server.say(
        Answer(503, headers={"x-openstack-request-id": "req-1"}),
        Answer(reset=True),
        Answer(404, headers={"x-openstack-request-id": "req-3"}),
    )
    with pytest.raises(NotFound):
        read(client)
    assert [(call.status, call.request_id) for call in client.calls] == [
        (503, "req-1"),
        (0, ""),
        (404, "req-3"),
    ]
    assert client.request_ids == ("req-1", "req-3")
