"""A NIC that lists a network around a VIP may use it without being bound: shown as covered, and
neither counted nor removed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from console.emulator.records import Pair
from tests.factories import PortFactory, ServerFactory, VirtualIPFactory, state
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
AROUND = "10.20.1.0/24"
SERVERS = "Bound Server (NIC)"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def server(tour):
    """Bound to nothing, and listing the whole subnet."""
    return cover(ServerFactory(name="db-9", subnet=tour.subnet))


def cover(server, network=AROUND):
    port = server.nic.port
    port.allowed_address_pairs.append(Pair(network, port.mac_address))
    return server


@pytest.fixture
def cell(visit, tour):
    """What the table says of the servers of a VIP."""

    def read(vip):
        rows = visit(tour.urls["subnet_virtual_ips"]).rows()
        return next(r for r in rows if r["Virtual IP Address"].startswith(vip.ip_address))[SERVERS]

    return read


@OPENSTACK
@pytest.mark.parametrize("network", [AROUND, "0.0.0.0/0", "10.20.1.8/29"])
def test_the_row_says_by_what_it_is_covered(cell, tour, network):
    server = cover(ServerFactory(name="db-9", subnet=tour.subnet), network)
    words = cell(tour.free)
    assert words.startswith(f"{server.id} ({server.ip_address}) Covered")
    assert network in words


@OPENSTACK
@pytest.mark.parametrize("network", ["10.20.1.12/30", "10.20.2.0/24", "fd00::/8", "10.20.1.11/33"])
def test_a_network_beside_it_covers_nothing(cell, tour, network):
    cover(ServerFactory(name="db-9", subnet=tour.subnet), network)
    assert cell(tour.free) == "--"


@OPENSTACK
def test_one_that_is_bound_as_well_is_bound(cell, tour):
    for server in tour.servers:
        cover(server)
    assert "Covered" not in cell(tour.vip)


@OPENSTACK
def test_a_port_that_no_server_holds_covers_nothing(cell, tour):
    PortFactory(subnet=tour.subnet, allowed_address_pairs=[AROUND])
    assert cell(tour.free) == "--"


@OPENSTACK
def test_it_is_found_by_the_nics_address(visit, tour, server):
    page = visit(f"{tour.urls['subnet_virtual_ips']}&q={server.ip_address}")
    found = {row["Virtual IP Address"].split()[0] for row in page.rows()}
    assert found == {tour.vip.ip_address, tour.free.ip_address}


@OPENSTACK
def test_the_servers_page_says_it_too(visit, tour, server):
    page = visit(reverse("bms:server_detail", args=[server.id]) + "?tab=nics")
    assert f"{tour.free.ip_address} Covered by {AROUND}" in page.text


@OPENSTACK
def test_it_can_be_bound_and_unbound_and_the_network_stays(signed_in, tour, server):
    dialog = Dialog(signed_in, tour.dialog("bind", tour.free))
    assert f"{server.ip_address} Covered by {AROUND}" in dialog.page.text
    dialog.done(**choose(server))
    assert server.nic.pairs == [AROUND, tour.free.ip_address]

    dialog = Dialog(signed_in, tour.dialog("unbind", tour.free))
    dialog.entries["nic"] = [server.nic.id]
    assert f"also lists {AROUND}, which holds {tour.free.ip_address}" in dialog.look().text
    dialog.done()
    assert server.nic.pairs == [AROUND]


@OPENSTACK
def test_it_does_not_hold_up_the_release(signed_in, tour, server):
    Dialog(signed_in, tour.dialog("release", tour.free)).done()
    assert tour.free.id not in state().ports
    assert server.nic.pairs == [AROUND]


def test_on_open_telekom_cloud_a_network_that_the_vip_lists_is_shown_as_it_is(cell, tour):
    vip = VirtualIPFactory(subnet=tour.subnet)
    vip.port.allowed_address_pairs.append(Pair(AROUND, vip.port.mac_address))
    assert cell(vip).startswith(f"{AROUND} Other entry")
