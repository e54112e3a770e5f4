"""The switch of a NIC's source/destination check."""

from __future__ import annotations

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.emulator.records import Pair
from console.models import Operation
from tests.factories import ServerFactory, UserFactory, VirtualIPFactory, state
from tests.record_making import rewrite
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, lists
from vpc.services.nic_check import switched_off_here

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
CHECK_OFF = "1.1.1.1/0"
FOREIGN = Pair("192.0.2.7", "00:00:5e:00:01:0a")


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def fresh(tour):
    """The NIC of a server that carries no VIP."""
    return ServerFactory(subnet=tour.subnet).nic


def url_of(nic):
    return reverse("vpc:nic_check", args=[nic.network_id, nic.id])


@pytest.fixture
def dialog(signed_in):
    def open_dialog(nic, **more):
        return Dialog(signed_in, url_of(nic), **more)

    return open_dialog


def nics_tab(nic):
    return f"{reverse('bms:server_detail', args=[nic.port.device_id])}?tab=nics"


def test_it_is_switched_off_and_other_pairs_stay(dialog, fresh):
    fresh.port.allowed_address_pairs = [FOREIGN]

    page = dialog(fresh).done()

    assert fresh.pairs == ["192.0.2.7", CHECK_OFF]
    assert f"The source/destination check of NIC {fresh.ip_address} is off." in page.text
    assert page.response.request["PATH_INFO"] == nics_tab(fresh).partition("?")[0]
    assert "Switch on" in page.text


def test_it_is_switched_on_whoever_wrote_it_and_other_pairs_stay(dialog, fresh):
    other_mac = Pair(CHECK_OFF, "00:00:5e:00:01:0b")
    fresh.port.allowed_address_pairs = [
        FOREIGN,
        Pair(CHECK_OFF, fresh.port.mac_address),
        other_mac,
    ]

    dialog(fresh).done()

    assert fresh.pairs == ["192.0.2.7"]


def test_before_it_is_switched_off_it_says_what_that_means(dialog, fresh):
    page = dialog(fresh).page

    assert "may send and take packets that carry any other address than its own" in page.text
    assert "+ 1.1.1.1/0 (source/destination check off)" in page.text
    assert not page.all("input", name="confirm")


def test_before_it_is_switched_on_the_vips_that_need_it_off_are_named(dialog, tour):
    page = dialog(tour.servers[0].nic).page

    assert f"Virtual IP address {tour.vip.ip_address} (vip-db) needs this check off" in page.text
    assert "only half bound" in page.text
    assert "the cloud drops its packets" in page.text
    assert "Switch it on all the same" in page.text


def test_without_the_tick_a_check_that_is_needed_off_stays_off(dialog, tour):
    nic = tour.servers[0].nic

    page = dialog(nic).answer()

    assert page.response.status_code == 422
    assert "Tick this, or leave the check off." in page.text
    assert nic.pairs == [CHECK_OFF]
    assert not Operation.objects.exists()


def test_with_the_tick_it_is_switched_on_and_the_vip_is_half_bound(dialog, tour, signed_in):
    nic = tour.servers[0].nic

    page = dialog(nic).done(confirm="on")

    assert nic.pairs == []
    assert tour.vip.ip_address in page.text
    assert "Half bound" in page.text


def test_the_tick_counts_only_for_the_vips_that_were_named(dialog, tour):
    nic = tour.servers[0].nic
    opened = dialog(nic)
    late = VirtualIPFactory(subnet=tour.subnet, name="late", bound_to=[nic])

    page = opened.answer(confirm="on")

    assert page.response.status_code == 422
    assert f"{late.ip_address} (late) has come to need the check" in page.text
    assert nic.pairs == [CHECK_OFF]


def test_a_vip_bound_while_a_free_check_is_being_switched_on_is_not_cut_off(dialog, tour, fresh):
    fresh.port.allowed_address_pairs = [Pair(CHECK_OFF, fresh.port.mac_address)]
    opened = dialog(fresh)
    VirtualIPFactory(subnet=tour.subnet, bound_to=[fresh])

    page = opened.answer()

    assert page.response.status_code == 422
    assert "has come to need the check" in page.text
    assert fresh.pairs == [CHECK_OFF]


def test_switching_off_completes_what_is_half_bound_and_says_so(dialog, tour, fresh):
    vip = VirtualIPFactory(name="half", subnet=tour.subnet, half_bound_to=[fresh])

    opened = dialog(fresh)
    opened.done()

    assert f"This also completes {vip.ip_address} (half)" in opened.page.text
    assert CHECK_OFF in fresh.pairs


def test_an_old_dialog_is_not_turned_over(dialog, fresh):
    """It was opened to switch off; meanwhile somebody did. It must not switch on again."""
    opened = dialog(fresh)
    opened.entries.pop("shown")
    fresh.port.allowed_address_pairs = [Pair(CHECK_OFF, fresh.port.mac_address)]

    page = opened.done()

    assert "is off already" in page.text
    assert fresh.pairs == [CHECK_OFF]


def test_an_eleventh_pair_is_refused(dialog, fresh):
    mac = fresh.port.mac_address
    fresh.port.allowed_address_pairs = [Pair(f"192.0.2.{n}", mac) for n in range(10)]

    opened = dialog(fresh)

    assert "has 10 allowed address pairs, and the cloud takes 10" in opened.page.text
    assert not opened.page.has("OK", "button")


@PROFILES
def test_a_port_that_is_no_nic_is_refused(dialog, tour):
    opened = dialog(tour.free)

    assert not opened.page.has("OK", "button")
    words = "is held by no server" if state().otc else "no source/destination check"
    assert words in opened.page.text


@OPENSTACK
def test_elsewhere_there_is_no_switch_and_never_such_an_entry(dialog, fresh, visit, signed_in):
    before = lists()
    opened = dialog(fresh)
    sent = {"to": "off", "key": "6b1f4c9e-2d5a-4f83-9a6e-0c7d15b8e341"}

    response = signed_in.post(url_of(fresh), sent)

    assert "This cloud has no source/destination check" in opened.page.text
    assert response.status_code == 422
    assert lists() == before
    assert "Switch o" not in visit(nics_tab(fresh)).text


def test_in_the_dialog_the_nics_tab_is_told(dialog, fresh):
    response = dialog(fresh, htmx=True).send()

    assert response["HX-Reswap"] == "none"
    assert "nics-changed" in response["HX-Trigger-After-Settle"]
    assert fresh.pairs == [CHECK_OFF]


def test_the_tab_leads_to_it_and_listens(visit, fresh):
    page = visit(nics_tab(fresh))

    assert page.link("Switch off")["href"].startswith(url_of(fresh))
    assert page.all("div", id="server")[0]["hx-trigger"] == "nics-changed from:body"


def test_what_else_changes_meanwhile_is_shown_first(dialog, fresh):
    fresh.port.allowed_address_pairs = [Pair(CHECK_OFF, fresh.port.mac_address)]
    opened = dialog(fresh)
    fresh.port.allowed_address_pairs.append(Pair(CHECK_OFF, "00:00:5e:00:01:0c"))

    page = opened.answer()

    assert "is something else by now" in page.text
    assert len(fresh.pairs) == 2


def test_the_record_names_the_nic_its_server_and_the_vips(dialog, tour):
    nic = tour.servers[0].nic

    dialog(nic).done(confirm="on")

    record = Operation.objects.get()
    assert (record.name, record.state) == ("Source/Destination Check On", "done")
    assert record.target == nic.ip_address
    found = {(subject.kind, subject.ref) for subject in record.subjects.all()}
    assert found == {("nic", nic.id), ("server", tour.servers[0].id), ("vip", tour.vip.id)}
    assert record.changes[0]["before"] == ["1.1.1.1/0 (source/destination check off)"]
    assert record.changes[0]["after"] == []


def test_the_same_form_sent_twice_says_the_same(dialog, fresh, emulator):
    opened = dialog(fresh)
    opened.url += f"?server={fresh.port.device_id}"
    opened.done()
    emulator.log.clear()

    page = opened.done()

    assert "is off." in page.text
    assert fresh.pairs == [CHECK_OFF]
    assert "PUT" not in {call.method for call in emulator.log}


def test_a_reader_is_refused_in_words(emulator, sign_in, tour, fresh):
    UserFactory(name="viewer", roles="reader")
    client = sign_in("viewer")
    opened = Dialog(client, url_of(fresh))

    page = opened.answer()

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert "The cloud does not allow you to do this" in page.text
    assert fresh.pairs == []


@pytest.mark.parametrize("to", ["", "sideways", None])
def test_a_form_that_does_not_say_which_way_is_refused(dialog, fresh, to):
    page = dialog(fresh).answer(to=to)

    assert page.response.status_code == 422
    assert "This form is incomplete" in page.text
    assert fresh.pairs == []


@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_a_switch_without_an_answer_is_looked_up(dialog, fresh, emulator, kind):
    opened = dialog(fresh)
    emulator.faults.add(Fault("PUT", "/ports/", kind, after_effect=True))

    assert "is off." in opened.done().text


# who switched it off


def test_a_check_is_ours_only_while_we_were_the_last_to_switch_it_off(
    dialog, tour, fresh, cloud, django_assert_num_queries
):
    nic, never = fresh, tour.servers[0].nic

    def ours():
        with django_assert_num_queries(1):
            return switched_off_here(cloud, [nic.id, never.id])

    assert ours() == set()
    dialog(nic).done()
    assert ours() == {nic.id}
    dialog(nic).done()
    assert ours() == set()
    dialog(nic).done()
    assert ours() == {nic.id}


def test_another_projects_record_says_nothing(dialog, fresh, cloud):
    dialog(fresh).done()
    rewrite(Operation.objects.all(), project_id="another")

    assert switched_off_here(cloud, [fresh.id]) == set()


def test_a_switch_that_was_taken_back_does_not_count(dialog, fresh, cloud):
    dialog(fresh).done()
    rewrite(Operation.objects.all(), state="undone")

    assert switched_off_here(cloud, [fresh.id]) == set()
