"""Every call of a bind and of an unbind, spoilt in every way, in both profiles.

At the end the lists are exactly as before or exactly as wanted, or the outcome says which entry is
in the wrong place. What others wrote is there in every case.
"""

from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from tests.vpc.scenes import check
from vpc.services.execution import OutcomeState

STATUSES = (401, 403, 404, 409, 412, 429, 500, 503)
FAULTS = {
    "timeout": {"kind": "timeout"},
    "timeout-after-effect": {"kind": "timeout", "after_effect": True},
    "reset": {"kind": "reset"},
    "reset-after-effect": {"kind": "reset", "after_effect": True},
    "refused": {"kind": "refused"},
    "malformed": {"kind": "malformed"},
    "malformed-after-effect": {"kind": "malformed", "after_effect": True},
    "wrong-shape-after-effect": {"kind": "wrong_shape", "after_effect": True},
    "cut-body": {"kind": "cut_body"},
    **{str(status): {"kind": "status", "status": status} for status in STATUSES},
    **{
        f"{status}-after-effect": {"kind": "status", "status": status, "after_effect": True}
        for status in (500, 503)
    },
}
CALLS = {  # what a clean run calls: without revisions each list is read again before its write
    "otc": ["GET", "PUT", "GET", "PUT", "GET", "PUT", "GET"],
    "openstack": ["PUT", "PUT", "GET"],
}
SPOILT = [(profile, number) for profile, calls in CALLS.items() for number in range(len(calls))]
PORTS = "/v2.0/ports"

pytestmark = [
    pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys()),
    pytest.mark.parametrize(("profile", "number"), SPOILT),
]


def spoil(emulator, fault, number, times=1):
    emulator.faults.add(Fault("*", PORTS, **fault, skip=number, times=times))


def spoil_writes(emulator, profile, number, **fault):
    written = CALLS[profile][:number].count("PUT")
    emulator.faults.add(Fault("PUT", PORTS, **fault, skip=written, times=None))


@pytest.mark.parametrize("operation", ["bind", "unbind"])
def test_one_call_fails(scene, emulator, profile, number, fault, operation):
    carry_out, goal = planned(scene, operation)
    spoil(emulator, fault, number)
    outcome = carry_out()
    check(scene, outcome, goal)
    # One failure, and a cloud that works again: there is always a way back.
    assert outcome.state in (OutcomeState.DONE, OutcomeState.UNDONE)


@pytest.mark.parametrize("operation", ["bind", "unbind"])
def test_this_call_and_all_after_it_fail(scene, emulator, profile, number, fault, operation):
    carry_out, goal = planned(scene, operation)
    spoil(emulator, fault, number, times=None)
    check(scene, carry_out(), goal)


def test_after_one_failure_no_write_is_allowed_any_more(scene, emulator, profile, number, fault):
    carry_out, goal = planned(scene)
    spoil(emulator, fault, number)
    spoil_writes(emulator, profile, number, kind="status", status=403)
    check(scene, carry_out(), goal)


def test_after_one_failure_writes_work_but_are_not_answered(
    scene, emulator, profile, number, fault
):
    carry_out, goal = planned(scene)
    spoil(emulator, fault, number)
    spoil_writes(emulator, profile, number, kind="timeout", after_effect=True)
    outcome = carry_out()
    check(scene, outcome, goal)
    assert outcome.state in (OutcomeState.DONE, OutcomeState.UNDONE)


def test_after_one_failure_the_token_is_gone(scene, emulator, profile, number, fault):
    carry_out, goal = planned(scene)
    spoil(emulator, fault, number)
    emulator.faults.add(Fault("*", PORTS, "status", status=401, skip=number, times=None))
    check(scene, carry_out(), goal)


def planned(scene, operation="bind"):
    """The operation, planned and ready to be carried out, and the lists it is to end with."""
    goal, replan = scene.bound, scene.plan_bind
    if operation == "unbind":
        assert scene.bind().state is OutcomeState.DONE
        goal, scene.before = scene.before, scene.lists()
        replan = scene.plan_unbind
    plan = replan()
    return lambda: scene.execute(plan, replan), goal
