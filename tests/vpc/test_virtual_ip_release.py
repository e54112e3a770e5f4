from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from console.emulator.records import Pair
from tests.factories import (
    FloatingIPFactory,
    PortFactory,
    ServerFactory,
    UserFactory,
    VirtualIPFactory,
    state,
)
from tests.tour import furnish
from tests.vpc.dialogs import Dialog

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
DELETE = ("DELETE", "/ports/")


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(vip=None, **more):
        return Dialog(signed_in, tour.dialog("release", vip or tour.free), **more)

    return open_dialog


def is_there(vip):
    return vip.id in state().ports


@PROFILES
def test_a_free_vip_is_released(dialog, tour):
    page = dialog().done()

    assert not is_there(tour.free)
    assert f"Virtual IP address {tour.free.ip_address} is released." in page.text
    assert tour.free.ip_address not in str(page.rows())


def test_the_question_names_the_address(dialog, tour):
    page = dialog().page

    assert f"Release virtual IP address {tour.free.ip_address}" in page.text
    assert "anybody may take it" in page.text
    assert "Servers that have it configured keep it" in page.text


@PROFILES
def test_in_the_dialog_the_table_is_told(dialog, tour):
    response = dialog(htmx=True).send()

    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]
    assert not is_there(tour.free)


# refused, with the way out


def bound(tour):
    return VirtualIPFactory(bound_to=[tour.servers[0].nic]), "Unbind it first"


def half_bound(tour):
    vip = VirtualIPFactory(half_bound_to=[ServerFactory(subnet=tour.subnet).nic])
    return vip, "Unbind it first"


def with_eip(tour):
    FloatingIPFactory(port=tour.free)
    return tour.free, "Unbind the EIP first, with Unbind from EIP."


def of_the_system(tour):
    vip = VirtualIPFactory(subnet=tour.subnet, device_id="rds-1")
    return vip, "Remove that component (a database instance, for example)"


def with_orphans(tour):
    tour.free.port.allowed_address_pairs = [Pair("10.20.0.99", tour.free.port.mac_address)]
    return tour.free, "Remove the orphaned addresses first"


def with_others(tour):
    tour.free.port.allowed_address_pairs = [Pair("10.9.0.0/16", tour.free.port.mac_address)]
    return tour.free, "Have it removed from the allowed address pairs"


CASES = [(bound, "otc"), (bound, "openstack"), (half_bound, "otc")]
CASES += [(with_eip, "otc"), (with_eip, "openstack"), (of_the_system, "otc")]
CASES += [(of_the_system, "openstack"), (with_orphans, "otc"), (with_others, "otc")]


@pytest.mark.parametrize(("case", "profile"), CASES)
@pytest.mark.parametrize("htmx", [False, True])
def test_it_is_refused_before_the_question_with_the_way_out(dialog, tour, emulator, case, htmx):
    vip, way_out = case(tour)

    opened = dialog(vip, htmx=htmx)

    assert "cannot be released now" in opened.page.text
    assert way_out in opened.page.text
    assert not opened.page.has("OK", "button")


@pytest.mark.parametrize(("case", "profile"), CASES)
def test_it_is_refused_again_when_it_became_so_after_the_question(dialog, tour, emulator, case):
    vip = tour.free
    opened = dialog(vip)
    other, way_out = case(tour)
    if other is not vip:
        opened.url = tour.dialog("release", other)
    emulator.log.clear()

    page = opened.answer()

    assert page.response.status_code == 422
    assert way_out in page.text
    assert is_there(other)
    assert "DELETE" not in {call.method for call in emulator.log}


def test_the_way_out_of_a_bound_vip_is_linked(dialog, tour):
    page = dialog(tour.vip).page

    assert page.link("Unbind from Server")["href"] == tour.dialog("unbind", tour.vip)


@PROFILES
def test_the_way_out_of_a_vip_with_an_eip_is_linked(dialog, tour):
    page = dialog(tour.vip).page

    assert page.link("Unbind from EIP")["href"] == tour.dialog("unbind_eip", tour.vip)


@PROFILES
def test_a_vip_of_the_system_does_not_lead_to_an_unbind_that_is_refused(dialog, tour):
    vip = VirtualIPFactory(device_id="rds-1", bound_to=[tour.servers[0].nic])

    assert not dialog(vip).page.has("Unbind from Server")


@OPENSTACK
def test_an_entry_left_on_another_port_does_not_hold_it_elsewhere(dialog, tour):
    PortFactory(allowed_address_pairs=[tour.free.ip_address])

    dialog().done()

    assert not is_there(tour.free)


@PROFILES
def test_a_reader_is_refused_in_words(emulator, sign_in, tour):
    UserFactory(name="viewer", roles="reader")
    opened = Dialog(sign_in("viewer"), tour.dialog("release", tour.free))

    page = opened.answer()

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert page.response.status_code == 422
    assert "The cloud does not allow you to do this" in page.text
    assert is_there(tour.free)


# somebody else at the same moment


@OPENSTACK
def test_a_vip_that_was_changed_meanwhile_is_kept_and_said(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("release", tour.free))

    def somebody():
        tour.free.port.name = "wanted"
        tour.free.port.revision_number += 1

    meddler.before("DELETE", "/ports/", somebody)
    page = opened.answer()

    assert page.response.status_code == 422
    assert "Somebody else changed this at the same moment" in page.text
    assert is_there(tour.free)


def test_a_vip_that_was_bound_meanwhile_is_kept_by_the_cloud(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("release", tour.free))
    entry = Pair(tour.servers[0].ip_address, tour.free.port.mac_address)
    meddler.before("DELETE", "/ports/", lambda: tour.free.port.allowed_address_pairs.append(entry))

    page = opened.answer()

    assert page.response.status_code == 422
    assert "present state does not allow this" in page.text
    assert is_there(tour.free)


@PROFILES
def test_a_vip_that_went_at_the_last_moment_is_what_was_wanted(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("release", tour.free))
    meddler.before("DELETE", "/ports/", lambda: state().remove_port(tour.free.port))

    assert "is released." in opened.done().text


@PROFILES
def test_a_vip_that_went_before_the_answer_is_a_404_page(dialog, tour):
    opened = dialog()
    state().remove_port(tour.free.port)

    assert opened.answer().response.status_code == 404


# sent twice, and no answer


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
def test_the_same_form_sent_twice_says_the_same(dialog, tour, signed_in, htmx):
    opened = dialog(htmx=htmx)
    first = opened.send()
    signed_in.get("/")

    second = opened.send()

    assert (first.status_code, first.headers.get("Location")) == (
        second.status_code,
        second.headers.get("Location"),
    )
    shown = second if htmx else signed_in.get(second["Location"])
    assert f"{tour.free.ip_address} is released." in shown.content.decode()


@PROFILES
def test_the_same_form_for_another_vip_is_not_carried_out(dialog, tour):
    """The key is the form's own, whatever address it is sent to."""
    opened = dialog()
    other = VirtualIPFactory(subnet=tour.subnet)
    opened.done()
    opened.url = tour.dialog("release", other)

    opened.done()

    assert is_there(other)


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_a_release_without_an_answer_is_looked_up(dialog, tour, emulator, kind):
    opened = dialog()
    emulator.faults.add(Fault(*DELETE, kind, after_effect=True))

    assert "is released." in opened.done().text


@PROFILES
@pytest.mark.parametrize("kind", ["timeout", "reset", "refused"])
def test_where_nothing_was_released_the_page_says_nothing_was_changed(dialog, tour, emulator, kind):
    opened = dialog()
    emulator.faults.add(Fault(*DELETE, kind))

    page = opened.answer()

    assert page.response.status_code == 422
    assert "Nothing was changed" in page.text
    assert is_there(tour.free)
    opened.done()
    assert not is_there(tour.free)


@PROFILES
@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("kind", ["timeout", "refused", "status"])
def test_where_not_even_looking_helps_the_page_says_it_does_not_know(
    dialog, tour, emulator, happened, kind
):
    opened = dialog()
    emulator.faults.add(Fault(*DELETE, "timeout", after_effect=happened))
    look = f"id={tour.free.id}"
    emulator.faults.add(Fault("GET", look, kind, status=503, times=None))

    page = opened.answer()

    assert "Whether your change took effect is not known" in page.text
    assert is_there(tour.free) != happened
