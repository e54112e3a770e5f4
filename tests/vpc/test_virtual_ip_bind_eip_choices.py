"""What Bind to EIP offers, finds and shows before OK."""

from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from console.models import Operation
from tests.factories import (
    FloatingIPFactory,
    ProjectFactory,
    state,
)
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog
from tests.vpc.eips import FOR_EVER, cells, held_by, preview_of, radio, writes

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
BOTH_WAYS = pytest.mark.parametrize("htmx", [False, True])


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(vip=None, query="", **more):
        return Dialog(signed_in, tour.dialog("bind_eip", vip or tour.free) + query, **more)

    return open_dialog


# what may be chosen


@PROFILES
def test_free_eips_are_listed_by_address_with_their_status(dialog, tour, profile):
    later = FloatingIPFactory(ip_address="203.0.113.200")
    FloatingIPFactory(ip_address="203.0.113.30")

    page = dialog().page

    addresses = [row["EIP"].split()[0] for row in page.rows()]
    assert addresses == [tour.free_eip.ip_address, "203.0.113.30", "203.0.113.200"]
    assert cells(page, later)["Status"] == "Unbound"
    assert "3 free EIPs" in page.text


def test_bandwidth_type_and_name_are_shown_where_the_cloud_tells_them(dialog):
    floating = FloatingIPFactory(
        alias="web", bandwidth={"name": "bw-web", "size": 300, "share_type": "WHOLE"}
    )

    row = cells(dialog().page, floating)

    assert row["EIP"] == f"{floating.ip_address} web"
    assert row["EIP Type"] == "5_bgp"
    assert (row["Bandwidth Name"], row["Bandwidth"]) == ("bw-web", "300 Mbit/s Shared")


@OPENSTACK
def test_elsewhere_there_is_no_column_for_what_nobody_tells(dialog):
    floating = FloatingIPFactory()

    assert list(cells(dialog().page, floating)) == ["Choose", "EIP", "Status"]


def test_without_the_vpc_api_an_eip_is_bound_all_the_same(dialog, tour, emulator):
    emulator.faults.add(Fault("GET", "/publicips", "status", status=500, times=None))

    opened = dialog()

    assert "A part of this page could not be read" in opened.page.text
    assert "Binding works all the same" in opened.page.text
    assert "Bandwidth" not in cells(opened.page, tour.free_eip)
    opened.done(eip=tour.free_eip.id)
    assert held_by(tour.free_eip) == tour.free.id


@PROFILES
def test_eips_that_something_has_and_those_of_other_projects_are_not_listed(dialog, tour):
    FloatingIPFactory(port=tour.servers[0].nic)
    FloatingIPFactory(project=ProjectFactory(name="eu-de_other"))

    page = dialog().page

    assert len(page.rows()) == 1
    assert cells(page, tour.free_eip)
    assert "1 free EIP" in page.text


@pytest.mark.parametrize(
    ("more", "label"),
    [
        ({"status": "FREEZED"}, "Frozen"),
        ({"status": "ERROR"}, "Faulty"),
        ({"status": "BIND_ERROR"}, "Faulty"),
        ({"busy_until": FOR_EVER, "busy_status": "PENDING_UPDATE"}, "Changing…"),
        ({"busy_until": FOR_EVER, "busy_status": "PENDING_CREATE"}, "Being assigned…"),
    ],
)
def test_those_that_cannot_be_bound_now_are_listed_with_why(dialog, more, label):
    floating = FloatingIPFactory(**more)

    page = dialog().page

    assert cells(page, floating)["Status"] == label
    assert "disabled" in radio(page, floating).attributes


@pytest.mark.parametrize("status", ["ELB", "VPN"])
def test_what_a_service_of_the_cloud_has_is_not_free(dialog, status):
    floating = FloatingIPFactory(status=status)

    assert not dialog().page.all("input", type="radio", value=floating.id)


@PROFILES
@BOTH_WAYS
def test_without_a_free_eip_the_way_out_is_said_and_there_is_no_ok(dialog, tour, htmx):
    del state().floating_ips[tour.free_eip.id]

    page = dialog(htmx=htmx).page

    assert "No free EIP in this project" in page.text
    assert "assign a new one in the cloud's own console" in page.text
    assert not page.has("OK", "button")
    assert page.link("Close")["href"].startswith(tour.urls["subnet_virtual_ips"])


@PROFILES
def test_a_few_need_no_search(dialog):
    for _ in range(9):
        FloatingIPFactory()

    assert not dialog().page.all("input", type="search")


@pytest.fixture
def many(tour):
    """Twelve free ones, with that of the tour."""
    return [FloatingIPFactory(ip_address=f"203.0.113.{100 + n}") for n in range(11)]


@PROFILES
def test_many_are_searched_and_the_choice_is_kept(dialog, many):
    opened = dialog(htmx=True)
    headers = opened.headers | {"HX-Target": "bind-eips"}
    entries = opened.entries | {"action": "search", "q": "113.105", "eip": many[0].id}

    part = Page(opened.client.post(opened.url, entries, headers=headers), full=False)

    assert opened.page.all("input", type="search")
    assert {row["EIP"].split()[0] for row in part.rows()} == {"203.0.113.100", "203.0.113.105"}
    assert "checked" in radio(part, many[0]).attributes
    assert "2 of 12 free EIPs" in part.text
    assert not part.all("form")


@pytest.mark.parametrize("text", ["WEB", "bw-w", " 203.0.113.220 "])
def test_the_search_looks_at_addresses_names_and_bandwidths(dialog, many, text):
    FloatingIPFactory(
        ip_address="203.0.113.220", alias="web-front", bandwidth={"name": "bw-web", "size": 5}
    )
    opened = dialog()

    page = Page(opened.client.post(opened.url, opened.entries | {"action": "search", "q": text}))

    assert [row["EIP"] for row in page.rows()] == ["203.0.113.220 web-front"]


@PROFILES
def test_a_search_that_finds_nothing_says_what_it_looks_at(dialog, many):
    opened = dialog()

    page = Page(opened.client.post(opened.url, opened.entries | {"action": "search", "q": "x-y"}))

    assert "No free EIP matches" in page.text
    assert not Operation.objects.exists()


# the preview


@PROFILES
def test_before_a_choice_the_preview_says_what_to_do(dialog):
    assert preview_of(dialog().page) == "Choose an EIP to see what will change."


@PROFILES
def test_the_preview_shows_before_and_after(dialog, tour, emulator):
    opened = dialog(htmx=True)
    emulator.log.clear()

    opened.choose(eip=tour.free_eip.id)
    part = opened.look()

    assert f"EIP {tour.free_eip.ip_address}" in part.text
    [removed, added] = [line.text for line in part.all("li")]
    assert removed.startswith("removed:")
    assert removed.endswith("not bound")
    assert added == "added: + bound to virtual IP address 10.20.1.11"
    assert not writes(emulator)


@PROFILES
def test_a_link_may_choose_the_eip(dialog, tour):
    opened = dialog(query=f"?eip={tour.free_eip.id}")

    assert "checked" in radio(opened.page, tour.free_eip).attributes
    assert "bound to virtual IP address 10.20.1.11" in preview_of(opened.page)
    opened.done()
    assert held_by(tour.free_eip) == tour.free.id


@PROFILES
def test_a_link_to_an_eip_that_something_has_says_what(dialog, tour):
    page = dialog(query=f"?eip={tour.eip.id}").page

    words = f"EIP {tour.eip.ip_address} is bound to virtual IP address 10.20.1.10"
    assert words in preview_of(page)
    assert "unbind this one there first, with Unbind from EIP." in preview_of(page)


@PROFILES
@pytest.mark.parametrize("query", ["?eip=", "?eip=nonsense", "?eip=a&eip=b", "?q=" + "x" * 400])
def test_a_link_that_says_nothing_good_is_the_dialog(dialog, query):
    assert preview_of(dialog(query=query).page) == "Choose an EIP to see what will change."
