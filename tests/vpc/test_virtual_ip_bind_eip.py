"""Bind to EIP: what is done and what is refused."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.models import Operation
from tests.factories import (
    FloatingIPFactory,
    ProjectFactory,
    SubnetFactory,
    UserFactory,
    VirtualIPFactory,
    VPCFactory,
    state,
)
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog
from tests.vpc.eips import FOR_EVER, give, held_by, writes

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
        return Dialog(signed_in, tour.dialog("bind_eip", vip or tour.free) + query, **more)

    return open_dialog


# done


@PROFILES
@BOTH_WAYS
def test_the_chosen_eip_is_bound_to_the_vip(dialog, tour, htmx, visit):
    opened = dialog(htmx=htmx)

    response = opened.send(eip=tour.free_eip.id)

    assert held_by(tour.free_eip) == tour.free.id
    assert response.status_code == (200 if htmx else 302)
    page = visit(tour.urls["subnet_virtual_ips"])
    told = response.content.decode() if htmx else page.text
    assert f"EIP {tour.free_eip.ip_address} is bound to virtual IP address 10.20.1.11." in told
    row = next(row for row in page.rows() if row["Virtual IP Address"].startswith("10.20.1.11"))
    assert row["Bound EIP"].startswith(tour.free_eip.ip_address)
    assert "Unbind from EIP" in row["Operation"]


@PROFILES
def test_in_the_dialog_the_table_is_told(dialog, tour):
    response = dialog(htmx=True).send(eip=tour.free_eip.id)

    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]


@PROFILES
def test_a_record_holds_what_was_and_what_is(dialog, tour, visit):
    dialog().done(eip=tour.free_eip.id)

    record = Operation.objects.get()
    assert (record.name, record.target, record.state) == ("Bind to EIP", "10.20.1.11", "done")
    assert record.changes == [
        {
            "title": f"EIP {tour.free_eip.ip_address}",
            "before": ["not bound"],
            "after": ["bound to virtual IP address 10.20.1.11"],
        }
    ]
    assert record.request_ids
    subjects = {(one.kind, one.ref) for one in record.subjects.all()}
    assert subjects == {("eip", tour.free_eip.id), ("vip", tour.free.id)}
    records = visit(f"{reverse('console:operation_list')}?vip={tour.free.id}")
    assert "Bind to EIP" in records.text


@PROFILES
def test_it_is_written_down_before_it_is_sent(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("bind_eip", tour.free))
    seen: list[str] = []
    meddler.before(*PUT, lambda: seen.extend(Operation.objects.values_list("state", flat=True)))

    opened.done(eip=tour.free_eip.id)

    assert seen == ["applying"]


@PROFILES
def test_one_write_and_nothing_else_is_sent(dialog, tour, emulator):
    opened = dialog()
    emulator.log.clear()
    opened.send(eip=tour.free_eip.id)

    [call] = writes(emulator)
    assert (call.method, call.path.rpartition("/")[2]) == ("PUT", tour.free_eip.id)


@PROFILES
def test_what_is_bound_so_already_is_told_so(dialog, tour):
    opened = dialog()
    give(tour.free_eip, tour.free)

    page = opened.done(eip=tour.free_eip.id)

    assert "Nothing to change" in page.text
    assert not Operation.objects.exists()


# refused


def of_the_system(tour):
    vip = VirtualIPFactory(subnet=tour.subnet, device_id="rds-1")
    return vip, "Remove that component (a database instance, for example)"


def with_eip(tour):
    return tour.vip, "Unbind the EIP first, with Unbind from EIP."


def ipv6(tour):
    subnet = SubnetFactory(ip_version=6, vpc=tour.vpc)
    return VirtualIPFactory(subnet=subnet), "Use an IPv4 virtual IP address."


CASES = [(case, profile) for case in (of_the_system, with_eip) for profile in ("otc", "openstack")]


@pytest.mark.parametrize(("case", "profile"), CASES)
@BOTH_WAYS
def test_a_vip_that_can_take_none_is_told_at_once(dialog, tour, emulator, case, htmx):
    vip, way_out = case(tour)

    page = dialog(vip, htmx=htmx).page

    assert "cannot be bound to an EIP now" in page.text
    assert way_out in page.text
    assert not page.has("OK", "button")


@PROFILES
def test_an_ipv6_vip_takes_none(signed_in, tour):
    vip, way_out = ipv6(tour)
    url = reverse("vpc:virtual_ip_bind_eip", args=[vip.network_id, vip.subnet_id, vip.id])

    page = Page(signed_in.get(url))

    assert way_out in page.text
    assert not page.has("OK", "button")


@PROFILES
def test_the_way_out_of_a_vip_with_an_eip_is_linked(dialog, tour):
    page = dialog(tour.vip).page

    assert page.link("Unbind from EIP")["href"] == tour.dialog("unbind_eip", tour.vip)


@pytest.mark.parametrize(("case", "profile"), CASES)
def test_it_is_refused_again_whatever_was_shown(dialog, tour, emulator, case):
    opened = dialog()
    vip, way_out = case(tour)
    opened.url = tour.dialog("bind_eip", vip)
    emulator.log.clear()

    page = opened.answer(eip=tour.free_eip.id)

    assert page.response.status_code == 422
    assert page.text.count(way_out) == 1
    assert held_by(tour.free_eip) is None
    assert not writes(emulator)
    assert Operation.objects.get().state == "refused"


@PROFILES
@BOTH_WAYS
def test_an_ok_without_a_choice_asks_for_one(dialog, tour, htmx):
    page = dialog(htmx=htmx).answer()

    assert page.response.status_code == 422
    assert "Choose an EIP." in page.text
    assert not Operation.objects.exists()


@PROFILES
@pytest.mark.parametrize("chosen", ["nonsense", ""])
def test_an_eip_that_can_be_none_asks_for_one(dialog, chosen):
    assert "Choose an EIP." in dialog().answer(eip=chosen).text


@PROFILES
@BOTH_WAYS
@pytest.mark.parametrize("whose", ["nobody's", "another project's", "gone"])
def test_an_eip_that_is_not_of_this_project_is_not_bound(dialog, tour, whose, htmx):
    opened = dialog(htmx=htmx)
    other = FloatingIPFactory(project=ProjectFactory(name="eu-de_other"))
    ids = {"nobody's": str(uuid.uuid4()), "another project's": other.id, "gone": tour.free_eip.id}
    opened.choose(eip=ids[whose])
    if whose == "gone":
        del state().floating_ips[tour.free_eip.id]

    page = opened.answer()

    assert page.response.status_code == 422
    assert f"There is no EIP with the id {ids[whose]} in this project any more." in page.text
    assert held_by(other) is None


# states of EIPs


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"status": "FREEZED"}, "is frozen: the cloud takes no change of it."),
        ({"status": "ERROR"}, "The cloud reports EIP"),
        (
            {"busy_until": FOR_EVER, "busy_status": "PENDING_UPDATE"},
            "is still being changed (Changing…)",
        ),
    ],
)
@BOTH_WAYS
def test_one_in_a_bad_state_is_refused_with_the_way_out(dialog, emulator, tour, more, words, htmx):
    floating = FloatingIPFactory(**more)
    opened = dialog(htmx=htmx)
    emulator.log.clear()

    page = opened.answer(eip=floating.id)

    assert page.response.status_code == 422
    assert page.text.count(words) == 1
    assert not writes(emulator)


def test_one_that_is_being_bound_is_shown_so_in_its_row(dialog, tour, visit):
    state().eip_seconds = FOR_EVER

    page = dialog().done(eip=tour.free_eip.id)

    assert f"{tour.free_eip.ip_address} Binding…" in page.text
    assert page.all("div", id="eip-watch")


# the way out of the subnet


@PROFILES
def test_a_subnet_whose_router_leads_nowhere_is_told_before(signed_in, emulator):
    subnet = SubnetFactory(vpc=VPCFactory(name="vpc-closed", reachable=False))
    vip, floating = VirtualIPFactory(subnet=subnet), FloatingIPFactory()
    url = reverse("vpc:virtual_ip_bind_eip", args=[subnet.network_id, subnet.id, vip.id])
    opened = Dialog(signed_in, url)

    page = opened.answer(eip=floating.id)

    assert page.response.status_code == 422
    assert "does not lead to the external network of EIP" in page.text
    assert "have the router's gateway set" in page.text
    assert not writes(emulator)


@OPENSTACK
@BOTH_WAYS
def test_a_subnet_without_a_router_is_warned_about_and_refused_in_the_clouds_words(
    signed_in, emulator, htmx
):
    subnet = SubnetFactory(vpc=None)
    vip, floating = VirtualIPFactory(subnet=subnet), FloatingIPFactory()
    url = reverse("vpc:virtual_ip_bind_eip", args=[subnet.network_id, subnet.id, vip.id])
    opened = Dialog(signed_in, url, htmx=htmx)
    opened.choose(eip=floating.id)
    assert "No router of this subnet is to be seen" in opened.look().text

    page = opened.answer()

    assert page.response.status_code == 422
    assert "Nothing was changed" in page.text
    assert "is not reachable from subnet" in page.text
    assert "Request ID req-" in page.text
    assert held_by(floating) is None


@PROFILES
def test_where_the_routers_cannot_be_read_the_cloud_itself_decides(dialog, tour, emulator):
    emulator.faults.add(Fault("GET", "/routers", "status", status=500, times=None))

    dialog(htmx=True).send(eip=tour.free_eip.id)

    assert held_by(tour.free_eip) == tour.free.id


# who may not


@PROFILES
@BOTH_WAYS
def test_a_reader_is_refused_in_words(emulator, sign_in, tour, htmx):
    UserFactory(name="viewer", roles="reader")
    opened = Dialog(sign_in("viewer"), tour.dialog("bind_eip", tour.free), htmx=htmx)

    page = opened.answer(eip=tour.free_eip.id)

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert page.response.status_code == 422
    assert "The cloud does not allow you to do this" in page.text
    assert held_by(tour.free_eip) is None


def test_signed_out_one_is_led_to_the_sign_in(client, db, tour):
    response = client.get(tour.dialog("bind_eip", tour.free))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("console:sign_in"))


@PROFILES
def test_an_unknown_vip_and_a_nic_are_404_pages(visit, tour):
    for vip_id in (str(uuid.uuid4()), tour.servers[0].nic.id):
        url = reverse("vpc:virtual_ip_bind_eip", args=[*tour.subnet_args, vip_id])
        visit(url, status=404)
        visit(url, status=404, htmx=True)


# the way back


@PROFILES
def test_the_way_back_to_the_server_goes_along(dialog, tour):
    server = tour.servers[0]

    opened = dialog(query=f"?server={server.id}&nic={server.nic.id}")

    assert server.id in opened.page.link("Cancel")["href"]
    assert server.id in opened.send(eip=tour.free_eip.id)["Location"]
