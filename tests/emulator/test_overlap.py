"""Writes of one port that overlap (cloud-api 4.10; FACTS, two writers)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import PortFactory, SecurityGroupFactory

FIRST, SECOND = "192.0.2.1", "192.0.2.2"
A, B = "192.0.2.100", "192.0.2.101"


@pytest.fixture
def port(emulator):
    return PortFactory(allowed_address_pairs=[FIRST, SECOND])


@pytest.fixture
def overlapping(emulator):
    emulator.overlap_ms = 1500
    return emulator


def pairs(*wanted):
    return {"allowed_address_pairs": [{"ip_address": address} for address in wanted]}


def both(demo, port, *changes, apart=0.3, if_match=""):
    """All changes at nearly the same moment, in this order."""

    def one(numbered):
        number, change = numbered
        time.sleep(number * apart)
        return demo.update_port(port, if_match=if_match, **change)

    with ThreadPoolExecutor(len(changes)) as pool:
        return list(pool.map(one, enumerate(changes)))


def revision(demo, port):
    return f"revision_number={demo.port(port)['revision_number']}"


ADDITIONS = pairs(FIRST, SECOND, A), pairs(FIRST, SECOND, B)


@OPENSTACK
def test_without_the_window_one_of_two_is_refused(demo, port):
    answers = both(demo, port, *ADDITIONS, if_match=revision(demo, port), apart=0)
    assert sorted(answer.status for answer in answers) == [200, 412]
    (refused,) = [answer for answer in answers if answer.status == 412]
    assert refused.kind == "RevisionNumberConstraintFailed"
    assert len(port.pairs) == 3


@OPENSTACK
def test_with_the_window_both_pass_and_both_additions_stay(demo, port, overlapping):
    before = demo.port(port)["revision_number"]
    answers = both(demo, port, *ADDITIONS, if_match=f"revision_number={before}")
    assert [answer.status for answer in answers] == [200, 200]
    assert port.pairs == [FIRST, SECOND, A, B]
    shown = [answer.json["port"]["revision_number"] for answer in answers]
    assert shown == [before + 1, before + 2]
    assert demo.port(port)["revision_number"] == before + 2


@OPENSTACK
def test_each_answer_shows_the_port_as_it_is_then(demo, port, overlapping):
    first, second = both(demo, port, *ADDITIONS)
    assert len(first.json["port"]["allowed_address_pairs"]) == 3
    assert len(second.json["port"]["allowed_address_pairs"]) == 4


@OPENSTACK
def test_a_write_after_the_window_is_refused(demo, port, overlapping):
    answers = both(demo, port, *ADDITIONS, if_match=revision(demo, port), apart=2)
    assert [answer.status for answer in answers] == [200, 412]


@OPENSTACK
def test_a_stale_revision_is_refused_at_once(demo, port, overlapping):
    overlapping.overlap_ms = 20_000
    started = time.monotonic()
    assert demo.update_port(port, if_match="revision_number=99", **pairs()).status == 412
    assert time.monotonic() - started < 10


@OPENSTACK
def test_what_the_first_took_away_comes_back(demo, port, overlapping):
    answers = both(
        demo, port, pairs(SECOND), pairs(FIRST, SECOND, A), if_match=revision(demo, port)
    )
    assert [answer.status for answer in answers] == [200, 200]
    assert sorted(port.pairs) == [FIRST, A, SECOND]


@OPENSTACK
def test_what_the_second_takes_away_is_gone(demo, port, overlapping):
    both(demo, port, pairs(FIRST, SECOND, A), pairs(SECOND), if_match=revision(demo, port))
    assert port.pairs == [SECOND, A]


@OPENSTACK
@pytest.mark.parametrize("name", ["description", "name"])
def test_who_changes_the_port_itself_wins_alone(demo, port, overlapping, name):
    changes = [change | {name: f"by {n}"} for n, change in enumerate(ADDITIONS)]
    answers = both(demo, port, *changes, if_match=revision(demo, port))
    assert [answer.status for answer in answers] == [200, 200]
    assert demo.port(port)[name] == "by 1"
    assert port.pairs == [FIRST, SECOND, B]


@OPENSTACK
def test_a_name_that_stays_what_it_is_changes_nothing(demo, port, overlapping):
    named = [change | {"name": ""} for change in ADDITIONS]
    both(demo, port, {"name": "renamed"}, *named)
    assert port.pairs == [FIRST, SECOND, A, B]
    assert demo.port(port)["name"] == "renamed"


@OPENSTACK
def test_groups_are_rows_too(demo, overlapping):
    first, second, third = (SecurityGroupFactory().id for _ in range(3))
    port = PortFactory(security_groups=[])
    demo.update_port(port, security_groups=[first])
    both(demo, port, {"security_groups": [first, second]}, {"security_groups": [first, third]})
    assert demo.port(port)["security_groups"] == [first, second, third]


@OPENSTACK
def test_four_at_once(demo, port, overlapping):
    before = demo.port(port)["revision_number"]
    more = [pairs(FIRST, SECOND, f"192.0.2.{110 + n}") for n in range(4)]
    answers = both(demo, port, *more, if_match=f"revision_number={before}", apart=0.1)
    assert [answer.status for answer in answers] == [200] * 4
    assert len(port.pairs) == 6
    assert demo.port(port)["revision_number"] == before + 4


@OTC
def test_otc_loses_the_first_change(demo, port, overlapping):
    answers = both(demo, port, *ADDITIONS)
    assert [answer.status for answer in answers] == [200, 200]
    assert port.pairs == [FIRST, SECOND, B]


def test_the_others_go_on_meanwhile(demo, port, overlapping):
    other = PortFactory()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(demo.pairs, port, A)
        time.sleep(0.3)
        assert demo.port(other)["id"] == other.id
        assert demo.port(port)["allowed_address_pairs"][0]["ip_address"] == FIRST
        assert not slow.done()
        assert slow.result().status == 200
    assert port.pairs == [A]


def test_a_port_that_goes_meanwhile_is_not_found(demo, overlapping):
    port = PortFactory()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(demo.pairs, port, A)
        time.sleep(0.3)
        assert demo.delete_port(port).status == 204
        assert slow.result().kind == "PortNotFound"


def test_a_window_for_one_alone_changes_nothing(demo, port, overlapping):
    assert demo.pairs(port, B, FIRST).status == 200
    assert port.pairs == [B, FIRST]
    assert demo.update_port(port, name="x").status == 200
