"""Faults that are switched on for single calls (product.md 5)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from console.emulator.faults import Fault
from tests.emulator.profiles import OPENSTACK
from tests.factories import ServerFactory, VirtualIPFactory


def bodies(demo):
    return {
        "keystone": ("/v3/auth/projects", "error", {"code"}),
        "nova": (f"{demo.compute}/servers", None, {"code", "message"}),
        "neutron": ("/network/v2.0/ports", "NeutronError", {"type", "message", "detail"}),
    }


@pytest.mark.parametrize("family", ["keystone", "nova", "neutron"])
@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 502, 503, 504])
def test_a_status_comes_in_the_shape_of_the_family(demo, emulator, family, status):
    path, name, members = bodies(demo)[family]
    emulator.faults.add(Fault("GET", path, "status", status=status))
    answer = demo.get(path)
    assert answer.status == status
    (key,) = answer.json
    assert key == name or family == "nova"
    assert members <= answer.json[key].keys()
    assert demo.get(path).status == 200


def test_401_of_a_fault_is_that_of_an_expired_token(demo, emulator, profile):
    emulator.faults.add(Fault("GET", "/ports", "status", status=401))
    answer = demo.ports()
    expected = "error_code" if profile == "otc" else "error"
    assert (answer.status, expected in answer.json) == (401, True)


def test_too_many_requests_say_when_to_come_again(demo, emulator):
    headers = {"Retry-After": "3"}
    emulator.faults.add(Fault("*", "/servers", "status", status=429, headers=headers))
    answer = demo.nova("/servers")
    assert answer.headers["retry-after"] == "3"
    assert answer.json["overLimit"]["retryAfter"] == "3"
    emulator.faults.add(Fault("*", "/ports", "status", status=429, headers=headers))
    assert demo.ports().headers["retry-after"] == "3"


@pytest.mark.parametrize(
    ("body", "sent"),
    [({"odd": 1}, b'{"odd": 1}'), ("<html>busy</html>", b"<html>busy</html>"), (b"\xff", b"\xff")],
)
def test_a_body_of_ones_own(demo, emulator, body, sent):
    emulator.faults.add(Fault("GET", "/ports", "status", status=503, body=body))
    answer = demo.ports()
    assert (answer.status, answer.body) == (503, sent)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("timeout", TimeoutError),
        ("reset", ConnectionResetError),
        ("refused", ConnectionRefusedError),
    ],
)
def test_without_a_socket_a_broken_wire_is_an_exception(demo, emulator, kind, error):
    emulator.faults.add(Fault("GET", "/ports", kind))
    with pytest.raises(error):
        demo.ports()
    assert emulator.log[-1].status == 0
    assert demo.ports().status == 200


def test_a_body_is_cut(demo, emulator):
    whole = demo.ports().body
    emulator.faults.add(Fault("GET", "/ports", "cut_body"))
    answer = demo.ports()
    assert int(answer.headers["content-length"]) == len(whole)
    assert whole.startswith(answer.body)
    assert len(answer.body) < len(whole)


def test_nonsense(demo, emulator):
    for kind in ("malformed", "wrong_shape", "empty"):
        emulator.faults.add(Fault("GET", "/ports", kind))
    malformed, wrong, empty = demo.ports(), demo.ports(), demo.ports()
    assert [a.status for a in (malformed, wrong, empty)] == [200] * 3
    with pytest.raises(ValueError, match="Expecting value"):
        assert malformed.json
    assert "ports" not in wrong.json
    assert empty.body == b""


def test_a_delay_is_slept_and_then_answered(demo, emulator):
    emulator.faults.add(Fault("GET", "/ports", "delay", delay_ms=50))
    started = time.monotonic()
    assert demo.ports().status == 200
    assert time.monotonic() - started >= 0.05


def test_times_and_skip(demo, emulator):
    emulator.faults.add(Fault("GET", "/ports", "status", skip=1, times=2))
    assert [demo.ports().status for _ in range(5)] == [200, 500, 500, 200, 200]
    emulator.faults.add(Fault("GET", "/ports", "status", times=None))
    assert [demo.ports().status for _ in range(3)] == [500] * 3
    emulator.faults.clear()
    assert demo.ports().status == 200


def test_the_path_is_searched_with_and_without_its_query(demo, emulator):
    emulator.faults.add(Fault("GET", r"/v2\.0/ports$", "status", times=None))
    emulator.faults.add(Fault("GET", r"networks\?.*shared=True", "status"))
    assert demo.ports("?name=x").status == 500
    assert demo.ports("/nosuch").status == 404
    assert demo.get("/network/v2.0/networks").status == 200
    assert demo.get("/network/v2.0/networks?shared=True").status == 500


def test_a_method_matches(demo, emulator):
    vip = VirtualIPFactory()
    emulator.faults.add(Fault("PUT", f"/ports/{vip.id}", "status", status=503))
    assert demo.ports(f"/{vip.id}").status == 200
    assert demo.pairs(vip).status == 503


@pytest.mark.parametrize("kind", ["status", "timeout", "reset"])
def test_after_the_effect(demo, emulator, kind):
    """4.10: the write is done, its answer is lost."""
    vip = VirtualIPFactory()
    emulator.faults.add(Fault("PUT", "/ports/", kind, after_effect=True))
    try:
        assert demo.pairs(vip, "10.20.0.9").status == 500
    except OSError:
        assert kind != "status"
    assert vip.pairs == ["10.20.0.9"]


def test_before_the_effect(demo, emulator):
    """4.10: the second write of a bind fails and nothing of it is done."""
    server, vip = ServerFactory(), VirtualIPFactory()
    emulator.faults.add(Fault("PUT", "/ports/", "timeout", skip=1))
    assert demo.pairs(vip, server.ip_address).status == 200
    with pytest.raises(TimeoutError):
        demo.pairs(server.nic, "1.1.1.1/0")
    assert server.nic.pairs == []


def test_a_kind_that_is_none():
    with pytest.raises(ValueError, match="nosuch is no kind of fault"):
        Fault("GET", "/", "nosuch")  # type: ignore[arg-type]


# somebody else in between


def test_a_hook_lets_somebody_else_act_before_the_effect(demo, emulator):
    vip = VirtualIPFactory()

    def somebody_else():
        emulator.state.set_pairs(vip.id, "10.20.0.7")

    emulator.faults.add(Fault("PUT", "/ports/", "hook", hook=somebody_else))
    assert demo.pairs(vip, "10.20.0.9").status == 200
    assert vip.pairs == ["10.20.0.9"]


def test_and_after_it(demo, emulator):
    vip = VirtualIPFactory()
    later = partial(demo.pairs, vip, "10.20.0.7")
    emulator.faults.add(Fault("PUT", "/ports/", "hook", after_effect=True, hook=later))
    answer = demo.pairs(vip, "10.20.0.9")
    assert answer.json["port"]["allowed_address_pairs"][0]["ip_address"] == "10.20.0.9"
    assert vip.pairs == ["10.20.0.7"]


@OPENSTACK
def test_a_hook_makes_the_revision_stale(demo, emulator):
    vip = VirtualIPFactory()
    fault = Fault("PUT", "/ports/", "hook", hook=partial(demo.update_port, vip, name="x"))
    emulator.faults.add(fault)
    answer = demo.update_port(vip, if_match="revision_number=1", description="y")
    assert answer.message == "Constrained to 1, but current revision is 2"


def test_a_hook_goes_with_any_other_kind(demo, emulator):
    called = []
    fault = Fault("GET", "/ports", "status", status=503, hook=lambda: called.append(1))
    emulator.faults.add(fault)
    assert demo.ports().status == 503
    assert called == [1]


def test_a_hook_is_needed():
    with pytest.raises(ValueError, match="needs a hook"):
        Fault("GET", "/", "hook")


@pytest.mark.parametrize("sent", ["", "revision_number=1", "revision_number=7"])
def test_412_is_what_neutron_says(demo, emulator, sent):
    vip = VirtualIPFactory()
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=412))
    answer = demo.update_port(vip, if_match=sent, name="x")
    wanted, current = {"": (0, 1), "revision_number=1": (1, 2), "revision_number=7": (7, 1)}[sent]
    assert answer.line == "412 Precondition Failed"
    assert answer.json == {
        "NeutronError": {
            "type": "RevisionNumberConstraintFailed",
            "message": f"Constrained to {wanted}, but current revision is {current}",
            "detail": "",
        }
    }
    assert vip.port.name != "x"


# killing


@pytest.mark.parametrize("pid", [-1, 0, 1, None])
def test_who_is_not_killed(pid):
    pid = os.getpid() if pid is None else pid
    with pytest.raises(ValueError, match=f"{pid} is no process to kill"):
        Fault("GET", "/", "kill", pid=pid)


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_process_is_killed_before_or_after_the_effect(demo, emulator, after_effect):
    vip = VirtualIPFactory()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        fault = Fault("PUT", "/ports/", "kill", pid=process.pid, after_effect=after_effect)
        emulator.faults.add(fault)
        with pytest.raises(ConnectionResetError):
            demo.pairs(vip, "10.20.0.9")
        assert process.wait(10) == -signal.SIGKILL
    assert vip.pairs == (["10.20.0.9"] if after_effect else [])


def test_one_that_is_gone_already_is_no_error(demo, emulator):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(10)
    emulator.faults.add(Fault("GET", "/ports", "kill", pid=process.pid))
    with pytest.raises(ConnectionResetError):
        demo.ports()
