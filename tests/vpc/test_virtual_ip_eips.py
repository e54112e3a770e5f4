"""What the table shows of EIPs, and how it asks again for those on their way."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from tests.factories import FloatingIPFactory, VirtualIPFactory, state
from tests.pages import Page
from tests.record_making import let_time_pass
from tests.tour import furnish
from tests.vpc.dialogs import Dialog
from tests.vpc.eips import FOR_EVER, eip_cell, give

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def table(visit, tour):
    return lambda: visit(tour.urls["subnet_virtual_ips"])


@pytest.fixture
def ask(visit, tour):
    """Ask as the table does: the address that it names, or for these VIPs."""

    def ask_for(*vips, url="", looks="", status=200):
        url = url or reverse("vpc:virtual_ip_eips", args=tour.subnet_args)
        if vips:
            url += "?" + "&".join([f"looks={looks}", *(f"vip={vip.id}" for vip in vips)])
        return visit(url, htmx=True, status=status)

    return ask_for


def watch(page):
    """The address that is asked next; none where the asking ends."""
    found = page.all("div", id="eip-watch")
    assert not found or found[0]["hx-trigger"] == "every 3s"
    return found[0]["hx-get"] if found else None


def told(page):
    """{id of a cell: what is put into it}"""
    parts = [one for one in page.all("div") if one["hx-swap-oob"]]
    return {one["hx-swap-oob"].removeprefix("innerHTML:#"): one.text for one in parts}


def arrive(floating):
    floating.floating_ip.busy_until = 0


# what stands in the table


def test_bandwidth_stands_below_the_address_where_the_cloud_tells_it(table, tour):
    vip = VirtualIPFactory(subnet=tour.subnet)
    floating = FloatingIPFactory(port=vip, bandwidth={"name": "bw-web", "size": 300})

    assert eip_cell(table(), vip) == f"{floating.ip_address} bw-web , 300 Mbit/s"


@OPENSTACK
def test_elsewhere_the_address_stands_alone(table, tour):
    assert eip_cell(table(), tour.vip) == tour.eip.ip_address


@pytest.mark.parametrize(
    ("more", "label", "is_watched"),
    [
        ({}, "", False),
        ({"busy_until": FOR_EVER}, "Binding…", True),
        ({"busy_until": FOR_EVER, "busy_status": "PENDING_UPDATE"}, "Changing…", True),
        ({"busy_until": FOR_EVER, "busy_status": "NOTIFYING"}, "Changing…", True),
        ({"busy_until": FOR_EVER, "busy_status": "PENDING_DELETE"}, "Being released…", True),
        ({"status": "FREEZED"}, "Frozen", False),
        ({"status": "BIND_ERROR"}, "Faulty", False),
        ({"status": "ERROR"}, "Faulty", False),
    ],
)
def test_its_state_is_shown_unless_it_simply_works(table, tour, more, label, is_watched):
    vip = VirtualIPFactory(subnet=tour.subnet)
    floating = FloatingIPFactory(port=vip, **more)

    page = table()

    expected = f"{floating.ip_address} {label}".strip()
    assert eip_cell(page, vip).startswith(expected)
    assert bool(watch(page)) == is_watched


def test_without_the_vpc_api_the_address_is_shown_all_the_same(table, tour, emulator):
    emulator.faults.add(Fault("GET", "/publicips", "status", status=500, times=None))

    page = table()

    assert eip_cell(page, tour.vip) == tour.eip.ip_address
    assert "A part of this page could not be read" in page.text


# asking again


def test_one_that_is_being_bound_is_asked_for_until_it_is(table, ask, tour):
    state().eip_seconds = FOR_EVER
    tour.eip.floating_ip.busy_until = FOR_EVER
    page = table()
    assert tour.vip.id in watch(page)
    assert tour.free.id not in watch(page)

    first = ask(url=watch(page))
    assert told(first).keys() == {f"eip-{tour.vip.id}"}
    assert "Binding…" in told(first)[f"eip-{tour.vip.id}"]
    arrive(tour.eip)
    last = ask(url=watch(first))

    assert "Binding" not in told(last)[f"eip-{tour.vip.id}"]
    assert tour.eip.ip_address in told(last)[f"eip-{tour.vip.id}"]
    assert watch(last) is None


def test_one_that_is_being_unbound_stays_in_its_row_until_it_is(
    table, ask, tour, signed_in, emulator
):
    state().eip_seconds = FOR_EVER
    Dialog(signed_in, tour.dialog("unbind_eip")).done()

    page = table()
    assert f"{tour.eip.ip_address} Unbinding…" in eip_cell(page, tour.vip)
    assert tour.vip.id in watch(page)
    arrive(tour.eip)
    last = ask(url=watch(page))

    assert told(last) == {f"eip-{tour.vip.id}": "--"}
    assert watch(last) is None


def test_one_that_was_unbound_long_ago_and_changes_again_is_not_said_to_leave(
    table, tour, signed_in, emulator
):
    state().eip_seconds = FOR_EVER
    Dialog(signed_in, tour.dialog("unbind_eip")).done()
    let_time_pass()

    assert eip_cell(table(), tour.vip) == "--"


@OPENSTACK
def test_elsewhere_down_counts_as_on_its_way_for_a_minute(table, ask, tour, emulator):
    """Where no agent reports it stays so for good, and is neither a fault nor asked for."""
    tour.eip.floating_ip.busy_status = "DOWN"
    tour.eip.floating_ip.busy_until = FOR_EVER

    page = table()
    assert "Binding…" in eip_cell(page, tour.vip)
    tour.eip.floating_ip.updated -= 90
    last = ask(url=watch(page))

    assert told(last)[f"eip-{tour.vip.id}"] == f"{tour.eip.ip_address} Down"
    assert watch(last) is None


@PROFILES
def test_where_nothing_is_on_its_way_nothing_is_asked_for(table, emulator, tour):
    assert watch(table()) is None


def test_the_asking_ends_after_ten_minutes_and_says_so(ask, tour):
    tour.eip.floating_ip.busy_until = FOR_EVER

    before, last = ask(tour.vip, looks=198), ask(tour.vip, looks=199)

    assert "looks=199" in watch(before)
    assert "no longer renewed by themselves: Refresh" not in before.text
    assert watch(last) is None
    assert "Binding…" in told(last)[f"eip-{tour.vip.id}"]
    assert "They are no longer renewed by themselves: Refresh reads them again." in last.text


@pytest.mark.parametrize("looks", ["", "x", "-1", "²", "9" * 5000])
def test_a_number_of_looks_that_is_none_begins_anew(ask, tour, looks):
    tour.eip.floating_ip.busy_until = FOR_EVER

    assert "looks=1" in watch(ask(tour.vip, looks=looks))


@PROFILES
@pytest.mark.parametrize("path", ["/floatingips", "/publicips"])
def test_where_it_cannot_be_read_that_is_said_and_the_asking_ends(ask, tour, emulator, path):
    if path == "/publicips" and not state().otc:
        path = "/floatingips"
    emulator.faults.add(Fault("GET", path, "status", status=503, times=None))

    page = ask(tour.vip)

    assert "A part of this page could not be read" in page.text
    assert "no longer renewed by themselves: Refresh reads them again" in page.text
    assert watch(page) is None
    assert told(page) == {}


@PROFILES
def test_an_ended_session_leads_to_the_sign_in(ask, tour, emulator):
    emulator.faults.add(Fault("GET", "/floatingips", "status", status=401, times=None))

    page = ask(tour.vip, status=401)

    assert page.response["HX-Redirect"].startswith(reverse("console:sign_in"))


@PROFILES
def test_what_is_asked_for_and_has_none_is_told_so(ask, tour):
    give(tour.eip, None)

    assert told(ask(tour.vip, tour.free)) == {
        f"eip-{tour.vip.id}": "--",
        f"eip-{tour.free.id}": "--",
    }


@PROFILES
@pytest.mark.parametrize("query", ["", "?vip=", "?vip=nonsense"])
def test_nothing_asked_for_is_nothing_told(ask, tour, query):
    page = ask(url=reverse("vpc:virtual_ip_eips", args=tour.subnet_args) + query)

    assert (told(page), watch(page)) == ({}, None)


def test_so_many_at_most_are_looked_at_in_one_answer(signed_in, tour):
    ids = "&".join(f"vip={uuid.uuid4()}" for _ in range(60))
    url = reverse("vpc:virtual_ip_eips", args=tour.subnet_args)

    answer = signed_in.get(f"{url}?{ids}", headers={"HX-Request": "true"})

    assert len(told(Page(answer, full=False))) == 50


@PROFILES
def test_opened_as_a_page_it_is_the_table(signed_in, tour):
    response = signed_in.get(tour.urls["virtual_ip_eips"])

    assert response.status_code == 302
    assert response["Location"] == tour.urls["subnet_virtual_ips"]


# what the row offers


@PROFILES
def test_the_operation_follows_the_eip(table, tour):
    page = table()

    def offered(vip):
        return page.all("a", id=f"eip-operation-{vip.id}")[0]

    assert offered(tour.vip)["href"] == tour.dialog("unbind_eip", tour.vip)
    assert offered(tour.vip).text.startswith("Unbind from EIP")
    assert offered(tour.free)["href"] == tour.dialog("bind_eip", tour.free)
    assert offered(tour.free).text.startswith("Bind to EIP")


@PROFILES
def test_what_a_component_of_the_cloud_owns_says_so(table, tour):
    vip = VirtualIPFactory(subnet=tour.subnet, device_id="rds-1")

    [button] = table().all("button", id=f"eip-operation-{vip.id}")

    assert button["aria-disabled"] == "true"
    assert "It belongs to a component of the cloud." in table().text


@PROFILES
def test_the_button_over_the_table_leads_here(visit, tour):
    page = visit(tour.urls["subnet_virtual_ips"])

    button = page.button("Unbind EIP")
    assert button["formaction"] == tour.several("unbind_eip").partition("?")[0]
    assert button["aria-disabled"] != "true"


def test_the_way_back_to_the_server_goes_along(visit, tour):
    server = tour.servers[0]
    query = f"server={server.id}&nic={server.nic.id}"

    page = visit(f"{tour.several('unbind_eip', tour.vip)}&{query}")

    assert server.id in page.link("Cancel")["href"]
