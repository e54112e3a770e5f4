"""Unbind from EIP: what is done and what is refused."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.models import Operation
from tests.factories import FloatingIPFactory, UserFactory, VirtualIPFactory, state
from tests.tour import furnish
from tests.vpc.dialogs import Dialog
from tests.vpc.eips import FOR_EVER, eip_cell, held_by, preview_of, writes

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
BOTH_WAYS = pytest.mark.parametrize("htmx", [False, True])
PUT = ("PUT", "/floatingips/")


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(vip=None, query="", **more):
        return Dialog(signed_in, tour.dialog("unbind_eip", vip or tour.vip) + query, **more)

    return open_dialog


# done


@PROFILES
@BOTH_WAYS
def test_the_eip_is_unbound_and_stays_in_the_project(dialog, tour, htmx, visit):
    response = dialog(htmx=htmx).send()

    page = visit(tour.urls["subnet_virtual_ips"])
    told = response.content.decode() if htmx else page.text
    words = f"EIP {tour.eip.ip_address} is unbound from virtual IP address 10.20.1.10."
    assert response.status_code == (200 if htmx else 302)
    assert words in told
    assert held_by(tour.eip) is None
    assert tour.eip.id in state().floating_ips
    assert eip_cell(page, tour.vip) == "--"
    assert tour.vip.pairs or state().profile == "openstack", "the servers stay bound"


@PROFILES
def test_in_the_dialog_the_table_is_told(dialog):
    response = dialog(htmx=True).send()

    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]


@PROFILES
@BOTH_WAYS
def test_the_question_says_what_breaks_and_what_stays(dialog, tour, htmx):
    page = dialog(htmx=htmx).page

    assert f"Unbind EIP {tour.eip.ip_address}" in page.text
    assert "from virtual IP address 10.20.1.10 ?" in page.text
    assert "break at once" in page.text
    assert "is paid for, until it is released" in page.text
    assert "bound to virtual IP address 10.20.1.10" in preview_of(page)
    assert preview_of(page).endswith("not bound")


def test_the_question_names_the_eip_where_it_has_a_name(dialog):
    assert "( eip-db )" in dialog().page.text


@OPENSTACK
def test_elsewhere_its_description_names_it(dialog, tour):
    tour.eip.floating_ip.description = "front door"

    assert "( front door )" in dialog().page.text


@PROFILES
def test_a_record_holds_what_was_and_what_is(dialog, tour):
    dialog().done()

    record = Operation.objects.get()
    assert (record.name, record.target, record.state) == ("Unbind from EIP", "10.20.1.10", "done")
    assert record.changes == [
        {
            "title": f"EIP {tour.eip.ip_address}",
            "before": ["bound to virtual IP address 10.20.1.10"],
            "after": ["not bound"],
        }
    ]
    assert record.request_ids
    subjects = {(one.kind, one.ref) for one in record.subjects.all()}
    assert subjects == {("eip", tour.eip.id), ("vip", tour.vip.id)}


@PROFILES
def test_it_is_written_down_before_it_is_sent(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("unbind_eip"))
    seen: list[str] = []
    meddler.before(*PUT, lambda: seen.extend(Operation.objects.values_list("state", flat=True)))

    opened.done()

    assert seen == ["applying"]


@PROFILES
def test_one_write_and_nothing_else_is_sent(dialog, tour, emulator):
    opened = dialog()
    emulator.log.clear()
    opened.send()

    [call] = writes(emulator)
    assert (call.method, call.path.rpartition("/")[2]) == ("PUT", tour.eip.id)


@PROFILES
def test_then_the_vip_may_have_another_one(dialog, tour, signed_in):
    dialog().done()

    Dialog(signed_in, tour.dialog("bind_eip")).done(eip=tour.free_eip.id)

    assert held_by(tour.free_eip) == tour.vip.id


# nothing to do, and refused


@PROFILES
@BOTH_WAYS
def test_a_vip_without_an_eip_is_told_so(dialog, tour, htmx):
    page = dialog(tour.free, htmx=htmx).page

    assert "Virtual IP address 10.20.1.11 is bound to no EIP." in page.text
    assert not page.has("OK", "button")


@PROFILES
def test_one_of_the_system_is_not_for_this_console(dialog, tour):
    vip = VirtualIPFactory(subnet=tour.subnet, device_id="rds-1")
    FloatingIPFactory(port=vip)

    page = dialog(vip).page

    assert "belongs to a component of the cloud (rds-1)" in page.text
    assert "Remove that component" in page.text
    assert not page.has("OK", "button")


BAD = [
    ({"status": "FREEZED"}, "is frozen: the cloud takes no change of it."),
    ({"busy_until": FOR_EVER}, "is still being changed (Binding…)"),
]


@pytest.mark.parametrize(("more", "words"), BAD)
@BOTH_WAYS
def test_an_eip_that_takes_no_change_is_told_at_once(dialog, tour, more, words, htmx):
    vip = VirtualIPFactory(subnet=tour.subnet)
    FloatingIPFactory(port=vip, **more)

    page = dialog(vip, htmx=htmx).page

    assert words in page.text
    assert not page.has("OK", "button")


@pytest.mark.parametrize(("more", "words"), BAD)
@BOTH_WAYS
def test_one_that_came_into_such_a_state_since_is_refused(
    dialog, tour, emulator, more, words, htmx
):
    opened = dialog(htmx=htmx)
    for name, value in more.items():
        setattr(tour.eip.floating_ip, name, value)
    if "busy_until" in more:
        tour.eip.floating_ip.busy_status = "BINDING"
    emulator.log.clear()

    page = opened.answer()

    assert page.response.status_code == 422
    assert page.text.count(words) == 1
    assert held_by(tour.eip) == tour.vip.id
    assert not writes(emulator)


def test_a_faulty_one_is_left_to_the_cloud_to_judge(dialog, tour):
    tour.eip.floating_ip.status = "ERROR"

    page = dialog().answer()

    assert page.response.status_code == 422
    assert "The cloud's present state does not allow this" in page.text
    assert "cannot be changed in the status ERROR" in page.text
    assert "Request ID req-" in page.text


def test_without_the_vpc_api_it_is_unbound_all_the_same(dialog, tour, emulator):
    emulator.faults.add(Fault("GET", "/publicips", "status", status=500, times=None))
    opened = dialog()

    assert "A part of this page could not be read" in opened.page.text
    opened.done()
    assert held_by(tour.eip) is None


# forms that are not ours


@PROFILES
@pytest.mark.parametrize("sent", [None, "", "nonsense"])
@BOTH_WAYS
def test_a_form_that_names_no_eip_is_incomplete(dialog, tour, sent, htmx):
    page = dialog(htmx=htmx).answer(**{f"eip-{tour.vip.id}": sent})

    assert page.response.status_code == 422
    assert "This form is incomplete. Open it again." in page.text
    assert held_by(tour.eip) == tour.vip.id


@PROFILES
def test_the_eip_of_another_port_cannot_be_sent_along(dialog, tour):
    other = FloatingIPFactory(port=tour.servers[0].nic)

    page = dialog().answer(**{f"eip-{tour.vip.id}": other.id})

    assert "by now, not EIP" in page.text
    assert held_by(other) == tour.servers[0].nic.id
    assert held_by(tour.eip) == tour.vip.id


# who may not


@PROFILES
@BOTH_WAYS
def test_a_reader_is_refused_in_words(emulator, sign_in, tour, htmx):
    UserFactory(name="viewer", roles="reader")
    opened = Dialog(sign_in("viewer"), tour.dialog("unbind_eip"), htmx=htmx)

    page = opened.answer()

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert page.response.status_code == 422
    assert "The cloud does not allow you to do this" in page.text
    assert held_by(tour.eip) == tour.vip.id


def test_signed_out_one_is_led_to_the_sign_in(client, db, tour):
    response = client.get(tour.dialog("unbind_eip"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("console:sign_in"))


@PROFILES
def test_an_unknown_vip_and_a_nic_are_404_pages(visit, tour):
    for vip_id in (str(uuid.uuid4()), tour.servers[0].nic.id):
        url = reverse("vpc:virtual_ip_unbind_eip", args=[*tour.subnet_args, vip_id])
        visit(url, status=404)
        visit(url, status=404, htmx=True)
