"""No wait is longer than it may be, however the cloud goes about it."""

from __future__ import annotations

import socket
import time
from dataclasses import replace

import pytest

from console.cloud.auth import Identity
from console.cloud.errors import CloudTimeout
from console.cloud.transport import Deadline, open_session
from tests.cloud.conftest import Envelope
from tests.cloud.server import Answer

GOOD = {"thing": {"id": "a"}}


@pytest.fixture
def patience():
    return 0.3


def read(client):
    return client.get("network", "/things/a", Envelope)


@pytest.fixture
def took():
    """Seconds since the test began."""
    began = time.monotonic()
    return lambda: time.monotonic() - began


@pytest.fixture
def full_port():
    """A port whose queue is full: connecting to it neither succeeds nor fails."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for one in waiting:
            one.close()


def test_connecting_has_a_time_out_of_its_own(connect, full_port, took):
    client = connect(url=f"http://127.0.0.1:{full_port}", connect_timeout=0.2, read_timeout=5)
    with pytest.raises(CloudTimeout, match="No connection to the network service in time"):
        client.put("network", "/things/a", Envelope, json={})
    assert 0.15 < took() < 1


def test_connecting_ends_with_the_deadline(connect, full_port, took):
    client = connect(seconds=0.2, url=f"http://127.0.0.1:{full_port}", connect_timeout=5)
    with pytest.raises(CloudTimeout):
        read(client)
    assert took() < 1


def test_reading_has_a_time_out_of_its_own(client, server, took):
    server.say(delay=3)
    with pytest.raises(CloudTimeout, match="The network service gave no answer in time"):
        read(client)
    assert 0.25 < took() < 1


def test_reading_ends_with_the_deadline(connect, server, took):
    server.say(delay=3)
    with pytest.raises(CloudTimeout, match=r"within 0\.2 seconds"):
        read(connect(seconds=0.2, read_timeout=5))
    assert took() < 1


DRIPS = {
    "body": Answer(body=GOOD, drip=0.05),
    "chunks": Answer(body=GOOD, drip=0.1, chunked=True),
    "head": Answer(body=GOOD, drip_head=0.02),
    "packed body": Answer(body={"thing": {"id": "a" * 500}}, drip=0.02, zipped=True),
}


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS.keys())
def test_an_answer_that_drips_is_cut_off_at_the_deadline(connect, server, took, answer):
    """Each byte comes well within the read time-out, the whole never would."""
    server.say(answer)
    with pytest.raises(CloudTimeout, match=r"No complete answer .* within 0\.3 seconds"):
        read(connect(seconds=0.3, read_timeout=0.25))
    assert took() < 0.6


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS.keys())
def test_a_write_whose_answer_drips_has_an_unknown_outcome(connect, server, answer):
    server.say(answer)
    with pytest.raises(CloudTimeout) as caught:
        connect(seconds=0.2).post("network", "/things", Envelope, json={})
    assert caught.value.outcome_unknown


def test_a_body_that_stops_in_the_middle_is_a_time_out_too(client, server, took):
    server.say(body={"thing": {"id": "a" * 50}}, drip=0.6)
    with pytest.raises(CloudTimeout):
        read(client)
    assert len(server.calls) == 1
    assert took() < 1


def test_an_endless_stream_is_cut_off_at_the_deadline(connect, server, took):
    server.say(body=b" " * 30_000_000, chunked=True)
    with pytest.raises(CloudTimeout):
        read(connect(seconds=0.3))
    assert took() < 1


def test_a_slow_answer_within_the_deadline_is_good(connect, server):
    server.say(body=GOOD, drip=0.005, drip_head=0.001)
    assert read(connect(seconds=5)).thing.id == "a"


def test_all_calls_of_a_page_share_one_deadline(connect, server, took):
    server.otherwise = Answer(body=GOOD, delay=0.15)
    client = connect(seconds=0.4)
    read(client)
    read(client)
    with pytest.raises(CloudTimeout):
        read(client)
    assert took() < 0.7


def test_nothing_is_sent_after_the_deadline(connect, server):
    client = connect(seconds=0)
    for call in (
        lambda: read(client),
        lambda: client.put("network", "/things/a", Envelope, json={}),
        lambda: client.delete("network", "/things/a"),
    ):
        with pytest.raises(CloudTimeout) as caught:
            call()
        assert not caught.value.outcome_unknown
    assert server.calls == []


def test_a_deadline_is_used_up_by_its_clock():
    now = [100.0]
    deadline = Deadline(10, clock=lambda: now[0])
    assert deadline.remaining == 10
    now[0] = 104
    assert deadline.remaining == 6
    now[0] = 115
    assert deadline.remaining == 0


def test_a_short_deadline_does_not_stick_to_the_connection(connect, server):
    """The next user of a kept-alive connection has time-outs of its own."""
    server.say(Answer(body=GOOD), Answer(body=GOOD, delay=0.4))
    hurried = connect(seconds=0.3, read_timeout=2)
    read(hurried)
    hurried.deadline = Deadline(5)
    assert read(hurried).thing.id == "a"
    assert server.connections == 1


def test_signing_in_has_one_deadline_too(config, server, took):
    server.say(body={"token": {"a": "b" * 500}}, drip=0.02)
    hurried = replace(config, read_deadline=0.3)
    identity = Identity(open_session(hurried), hurried)
    with pytest.raises(CloudTimeout):
        identity.sign_in(domain="d", user="u", password="p")
    with pytest.raises(CloudTimeout):
        identity.ping()
    assert took() < 0.7
    assert len(server.calls) == 1
