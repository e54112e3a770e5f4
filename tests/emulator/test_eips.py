"""EIPs take time, and VPC v1 shows them with a bandwidth (cloud-api 3.9, section 6 point 7)."""

from __future__ import annotations

import pytest

from tests import factories
from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import FloatingIPFactory, VirtualIPFactory

PATH = "/network/v2.0/floatingips"
FOR_EVER = float("inf")


@pytest.fixture
def slow(emulator):
    emulator.state.eip_seconds = 10
    return emulator


def v1(caller, tail=""):
    return caller.get(f"/vpc/v1/{caller.project_id}/publicips{tail}")


def statuses(caller, floating):
    """What VPC v1 and Neutron say."""
    first = v1(caller, f"/{floating.id}").json["publicip"]["status"]
    return first, neutron(caller, floating)["status"]


def neutron(caller, floating):
    return caller.get(f"{PATH}/{floating.id}").json["floatingip"]


@OTC
def test_binding_takes_time(demo, slow, clock):
    vip, floating = VirtualIPFactory(), FloatingIPFactory()
    body = demo.bind_floating_ip(floating, vip).json["floatingip"]
    assert (body["status"], body["port_id"]) == ("DOWN", vip.id)
    assert statuses(demo, floating) == ("BINDING", "DOWN")
    clock.advance(9.9)
    assert statuses(demo, floating) == ("BINDING", "DOWN")
    clock.advance(0.1)
    assert statuses(demo, floating) == ("ACTIVE", "ACTIVE")


@OTC
def test_unbinding_takes_time(demo, slow, clock):
    floating = FloatingIPFactory(port=VirtualIPFactory())
    body = demo.bind_floating_ip(floating, None).json["floatingip"]
    assert (body["status"], body["port_id"]) == ("DOWN", None)
    assert statuses(demo, floating) == ("PENDING_UPDATE", "DOWN")
    assert "port_id" not in v1(demo, f"/{floating.id}").json["publicip"]
    clock.advance(10)
    assert statuses(demo, floating) == ("DOWN", "DOWN")


@OTC
def test_unbinding_what_is_free_takes_none(demo, slow):
    floating = FloatingIPFactory()
    assert demo.bind_floating_ip(floating, None).status == 200
    assert statuses(demo, floating) == ("DOWN", "DOWN")


@OTC
def test_the_next_change_has_to_wait(demo, slow, clock):
    vip, floating = VirtualIPFactory(), FloatingIPFactory()
    demo.bind_floating_ip(floating, vip)
    for port in (None, VirtualIPFactory(), vip):
        answer = demo.bind_floating_ip(floating, port)
        assert (answer.status, answer.kind) == (409, "Conflict")
        assert answer.message.endswith("cannot be changed in the status BINDING.")
    assert demo("DELETE", f"{PATH}/{floating.id}").status == 409
    described = {"floatingip": {"description": "x"}}
    assert demo("PUT", f"{PATH}/{floating.id}", described).status == 200
    assert neutron(demo, floating)["port_id"] == vip.id
    clock.advance(10)
    assert demo.bind_floating_ip(floating, None).status == 200
    assert demo.bind_floating_ip(floating, vip).status == 409
    clock.advance(10)
    assert demo.bind_floating_ip(floating, vip).status == 200


@OTC
def test_another_eip_finds_the_port_taken_meanwhile(demo, slow):
    vip = VirtualIPFactory()
    demo.bind_floating_ip(FloatingIPFactory(), vip)
    answer = demo.bind_floating_ip(FloatingIPFactory(), vip)
    assert answer.kind == "FloatingIPPortAlreadyAssociated"
    assert demo.delete_port(vip).kind == "PortInUse"


@OPENSTACK
@pytest.mark.parametrize("seconds", [10, FOR_EVER])
def test_vanilla_is_down_until_its_agent_is_done(demo, emulator, clock, seconds):
    """And with no agent for ever. Nothing has to wait for it."""
    emulator.state.eip_seconds = seconds
    vip, other, floating = VirtualIPFactory(), VirtualIPFactory(), FloatingIPFactory()
    body = demo.bind_floating_ip(floating, vip).json["floatingip"]
    assert (body["status"], body["port_id"]) == ("DOWN", vip.id)
    assert demo.bind_floating_ip(floating, other).json["floatingip"]["port_id"] == other.id
    clock.advance(10)
    expected = "ACTIVE" if seconds == 10 else "DOWN"
    assert neutron(demo, floating)["status"] == expected
    listed = demo.get(f"{PATH}?status={expected}").json["floatingips"]
    assert [each["id"] for each in listed] == [floating.id]
    assert demo.bind_floating_ip(floating, None).json["floatingip"]["status"] == "DOWN"
    assert demo("DELETE", f"{PATH}/{floating.id}").status == 204


def test_it_takes_no_time_unless_asked(demo):
    floating = FloatingIPFactory()
    body = demo.bind_floating_ip(floating, VirtualIPFactory()).json["floatingip"]
    assert body["status"] == "ACTIVE"


@OTC
@pytest.mark.parametrize(
    ("status", "shown", "answer"),
    [
        ("DOWN", "DOWN", 200),
        ("BIND_ERROR", "ERROR", 200),
        ("ERROR", "ERROR", 409),
        ("FREEZED", "DOWN", 409),
        ("PENDING_CREATE", "DOWN", 409),
        ("NOTIFYING", "DOWN", 409),
        ("ELB", "ACTIVE", 409),
        ("VPN", "ACTIVE", 409),
    ],
)
def test_the_words_of_both_apis(demo, status, shown, answer):
    floating = FloatingIPFactory(status=status)
    assert statuses(demo, floating) == (status, shown)
    assert demo.bind_floating_ip(floating, VirtualIPFactory()).status == answer


@OTC
def test_a_frozen_one_that_is_bound(demo):
    floating = FloatingIPFactory(port=VirtualIPFactory(), status="FREEZED")
    assert statuses(demo, floating) == ("FREEZED", "ACTIVE")


@OTC
def test_a_factory_makes_one_in_between(demo):
    floating = FloatingIPFactory(busy_until=FOR_EVER)
    assert statuses(demo, floating) == ("BINDING", "DOWN")
    floating = FloatingIPFactory(busy_until=FOR_EVER, busy_status="PENDING_UPDATE")
    assert statuses(demo, floating) == ("PENDING_UPDATE", "DOWN")


# VPC v1


@OTC
def test_a_publicip_in_full(demo):
    vip = VirtualIPFactory()
    bandwidth = {"name": "bw-db", "size": 100, "share_type": "WHOLE"}
    floating = FloatingIPFactory(port=vip, alias="eip-db", bandwidth=bandwidth)
    body = v1(demo, f"/{floating.id}").json["publicip"]
    assert body == {
        "id": floating.id,
        "status": "ACTIVE",
        "type": "5_bgp",
        "alias": "eip-db",
        "ip_version": 4,
        "public_ip_address": floating.ip_address,
        "private_ip_address": vip.ip_address,
        "port_id": vip.id,
        "profile": {},
        "tenant_id": demo.project_id,
        "create_time": "2027-01-15 08:00:00",
        "bandwidth_id": floating.floating_ip.bandwidth.id,
        "bandwidth_name": "bw-db",
        "bandwidth_size": 100,
        "bandwidth_share_type": "WHOLE",
        "enterprise_project_id": "0",
        "public_border_group": "center",
    }
    assert v1(demo).json == {"publicips": [body]}


@OTC
def test_a_free_one_has_neither_port_nor_private_address(demo):
    floating = FloatingIPFactory(kind="5_mailbgp")
    body = v1(demo, f"/{floating.id}").json["publicip"]
    assert {"port_id", "private_ip_address"}.isdisjoint(body)
    assert (body["status"], body["type"]) == ("DOWN", "5_mailbgp")


@OTC
def test_both_apis_show_the_same_records(demo):
    bound, free = FloatingIPFactory(port=VirtualIPFactory()), FloatingIPFactory()
    assert {each["id"] for each in v1(demo).json["publicips"]} == {bound.id, free.id}
    demo("DELETE", f"{PATH}/{free.id}")
    assert [each["id"] for each in v1(demo).json["publicips"]] == [bound.id]
    network = demo.get(PATH).json["floatingips"][0]["floating_network_id"]
    body = {"floatingip": {"floating_network_id": network}}
    made = demo("POST", PATH, body).json["floatingip"]
    shown = v1(demo, f"/{made['id']}").json["publicip"]
    assert (shown["bandwidth_share_type"], shown["bandwidth_size"]) == ("PER", 5)
    assert shown["bandwidth_name"] == f"bandwidth-{made['floating_ip_address']}"


@OTC
def test_pages(demo):
    made = sorted(FloatingIPFactory().id for _ in range(5))
    found, marker = [], ""
    while page := v1(demo, f"?limit=2&marker={marker}").json["publicips"]:
        assert len(page) <= 2
        found += [each["id"] for each in page]
        marker = page[-1]["id"]
    assert found == made
    assert len(v1(demo, "?port_id=x&status=ACTIVE").json["publicips"]) == 5


@OTC
@pytest.mark.parametrize("query", ["?limit=2001", "?limit=x", "?marker=nosuch"])
def test_bad_pages(demo, query):
    answer = v1(demo, query)
    assert (answer.status, answer.json["code"]) == (400, "VPC.0002")


@OTC
def test_what_is_not_there(demo, other, viewer):
    floating = FloatingIPFactory()
    answer = v1(demo, "/nosuch")
    assert (answer.status, answer.json["code"]) == (404, "VPC.0504")
    assert v1(other, f"/{floating.id}").status == 404
    assert v1(other).json == {"publicips": []}
    assert len(v1(viewer).json["publicips"]) == 1
    answer = other.get(f"/vpc/v1/{demo.project_id}/publicips")
    assert (answer.status, answer.json["code"]) == (400, "VPC.0007")


@OPENSTACK
def test_vanilla_has_no_vpc_service(demo):
    assert factories.state().profile == "openstack"
    assert v1(demo).status == 404
