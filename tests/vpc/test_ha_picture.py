"""The picture of a VIP: what hangs on it, what could answer, and that all of it can be read."""

from __future__ import annotations

from itertools import combinations

import pytest

from bms.resources import STATES
from tests.vpc.networks import nic, pair, vip
from vpc.resources import CHECK_OFF, EIPState, FloatingIP
from vpc.services.bindings import virtual_ips
from vpc.services.eips import EIP
from vpc.services.ha_picture import BOX_HEIGHT, BOX_WIDTH, WIDTH, Link, picture, shortened

RUNNING, STOPPED = STATES["ACTIVE"], STATES["SHUTOFF"]
VIP = "10.0.0.100"


def drawn(*ports, profile="openstack", names=(), states=(), eip=None):
    found = {one.address: one for one in virtual_ips(profile, ports)}
    return picture(found[VIP], eip, dict(names), dict(states))


def bound(number, **more):
    return nic(number, pairs=[VIP], status="ACTIVE", **more)


def named(number):
    return {f"server-{one}": f"db-{one}" for one in range(1, number + 1)}


def test_a_vip_that_nothing_carries_asks_for_two_servers():
    one = drawn(vip(), nic(1))

    assert (one.boxes, one.trunk) == ((), "")
    assert one.summary[0] == "info"
    assert "Bind it to two" in one.summary[1]
    assert one.description == "It has no EIP. It is bound to no server."


def test_each_bound_nic_has_a_box_with_its_server_and_address():
    one = drawn(vip(), bound(1), bound(2), names=named(2), states={"server-1": RUNNING})

    assert [(box.name, box.address) for box in one.boxes] == [
        ("db-1", "10.0.0.1"),
        ("db-2", "10.0.0.2"),
    ]
    assert [box.carrier.words for box in one.boxes] == ["Bound", "Bound"]
    assert one.summary == (
        "good",
        "2 servers can answer at this address. Keepalived inside them decides which does.",
    )


def test_a_server_whose_name_nobody_knows_is_called_by_its_id():
    assert drawn(vip(), bound(1)).boxes[0].name == "server-1"


@pytest.mark.parametrize(
    ("port", "states", "words"),
    [
        (bound(2), {"server-2": STOPPED}, "Server: Stopped"),
        (nic(2, pairs=[VIP], status="DOWN"), {"server-2": RUNNING}, "NIC: Down"),
        (nic(2, pairs=[VIP], status="ERROR"), {}, "NIC: Faulty"),
    ],
)
def test_a_bound_server_that_could_not_answer_is_told_from_the_others(port, states, words):
    one = drawn(vip(), bound(1), port, states=states)

    able, unable = (box.carrier for box in one.boxes)
    assert (able.is_through, able.tone) == (True, "good")
    assert (unable.is_through, unable.tone, unable.words) == (False, "warn", words)
    assert one.summary == (
        "warn",
        "Only 1 of 2 bound servers can answer now. The table says why.",
    )
    assert words[1:] in one.description


@pytest.mark.parametrize("status", ["ACTIVE", "BUILD", "SOMETHING_NEW"])
def test_what_is_not_known_is_no_trouble(status):
    one = drawn(vip(), nic(1, pairs=[VIP], status=status))

    assert one.boxes[0].carrier.is_through
    assert "If it fails nobody does" in one.summary[1]


def test_a_half_bound_nic_says_what_is_in_the_way():
    ports = vip(pairs=["10.0.0.1", "10.0.0.2"]), nic(1, pairs=[CHECK_OFF]), nic(2)

    one = drawn(*ports, profile="otc")

    half = one.boxes[1].carrier
    assert (half.link, half.tone, half.words) == (Link.HALF_BOUND, "warn", "Half bound")
    assert not half.is_through
    assert "Half bound: server-2 (10.0.0.2), its source/destination check is on." in one.description


def test_what_is_no_server_is_shown_apart():
    ports = vip(), nic(1, device_id="", device_owner="", pairs=[VIP])

    orphan = drawn(*ports).boxes[0].carrier
    assert (orphan.link, orphan.label, orphan.is_through) == (Link.ORPHANED, "", False)

    covered = drawn(vip(), nic(1, pairs=["10.0.0.0/24"])).boxes[0].carrier
    assert (covered.link, covered.tone, covered.is_through) == (Link.COVERED, "quiet", False)

    other = drawn(vip(pairs=["10.0.0.0/24"]), profile="otc").boxes[0].carrier
    assert (other.link, other.address) == (Link.OTHER, "10.0.0.0/24")
    assert other.trouble == ""


def test_two_nics_of_one_server_are_one_server():
    one = drawn(vip(), bound(1, server="db"), bound(2, server="db"))

    assert len(one.boxes) == 2
    assert one.summary[0] == "warn"
    assert "One server can answer" in one.summary[1]


def test_a_server_that_is_gone_answers_nobody():
    found = virtual_ips("openstack", (vip(), bound(1), bound(2)))
    one = picture(found[0], None, {}, {}, gone={"server-2"})

    assert one.boxes[1].carrier.words == "Its server is gone"
    assert one.summary[0] == "warn"


@pytest.mark.parametrize("status", ["ACTIVE", "PASSWORD", "VERIFY_RESIZE", "MIGRATING"])
def test_a_server_that_works_answers_whatever_is_done_with_it(status):
    one = drawn(vip(), bound(1), states={"server-1": STATES[status]})

    assert one.boxes[0].carrier.is_through


def test_only_bound_ones_count():
    one = drawn(vip(), bound(1), nic(2, pairs=["10.0.0.0/24"]))

    assert "One server can answer" in one.summary[1]


def test_the_eip_stands_on_top():
    floating = FloatingIP(
        id="eip-1", floating_ip_address="203.0.113.5", status="ACTIVE", port_id="vip-100"
    )
    without = drawn(vip(), bound(1))
    with_one = drawn(vip(), bound(1), eip=EIP(floating_ip=floating))

    assert with_one.eip.state is EIPState.BOUND
    assert with_one.vip_y > without.vip_y
    assert with_one.height - without.height == with_one.vip_y - without.vip_y
    assert with_one.description.startswith("EIP 203.0.113.5 leads to it.")


@pytest.mark.parametrize("number", [1, 2, 3, 4, 9])
def test_boxes_lie_in_the_picture_and_on_nothing_else(number):
    one = drawn(vip(), *(bound(each) for each in range(1, number + 1)))

    assert len(one.boxes) == number
    for box in one.boxes:
        assert 0 < box.x < box.x + BOX_WIDTH < WIDTH
        assert one.trunk_y < box.y < box.y + BOX_HEIGHT < one.height
    for first, second in combinations(one.boxes, 2):
        apart = abs(first.x - second.x) >= BOX_WIDTH or abs(first.y - second.y) >= BOX_HEIGHT
        assert apart, (first, second)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("db-1", "db-1"),
        ("a" * 19, "a" * 19),
        ("production-database-frankfurt-1", "productio…nkfurt-1"),
        ("fd00:1234:5678:9abc:def0:1234:5678:9abc", "fd00:123…8:9abc"),
    ],
)
def test_long_texts_lose_their_middle(text, short):
    most = 19 if ":" not in text else 15
    assert len(shortened(text, most)) <= most
    assert shortened(text, most)[0] == short[0]
    assert shortened(text, most)[-6:] == short[-6:]


def test_two_pairs_of_one_nic_are_one_box():
    one = drawn(vip(), nic(1, pairs=[pair(VIP), pair(VIP, "00:00:5e:00:01:0a")]))

    assert len(one.boxes) == 1
