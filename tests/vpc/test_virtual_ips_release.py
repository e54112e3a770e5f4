"""Release of several ticked virtual IP addresses."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.emulator.records import Pair
from console.models import Operation
from tests.factories import (
    FloatingIPFactory,
    ServerFactory,
    UserFactory,
    VirtualIPFactory,
    state,
)
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
DELETE = ("DELETE", "/ports/")


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def free(tour):
    """Three that nothing holds."""
    more = [VirtualIPFactory(subnet=tour.subnet) for _ in range(2)]
    return [tour.free, *more]


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(*vips, **more):
        return Dialog(signed_in, tour.several("release", *vips), **more)

    return open_dialog


def there(vips):
    return [vip.id in state().ports for vip in vips]


def results(page):
    found = [e for e in page.all("ul") if e["aria-label"] == "Results"]
    return [item.text for item in found[0].walk() if item.tag == "li"] if found else []


# all good


@PROFILES
def test_all_that_were_ticked_are_released(dialog, free):
    page = dialog(*free).done()

    assert there(free) == [False] * 3
    assert "3 virtual IP addresses are released:" in page.text
    assert all(vip.ip_address in page.text for vip in free)


def test_each_has_a_record_of_its_own(dialog, free):
    dialog(*free).done()

    records = Operation.objects.order_by("at")
    assert [(r.target, r.state) for r in records] == [(v.ip_address, "done") for v in free]
    assert len({r.run for r in records}) == 1


def test_in_the_dialog_the_table_is_told(dialog, free):
    response = dialog(*free, htmx=True).send()

    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]
    assert there(free) == [False] * 3


@pytest.mark.parametrize("htmx", [False, True])
def test_what_will_change_is_shown_for_each(dialog, free, htmx):
    section = dialog(*free, htmx=htmx).page.all("section", id="bind-preview")[0]

    assert all(f"VIP {vip.ip_address}" in section.text for vip in free)


def test_one_that_is_named_twice_is_released_once(dialog, free):
    page = dialog(free[0], free[0]).done()

    assert f"Virtual IP address {free[0].ip_address} is released." in page.text


# nothing, too much, unknown


@pytest.mark.parametrize("query", ["", "?vip=", "?vip=nonsense", "?other=1"])
def test_where_nothing_was_ticked_that_is_said(visit, tour, query):
    url = reverse("vpc:virtual_ips_release", args=tour.subnet_args)

    page = visit(url + query)

    assert "Tick at least one virtual IP address" in page.text
    assert not page.has("OK", "button")


def test_more_than_twenty_are_refused_before_and_after(dialog, tour, signed_in):
    many = [VirtualIPFactory(subnet=tour.subnet) for _ in range(21)]
    opened = dialog(*many)

    entries = {"key": str(uuid.uuid4()), "release": [vip.id for vip in many]}
    response = signed_in.post(opened.url, entries)

    assert "At most 20 virtual IP addresses" in opened.page.text
    assert not opened.page.has("OK", "button")
    assert response.status_code == 422
    assert all(there(many))


def test_twenty_are_released(dialog, tour):
    many = [VirtualIPFactory(subnet=tour.subnet) for _ in range(20)]

    dialog(*many).done()

    assert not any(there(many))


def test_unknown_ones_are_a_404_page(visit, tour):
    url = reverse("vpc:virtual_ips_release", args=tour.subnet_args)

    visit(f"{url}?vip={uuid.uuid4()}", status=404)


def test_one_that_is_gone_is_named_and_left_out(dialog, free):
    state().remove_port(free[1].port)

    opened = dialog(*free)
    opened.done()

    assert f"There is no virtual IP address with the id {free[1].id} any more." in opened.page.text
    assert not any(there(free))


def test_only_what_the_dialog_named_can_be_sent(dialog, tour, free, signed_in):
    opened = dialog(free[0])
    opened.entries["release"] = [free[0].id, free[1].id, tour.servers[0].nic.id]
    opened.done()

    assert there(free) == [False, True, True]
    assert tour.servers[0].nic.id in state().ports


def test_a_form_that_names_none_releases_none(dialog, free):
    page = dialog(*free).answer(release=None)

    assert page.response.status_code == 422
    assert "None of these can be released now." in page.text
    assert all(there(free))


# held ones


@PROFILES
def test_what_is_held_is_named_with_its_way_out_and_left_out(dialog, tour, free):
    FloatingIPFactory(port=free[1])
    system = VirtualIPFactory(subnet=tour.subnet, device_id="rds-1")

    opened = dialog(tour.vip, *free, system)
    page = opened.page

    assert "Release 2 virtual IP addresses?" in page.text
    assert "Left out: 3" in page.text
    assert f"{tour.vip.ip_address} is still bound to 2 NICs" in page.text
    assert f"{free[1].ip_address} holds EIP" in page.text
    assert f"{system.ip_address} belongs to a component of the cloud" in page.text
    assert page.link("Unbind from Server")["href"] == tour.dialog("unbind", tour.vip)
    opened.done()
    assert there([tour.vip, *free, system]) == [True, False, True, False, True]


def test_where_all_are_held_there_is_nothing_to_confirm(dialog, tour):
    page = dialog(tour.vip).page

    assert "is still bound to 2 NICs" in page.text
    assert not page.has("OK", "button")


def test_what_has_become_free_since_is_not_released_unasked(dialog, tour, free):
    opened = dialog(tour.vip, free[0])
    for port in (tour.vip.port, *(server.nic.port for server in tour.servers)):
        port.allowed_address_pairs = []
    state().floating_ips.clear()

    opened.done()

    assert there([tour.vip, free[0]]) == [True, False]


# some of them failed


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
def test_one_that_was_bound_meanwhile_is_told_for_itself(dialog, tour, free, htmx):
    opened = dialog(*free, htmx=htmx)
    FloatingIPFactory(port=free[1])

    page = opened.answer()

    assert page.response.status_code == 422
    assert results(page)[0] == f"{free[0].ip_address} Released"
    assert results(page)[1].startswith(f"{free[1].ip_address} Refused Virtual IP address")
    assert results(page)[2] == f"{free[2].ip_address} Released"
    assert f"{free[0].ip_address} and {free[2].ip_address} are gone now." in page.text
    assert there(free) == [False, True, False]
    assert [r.state for r in Operation.objects.order_by("at")].count("done") == 2
    if htmx:
        assert "vips-changed" in page.response["HX-Trigger-After-Settle"]


@PROFILES
def test_one_that_is_bound_while_others_are_released_is_kept(meddler, sign_in, profile):
    tour = furnish()
    second = VirtualIPFactory(subnet=tour.subnet)
    opened = Dialog(sign_in(), tour.several("release", tour.free, second))
    server = ServerFactory(subnet=tour.subnet)

    def somebody():
        port = second.port if profile == "otc" else server.nic.port
        address = server.ip_address if profile == "otc" else second.ip_address
        port.allowed_address_pairs = [Pair(address, port.mac_address)]

    meddler.after("DELETE", "/ports/", somebody)
    page = opened.answer()

    assert there([tour.free, second]) == [False, True]
    assert "is still bound to 1 NIC" in results(page)[1]


def test_one_that_goes_while_others_are_released_is_what_was_wanted(meddler, sign_in):
    tour = furnish()
    second = VirtualIPFactory(subnet=tour.subnet)
    opened = Dialog(sign_in(), tour.several("release", tour.free, second))
    meddler.after("DELETE", "/ports/", lambda: state().remove_port(second.port))

    assert "2 virtual IP addresses are released" in opened.done().text


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "refused", "status"])
def test_what_failed_can_be_sent_again_with_the_form_that_says_so(
    dialog, free, emulator, signed_in, kind
):
    opened = dialog(*free)
    emulator.faults.add(Fault(*DELETE, kind, status=409, skip=1, times=1))
    page = opened.answer()
    again = {"key": page.hidden("key"), "release": page.hidden("release")}

    response = signed_in.post(opened.url, again, follow=True)

    assert [one["value"] for one in page.all("input", name="release")] == [free[1].id]
    assert f"{free[1].ip_address} is released." in Page(response).text
    assert not any(there(free))


def test_the_first_form_sent_again_tells_what_became_of_each(dialog, free, emulator):
    opened = dialog(*free)
    emulator.faults.add(Fault(*DELETE, "status", status=409, skip=1, times=1))
    opened.answer()

    page = opened.done()

    assert f"{free[0].ip_address} is released. {free[1].ip_address}: refused." in page.text
    assert there(free) == [False, True, False]


@PROFILES
def test_what_became_of_each_is_told_even_where_nothing_can_be_read_any_more(
    dialog, free, emulator
):
    opened = dialog(*free)
    emulator.faults.add(Fault("GET", "/floatingips", "status", status=401, skip=1, times=None))

    page = opened.answer()

    assert page.response.status_code == 422
    assert results(page)[0] == f"{free[0].ip_address} Released"
    assert f"{free[0].ip_address} is gone now." in page.text
    assert there(free) == [False, True, True]


@PROFILES
def test_where_none_went_the_same_form_may_be_sent_again(dialog, free, emulator):
    opened = dialog(*free)
    emulator.faults.add(Fault(*DELETE, "status", status=409, times=3))

    page = opened.answer()

    assert "Nothing was changed" in page.text
    assert page.hidden("key") == opened.entries["key"][0]
    opened.done()
    assert not any(there(free))


@pytest.mark.parametrize("htmx", [False, True])
def test_the_same_form_sent_twice_says_the_same(dialog, free, signed_in, htmx):
    opened = dialog(*free, htmx=htmx)
    opened.send()
    signed_in.get("/")

    second = opened.send()

    shown = second if htmx else signed_in.get(second["Location"])
    assert "3 virtual IP addresses are released" in shown.content.decode()


@PROFILES
def test_a_reader_is_refused_in_words(emulator, sign_in, tour, free):
    UserFactory(name="viewer", roles="reader")
    opened = Dialog(sign_in("viewer"), tour.several("release", *free))

    page = opened.answer()

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert "The cloud does not allow you to do this" in page.text
    assert all(there(free))


# typed confirmation


def test_each_that_was_bound_a_short_time_ago_asks_for_its_address(dialog, signed_in, tour, free):
    server = ServerFactory(subnet=tour.subnet)
    for vip in free[:2]:
        Dialog(signed_in, tour.dialog("bind", vip)).done(**choose(server))
        Dialog(signed_in, tour.dialog("unbind", vip)).done(nic=server.nic.id)
    opened = dialog(*free)
    names = [f"confirm-{vip.id}" for vip in free]

    page = opened.answer(**{names[0]: free[0].ip_address, names[1]: free[0].ip_address})

    assert [bool(opened.page.all("input", name=name)) for name in names] == [True, True, False]
    assert page.response.status_code == 422
    assert page.all("input", name=names[1])[0]["aria-invalid"] == "true"
    assert page.all("input", name=names[0])[0]["aria-invalid"] != "true"
    assert all(there(free))
    opened.done(**{names[1]: f" {free[1].ip_address}"})
    assert not any(there(free))


# ticks in the table


@PROFILES
def test_every_row_can_be_ticked_and_released_by_a_plain_form(visit, tour, free, signed_in):
    page = visit(tour.urls["subnet_virtual_ips"])
    [form] = [form for form in page.all("form") if form["id"] == "vips-ticked"]
    boxes = page.all("input", type="checkbox", name="vip")
    button = page.button("Release")

    assert {box["form"] for box in boxes} == {"vips-ticked"}
    assert {box["value"] for box in boxes} == {vip.id for vip in (tour.vip, *free)}
    assert all(box["aria-label"].startswith("Tick 10.20.") for box in boxes)
    assert form["method"] == "get"
    assert button in list(form.walk())
    assert button["formaction"] == tour.several("release").partition("?")[0]
    assert button["aria-disabled"] != "true"


def test_the_way_back_to_the_server_goes_along(visit, tour):
    server = tour.servers[0]
    query = f"server={server.id}&nic={server.nic.id}"

    page = visit(f"{tour.urls['subnet_virtual_ips']}&{query}")
    dialog = visit(f"{tour.several('release', tour.free)}&{query}")

    form = next(form for form in page.all("form") if form["id"] == "vips-ticked")
    sent = {e["name"]: e["value"] for e in form.walk() if e["type"] == "hidden"}
    assert sent == {"server": server.id, "nic": server.nic.id}
    assert server.id in dialog.link("Cancel")["href"]


def test_a_reader_is_told_why_ticks_lead_nowhere(emulator, sign_in, tour):
    UserFactory(name="viewer", roles="reader")

    page = Page(sign_in("viewer").get(tour.urls["subnet_virtual_ips"]))

    assert page.all("button", id="ticked-release")[0]["aria-disabled"] == "true"
