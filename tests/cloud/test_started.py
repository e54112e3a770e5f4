"""Calls that run side by side, and parts that a page can do without."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.cloud import client as client_module
from console.cloud.errors import CloudError, CloudTimeout, CloudUnavailable, NotFound, Unauthorized
from tests.cloud.conftest import Envelope
from tests.cloud.server import Answer

GOOD = Answer(body={"thing": {"id": "a"}})


def read(client):
    return client.get("network", "/things/a", Envelope).thing.id


@pytest.fixture
def stuck():
    """A call that no deadline of a socket ends, as the look-up of a name may be."""
    released = threading.Event()
    yield lambda: released.wait(5)
    released.set()


def test_a_started_call_is_under_way_before_anybody_waits(client, server):
    server.otherwise = GOOD
    started = client.start(read, client)
    for _ in range(200):
        if server.calls:
            break
        time.sleep(0.01)
    assert len(server.calls) == 1
    assert started.result() == "a"


def test_the_result_can_be_asked_for_twice(client, server):
    server.otherwise = GOOD
    started = client.start(read, client)
    assert (started.result(), started.result()) == ("a", "a")
    assert len(server.calls) == 1


def test_a_started_call_raises_what_the_call_raised(client, server):
    server.otherwise = Answer(404, {"NeutronError": {"type": "X", "message": "Gone."}})
    with pytest.raises(NotFound, match="Gone"):
        client.start(read, client).result()


def test_a_part_that_fails_is_replaced_and_noted(client, server):
    server.otherwise = Answer(404, {"NeutronError": {"type": "X", "message": "Gone."}})
    problems: list[CloudError] = []
    assert client.start(read, client).otherwise("none", problems) == "none"
    assert [type(problem) for problem in problems] == [NotFound]


def test_a_part_that_is_there_leaves_no_note(client, server):
    server.otherwise = GOOD
    problems: list[CloudError] = []
    assert client.start(read, client).otherwise("none", problems) == "a"
    assert problems == []


def test_an_ended_sign_in_is_never_a_part_one_can_do_without(client, server):
    server.otherwise = Answer(401)
    problems: list[CloudError] = []
    with pytest.raises(Unauthorized):
        client.start(read, client).otherwise("none", problems)
    assert problems == []


def test_a_mistake_of_ours_is_not_taken_for_a_missing_part(client):
    problems: list[CloudError] = []
    with pytest.raises(ZeroDivisionError):
        client.start(lambda: 1 / 0).otherwise("none", problems)
    assert problems == []


def test_waiting_ends_with_the_deadline_whatever_the_call_does(connect, stuck):
    began = time.monotonic()
    with pytest.raises(CloudTimeout) as caught:
        connect(seconds=0.1).start(stuck).result()
    assert time.monotonic() - began < 1
    assert not caught.value.outcome_unknown, "a read changes nothing"


def test_a_stuck_part_is_replaced_at_the_deadline(connect, stuck):
    problems: list[CloudError] = []
    assert connect(seconds=0.1).start(stuck).otherwise("none", problems) == "none"
    assert [type(problem) for problem in problems] == [CloudTimeout]


def test_a_call_that_found_no_free_thread_in_time_is_never_made(
    connect, server, stuck, monkeypatch
):
    monkeypatch.setattr(client_module, "_threads", ThreadPoolExecutor(2))
    busy = connect()
    for _ in range(2):
        busy.start(stuck)
    client = connect(seconds=0.1)
    started = client.start(read, client)
    with pytest.raises(CloudTimeout):
        started.result()
    assert server.calls == []


def test_parts_fail_each_for_itself(client, server):
    server.stop()
    problems: list[CloudError] = []
    started = [client.start(read, client) for _ in range(4)]
    assert [one.otherwise("none", problems) for one in started] == ["none"] * 4
    assert [type(problem) for problem in problems] == [CloudUnavailable] * 4
