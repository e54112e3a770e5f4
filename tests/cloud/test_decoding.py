"""Where JSON enters: a value of the right type, or a `BadAnswer` that names the field."""

from __future__ import annotations

import msgspec
import pytest

from bms.api import BareMetalAPI
from console.cloud.errors import BadAnswer
from tests.cloud.conftest import Envelope, Thing
from tests.cloud.server import Answer
from vpc.api import NetworkAPI

ID = "7c5e9a14-d3b0-4286-8f4d-60a1e2c7b958"


class Rack(msgspec.Struct, frozen=True):
    slots: tuple[Thing, ...]
    by_name: dict[str, Thing] = {}


def read(client, server, body, answer=Envelope):
    server.say(body=body)
    return client.get("network", "/things/a", answer)


def complaint(client, server, body, answer=Envelope):
    with pytest.raises(BadAnswer) as caught:
        read(client, server, body, answer)
    return caught.value.message


def test_a_body_becomes_a_frozen_value(client, server):
    envelope = read(client, server, {"thing": {"id": "a", "size": 3}})
    assert envelope == Envelope(Thing("a", 3))
    with pytest.raises(AttributeError):
        envelope.thing = None


def test_fields_that_nobody_asked_for_are_ignored(client, server):
    body = {"thing": {"id": "a", "new": [{"deep": None}]}, "links": {"self": "…"}}
    assert read(client, server, body).thing.id == "a"


@pytest.mark.parametrize(
    ("body", "answer", "field"),
    [
        ({}, Envelope, "`thing`"),
        ({"thing": {}}, Envelope, "`id` - at `$.thing`"),
        ({"thing": None}, Envelope, "`$.thing`"),
        ({"thing": {"id": None}}, Envelope, "`$.thing.id`"),
        ({"thing": {"id": 7}}, Envelope, "`$.thing.id`"),
        ({"thing": {"id": "a", "size": "3"}}, Envelope, "`$.thing.size`"),
        ({"thing": {"id": "a", "size": 1.5}}, Envelope, "`$.thing.size`"),
        ({"thing": [{"id": "a"}]}, Envelope, "`$.thing`"),
        ([], Envelope, "`array`"),
        ({"slots": [{"id": "a"}, {"id": None}]}, Rack, "`$.slots[1].id`"),
        ({"slots": [{"id": "a"}, 3]}, Rack, "`$.slots[1]`"),
        ({"slots": {}}, Rack, "`$.slots`"),
        ({"slots": [], "by_name": {"x": {"id": 0}}}, Rack, "`$.by_name[...].id`"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_its_fields_name(
    client, server, body, answer, field
):
    words = complaint(client, server, body, answer)
    assert words.startswith("A field is missing or misshapen")
    assert field in words


def test_a_field_deep_in_a_list_of_servers_is_named(client, server):
    good = {"id": ID, "name": "a", "status": "ACTIVE"}
    bad = good | {"addresses": {"net": [{"addr": 7}]}}
    server.say(body={"servers": [good, bad]})
    with pytest.raises(BadAnswer, match=r"\$\.servers\[1\]\.addresses\[\.\.\.\]\[0\]\.addr"):
        BareMetalAPI(client).list_servers(limit=50)


def test_a_field_deep_in_a_port_is_named(client, server):
    port = {"id": ID, "fixed_ips": [{"subnet_id": ID}]}
    server.say(body={"port": port})
    with pytest.raises(BadAnswer, match=r"`ip_address` - at `\$\.port\.fixed_ips\[0\]`"):
        NetworkAPI(client).get_port(ID)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"thing": {"id": "a"}',
        b'{"thing": {"id": "a"}} trailing',
        b"<html><body>Welcome</body></html>",
        b'{"thing": {"id": "\xff"}}',
        b"\xef\xbb\xbf{}",
        b"\x00",
        b'{"thing": {"id": "\\ud800"}}',
        b'{"thing": {"id": "a", "size": NaN}}',
        b'{"thing": {"id": "a", "size": Infinity}}',
        b"{'thing': {}}",
    ],
)
def test_a_body_that_is_no_json_is_refused(client, server, body):
    assert complaint(client, server, body).startswith("The answer is no JSON")


@pytest.mark.parametrize("size", [b"1e400", b"-1e999", b"9" * 5000])
def test_a_number_beyond_all_bounds_is_refused(client, server, size):
    body = b'{"thing": {"id": "a", "size": ' + size + b"}}"
    assert "size" in complaint(client, server, body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"thing":' * 200_000,
        b'{"else":' + b"[" * 500_000,
        b'{"thing": {"id": "a", "else": ' + b'{"a":' * 200_000,
    ],
)
def test_a_body_nested_without_end_is_refused(client, server, body):
    assert complaint(client, server, body)


def test_an_empty_answer_to_a_read_is_refused(client, server):
    server.say(Answer(204, b""))
    with pytest.raises(BadAnswer, match="no JSON"):
        client.get("network", "/things/a", Envelope)


def test_a_deletion_needs_no_body(client, server):
    for answer in (Answer(204, b""), Answer(200, b""), Answer(202, b"<html>")):
        server.say(answer)
        assert client.delete("network", "/things/a") is None


def test_a_refused_body_keeps_the_request_id(client, server):
    server.say(body={"thing": 1}, headers={"x-openstack-request-id": "req-5"})
    with pytest.raises(BadAnswer) as caught:
        client.get("network", "/things/a", Envelope)
    assert (caught.value.request_id, caught.value.service) == ("req-5", "network")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body={"thing": {"id": "ü" * 9000}}, chunked=True),
        Answer(body={"thing": {"id": "ü" * 9000}}, zipped=True),
        Answer(body={"thing": {"id": "ü" * 9000}}, zipped=True, chunked=True),
        Answer(201, {"thing": {"id": "ü" * 9000}}),
        Answer(202, {"thing": {"id": "ü" * 9000}}, close=True),
    ],
)
def test_a_good_body_is_read_however_it_comes(client, server, answer):
    server.say(answer)
    assert client.post("network", "/things", Envelope, json={"a": "ü"}).thing.id == "ü" * 9000


def test_what_is_sent_is_json(client, server):
    server.otherwise = Answer(body={"thing": {"id": "a"}})
    client.put(
        "network", "/things/a", Envelope, json={"a": ["ü", None, 1]}, headers={"If-Match": "x"}
    )
    (call,) = server.calls
    assert msgspec.json.decode(call.body) == {"a": ["ü", None, 1]}
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["If-Match"] == "x"


# large answers


def rack(*sizes):
    """Larger than what is decoded each time."""
    return {"slots": [{"id": f"{'long ' * 1000}{size}", "size": size} for size in sizes]}


def test_a_large_answer_that_is_the_same_is_read_once_and_any_other_anew(client, server):
    first = read(client, server, rack(*range(9)), Rack)

    assert read(client, server, rack(*range(9)), Rack) is first
    assert read(client, server, rack(*range(8), 9), Rack).slots[-1].size == 9


def test_the_same_large_answer_is_another_value_where_another_is_asked_for(client, server):
    class Shelf(msgspec.Struct, frozen=True):
        slots: tuple[Thing, ...]

    body = rack(*range(9))
    read(client, server, body, Rack)

    assert read(client, server, body, Shelf).slots == read(client, server, body, Rack).slots
    assert isinstance(read(client, server, body, Shelf), Shelf)


def test_a_large_answer_that_cannot_be_understood_is_refused_each_time(client, server):
    for _ in range(2):
        words = complaint(client, server, rack(*range(8), "nine"), Rack)
        assert "`$.slots[8].size`" in words
