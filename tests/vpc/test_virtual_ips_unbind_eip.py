"""Unbind EIP for several ticked virtual IP addresses."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.models import Operation
from tests.factories import FloatingIPFactory, UserFactory, VirtualIPFactory, state
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog
from tests.vpc.eips import FOR_EVER, give, held_by, preview_of, writes

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
BOTH_WAYS = pytest.mark.parametrize("htmx", [False, True])
PUT = ("PUT", "/floatingips/")


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def vips(tour):
    """Three with an EIP each; `eips` are theirs."""
    return [tour.vip, *(VirtualIPFactory(subnet=tour.subnet) for _ in range(2))]


@pytest.fixture
def eips(tour, vips):
    return [tour.eip, *(FloatingIPFactory(port=vip) for vip in vips[1:])]


@pytest.fixture
def dialog(signed_in, tour, eips):
    def open_dialog(*chosen, **more):
        return Dialog(signed_in, tour.several("unbind_eip", *chosen), **more)

    return open_dialog


def holders(eips):
    return [held_by(eip) for eip in eips]


def results(page):
    found = [e for e in page.all("ul") if e["aria-label"] == "Results"]
    return [item.text for item in found[0].walk() if item.tag == "li"] if found else []


def left_out(page):
    [section] = [e for e in page.all("section") if e["aria-label"] == "Left out"]
    return [item.text for item in section.walk() if item.tag == "li"]


# all good


@PROFILES
def test_all_that_were_ticked_are_unbound(dialog, vips, eips):
    page = dialog(*vips).done()

    pairs = [f"{eip.ip_address} from {vip.ip_address}" for eip, vip in zip(eips, vips, strict=True)]
    assert holders(eips) == [None] * 3
    assert f"3 EIPs are unbound: {pairs[0]}, {pairs[1]} and {pairs[2]}." in page.text


@PROFILES
def test_each_has_a_record_of_its_own(dialog, vips, eips):
    dialog(*vips).done()

    records = Operation.objects.order_by("at")
    assert [(r.name, r.target, r.state) for r in records] == [
        ("Unbind from EIP", vip.ip_address, "done") for vip in vips
    ]
    assert [r.changes[0]["title"] for r in records] == [f"EIP {eip.ip_address}" for eip in eips]
    assert len({r.run for r in records}) == 1


@PROFILES
def test_in_the_dialog_the_table_is_told(dialog, vips, eips):
    response = dialog(*vips, htmx=True).send()

    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]
    assert holders(eips) == [None] * 3


@PROFILES
@BOTH_WAYS
def test_what_will_change_is_shown_for_each(dialog, vips, eips, htmx):
    page = dialog(*vips, htmx=htmx).page

    assert "Unbind 3 EIPs?" in page.text
    assert "break at once" in page.text
    for vip, eip in zip(vips, eips, strict=True):
        assert f"EIP {eip.ip_address}" in preview_of(page)
        assert f"bound to virtual IP address {vip.ip_address}" in preview_of(page)


@PROFILES
def test_a_single_one_is_told_as_from_its_own_dialog(dialog, vips, eips):
    opened = dialog(vips[1], vips[1])

    assert "Unbind 1 EIP? Connections from and to the internet through it" in opened.page.text
    words = f"EIP {eips[1].ip_address} is unbound from virtual IP address {vips[1].ip_address}."
    assert words in opened.done().text
    assert holders(eips) == [vips[0].id, None, vips[2].id]


# nothing, too much, unknown


@pytest.mark.parametrize("query", ["", "?vip=", "?vip=nonsense", "?other=1"])
def test_where_nothing_was_ticked_that_is_said(visit, tour, query):
    url = reverse("vpc:virtual_ips_unbind_eip", args=tour.subnet_args)

    page = visit(url + query)

    assert "Tick at least one virtual IP address in the table, then choose Unbind EIP." in page.text
    assert not page.has("OK", "button")


@PROFILES
def test_of_more_than_twenty_the_first_twenty_go_and_the_rest_is_said(dialog, tour):
    many = [VirtualIPFactory(subnet=tour.subnet) for _ in range(22)]
    theirs = [FloatingIPFactory(port=vip) for vip in many]
    opened = dialog(*many)

    opened.done()

    assert "At most 20 go at once: 2 of those ticked are not among them." in opened.page.text
    assert holders(theirs) == [None] * 20 + [vip.id for vip in many[20:]]


@PROFILES
@BOTH_WAYS
def test_unknown_ones_are_a_404_page(visit, tour, htmx):
    url = reverse("vpc:virtual_ips_unbind_eip", args=tour.subnet_args)

    visit(f"{url}?vip={uuid.uuid4()}", status=404, htmx=htmx)


@PROFILES
def test_one_that_is_gone_is_named_and_left_out(dialog, vips, eips):
    state().remove_port(vips[1].port)

    opened = dialog(*vips)

    assert left_out(opened.page) == [
        f"{vips[1].id} There is no virtual IP address with this id any more."
    ]
    opened.done()
    assert holders([eips[0], eips[2]]) == [None] * 2


@PROFILES
def test_only_what_the_address_names_can_be_sent(dialog, tour, vips, eips):
    opened = dialog(vips[0])
    opened.entries[f"eip-{vips[1].id}"] = eips[1].id

    opened.done()

    assert holders(eips) == [None, vips[1].id, vips[2].id]


@PROFILES
def test_a_form_that_names_no_eip_is_incomplete(dialog, vips, eips):
    page = dialog(vips[0]).answer(**{f"eip-{vips[0].id}": None})

    assert page.response.status_code == 422
    assert "This form is incomplete. Open it again." in page.text
    assert held_by(eips[0]) == vips[0].id


# left out


@PROFILES
def test_what_cannot_be_unbound_is_named_with_why_and_left_out(dialog, tour, vips, eips, profile):
    system = VirtualIPFactory(subnet=tour.subnet, device_id="rds-1")
    FloatingIPFactory(port=system)
    busy = VirtualIPFactory(subnet=tour.subnet)
    moving = FloatingIPFactory(port=busy, busy_until=FOR_EVER if profile == "otc" else 0)

    opened = dialog(*vips, tour.free, system, busy)

    told = left_out(opened.page)
    assert told[0] == f"{tour.free.ip_address} It has no EIP."
    assert told[1].startswith(f"{system.ip_address} Virtual IP address {system.ip_address} belongs")
    if profile == "otc":
        assert told[2].startswith(
            f"{busy.ip_address} EIP {moving.ip_address} is still being changed"
        )
    assert f"Left out: {len(told)}" in opened.page.text
    opened.done()
    assert held_by(moving) == (busy.id if profile == "otc" else None)
    assert holders(eips) == [None] * 3


@PROFILES
@BOTH_WAYS
def test_where_none_has_an_eip_there_is_nothing_to_confirm(dialog, tour, htmx):
    page = dialog(tour.free, htmx=htmx).page

    assert "None of these has an EIP that can be unbound now." in page.text
    assert left_out(page) == [f"{tour.free.ip_address} It has no EIP."]
    assert not page.has("OK", "button")


# some of them failed


@PROFILES
@BOTH_WAYS
def test_one_that_got_another_eip_meanwhile_is_told_for_itself(dialog, tour, vips, eips, htmx):
    opened = dialog(*vips, htmx=htmx)
    give(eips[1], None)
    give(tour.free_eip, vips[1])

    page = opened.answer()

    assert page.response.status_code == 422
    assert "Not all of this was done" in page.text
    assert f"{vips[0].ip_address} and {vips[2].ip_address} have no EIP now." in page.text
    told = results(page)
    assert told[0] == f"{vips[0].ip_address} Unbound from its EIP"
    assert told[1].startswith(
        f"{vips[1].ip_address} Refused Virtual IP address {vips[1].ip_address}"
    )
    assert f"holds EIP {tour.free_eip.ip_address} by now" in told[1]
    assert told[2] == f"{vips[2].ip_address} Unbound from its EIP"
    assert held_by(tour.free_eip) == vips[1].id
    assert not [e for e in page.all("section") if e["aria-label"] == "Left out"]
    states = list(Operation.objects.order_by("at").values_list("state", flat=True))
    assert sorted(states) == ["done", "done", "refused"]
    if htmx:
        assert "vips-changed" in page.response["HX-Trigger-After-Settle"]


@PROFILES
def test_an_eip_that_is_moved_while_others_are_unbound_stays_where_it_went(meddler, sign_in):
    tour = furnish()
    second, third = (VirtualIPFactory(subnet=tour.subnet) for _ in range(2))
    moved = FloatingIPFactory(port=second)
    opened = Dialog(sign_in(), tour.several("unbind_eip", tour.vip, second))
    meddler.after(*PUT, lambda: give(moved, third))

    page = opened.done()

    assert held_by(moved) == third.id
    assert f"EIP {tour.eip.ip_address} is unbound" in page.text
    assert f"Virtual IP address {second.ip_address} held no EIP any more." in page.text


@PROFILES
def test_one_that_was_unbound_since_is_what_was_wanted(dialog, vips, eips):
    opened = dialog(*vips)
    give(eips[1], None)

    page = opened.done()

    assert "2 EIPs are unbound:" in page.text
    assert f"Virtual IP address {vips[1].ip_address} held no EIP any more." in page.text
    assert holders(eips) == [None] * 3


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "refused", "status"])
def test_what_failed_can_be_sent_again_with_the_form_that_says_so(
    dialog, vips, eips, emulator, signed_in, kind
):
    opened = dialog(*vips)
    emulator.faults.add(Fault(*PUT, kind, status=409, skip=1, times=1))
    page = opened.answer()
    name = f"eip-{vips[1].id}"
    assert [one["name"] for one in page.all("input") if one["name"].startswith("eip-")] == [name]

    again = {"key": page.hidden("key"), name: page.hidden(name)}
    response = signed_in.post(opened.url, again, follow=True)

    assert f"EIP {eips[1].ip_address} is unbound" in Page(response).text
    assert holders(eips) == [None] * 3


@PROFILES
def test_the_first_form_sent_again_tells_what_became_of_each(dialog, vips, eips, emulator):
    opened = dialog(*vips)
    emulator.faults.add(Fault(*PUT, "status", status=409, skip=1, times=1))
    opened.answer()

    page = opened.done()

    words = f"{vips[0].ip_address} is unbound from its EIP. {vips[1].ip_address}: refused."
    assert words in page.text
    assert holders(eips) == [None, vips[1].id, None]


@PROFILES
def test_what_became_of_each_is_told_even_where_nothing_can_be_read_any_more(
    dialog, vips, eips, emulator
):
    opened = dialog(*vips)
    emulator.faults.add(Fault("GET", "/ports", "status", status=401, skip=1, times=None))

    page = opened.answer()

    assert page.response.status_code == 422
    assert results(page)[0] == f"{vips[0].ip_address} Unbound from its EIP"
    assert f"{vips[0].ip_address} has no EIP now." in page.text
    assert holders(eips) == [None, vips[1].id, vips[2].id]


@PROFILES
def test_where_none_went_the_same_form_may_be_sent_again(dialog, vips, eips, emulator):
    opened = dialog(*vips)
    emulator.faults.add(Fault(*PUT, "status", status=409, times=3))

    page = opened.answer()

    assert "Nothing was changed" in page.text
    assert page.hidden("key") == opened.entries["key"][0]
    opened.done()
    assert holders(eips) == [None] * 3


@PROFILES
@pytest.mark.parametrize("happened", [True, False])
def test_one_of_which_nothing_is_known_is_told_so(dialog, vips, eips, emulator, happened):
    opened = dialog(*vips)
    emulator.faults.add(Fault(*PUT, "timeout", skip=1, times=1, after_effect=happened))
    emulator.faults.add(Fault("GET", f"id={eips[1].id}", "status", status=503, times=None))

    page = opened.answer()

    assert "Whether all of this took effect is not known" in page.text
    assert results(page)[1].startswith(f"{vips[1].ip_address} Not known")
    assert f"Of {vips[1].ip_address} it is not known" in page.text
    assert held_by(eips[1]) == (None if happened else vips[1].id)


# sent twice, and who may not


@PROFILES
@BOTH_WAYS
def test_the_same_form_sent_twice_says_the_same(dialog, vips, eips, signed_in, htmx, emulator):
    opened = dialog(*vips, htmx=htmx)
    opened.send()
    signed_in.get("/")
    emulator.log.clear()

    second = opened.send()

    shown = second if htmx else signed_in.get(second["Location"])
    assert "3 EIPs are unbound:" in shown.content.decode()
    assert not writes(emulator)
    assert Operation.objects.count() == 3


@PROFILES
def test_a_reader_is_refused_in_words(emulator, sign_in, tour, vips, eips):
    UserFactory(name="viewer", roles="reader")
    opened = Dialog(sign_in("viewer"), tour.several("unbind_eip", *vips))

    page = opened.answer()

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert page.response.status_code == 422
    assert "The cloud does not allow you to do this" in page.text
    assert holders(eips) == [vip.id for vip in vips]


def test_signed_out_one_is_led_to_the_sign_in(client, db, tour):
    response = client.get(tour.several("unbind_eip", tour.vip))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("console:sign_in"))


@PROFILES
def test_with_the_cloud_down_the_page_says_so(visit, tour, emulator):
    emulator.faults.add(Fault("GET", "/floatingips", "refused", times=None))

    page = visit(tour.several("unbind_eip", tour.vip), status=503)

    assert "The cloud cannot be reached" in page.text


def test_without_the_vpc_api_they_are_unbound_all_the_same(dialog, vips, eips, emulator):
    emulator.faults.add(Fault("GET", "/publicips", "status", status=500, times=None))
    opened = dialog(*vips)

    assert "A part of this page could not be read" in opened.page.text
    opened.done()
    assert holders(eips) == [None] * 3
