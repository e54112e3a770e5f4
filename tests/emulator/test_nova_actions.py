"""Power, names, removal (cloud-api 2.5)."""

from __future__ import annotations

import pytest

from tests import factories
from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import ServerFactory

PERFORMED = {"otc": 204, "openstack": 202}


def state(demo, server):
    body = demo.nova(f"/servers/{server.id}").json["server"]
    return body["status"], body["OS-EXT-STS:task_state"], body["OS-EXT-STS:power_state"]


ACTIONS = [
    ({"os-stop": None}, "ACTIVE", ("ACTIVE", "powering-off", 1), ("SHUTOFF", None, 4)),
    ({"os-stop": {}}, "ERROR", ("ERROR", "powering-off", 0), ("SHUTOFF", None, 4)),
    ({"os-start": {}}, "SHUTOFF", ("SHUTOFF", "powering-on", 4), ("ACTIVE", None, 1)),
    ({"reboot": {"type": "SOFT"}}, "ACTIVE", ("REBOOT", "rebooting", 1), ("ACTIVE", None, 1)),
    (
        {"reboot": {"type": "HARD"}},
        "ACTIVE",
        ("HARD_REBOOT", "rebooting_hard", 1),
        ("ACTIVE", None, 1),
    ),
    (
        {"reboot": {"type": "hard"}},
        "SHUTOFF",
        ("HARD_REBOOT", "rebooting_hard", 1),
        ("ACTIVE", None, 1),
    ),
]


@pytest.mark.parametrize(("action", "before", "meanwhile", "after"), ACTIONS)
def test_an_action_takes_its_time(demo, clock, profile, action, before, meanwhile, after):
    server = ServerFactory(status=before)
    answer = demo.act(server, action)
    assert (answer.status, answer.body) == (PERFORMED[profile], b"")
    assert state(demo, server) == meanwhile
    clock.advance(factories.state().power_seconds - 1)
    assert state(demo, server) == meanwhile
    clock.advance(1)
    assert state(demo, server) == after


CONFLICTS = [
    ({"os-start": {}}, {"status": "ACTIVE"}, "Cannot 'start'", "vm_state active"),
    ({"os-stop": {}}, {"status": "SHUTOFF"}, "Cannot 'stop'", "vm_state stopped"),
    ({"reboot": {"type": "SOFT"}}, {"status": "SHUTOFF"}, "Cannot 'reboot'", "vm_state stopped"),
    ({"reboot": {"type": "HARD"}}, {"status": "BUILD"}, "Cannot 'reboot'", "vm_state building"),
    (
        {"os-stop": {}},
        {"task_state": "powering-off"},
        "Cannot 'stop'",
        "task_state powering-off",
    ),
]


@pytest.mark.parametrize(("action", "server", "verb", "why"), CONFLICTS)
def test_an_action_that_does_not_fit_is_409(demo, action, server, verb, why):
    record = ServerFactory(**server)
    answer = demo.act(record, action)
    text = f"{verb} instance {record.id} while it is in {why}"
    assert answer.json == {"conflictingRequest": {"code": 409, "message": text}}


@pytest.mark.parametrize(
    "action",
    [{"reboot": {}}, {"reboot": {"type": "WARM"}}, {"reboot": None}, {"nosuch": {}}, {}, [], 1],
)
def test_an_action_that_is_none_is_400(demo, action):
    answer = demo.act(ServerFactory(), action)
    assert answer.json["badRequest"]["code"] == 400


RULES = {"os-start": "os-start-stop:start", "os-stop": "os-start-stop:stop"}


@pytest.mark.parametrize("action", ["os-start", "os-stop"])
def test_a_reader_may_not(viewer, action):
    answer = viewer.act(ServerFactory(), {action: {}})
    assert (answer.status, answer.json["forbidden"]["message"]) == (
        403,
        f"Policy doesn't allow os_compute_api:{RULES[action]} to be performed.",
    )


def test_another_project_sees_no_server(other):
    assert other.act(ServerFactory(), {"os-stop": {}}).status == 404


def test_a_server_goes_with_its_ports(demo, clock):
    server = ServerFactory()
    assert demo("DELETE", f"{demo.compute}/servers/{server.id}").status == 204
    assert state(demo, server)[1] == "deleting"
    clock.advance(10)
    assert demo.nova(f"/servers/{server.id}").status == 404
    assert demo.ports(f"/{server.nic.id}").status == 404


def test_a_reader_deletes_nothing(viewer):
    answer = viewer("DELETE", f"{viewer.compute}/servers/{ServerFactory().id}")
    assert answer.message == "Policy doesn't allow os_compute_api:servers:delete to be performed."


def rename(caller, server, name):
    return caller("PUT", f"{caller.compute}/servers/{server.id}", {"server": {"name": name}})


def test_a_name_changes(demo):
    server = ServerFactory()
    assert rename(demo, server, "db-2").json["server"]["name"] == "db-2"
    assert demo.nova("/servers?name=db-2").json["servers"]


@OTC
@pytest.mark.parametrize("name", ["", "x" * 64, "with blank", "<b>", "ümlaut", 5])
def test_names_that_otc_refuses(demo, name):
    assert rename(demo, ServerFactory(), name).status == 400


@OPENSTACK
def test_names_that_openstack_takes(demo):
    server = ServerFactory()
    assert rename(demo, server, "<b>ü</b> " + "x" * 240).status == 200
    assert rename(demo, server, "x" * 256).status == 400
    assert rename(demo, server, " blank").status == 400


@OTC
def test_the_serial_console(demo):
    answer = demo.act(ServerFactory(), {"os-getSerialConsole": {"type": "serial"}})
    assert answer.json["console"]["url"].startswith("https://")
    off = demo.act(ServerFactory(status="SHUTOFF"), {"os-getSerialConsole": {"type": "serial"}})
    assert off.status == 409
