"""A network that another project shares: what is written there is that project's to say."""

from __future__ import annotations

import pytest

from tests.factories import (
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
    default_project,
)
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

pytestmark = pytest.mark.parametrize("profile", ["openstack"])
BELONGS = "This network belongs to another project"
WHO_MAY = "may be set by members of the project that the network belongs to"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def owner(tour):
    return ProjectFactory(name="provider")


@pytest.fixture
def subnet(owner):
    return SubnetFactory(name="lan", project=owner, shared=True)


def bind_url(tour, vip):
    return tour.dialog("bind", vip).replace(
        f"{tour.subnet.network_id}/subnets/{tour.subnet.id}",
        f"{vip.network_id}/subnets/{vip.subnet_id}",
    )


def test_the_dialog_says_whose_it_is_and_the_refusal_who_may(signed_in, tour, owner, subnet):
    server = ServerFactory(subnet=subnet)
    vip = VirtualIPFactory(subnet=subnet, project=default_project())
    dialog = Dialog(signed_in, bind_url(tour, vip))
    assert BELONGS in dialog.page.text
    assert owner.id in dialog.page.text

    page = dialog.answer(**choose(server))
    assert "The cloud does not allow you to do this" in page.text
    assert WHO_MAY in page.text
    assert "Nothing was changed" in page.text
    assert server.nic.pairs == []


def test_in_a_network_of_ones_own_nothing_is_said(signed_in, tour):
    assert BELONGS not in Dialog(signed_in, tour.dialog("bind", tour.free)).page.text
    assert BELONGS not in Dialog(signed_in, tour.dialog("unbind")).page.text
