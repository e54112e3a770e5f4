"""The name of a VIP, edited in its row or on a page."""

from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from console.models import Operation
from tests.factories import UserFactory, VirtualIPFactory, state
from tests.pages import Page
from tests.test_every_page import HOSTILE
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, lists

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
WAYS = pytest.mark.parametrize("htmx", [False, True])


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(vip=None, **more):
        return Dialog(signed_in, tour.dialog("name", vip or tour.free), **more)

    return open_dialog


@PROFILES
def test_it_gets_another_name_and_nothing_else_changes(dialog, tour):
    before = lists()

    page = dialog(tour.vip).done(name="vip-web")

    assert tour.vip.port.name == "vip-web"
    assert f"Virtual IP address {tour.vip.ip_address} is called vip-web now." in page.text
    assert any("vip-web" in row["Virtual IP Address"] for row in page.rows())
    assert lists() == before


@PROFILES
def test_in_the_row_the_form_holds_the_name_and_the_table_is_told(dialog, tour):
    opened = dialog(htmx=True)

    response = opened.send(name="vip-web")

    assert opened.entries["name"] == "vip-web"
    assert not opened.page.all("h1")
    assert opened.page.all("input", type="text")[0]["value"] == "vip-free"
    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]
    assert tour.free.port.name == "vip-web"


@PROFILES
def test_a_name_may_be_taken_away(dialog, tour):
    page = dialog().done(name="")

    assert tour.free.port.name == ""
    assert "is without a name now." in page.text


@PROFILES
@WAYS
def test_256_characters_are_too_many(dialog, tour, htmx):
    page = dialog(htmx=htmx).answer(name="x" * 256)

    assert page.response.status_code == 422
    assert "at most 255 characters" in page.text
    assert page.all("input", type="text")[0]["value"] == "x" * 256
    assert tour.free.port.name == "vip-free"


@PROFILES
def test_255_characters_are_not_too_many(dialog, tour):
    dialog().done(name="x" * 255)

    assert tour.free.port.name == "x" * 255


@PROFILES
def test_the_same_name_is_not_written(dialog, tour, emulator):
    page = dialog().done()

    assert "is called vip-free already." in page.text
    assert "PUT" not in {call.method for call in emulator.log}
    assert not Operation.objects.exists()


@PROFILES
@WAYS
def test_what_somebody_else_called_it_meanwhile_is_shown_and_asked_about(dialog, tour, htmx):
    opened = dialog(htmx=htmx)
    tour.free.port.name = "theirs"

    page = opened.answer(name="mine")

    assert page.response.status_code == 422
    assert "is called theirs now, and you want the name mine" in page.text
    assert page.all("input", type="text")[0]["value"] == "mine"
    assert tour.free.port.name == "theirs"
    opened.entries |= {"was": page.hidden("was"), "key": page.hidden("key")}
    assert opened.send().status_code == (200 if htmx else 302)
    assert tour.free.port.name == "mine"


@OPENSTACK
def test_what_changes_at_the_very_moment_is_kept_and_said(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("name", tour.free))

    def somebody():
        tour.free.port.name = "theirs"
        tour.free.port.revision_number += 1

    meddler.before("PUT", "/ports/", somebody)
    page = opened.answer(name="mine")

    assert "is called theirs now, and you want the name mine" in page.text
    assert tour.free.port.name == "theirs"


@PROFILES
@pytest.mark.parametrize("shown", [None, "", "nonsense", "x" * 64])
def test_without_the_mark_of_what_was_shown_nothing_is_written(dialog, tour, shown):
    page = dialog().answer(name="mine", was=shown)

    assert page.response.status_code == 422
    assert tour.free.port.name == "vip-free"


@PROFILES
@WAYS
def test_a_vip_of_the_system_keeps_its_name(dialog, tour, htmx):
    vip = VirtualIPFactory(name="rds", subnet=tour.subnet, device_id="rds-1")
    opened = dialog(vip, htmx=htmx)

    page = opened.answer(name="mine")

    assert opened.page.button("Save")["aria-disabled"] == "true"
    assert "belongs to a component of the cloud" in page.text
    assert vip.port.name == "rds"


@PROFILES
@WAYS
@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind != "long"])
def test_a_hostile_name_is_given_and_shown_as_text(dialog, tour, htmx, kind):
    opened = dialog(htmx=htmx)

    assert opened.send(name=HOSTILE[kind]).status_code in {200, 302}

    assert tour.free.port.name == HOSTILE[kind].strip()
    again = dialog(htmx=htmx)
    assert again.page.all("input", type="text")[0]["value"] == HOSTILE[kind].strip()
    assert again.send(name="mine").status_code in {200, 302}
    assert tour.free.port.name == "mine"


@PROFILES
def test_a_name_that_no_field_can_hold_may_still_be_replaced(dialog, tour):
    tour.free.port.name = "two\nlines\x01"

    dialog().done(name="one line")

    assert tour.free.port.name == "one line"


@PROFILES
def test_the_row_shows_the_name_and_leads_to_the_form(visit, tour):
    page = visit(tour.urls["subnet_virtual_ips"])

    [link] = page.all("a", id=f"rename-{tour.free.id}")
    assert link["href"] == link["hx-get"] == tour.dialog("name", tour.free)
    assert link["aria-label"] == f"Edit name of {tour.free.ip_address}"
    row = next(r for r in page.rows() if r["Virtual IP Address"].startswith(tour.free.ip_address))
    assert "vip-free" in row["Virtual IP Address"]


@PROFILES
def test_a_reader_is_refused_in_words(emulator, sign_in, tour):
    UserFactory(name="viewer", roles="reader")
    client = sign_in("viewer")
    opened = Dialog(client, tour.dialog("name", tour.free))

    page = opened.answer(name="mine")

    assert opened.page.button("Save")["aria-disabled"] == "true"
    assert "The cloud does not allow you to do this" in page.text
    assert tour.free.port.name == "vip-free"
    assert not Page(client.get(tour.urls["subnet_virtual_ips"])).all(
        "a", id=f"rename-{tour.free.id}"
    )


@PROFILES
def test_a_vip_that_is_gone_is_a_404_page(dialog, tour):
    opened = dialog()
    state().remove_port(tour.free.port)

    assert opened.answer(name="mine").response.status_code == 404


@PROFILES
@WAYS
def test_what_the_cloud_refuses_is_said_in_its_words(dialog, tour, emulator, htmx):
    opened = dialog(htmx=htmx)
    said = {"type": "HTTPBadRequest", "message": "Invalid input for name.", "detail": ""}
    fault = Fault("PUT", "/ports/", "status", status=400, body={"NeutronError": said})
    emulator.faults.add(fault)

    page = opened.answer(name="mine")

    assert page.response.status_code == 422
    assert "Invalid input for name." in page.text
    assert "Nothing was changed" in page.text


@PROFILES
@WAYS
@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_a_name_without_an_answer_is_looked_up(dialog, tour, emulator, kind, htmx):
    opened = dialog(htmx=htmx)
    emulator.faults.add(Fault("PUT", "/ports/", kind, after_effect=True))

    assert opened.send(name="mine").status_code == (200 if htmx else 302)
    assert tour.free.port.name == "mine"


@PROFILES
def test_the_same_form_sent_twice_says_the_same(dialog, tour, emulator):
    opened = dialog()
    opened.done(name="mine")
    tour.free.port.name = "later"
    emulator.log.clear()

    page = opened.done()

    assert "is called mine now." in page.text
    assert tour.free.port.name == "later"
    assert "PUT" not in {call.method for call in emulator.log}


@PROFILES
def test_the_record_has_both_names(dialog, tour):
    dialog().done(name="mine")

    record = Operation.objects.get()
    assert (record.name, record.state, record.target) == ("Edit name", "done", tour.free.ip_address)
    assert record.changes[0]["before"] == ["name vip-free"]
    assert record.changes[0]["after"] == ["name mine"]
    assert [(s.kind, s.ref) for s in record.subjects.all()] == [("vip", tour.free.id)]
