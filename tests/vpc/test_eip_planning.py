"""Planning for EIPs: pure functions of what was read."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from msgspec.structs import replace

from tests.vpc.networks import PROFILES, nic, vip
from vpc.resources import EIPState, ExternalGateway, FloatingIP, PublicIP, Router
from vpc.services.bindings import virtual_ips
from vpc.services.eip_planning import plan_bind_eip, plan_unbind_eip
from vpc.services.eips import EIP, EIPFacts
from vpc.services.notices import Code
from vpc.services.single import EIPBinding

OUTSIDE, ELSEWHERE = "net-outside", "net-elsewhere"


def eip(port_id=None, *, told=None, status=None, address="192.0.2.1", **attributes):
    """`told` is the VPC API's word for its status, where that says anything."""
    floating = FloatingIP(
        id=attributes.pop("id", "eip-1"),
        floating_ip_address=address,
        floating_network_id=OUTSIDE,
        port_id=port_id,
        status=status or ("ACTIVE" if port_id else "DOWN"),
        **attributes,
    )
    public = PublicIP(id=floating.id, status=told) if told else None
    return EIP(floating_ip=floating, public_ip=public)


def router_port(number=1, subnet_address="10.0.0.1"):
    owner = "network:router_interface"
    return nic(90 + number, subnet_address, device_owner=owner, device_id=f"router-{number}")


def router(number=1, leads_to=OUTSIDE):
    gateway = ExternalGateway(network_id=leads_to) if leads_to else None
    return Router(id=f"router-{number}", external_gateway_info=gateway)


def facts(*ports, eips=(), routers=(), profile="otc"):
    ports = ports or (vip(), router_port())
    found = virtual_ips(profile, ports, [one.floating_ip for one in eips])
    known = None if routers is None else {one.id: one for one in routers or [router()]}
    return EIPFacts(
        vips={one.id: one for one in found},
        eips={one.id: one for one in eips},
        ports=tuple(ports),
        routers=known,
    )


def codes(notices):
    for notice in notices:
        for words in (notice.message, notice.way_out):
            assert words[0].isupper() or words.startswith(("10.", "fd"))
            assert words.endswith((".", ").")), words
    return [notice.code for notice in notices]


# bind


@pytest.mark.parametrize("profile", PROFILES)
def test_a_free_one_goes_to_the_vip(profile):
    plan = plan_bind_eip(facts(eips=[eip()], profile=profile), "vip-100", "eip-1")

    assert isinstance(plan.change, EIPBinding)
    assert plan.change.written == ("eip", "eip-1", "vip-100")
    assert plan.change.before_lines == ("not bound",)
    assert plan.change.after_lines == ("bound to virtual IP address 10.0.0.100",)
    assert not plan.refusals
    assert not plan.warnings


def test_what_is_so_already_is_no_change():
    plan = plan_bind_eip(facts(eips=[eip("vip-100")]), "vip-100", "eip-1")

    assert (plan.change, plan.refusals) == (None, ())


@pytest.mark.parametrize(
    ("ports", "eips", "expected"),
    [
        ([], [eip()], [Code.VIP_GONE]),
        ([nic(1)], [eip()], [Code.VIP_GONE]),
        ([vip()], [], [Code.EIP_GONE]),
        ([vip()], [eip(id="eip-2")], [Code.EIP_GONE]),
        ([vip(device_id="rds-1")], [eip()], [Code.SYSTEM_OWNED]),
        ([vip(100, "fd00::64")], [eip()], [Code.NO_EIP_FOR_IPV6]),
        ([replace(vip(), fixed_ips=())], [eip()], [Code.NO_VIP_ADDRESS]),
        ([vip()], [eip(), eip("vip-100", id="eip-2")], [Code.HAS_EIP]),
        ([vip(), vip(101)], [eip("vip-101")], [Code.EIP_TAKEN]),
        ([vip(), nic(1)], [eip("nic-01")], [Code.EIP_TAKEN]),
        ([vip()], [eip("somewhere", fixed_ip_address="10.9.9.9")], [Code.EIP_TAKEN]),
        ([vip()], [eip(told="ELB")], [Code.EIP_TAKEN]),
        ([vip()], [eip(told="VPN")], [Code.EIP_TAKEN]),
        ([vip()], [eip(told="FREEZED")], [Code.EIP_FROZEN]),
        ([vip()], [eip(told="ERROR")], [Code.EIP_FAULTY]),
        ([vip()], [eip(told="BIND_ERROR")], [Code.EIP_FAULTY]),
        ([vip()], [eip(status="ERROR")], [Code.EIP_FAULTY]),
        ([vip()], [eip(told="PENDING_UPDATE")], [Code.EIP_CHANGING]),
        ([vip()], [eip(told="PENDING_CREATE")], [Code.EIP_CHANGING]),
        ([vip()], [eip(told="NOTIFY_DELETE")], [Code.EIP_CHANGING]),
    ],
)
def test_what_speaks_against_a_bind(ports, eips, expected):
    plan = plan_bind_eip(facts(*ports, router_port(), eips=eips), "vip-100", "eip-1")

    assert codes(plan.refusals) == expected
    assert not plan.changes


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("told", [None, "SOMETHING_NEW"])
def test_a_status_that_nobody_knows_is_left_to_the_cloud_to_judge(profile, told):
    plan = plan_bind_eip(facts(eips=[eip(told=told)], profile=profile), "vip-100", "eip-1")

    assert plan.change
    assert not plan.refusals


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (vip(101), "EIP 192.0.2.1 is bound to virtual IP address 10.0.0.101 (port vip-101)."),
        (nic(1), "EIP 192.0.2.1 is bound to NIC 10.0.0.1 of server server-1."),
    ],
)
def test_who_has_it_is_said(port, words):
    plan = plan_bind_eip(facts(vip(), port, eips=[eip(port.id)]), "vip-100", "eip-1")

    [notice] = plan.refusals
    assert notice.message == words


# the way out of the subnet


@pytest.mark.parametrize(
    ("ports", "routers", "refused", "warned"),
    [
        ([router_port()], [router()], [], []),
        ([router_port()], [router(leads_to="")], [Code.EIP_UNREACHABLE], []),
        ([router_port()], [router(leads_to=ELSEWHERE)], [Code.EIP_UNREACHABLE], []),
        ([], [router()], [], [Code.NO_ROUTER]),
        ([router_port(1, "10.0.1.1")], [router()], [], [Code.NO_ROUTER]),
        # one of two leads there
        (
            [router_port(), router_port(2, "10.0.0.2")],
            [router(1, ELSEWHERE), router(2)],
            [],
            [],
        ),
        # another project's, which is not seen
        ([router_port(3)], [router()], [], []),
        ([router_port(), router_port(3, "10.0.0.2")], [router(1, ELSEWHERE)], [], []),
        # not read
        ([router_port()], None, [], []),
        ([], None, [], []),
    ],
)
def test_only_what_is_known_to_lead_nowhere_is_refused(ports, routers, refused, warned):
    plan = plan_bind_eip(facts(vip(), *ports, eips=[eip()], routers=routers), "vip-100", "eip-1")

    assert codes(plan.refusals) == refused
    assert codes(plan.warnings) == warned
    assert bool(plan.changes) is not bool(refused)


# unbind


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("told", [None, "ACTIVE", "ERROR", "BIND_ERROR", "SOMETHING_NEW"])
def test_the_one_that_was_shown_goes(profile, told):
    known = facts(eips=[eip("vip-100", told=told)], profile=profile)
    plan = plan_unbind_eip(known, "vip-100", "eip-1")

    assert isinstance(plan.change, EIPBinding)
    assert plan.change.to is None
    assert plan.change.before_lines == ("bound to virtual IP address 10.0.0.100",)
    assert plan.change.after_lines == ("not bound",)


@pytest.mark.parametrize(
    ("ports", "eips", "expected"),
    [
        ([nic(1)], [eip()], [Code.VIP_GONE]),
        ([vip()], [eip("vip-100", id="eip-2")], [Code.OTHER_EIP]),
        ([vip()], [eip("vip-100", id="eip-2"), eip()], [Code.OTHER_EIP]),
        ([vip(device_id="rds-1")], [eip("vip-100")], [Code.SYSTEM_OWNED]),
        ([vip()], [eip("vip-100", told="BINDING")], [Code.EIP_CHANGING]),
        ([vip()], [eip("vip-100", told="PENDING_UPDATE")], [Code.EIP_CHANGING]),
        ([vip()], [eip("vip-100", told="FREEZED")], [Code.EIP_FROZEN]),
    ],
)
def test_what_speaks_against_an_unbind(ports, eips, expected):
    plan = plan_unbind_eip(facts(*ports, eips=eips), "vip-100", "eip-1")

    assert codes(plan.refusals) == expected
    assert not plan.changes


@pytest.mark.parametrize("eips", [[], [eip()], [eip("nic-01")]])
def test_where_it_has_none_any_more_there_is_nothing_to_do(eips):
    plan = plan_unbind_eip(facts(vip(), nic(1), eips=eips), "vip-100", "eip-1")

    assert (plan.change, plan.refusals) == (None, ())


# what a person is shown


@pytest.mark.parametrize(
    ("seconds", "state"), [(90, "DOWN"), (5, "BINDING"), (-5, "BINDING"), (-90, "DOWN")]
)
def test_down_counts_as_on_its_way_for_a_minute(seconds, state):
    """The cloud's clock may be ahead of ours."""
    then = timezone.now() - dt.timedelta(seconds=seconds)
    one = eip("vip-100", status="DOWN", updated_at=then.strftime("%Y-%m-%dT%H:%M:%SZ"))

    assert one.state is EIPState[state]


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (eip(), EIPState.UNBOUND),
        (eip("vip-100"), EIPState.BOUND),
        (eip("vip-100", status="DOWN"), EIPState.DOWN),
        (eip("vip-100", status="DOWN", updated_at="nonsense"), EIPState.DOWN),
        (eip("vip-100", status="DOWN", told="BINDING"), EIPState.BINDING),
        # the two APIs were read at the moment when it was bound
        (eip("vip-100", told="DOWN"), EIPState.BINDING),
        (eip(told="DOWN"), EIPState.UNBOUND),
        (eip(told="SOMETHING_NEW"), EIPState.UNBOUND),
        (eip("vip-100", told="SOMETHING_NEW"), EIPState.BOUND),
        (eip(status="SOMETHING_NEW"), EIPState.UNKNOWN),
    ],
)
def test_what_its_state_is_called(one, state):
    assert one.state is state


@pytest.mark.parametrize(
    ("one", "is_free", "can_be_bound"),
    [
        (eip(), True, True),
        (eip(status="SOMETHING_NEW"), True, True),
        (eip(told="FREEZED"), True, False),
        (eip(told="PENDING_UPDATE"), True, False),
        (eip(told="ELB"), False, False),
        (eip("vip-100"), False, False),
    ],
)
def test_which_are_free(one, is_free, can_be_bound):
    assert (one.is_free, one.can_be_bound) == (is_free, can_be_bound)
