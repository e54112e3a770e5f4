"""Every write, every call it makes, and every way in which that call goes wrong.

What must hold: what a page says is true of the ports. It says done and it is; or it says nothing
was changed and nothing was; or it says that something is left or that it does not know. After the
next visit all is as before or as wanted, and so say the records; or they say *needs repair*, and
Repair brings one of the two. What others wrote is there in every case.
"""

from __future__ import annotations

import pytest

from console.models import OPEN_STATES, Lease, OperationState
from tests.cloud_settings import change_cloud
from tests.fault_kinds import KINDS, fault_at
from tests.faults.snapshots import Ports, Records
from tests.faults.writes import SEVERAL, WRITES, Write
from tests.pages import Page
from tests.record_making import stop

ONLY = {"nic_check": "otc", "address_use": "openstack"}
VARIANTS = [
    (write, profile, False)
    for profile in ("otc", "openstack")
    for write in WRITES
    if ONLY.get(write, profile) == profile
]
# The same changes by the same code; of htmx only the answers are other ones.
VARIANTS += [("assign", "otc", True), ("bind", "otc", True), ("unbind_eip", "openstack", True)]

LIKE_503 = ("502", "refused")
"""Of a read the client makes the same of these: see `tests/cloud/test_failures.py`."""

WAYS = KINDS | {
    "412": {"kind": "status", "status": 412},
    "killed": {"kind": "hook", "hook": stop},
}
READ_WAYS = {
    "otc": [way for way in WAYS if way not in LIKE_503],
    "openstack": ["timeout", "malformed", "401", "403", "404", "503", "killed"],
}
"""What the client makes of a spoilt answer is the same in both families; which calls there are, and
what was written before them, is not."""
LASTING = ("timeout", "malformed", "401", "403", "503")
AFTER_EFFECT = ("timeout", "reset", "malformed", "wrong_shape", "500", "502", "503", "killed")
NOTHING = "Nothing was changed"
NOT_ALL = (
    "could neither be finished nor taken back",
    "took effect is not known",
    "Not all of this was done",
)
WORDS = (
    "The cloud",
    "Not found in project",
    "Somebody else",
    "There is no more room",
    NOTHING,
    *NOT_ALL,
)


def cases(write, profile):
    """(call, way, how the fault is set) of all that may go wrong."""
    for where, skip in write.calls:
        for kind in WAYS if where[0] != "GET" else READ_WAYS[profile]:
            yield where, kind, {"skip": skip, "times": 1}
        for kind in LASTING:
            yield where, kind, {"skip": skip, "times": None}
        for kind in AFTER_EFFECT if where[0] != "GET" else ("killed",):
            yield where, kind, {"skip": skip, "times": 1, "after_effect": True}
        for kind in AFTER_EFFECT if where[0] != "GET" else ():
            yield where, kind, {"skip": skip, "times": None, "after_effect": True}


@pytest.mark.parametrize(("name", "profile", "htmx"), VARIANTS)
def test_what_is_said_of_a_write_is_true_whatever_goes_wrong(
    sign_in, emulator, settings, record_property, name, profile, htmx
):
    # A read that is tried again would not have failed: that is tested with the client.
    change_cloud(settings, read_retries=0)
    write = Write(name, sign_in, emulator, htmx=htmx)
    assert write.goal != write.before
    wrong = {}
    number = repaired = 0

    for where, kind, how in cases(write, profile):
        number += 1
        response = write.send(fault_at(where, kind, **how, ways=WAYS))
        problem = told_wrongly(response, write) if response else ""
        if not problem:
            problem, repairs = ended_wrongly(write, again=how["times"] == 1)
            repaired += repairs
        if problem:
            wrong[(*where, kind, str(how))] = problem

    record_property("cases of a write that goes wrong", number)
    record_property("cases of a repair after that", repaired)
    assert not wrong, "\n".join(f"{case}: {problem}" for case, problem in wrong.items())


def told_wrongly(response, write):
    """What is not true of what the answer says, if anything."""
    now = Ports().lists
    if response.status_code in {401, 302} and "/sign-in/" in where_to(response):
        return "" if now == write.before else "to the sign-in page, but something changed"
    if response.status_code in {200, 302}:
        return "" if now == write.goal else "says done, but it is not"
    if response.status_code not in {403, 404, 409, 422, 502, 503}:
        return f"status {response.status_code}"
    page = Page(response, full=not write.htmx)
    if not any(word in page.text for word in WORDS):
        return f"no words: {page.text[-300:]}"
    told = any(words in page.text for words in NOT_ALL)
    if now != write.before and not told:
        return f"changed, and does not say so: {page.text[-300:]}"
    if told and NOTHING in page.text:
        return "contradicts itself"
    return ""


def where_to(response):
    return response.headers.get("HX-Redirect") or response.headers.get("Location", "")


def ended_wrongly(write, *, again):
    """What is not as it must be after the next visit, if anything; how many repairs it took. With
    `again` the form is sent once more: what a lasting fault leaves, a single one leaves too."""
    if not write.is_settled:
        write.visit()
    records = write.records.new
    if open_ones := [record for record in records if record.state in OPEN_STATES]:
        return f"left open: {open_ones}", 0
    if Lease.objects.exists():
        return "a lease is left", 0
    if any(record.state == OperationState.NEEDS_REPAIR for record in records):
        return not_mended(write, "finish") or not_mended(write, "take-back"), 2
    if write.name in SEVERAL:
        return several_told_wrongly(write, records), 0
    return recorded_wrongly(write, records) or (again and sent_again_wrongly(write)) or "", 0


def recorded_wrongly(write, records):
    now = Ports().lists
    if now not in (write.before, write.goal):
        return f"neither before nor after: {records}"
    is_done = any(record.state == OperationState.DONE for record in records)
    return "" if is_done == (now == write.goal) else f"the records do not say so: {records}"


def sent_again_wrongly(write):
    """It gives the first one's result, or, where nothing came of that, what is wanted."""
    now = Ports().lists
    write.send_again()
    return "" if Ports().lists in (now, write.goal) else "sent again, it became something else"


def not_mended(write, how):
    """Repair in this way, and back to where it was."""
    ports, records = Ports(), Records()
    write.repair(how)
    ended = Ports().lists
    left = [record for record in write.records.new if record.state == OperationState.NEEDS_REPAIR]
    ports.restore()
    records.restore()
    if left:
        return f"{how}: still to be repaired: {left}"
    wanted = write.ways_out[how == "finish"]
    return "" if ended == wanted else f"{how} brings neither before nor after"


def several_told_wrongly(write, records):
    """Each of several is told, and recorded, for itself."""
    now = Ports().lists
    done = {record.target for record in records if record.state == OperationState.DONE}
    if write.name == "assign_several":
        real = now.keys() - write.before.keys()
    elif write.name == "release_several":
        real = write.before.keys() - now.keys()
    else:
        real = {address for eip, address in write.before.items() if address != now[eip]}
    return "" if done == real else f"the records say {done}, and it is {real}"
