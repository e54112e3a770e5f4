"""Rendered rows are kept by what they show: nothing that changes may hide behind one."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.core.cache import caches
from django.urls import reverse

from console.emulator.records import Pair, ServerState
from console.models import OperationState
from tests.factories import FloatingIPFactory, PortFactory, ServerFactory, UserFactory, state
from tests.record_factories import operation_about
from tests.record_making import let_time_pass
from tests.tour import furnish
from tests.vpc.eips import give
from vpc.services import eips


@pytest.fixture
def tour(emulator):
    return furnish()


def port(record):
    return state().ports[record.id]


def is_being_bound(tour):
    """As Neutron tells it of every EIP that no agent has reported yet."""
    tour.eip.floating_ip.status = "DOWN"
    tour.eip.floating_ip.updated = time.time()


CHANGES = {
    "name of the VIP": lambda tour: setattr(port(tour.vip), "name", "another"),
    "EIP taken away": lambda tour: give(tour.eip, None),
    "another EIP": lambda tour: (give(tour.eip, None), FloatingIPFactory(port=tour.vip)),
    "EIP of the free VIP": lambda tour: give(tour.free_eip, tour.free),
    "bandwidth": lambda tour: setattr(tour.eip.floating_ip.bandwidth, "size", 77),
    "EIP on its way": is_being_bound,
    "NIC's check on": lambda tour: setattr(port(tour.servers[0].nic), "allowed_address_pairs", []),
    "unbound": lambda tour: port(tour.vip).allowed_address_pairs.pop(),
    "orphan": lambda tour: port(tour.vip).allowed_address_pairs.append(
        Pair("10.20.0.99", port(tour.vip).mac_address)
    ),
    "other entry": lambda tour: port(tour.vip).allowed_address_pairs.append(
        Pair("10.20.0.0/24", port(tour.vip).mac_address)
    ),
    "of a component": lambda tour: state().set_device(port(tour.vip), "rds-1"),
    "NIC detached": lambda tour: state().set_device(port(tour.servers[0].nic), ""),
}


@pytest.fixture
def rows(visit, tour):
    """The rows as a page shows them now, and as it would without any that were kept."""

    def read(more=""):
        url = tour.urls["subnet_virtual_ips"] + more
        page = visit(url)
        caches["template_fragments"].clear()
        assert page.rows() == visit(url).rows()
        assert hrefs(page) == hrefs(visit(url))
        return page.rows(), hrefs(page)

    return read


def hrefs(page):
    return [link["href"] for link in page.all("a") if link.inside("tbody")]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_the_cloud_is_seen(rows, tour, change):
    before = rows()

    CHANGES[change](tour)

    assert rows() != before


@pytest.mark.parametrize("profile", ["openstack"])
def test_what_only_time_changes_is_seen(rows, tour, monkeypatch):
    is_being_bound(tour)
    before = rows()

    monkeypatch.setattr(eips, "SETTLING", dt.timedelta(0))

    assert rows() != before


@pytest.mark.parametrize(("age", "words"), [(0, "Under way"), (3600, "Needs repair")])
def test_a_record_that_has_not_ended_well_is_seen(rows, tour, age, words):
    assert words not in str(rows())

    open_now = {"state": OperationState.APPLYING, "place": tour.subnet.network_id, "plan": [{}]}
    operation_about("vip", tour.vip.id, tour.vip.ip_address, **open_now)
    let_time_pass(age)

    assert words in str(rows())


def test_a_servers_name_is_seen(rows, tour, visit):
    before = rows()

    visit(reverse("bms:server_list"))

    assert rows() != before


def test_links_lead_back_to_where_each_came_from(rows, tour):
    server = tour.servers[0]

    assert rows() != rows(f"&server={server.id}&nic={server.nic.id}")


def test_a_reader_is_not_shown_the_buttons_of_another(rows, tour, sign_in, client):
    before = rows()

    client.post(reverse("console:sign_out"))
    sign_in(UserFactory(roles="reader").name)

    assert rows() != before


# the dialog Bind to Server


SERVER_CHANGES = {
    "state": lambda tour: setattr(
        tour.servers[0].server, "now", ServerState("SHUTOFF", "stopped", None, 4)
    ),
    "name": lambda tour: setattr(tour.servers[0].server, "name", "renamed"),
    "bound meanwhile": lambda tour: port(tour.free).allowed_address_pairs.append(
        Pair(tour.servers[0].nic.ip_address, port(tour.servers[0].nic).mac_address)
    ),
}


@pytest.mark.parametrize("change", SERVER_CHANGES)
def test_a_change_of_a_server_is_seen_in_the_dialog(visit, tour, change):
    url = tour.urls["virtual_ip_bind"]
    before = visit(url).rows()

    SERVER_CHANGES[change](tour)
    after = visit(url).rows()

    assert after != before
    caches["template_fragments"].clear()
    assert after == visit(url).rows()


def test_what_is_chosen_is_ticked_for_who_chose_it_only(visit, tour):
    def ticked(url):
        boxes = visit(url).all("input", name="server")
        return [box["value"] for box in boxes if "checked" in box.attributes]

    assert ticked(tour.urls["virtual_ip_bind"]) == []
    assert ticked(tour.urls["virtual_ip_bind_chosen"]) == [tour.servers[0].id]
    assert ticked(tour.urls["virtual_ip_bind"]) == []


def test_a_new_server_and_a_new_address_appear(visit, tour):
    pages = [visit(tour.urls[name]) for name in ("virtual_ip_bind", "subnet_virtual_ips")]

    server = ServerFactory(subnet=tour.subnet)
    free = PortFactory(subnet=tour.subnet)

    assert server.id not in pages[0].text
    assert server.id in visit(tour.urls["virtual_ip_bind"]).text
    assert free.id in visit(tour.urls["subnet_virtual_ips"]).text
