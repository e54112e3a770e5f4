"""The executor against a cloud in which other people are at work too."""

from __future__ import annotations

from typing import Any

import pytest

from console.cloud.errors import Changed, CloudTimeout, Forbidden, NotFound, Unauthorized
from console.cloud.transport import Deadline
from console.emulator.faults import Fault
from tests.factories import UserFactory, VirtualIPFactory, state
from tests.vpc.scenes import FOREIGN_MAC, check
from vpc.api import NetworkAPI
from vpc.resources import CHECK_OFF
from vpc.services.execution import ATTEMPTS, OutcomeState, execute
from vpc.services.planning import plan_bind

both_profiles = pytest.mark.parametrize("profile", ["otc", "openstack"])
on_openstack = pytest.mark.parametrize("profile", ["openstack"])

THEIRS = ("192.0.2.99", FOREIGN_MAC)


def written_to(meddler):
    return [call.removeprefix("PUT ") for call in meddler.calls if call.startswith("PUT")]


@both_profiles
def test_a_bind_is_done_and_says_what_it_made(scene):
    goal = scene.bound
    outcome = scene.bind()
    check(scene, outcome, goal)
    assert outcome.state is OutcomeState.DONE
    assert {change.port.id for change in outcome.made} == {
        port_id for port_id, entries in goal.items() if entries != scene.before[port_id]
    }


@both_profiles
def test_the_vip_is_written_last_at_a_bind(scene, meddler):
    scene.bind()
    nics = [nic.id for nic in scene.nics]
    assert written_to(meddler) == ([*nics, scene.vip.id] if scene.profile == "otc" else nics)


def test_the_vip_is_written_first_at_an_unbind(scene, meddler):
    scene.bind()
    meddler.calls.clear()
    scene.unbind()
    assert written_to(meddler) == [scene.vip.id, *(nic.id for nic in scene.nics)]


@both_profiles
def test_an_unbind_gives_back_what_there_was(scene):
    scene.bind()
    assert scene.unbind().state is OutcomeState.DONE
    assert scene.lists() == scene.before


@both_profiles
def test_a_second_bind_calls_nothing(scene, meddler):
    scene.bind()
    plan = scene.plan_bind()
    meddler.calls.clear()
    outcome = scene.execute(plan, scene.plan_bind)
    assert outcome.state is OutcomeState.UNCHANGED
    assert meddler.calls == []


@both_profiles
def test_the_request_ids_are_those_of_this_execution(scene, emulator):
    plan = scene.plan_bind()
    emulator.log.clear()
    outcome = scene.execute(plan, scene.plan_bind)
    assert list(outcome.request_ids) == [call.request_id for call in emulator.log]


def test_a_half_bound_vip_is_completed(scene, meddler):
    for nic in scene.nics:
        scene.write(scene.vip, (nic.ip_address, scene.vip.port.mac_address))
    assert scene.bind().state is OutcomeState.DONE
    assert written_to(meddler) == [nic.id for nic in scene.nics]
    assert all(CHECK_OFF in nic.pairs for nic in scene.nics)


@both_profiles
def test_the_plan_is_handed_over_before_the_first_write(scene, meddler):
    seen = []
    scene.bind(before_write=lambda plan: seen.append((plan, list(written_to(meddler)))))
    ((changes, written),) = seen
    assert changes
    assert written == []


class DiskFull(Exception):
    pass


@both_profiles
def test_nothing_is_written_when_the_plan_cannot_be_recorded(scene):
    def fail(_):
        raise DiskFull

    with pytest.raises(DiskFull):
        scene.bind(before_write=fail)
    assert scene.lists() == scene.before


@both_profiles
def test_a_refused_plan_calls_nothing(scene, meddler):
    scene.vip.port.device_id = "database-1"
    plan = scene.plan_bind()
    meddler.calls.clear()
    outcome = scene.execute(plan, scene.plan_bind)
    assert outcome.state is OutcomeState.REFUSED
    assert meddler.calls == []
    assert "belongs to a component of the cloud" in outcome.words[0]


# --- somebody else writes -------------------------------------------------------------------------


@both_profiles
def test_what_others_wrote_since_the_plan_survives(scene):
    plan = scene.plan_bind()
    for record in (*scene.nics, scene.vip):
        scene.write(record, THEIRS)
        scene.before[record.id].append(THEIRS)
    outcome = scene.execute(plan, scene.plan_bind)
    check(scene, outcome, scene.bound)
    assert outcome.state is OutcomeState.DONE


@both_profiles
@pytest.mark.parametrize("target", ["first NIC", "second NIC", "VIP"])
@pytest.mark.parametrize("call", range(7))
def test_what_others_write_between_any_two_calls_survives(scene, meddler, target, call):
    """Without a revision a write that arrives between our reading and our writing is lost; the
    executor keeps nothing between the two, so only those two calls are left out here."""
    record = {"first NIC": scene.nics[0], "second NIC": scene.nics[1], "VIP": scene.vip}[target]
    goal = scene.bound

    def write():
        if len(meddler.calls) == start + call and write_call_of(record) != call:
            scene.write(record, THEIRS)
            wrote.append(record)

    def write_call_of(one):
        order = [scene.nics[0], scene.nics[1], scene.vip]
        return 2 * order.index(one) + 1 if scene.profile == "otc" else None

    wrote: list[Any] = []
    plan = scene.plan_bind()
    start = len(meddler.calls)
    for method in ("GET", "PUT"):
        meddler.before(method, "/v2.0/ports", write, times=99)
    outcome = scene.execute(plan, scene.plan_bind)
    assert outcome.state is OutcomeState.DONE
    now = scene.lists()
    for port_id, entries in goal.items():
        theirs = [THEIRS] if port_id in {one.id for one in wrote} else []
        assert sorted(now[port_id]) == sorted([*entries, *theirs])


@on_openstack
def test_an_overtaken_write_is_planned_anew_and_nothing_flickers(scene, meddler):
    first, second = scene.nics
    meddler.before("PUT", second.id, lambda: scene.write(second, THEIRS))
    assert scene.bind().state is OutcomeState.DONE
    # The first NIC was written once: it was not undone and bound again in between.
    assert written_to(meddler) == [first.id, second.id, second.id]
    assert THEIRS[0] in second.pairs


@both_profiles
def test_it_gives_up_when_others_keep_writing_and_takes_back_what_was_ours(scene, meddler):
    last = scene.vip if scene.profile == "otc" else scene.nics[1]
    number = iter(range(99))

    def write():
        scene.write(last, (f"192.0.2.{next(number)}", FOREIGN_MAC))

    before = "GET" if scene.profile == "otc" else "PUT"
    path = "/v2.0/ports" if scene.profile == "otc" else last.id
    plan = scene.plan_bind()
    meddler.before(before, path, write, times=3 * ATTEMPTS)
    outcome = scene.execute(plan, scene.plan_bind)
    assert outcome.state is OutcomeState.UNDONE
    assert isinstance(outcome.error, Changed)
    assert f"planned {ATTEMPTS} times" in outcome.words[0]
    now = scene.lists()
    assert now.pop(last.id)[: len(scene.before[last.id])] == scene.before.pop(last.id)
    assert now == scene.before


@both_profiles
def test_an_addition_that_is_gone_when_read_back_is_written_again_and_told(scene, meddler):
    """A writer that heeds nobody replaces the whole list at the same moment."""
    victim, ours = victim_of(scene)
    meddler.after("PUT", victim.id, lambda: scene.take_away(victim, ours))
    outcome = scene.bind()
    assert outcome.state is OutcomeState.DONE
    assert "did not list what was written" in outcome.words[0]
    assert sorted_lists(scene.lists()) == sorted_lists(scene.bound)


@both_profiles
def test_a_removal_that_comes_back_is_removed_again_and_told(scene, meddler):
    """Seen on a real Neutron: a pair that one writer took away is there again (12 of 20)."""
    goal = scene.before
    scene.bind()
    victim, ours = victim_of(scene)
    own = victim.port.mac_address
    meddler.after("PUT", victim.id, lambda: scene.write(victim, (ours, own)))
    outcome = scene.unbind()
    assert outcome.state is OutcomeState.DONE
    assert "did not list what was written" in outcome.words[0]
    assert sorted_lists(scene.lists()) == sorted_lists(goal)


@both_profiles
def test_what_is_lost_each_time_is_taken_back_in_the_end(scene, meddler):
    victim, ours = victim_of(scene)
    meddler.after("PUT", victim.id, lambda: scene.take_away(victim, ours), times=ATTEMPTS)
    outcome = scene.bind()
    assert outcome.state is OutcomeState.UNDONE
    assert isinstance(outcome.error, Changed)
    assert scene.lists() == scene.before


def test_a_check_switched_on_by_somebody_at_that_moment_is_off_again(scene, meddler):
    """The entry of the NIC was there before: only the whole binding shows that it is half now."""
    first = scene.nics[0]
    scene.write(first, (CHECK_OFF, first.port.mac_address))
    meddler.after("PUT", scene.vip.id, lambda: scene.take_away(first, CHECK_OFF))
    outcome = scene.bind()
    assert outcome.state is OutcomeState.DONE
    assert CHECK_OFF in first.pairs


def victim_of(scene):
    """The port that the meddler writes to, and the entry of ours that stands there."""
    if scene.profile == "otc":
        return scene.vip, scene.nics[0].ip_address
    return scene.nics[0], scene.vip.ip_address


def sorted_lists(lists):
    return {port_id: sorted(entries) for port_id, entries in lists.items()}


@both_profiles
def test_somebody_who_did_the_same_at_the_same_time_is_no_conflict(scene):
    plan = scene.plan_bind()
    assert scene.bind().state is OutcomeState.DONE
    assert scene.execute(plan, scene.plan_bind).state is OutcomeState.UNCHANGED
    assert scene.lists() == scene.bound


@both_profiles
@pytest.mark.parametrize("call", range(4))
def test_a_second_vip_bound_in_the_middle_is_bound_as_well(scene, meddler, call):
    other = VirtualIPFactory(name="vip-web")
    results = []
    meddler.before("PUT", "/v2.0/ports", lambda: results.append(bind_too(scene, other)), skip=call)
    outcome = scene.bind()
    assert {outcome.state, *(one.state for one in results)} == {OutcomeState.DONE}
    assert results or (scene.profile, call) in [("otc", 3), ("openstack", 2), ("openstack", 3)]
    for vip in [scene.vip, *([other] if results else [])]:
        for nic in scene.nics:
            if scene.profile == "otc":
                assert nic.ip_address in vip.pairs
                assert nic.pairs.count(CHECK_OFF) == 1
            else:
                assert nic.pairs.count(vip.ip_address) == 1


def bind_too(scene, other):
    def replan():
        ports = scene.api.list_ports(network_id=other.network_id)
        by_id = {port.id: port for port in ports}
        nics = [by_id[nic.id] for nic in scene.nics]
        return plan_bind(scene.profile, by_id[other.id], nics, ports)

    return execute(scene.api, replan(), replan=replan)


def test_an_undo_leaves_a_check_off_that_somebody_else_came_to_need(scene, meddler, emulator):
    """Bound in the middle: the other bind found the check off already, and rests on it."""
    other = VirtualIPFactory(name="vip-web")
    meddler.before("PUT", scene.vip.id, lambda: bind_too(scene, other))
    emulator.faults.add(Fault("PUT", scene.vip.id, "status", status=409))
    outcome = scene.bind()
    assert outcome.state is OutcomeState.UNDONE
    assert all(CHECK_OFF in nic.pairs for nic in scene.nics)
    assert len(outcome.notes) == 2
    assert "keeps its source/destination check off" in outcome.notes[0]
    assert scene.lists()[scene.vip.id] == scene.before[scene.vip.id]


def test_an_undo_switches_a_check_on_again_that_nobody_had_off_before(scene, emulator):
    """Another VIP was half bound to the NIC all the time: it does not hold the check off."""
    VirtualIPFactory(name="vip-half", half_bound_to=[scene.nics[0]])
    scene.before = scene.lists()
    emulator.faults.add(Fault("PUT", scene.vip.id, "status", status=409))
    assert scene.bind().state is OutcomeState.UNDONE
    assert scene.lists() == scene.before


def test_a_rule_broken_in_the_meantime_refuses_and_takes_back(scene, meddler):
    def fill():
        scene.write(scene.vip, *((f"192.0.2.{n}", FOREIGN_MAC) for n in range(9)))
        scene.before = {**scene.before, scene.vip.id: scene.lists()[scene.vip.id]}

    meddler.after("PUT", scene.nics[1].id, fill)
    outcome = scene.bind()
    assert outcome.state is OutcomeState.REFUSED
    assert scene.lists() == scene.before
    assert "10 allowed address pairs" in outcome.words[0]
    assert [change.port.id for change in outcome.made] == [nic.id for nic in scene.nics]


@both_profiles
@pytest.mark.parametrize("position", [0, 1])
def test_a_nic_deleted_in_the_middle_is_a_failure_and_the_rest_is_undone(scene, meddler, position):
    victim = scene.nics[position]
    meddler.before("PUT", scene.nics[0].id, lambda: state().ports.pop(victim.id))
    outcome = scene.bind()
    assert outcome.state is OutcomeState.UNDONE
    assert isinstance(outcome.error, NotFound)
    del scene.before[victim.id]
    assert scene.lists() == scene.before


# --- the cloud says no, or nothing ----------------------------------------------------------------


@both_profiles
def test_the_refusal_of_the_cloud_keeps_its_words_and_request_id(scene, open_cloud):
    plan = scene.plan_bind()
    scene.api = NetworkAPI(reader(open_cloud))
    outcome = scene.execute(plan, scene.plan_bind)
    check(scene, outcome, scene.bound)
    assert outcome.state is OutcomeState.UNDONE
    assert isinstance(outcome.error, Forbidden)
    assert outcome.error.message in outcome.words[0]
    assert outcome.error.request_id in outcome.request_ids


def reader(open_cloud):
    user = UserFactory(name="viewer", roles="reader")
    return open_cloud(user=user.name)


@both_profiles
def test_a_lost_answer_is_settled_by_reading_and_not_by_writing_again(scene, meddler, emulator):
    nic = scene.nics[0]
    emulator.faults.add(Fault("PUT", nic.id, "timeout", after_effect=True))
    outcome = scene.bind()
    check(scene, outcome, scene.bound)
    assert outcome.state is OutcomeState.DONE
    assert written_to(meddler).count(nic.id) == 1


@both_profiles
def test_a_write_that_was_lost_on_the_way_stops_all_others(scene, meddler, emulator):
    emulator.faults.add(Fault("PUT", "/v2.0/ports", "timeout"))
    outcome = scene.bind()
    check(scene, outcome, scene.bound)
    assert isinstance(outcome.error, CloudTimeout)
    assert written_to(meddler) == [scene.nics[0].id]


@both_profiles
@pytest.mark.parametrize("kind", ["malformed", "wrong_shape", "timeout", "reset"])
def test_one_bad_reading_is_not_the_last_word(scene, emulator, kind):
    plan = scene.plan_bind()
    last = 3 if scene.profile == "otc" else 1
    emulator.faults.add(Fault("GET", "/v2.0/ports", kind, skip=last))
    assert scene.execute(plan, scene.plan_bind).state is OutcomeState.DONE


@both_profiles
def test_a_sign_in_that_ends_in_the_middle_needs_repair(scene, emulator):
    first = scene.nics[0]
    plan = scene.plan_bind()
    emulator.faults.add(Fault("*", "/v2.0/", "status", status=401, skip=2, times=None))
    outcome = scene.execute(plan, scene.plan_bind)
    check(scene, outcome, scene.bound)
    assert outcome.state is OutcomeState.NEEDS_REPAIR
    assert isinstance(outcome.undo_error, Unauthorized)
    assert f"NIC {first.ip_address} (port {first.id}) may still list" in outcome.words[1]


def test_what_could_not_be_undone_is_named_entry_by_entry(scene, emulator):
    emulator.faults.add(Fault("PUT", "/v2.0/ports", "status", status=403, skip=1, times=None))
    outcome = scene.bind()
    check(scene, outcome, scene.bound)
    assert outcome.state is OutcomeState.NEEDS_REPAIR
    assert [leftover.words for leftover in outcome.left] == [
        f"NIC {scene.nics[0].ip_address} (port {scene.nics[0].id}) still lists {CHECK_OFF} "
        "(source/destination check off)."
    ]
    assert isinstance(outcome.undo_error, Forbidden)


@both_profiles
def test_what_ran_out_of_time_is_still_taken_back(scene, meddler, cloud):
    def end():
        cloud.deadline = Deadline(0)

    meddler.after("PUT", scene.nics[0].id, end)
    outcome = scene.bind()
    check(scene, outcome, scene.bound)
    assert outcome.state is OutcomeState.UNDONE
    assert isinstance(outcome.error, CloudTimeout)
    assert scene.lists() == scene.before


@both_profiles
def test_a_cloud_that_is_down_changes_nothing(scene, emulator):
    plan = scene.plan_bind()
    emulator.faults.add(Fault("*", "/v2.0/", "refused", times=None))
    outcome = scene.execute(plan, scene.plan_bind)
    check(scene, outcome, scene.bound)
    assert outcome.state is OutcomeState.UNDONE
    assert outcome.made == ()
