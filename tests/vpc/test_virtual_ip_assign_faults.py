"""Assigning: sent twice, and without an answer."""

from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from tests.factories import (
    SubnetFactory,
    UserFactory,
    VPCFactory,
    state,
)
from tests.pages import Page
from tests.tour import assign_url
from tests.vpc.dialogs import Dialog

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
CREATE = ("POST", "/v2.0/ports")


def vips(subnet=None):
    """The VIP ports there are: {address: port}."""
    return {
        port.fixed_ips[0].ip_address: port
        for port in state().ports.values()
        if port.device_owner == "neutron:VIP_PORT"
        and (subnet is None or port.fixed_ips[0].subnet_id == subnet.id)
    }


@pytest.fixture
def subnet(emulator):
    vpc = VPCFactory()
    return SubnetFactory(name="db", cidr="10.80.0.0/24", vpc=vpc)


@pytest.fixture
def dialog(signed_in, subnet):
    def open_dialog(of=None, **more):
        return Dialog(signed_in, assign_url(of or subnet), **more)

    return open_dialog


# sent twice


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("mode", ["automatic", "manual"])
def test_the_same_form_sent_twice_makes_one_vip_and_says_the_same(
    signed_in, dialog, subnet, mode, htmx
):
    opened = dialog(htmx=htmx)
    first = opened.send(mode=mode, ip_address="10.80.0.77")
    Page(signed_in.get(assign_url(subnet), follow=True))

    second = opened.send()

    assert first.status_code == second.status_code
    assert len(vips(subnet)) == 1
    shown = second if htmx else signed_in.get(second["Location"])
    assert f"{next(iter(vips(subnet)))} is assigned" in shown.content.decode()


def test_two_forms_make_two_vips(dialog, subnet):
    dialog().done()
    dialog().done()

    assert len(vips(subnet)) == 2


def test_a_key_of_somebody_else_tells_nothing(emulator, sign_in, subnet):
    UserFactory(name="eve")
    opened = Dialog(sign_in(), assign_url(subnet))
    opened.done()
    key = opened.entries["key"]

    other = Dialog(sign_in("eve"), assign_url(subnet))
    page = other.done(key=key)

    assert "is assigned" not in page.text
    assert len(vips(subnet)) == 1


# no answer


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset", "malformed", "wrong_shape", "cut_body"])
def test_a_vip_made_without_an_answer_is_found_and_not_made_twice(dialog, emulator, subnet, kind):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, kind, after_effect=True))

    page = opened.done()

    assert len(vips(subnet)) == 1
    assert f"{next(iter(vips(subnet)))} is assigned" in page.text


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset", "refused", "malformed"])
def test_where_nothing_was_made_the_page_says_nothing_was_changed(dialog, emulator, kind):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, kind))

    page = opened.answer()

    assert page.response.status_code == 422
    assert "Nothing was changed" in page.text
    assert vips() == {}


def test_and_then_the_same_form_may_be_sent_again(dialog, emulator, subnet):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "timeout"))
    opened.answer()

    opened.done()

    assert len(vips(subnet)) == 1


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "refused", "status"])
@pytest.mark.parametrize("made", [True, False])
def test_where_not_even_looking_helps_the_page_says_it_does_not_know(
    dialog, emulator, subnet, kind, made
):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "timeout", after_effect=made))
    emulator.faults.add(Fault("GET", "name=vip-", kind, status=503, times=None))

    page = opened.answer()

    assert "Whether your change took effect is not known" in page.text
    assert len(vips(subnet)) == made


def test_and_then_the_same_form_is_not_carried_out_again(dialog, emulator, subnet):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "timeout", after_effect=True))
    emulator.faults.add(Fault("GET", "name=vip-", "timeout", times=None))
    opened.answer()
    emulator.faults.clear()

    page = opened.done()

    assert "The cloud could not be asked whether this took effect" in page.text
    assert len(vips(subnet)) == 1
