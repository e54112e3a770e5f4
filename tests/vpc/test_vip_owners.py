"""Ports of owners that the settings count as a VIP's: seen, bound, named and released as VIPs."""

from __future__ import annotations

import pytest

from tests.cloud_settings import change_cloud
from tests.factories import PortFactory, state
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

pytestmark = pytest.mark.parametrize("profile", ["openstack"])
OWNER = "acme:reserved"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def reserved(tour):
    return PortFactory(subnet=tour.subnet, ip_address="10.20.1.50", device_owner=OWNER)


@pytest.fixture
def counted(settings):
    change_cloud(settings, vip_owners=(OWNER,))


def vips(page):
    return [row["Virtual IP Address"].split()[0] for row in page.rows()]


@pytest.fixture
def others(visit, tour):
    """The addresses of the lower card."""

    def read():
        page = visit(tour.urls["subnet_virtual_ips"], htmx=True, **{"HX-Target": "addresses"})
        return [row["IP Address"] for row in page.rows()]

    return read


def test_without_the_setting_it_is_another_address(visit, tour, reserved, others):
    assert reserved.ip_address not in vips(visit(tour.urls["subnet_virtual_ips"]))
    assert reserved.ip_address in others()


def test_with_it_it_stands_among_the_vips_alone(visit, tour, reserved, counted, others):
    assert reserved.ip_address in vips(visit(tour.urls["subnet_virtual_ips"]))
    assert reserved.ip_address not in others()


def test_it_is_bound_and_unbound_like_any_other(signed_in, tour, reserved, counted):
    first, second = tour.servers
    Dialog(signed_in, tour.dialog("bind", reserved)).done(**choose(first, second))
    assert reserved.ip_address in first.nic.pairs
    assert reserved.ip_address in second.nic.pairs

    Dialog(signed_in, tour.dialog("unbind", reserved)).done(nic=[first.nic.id, second.nic.id])
    assert reserved.ip_address not in first.nic.pairs + second.nic.pairs
    assert reserved.port.device_owner == OWNER


def test_it_is_named_and_released(signed_in, tour, reserved, counted):
    Dialog(signed_in, tour.dialog("name", reserved)).done(name="vip-web")
    assert reserved.port.name == "vip-web"

    Dialog(signed_in, tour.dialog("release", reserved)).done()
    assert reserved.id not in state().ports


def test_the_page_of_a_server_that_carries_it_names_it(visit, tour, reserved, counted):
    tour.servers[0].nic.port.allowed_address_pairs = list(
        PortFactory(allowed_address_pairs=[reserved.ip_address]).port.allowed_address_pairs
    )
    page = visit(tour.urls["server_nics"])
    assert reserved.ip_address in page.text
