"""Leases: one writer a thing, in one order, with an end, and noticed when they are lost."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from console import leases
from console.models import Lease
from tests.record_making import let_time_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

KEYS = ("port:a", "port:b")


def hold(*keys, holder=None, patience=0.0, words="Bind to Server by demo"):
    return leases.held(holder or uuid4(), keys or KEYS, words=words, patience=patience)


def test_they_are_taken_together_and_given_back():
    with hold() as held:
        held.check()
        assert set(Lease.objects.values_list("key", flat=True)) == set(KEYS)
        assert leases.is_held_by(held.holder)

    assert not Lease.objects.exists()
    assert not leases.is_held_by(held.holder)


def test_they_are_given_back_when_it_goes_wrong():
    with pytest.raises(ZeroDivisionError), hold():
        raise ZeroDivisionError

    assert not Lease.objects.exists()


def test_another_is_told_who_is_at_it_and_takes_nothing():
    with hold("port:b"):
        with pytest.raises(leases.Busy) as caught, hold("port:a", "port:b"):
            pytest.fail("two at once")

        assert "writing to the same port right now (Bind to Server by demo)" in str(caught.value)
        assert "Nothing was changed. Try again in a moment." in str(caught.value)
        assert list(Lease.objects.values_list("key", flat=True)) == ["port:b"]


def test_of_an_eip_it_says_so():
    busy = pytest.raises(leases.Busy, match="writing to the same EIP")
    with hold("eip:1"), busy, hold("eip:1"):
        pytest.fail("two at once")


def test_what_others_hold_of_other_things_does_not_matter():
    with hold("port:a"), hold("port:b") as held:
        held.check()


def test_the_same_key_twice_is_one_lease():
    with hold("port:a", "port:a") as held:
        held.check()
        assert Lease.objects.count() == 1


def test_one_that_has_ended_by_itself_may_be_taken_over_and_its_holder_notices():
    with hold() as first:
        let_time_pass()
        with hold("port:b") as second:
            with pytest.raises(leases.LeaseLost, match="Nothing further was written"):
                first.check()
            second.check()
    assert not Lease.objects.exists()


def test_giving_back_late_takes_nothing_from_the_next_holder():
    with hold("port:a") as first:
        let_time_pass()
        with hold("port:a") as second:
            leases._give_back(first.holder)
            second.check()


def test_by_the_clock_of_this_process_too():
    now = [0.0]
    with hold() as held:
        slow = leases.Held(held.holder, held.keys, ends=60, clock=lambda: now[0])
        slow.check()
        now[0] = 60 - leases.MARGIN_SECONDS + 0.1
        with pytest.raises(leases.LeaseLost):
            slow.check()


@pytest.mark.django_db(transaction=True)
def test_where_the_database_does_not_answer_the_clock_decides():
    with hold() as held:
        rename("console_lease", "console_lease_away")
        try:
            held.check()
        finally:
            rename("console_lease_away", "console_lease")


def rename(table, other):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {other}")


@pytest.mark.django_db(transaction=True)
def test_many_who_want_the_same_in_other_orders_all_get_their_turn():
    names = [f"port:{letter}" for letter in "abcde"]
    inside: set[str] = set()
    turns = []
    lock = threading.Lock()

    def work(number):
        mine = names[number % 5 :] + names[: number % 5]
        try:
            for _ in range(5):
                with hold(*mine[:3], patience=60) as held:
                    with lock:
                        assert not inside & set(held.keys), "two at once"
                        inside.update(held.keys)
                        turns.append(len(inside))
                    time.sleep(0.002)
                    held.check()
                    with lock:
                        inside.difference_update(held.keys)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert len(turns) == 40
    assert not Lease.objects.exists()


def test_ended_ones_are_forgotten():
    with hold("port:a"):
        let_time_pass()
        with hold("port:b"):
            assert leases.clear_ended() == 1
            assert list(Lease.objects.values_list("key", flat=True)) == ["port:b"]
