"""A virtual IP address's own page, with the HA picture."""

from __future__ import annotations

import uuid

import pytest
from django.core.cache import cache
from django.urls import reverse

from console.emulator.faults import Fault
from console.emulator.records import ServerState
from tests.factories import ServerFactory, SubnetFactory, UserFactory, VirtualIPFactory
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose
from tests.vpc.eips import FOR_EVER

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
STOPPED = ServerState("SHUTOFF", "stopped", None, 4)


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def page(visit, tour):
    def read(vip=None, more="", **options):
        return visit(tour.dialog("detail", vip or tour.vip) + more, **options)

    return read


def drawing(page):
    return page.all("svg", role="img")[0]


def banner(page):
    return next(one.text for one in page.all("div") if "banner" in one["class"].split())


@PROFILES
def test_picture_and_table_tell_the_same(page, tour):
    shown = page()

    rows = shown.rows()
    assert [row["Server"] for row in rows] == ["db-1", "db-2"]
    assert [row["Address (NIC)"] for row in rows] == [one.ip_address for one in tour.servers]
    assert {row["Binding"] for row in rows} == {"Bound"}
    assert {row["Server Status"] for row in rows} == {"Running"}
    words = drawing(shown).text
    for server in tour.servers:
        assert f"{server.name} {server.ip_address} Bound" in words
    assert tour.eip.ip_address in words
    assert "2 servers can answer" in banner(shown)


@PROFILES
def test_it_is_linked_from_its_row(visit, page, tour):
    row = visit(tour.urls["subnet_virtual_ips"]).link(tour.vip.ip_address)

    assert row["href"] == tour.dialog("detail")
    assert page().h1 == tour.vip.ip_address


def test_the_picture_has_a_title_and_says_in_words_what_it_shows(page, tour):
    picture = drawing(page())

    title, description = picture["aria-labelledby"], picture["aria-describedby"]
    words = {one["id"]: one.text for one in picture.walk() if one["id"]}
    assert tour.vip.ip_address in words[title]
    for server in tour.servers:
        assert f"Bound: {server.name} ({server.ip_address})." in words[description]


@PROFILES
def test_a_stopped_server_is_told_in_both(page, tour):
    tour.servers[0].server.now = STOPPED

    shown = page()

    assert shown.rows()[0]["Server Status"] == "Stopped"
    assert "Server: Stopped" in drawing(shown).text
    assert "Only 1 of 2 bound servers can answer" in banner(shown)


def test_what_is_half_bound_can_be_repaired_here(page, tour):
    half = VirtualIPFactory(
        subnet=tour.subnet, half_bound_to=[ServerFactory(subnet=tour.subnet).nic]
    )

    shown = page(half)

    assert "Needs repair" in shown.text
    assert shown.rows()[0]["Binding"] == "Half bound"
    assert shown.link("Repair")["hx-target"] == "#modal"
    assert "No bound server can answer" in banner(shown)


@PROFILES
def test_a_free_one_leads_to_bind(page, tour):
    shown = page(tour.free)

    assert shown.rows() == []
    assert "Bind it to two" in banner(shown)
    assert shown.link("Bind to Server")["href"] == tour.dialog("bind", tour.free)


@PROFILES
def test_it_follows_a_bind_in_the_dialog(page, tour, signed_in):
    [part] = page(tour.free).all("div", id="virtual-ip")
    assert "vips-changed from:body" in part["hx-trigger"]

    Dialog(signed_in, tour.dialog("bind", tour.free)).done(**choose(*tour.servers))

    assert len(page(tour.free, htmx=True).rows()) == 2


@PROFILES
def test_servers_that_are_not_on_novas_page_are_read_afterwards(page, tour, visit):
    for server in tour.servers:
        server.server.created = 1
    for _ in range(51):
        ServerFactory(nics=0)
    cache.clear()

    first = page()
    [later] = [one for one in first.all("div") if "look=" in one["hx-get"]]
    second = visit(later["hx-get"], htmx=True)

    assert {row["Server Status"] for row in first.rows()} == {"not read yet"}
    assert {row["Server"] for row in first.rows()} == {one.id for one in tour.servers}
    assert later["hx-trigger"] == "load"
    assert {row["Server Status"] for row in second.rows()} == {"Running"}
    assert {row["Server"] for row in second.rows()} == {one.name for one in tour.servers}
    assert not [one for one in second.all("div") if "look=" in one["hx-get"]]
    assert [one["href"] for one in first.all("a") if "look=" in one["href"]]


def test_a_server_that_cannot_be_read_does_not_hide_the_others(page, tour, emulator):
    look = "?" + "&".join(f"look={server.id}" for server in tour.servers)
    path = f"/servers/{tour.servers[0].id}"
    emulator.faults.add(Fault("GET", path, "status", status=500, times=None))

    shown = page(more=look)

    assert [row["Server Status"] for row in shown.rows()] == ["not read yet", "Running"]
    assert "A part of this page could not be read" in shown.text


def test_never_more_than_fifty_servers_are_read_one_by_one(page, tour, emulator):
    page(more="?" + "&".join(f"look={uuid.uuid4()}" for _ in range(80)))

    assert len([call for call in emulator.log if "/servers/" in call.path]) == 50


def test_a_server_that_is_gone_is_not_asked_for_again_and_again(page, tour, emulator):
    look = "?" + "&".join(f"look={server.id}" for server in tour.servers)
    emulator.faults.add(Fault("GET", "/servers", "status", status=404, times=None))

    shown = page(more=look)

    assert {row["Server Status"] for row in shown.rows()} == {"Gone"}
    assert "No bound server can answer" in banner(shown)
    assert not [one for one in shown.all("div") if "look=" in one["hx-get"]]


@PROFILES
@pytest.mark.parametrize("path", ["/servers", "/floatingips"])
def test_what_could_not_be_read_is_said_and_the_rest_shown(page, tour, emulator, path):
    emulator.faults.add(Fault("GET", path, "status", status=500, times=None))

    shown = page()

    assert [row["Address (NIC)"] for row in shown.rows()] == [
        server.ip_address for server in tour.servers
    ]
    assert "A part of this page could not be read" in shown.text
    assert ("not known" in shown.text) == (path == "/floatingips")


def test_one_that_was_released_on_its_page_leads_back_to_the_table(signed_in, tour):
    url = tour.dialog("detail", tour.free)
    Dialog(signed_in, tour.dialog("release", tour.free)).done()

    part = signed_in.get(url, headers={"HX-Request": "true"})

    assert part["HX-Redirect"] == tour.urls["subnet_virtual_ips"]
    assert "no longer there" in signed_in.get(part["HX-Redirect"]).content.decode()
    assert signed_in.get(url).status_code == 404


def test_what_is_none_or_in_another_subnet_is_not_found(visit, tour):
    other = SubnetFactory(vpc=tour.vpc)
    elsewhere = reverse("vpc:virtual_ip_detail", args=[other.network_id, other.id, tour.vip.id])

    for url in (
        reverse("vpc:virtual_ip_detail", args=[*tour.subnet_args, uuid.uuid4()]),
        reverse("vpc:virtual_ip_detail", args=[*tour.subnet_args, tour.servers[0].nic.id]),
        elsewhere,
    ):
        visit(url, status=404)


def test_a_reader_sees_why_nothing_can_be_done(sign_in, tour, client):
    sign_in(UserFactory(roles="reader").name)

    page = client.get(tour.dialog("detail")).content.decode()

    assert page.count('aria-disabled="true"') >= 3


def test_the_way_back_to_the_server_goes_along(page, tour):
    server = tour.servers[0]
    origin = f"server={server.id}&nic={server.nic.id}"

    shown = page(more=f"?{origin}")

    assert shown.link("Bind to Server")["href"].endswith(f"?{origin}")
    assert shown.link("db-1")["href"].endswith("?tab=nics")


# its EIP


def eip_watch(page):
    found = page.all("div", id="eip-watch")
    return (found[0]["hx-trigger"], found[0]["hx-get"]) if found else None


def test_the_bandwidth_comes_afterwards_once(page, tour, visit, signed_in):
    """Only the VPC API tells it: a call more than a page may make."""
    trigger, url = eip_watch(page())
    assert trigger == "load"

    answer = signed_in.get(url, headers={"HX-Request": "true"})

    assert f"innerHTML:#eip-{tour.vip.id}" in answer.content.decode()
    assert "Mbit/s" in answer.content.decode()
    assert eip_watch(Page(answer, full=False)) is None
    assert "HX-Trigger-After-Settle" not in answer


@pytest.mark.parametrize("profile", ["openstack"])
def test_elsewhere_nothing_more_is_asked_for(page):
    assert eip_watch(page()) is None


def test_without_an_eip_nothing_more_is_asked_for(page, tour):
    assert eip_watch(page(tour.free)) is None


@PROFILES
def test_an_eip_on_its_way_is_followed_and_then_the_picture_is_drawn_anew(page, tour, signed_in):
    tour.eip.floating_ip.busy_until = FOR_EVER
    url = eip_watch(page())[1]
    htmx = {"HX-Request": "true"}
    answer = signed_in.get(url, headers=htmx)
    trigger, url = eip_watch(Page(answer, full=False))
    assert trigger == "every 3s"
    assert "HX-Trigger-After-Settle" not in answer

    tour.eip.floating_ip.busy_until = 0
    answer = signed_in.get(url, headers=htmx)

    assert "eips-settled" in answer["HX-Trigger-After-Settle"]
    [part] = page().all("div", id="virtual-ip")
    assert "eips-settled from:body" in part["hx-trigger"]


# what comes next


def primary(page):
    return [one.text for one in page.all("a") if "primary" in one["class"].split()]


@PROFILES
def test_with_fewer_than_two_servers_the_next_thing_is_to_bind(page, tour):
    assert primary(page(tour.free)) == [f"Bind to Server {tour.free.ip_address}"]
    assert primary(page()) == []


def test_what_is_half_bound_is_repaired_first(page, tour):
    half = VirtualIPFactory(
        subnet=tour.subnet, half_bound_to=[ServerFactory(subnet=tour.subnet).nic]
    )

    assert primary(page(half)) == [f"Repair {half.ip_address}"]


def test_a_faulty_eip_is_told(page, tour):
    tour.eip.floating_ip.status = "ERROR"

    assert "its EIP has the status Faulty" in banner(page())


@pytest.mark.parametrize("profile", ["openstack"])
def test_what_settles_before_the_first_look_is_drawn_anew(page, tour, signed_in):
    """What was drawn is told; a look in between is not needed."""
    tour.eip.floating_ip.busy_until = FOR_EVER
    shown = page()
    assert "EIP, Binding…" in drawing(shown)["aria-label"] + drawing(shown).text
    url = eip_watch(shown)[1]
    tour.eip.floating_ip.busy_until = 0

    answer = signed_in.get(url, headers={"HX-Request": "true"})

    assert "eips-settled" in answer["HX-Trigger-After-Settle"]
    assert eip_watch(Page(answer, full=False)) is None


def test_what_the_vpc_api_knows_first_is_asked_for_once_more_before_it_is_drawn(
    page, tour, signed_in
):
    """Neutron would still say what was drawn: page and part would ask each other without end."""
    url = eip_watch(page())[1].replace("drawn=Bound", "drawn=Binding%E2%80%A6")
    htmx = {"HX-Request": "true"}

    first = signed_in.get(url, headers=htmx)
    second = signed_in.get(eip_watch(Page(first, full=False))[1], headers=htmx)

    assert "HX-Trigger-After-Settle" not in first
    assert "eips-settled" in second["HX-Trigger-After-Settle"]


def test_a_state_that_nobody_knows_is_no_trouble(tour, signed_in, page):
    url = eip_watch(page())[1].replace("drawn=Bound", "drawn=nonsense")

    answer = signed_in.get(url, headers={"HX-Request": "true"})

    assert "HX-Trigger-After-Settle" not in answer


def test_an_ipv6_one_is_not_sent_for_a_second_server(emulator, visit):
    """Open Telekom Cloud lets it have one NIC."""
    tour = furnish(ipv6_cidr="2001:db8:1234:5678::/64")
    vip = VirtualIPFactory(subnet=tour.subnet.ipv6, ip_address="2001:db8:1234:5678::10")
    url = tour.dialog("detail", vip)

    assert "for two servers take an IPv4 one" in banner(visit(url))
    assert primary(visit(url)) == [f"Bind to Server {vip.ip_address}"]


def test_of_an_ipv6_one_too_it_is_told_that_its_server_is_stopped(emulator, visit):
    tour = furnish(ipv6_cidr="2001:db8:1234:5678::/64")
    tour.servers[0].server.now = STOPPED
    vip = VirtualIPFactory(
        subnet=tour.subnet.ipv6,
        ip_address="2001:db8:1234:5678::10",
        bound_to=[tour.servers[0].nic],
    )

    assert "No bound server can answer now" in banner(visit(tour.dialog("detail", vip)))


def test_one_of_the_clouds_own_is_not_sent_to_be_bound(page, tour):
    shown = page(VirtualIPFactory(subnet=tour.subnet, device_id="a-database"))

    assert "A component of the cloud holds it" in banner(shown)
    assert primary(shown) == []


def test_who_may_only_look_is_shown_no_next_button(page, tour, visit, sign_in):
    sign_in(UserFactory(roles="reader").name)

    assert primary(visit(tour.dialog("detail", tour.free))) == []
