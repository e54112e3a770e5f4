"""Use as Virtual IP Address: a VIP of an address that somebody put aside without an owner."""

from __future__ import annotations

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.emulator.records import VIP_OWNER
from console.models import Operation
from tests.factories import PortFactory, UserFactory, state
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
OFFER = "Use as Virtual IP Address"
HINT = "Can be used as a virtual IP address"
PUT = ("PUT", "/ports/")
SERVER = "6b1f4c9e-2d5a-4f83-9a6e-0c7d15b8e341"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def row(visit, tour):
    """What the lower card says of a port."""

    def read(port):
        page = visit(tour.urls["subnet_virtual_ips"], htmx=True, **{"HX-Target": "addresses"})
        return next(row for row in page.rows() if row["Resource ID"] == port.id)

    return read


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(port=None, **more):
        return Dialog(signed_in, url_of(tour, port or tour.unused), **more)

    return open_dialog


def url_of(tour, port):
    return reverse("vpc:address_use", args=[*tour.subnet_args, port.id])


def facts(port):
    return port.name, [*port.allowed_address_pairs], [*port.fixed_ips], [*port.security_groups]


def owner(port):
    return state().ports[port.id].device_owner


@OPENSTACK
def test_an_address_that_nobody_uses_offers_it(row, tour):
    found = row(tour.unused)
    assert HINT in found["Used By"]
    assert OFFER in found["Operation"]


@OPENSTACK
@pytest.mark.parametrize("device_owner", ["network:dhcp", "acme:backup", "compute:nova"])
def test_one_with_an_owner_does_not(row, tour, device_owner):
    port = PortFactory(subnet=tour.subnet, device_owner=device_owner)
    assert HINT not in row(port)["Used By"]
    assert OFFER not in row(port)["Operation"]


def test_open_telekom_cloud_does_not(row, dialog, tour):
    assert HINT not in row(tour.unused)["Used By"]
    page = dialog().page
    assert "this cloud does not let that be changed" in page.text
    assert "Release it, and choose Assign Virtual IP Address" in page.text


@OPENSTACK
@pytest.mark.parametrize("htmx", [False, True])
def test_it_becomes_a_vip_and_can_be_bound(signed_in, dialog, visit, tour, htmx):
    opened = dialog(htmx=htmx)
    assert "unused address" in opened.page.text
    response = opened.send()
    assert response.status_code == (200 if htmx else 302)
    if htmx:
        assert "port-owner-changed" in response["HX-Trigger-After-Settle"]

    assert owner(tour.unused) == VIP_OWNER
    rows = visit(tour.urls["subnet_virtual_ips"]).rows()
    assert tour.unused.ip_address in {r["Virtual IP Address"].split()[0] for r in rows}
    server = tour.servers[0]
    Dialog(signed_in, tour.dialog("bind", tour.unused)).done(**choose(server))
    assert tour.unused.ip_address in server.nic.pairs


@OPENSTACK
def test_it_says_so_and_the_record_can_be_found_by_the_vip(dialog, visit, tour):
    page = dialog().done()
    assert f"{tour.unused.ip_address} is a virtual IP address now." in page.text
    record = Operation.objects.get()
    assert (record.name, record.state, record.target) == (OFFER, "done", tour.unused.ip_address)
    assert record.changes[0]["before"] == ["unused address"]
    assert record.changes[0]["after"] == ["virtual IP address"]
    found = visit(f"{reverse('console:operation_list')}?vip={tour.unused.id}")
    assert OFFER in found.text


@OPENSTACK
def test_nothing_else_of_the_port_changes(dialog, tour):
    before = facts(tour.unused.port)
    dialog().done()
    assert facts(tour.unused.port) == before


@OPENSTACK
@pytest.mark.parametrize(
    ("device_owner", "words"),
    [("compute:nova", "is in use"), (VIP_OWNER, "is a virtual IP address already")],
)
def test_one_that_was_taken_since_is_refused(dialog, tour, emulator, device_owner, words):
    opened = dialog()
    state().set_device(tour.unused.port, SERVER if device_owner == "compute:nova" else "")
    tour.unused.port.device_owner = device_owner
    page = opened.answer()
    assert words in page.text
    assert "PUT" not in {call.method for call in emulator.log}


@OPENSTACK
def test_one_that_is_taken_at_that_moment_is_left_to_who_took_it(dialog, tour, emulator):
    opened = dialog()

    def take(*_):
        state().set_device(tour.unused.port, SERVER)
        tour.unused.port.device_owner = "compute:nova"
        tour.unused.port.revision_number += 1

    emulator.faults.add(Fault(*PUT, "hook", hook=take))
    page = opened.answer()
    assert owner(tour.unused) == "compute:nova"
    assert "is in use" in page.text


@OPENSTACK
def test_an_undo_gives_it_back_unless_it_is_bound(signed_in, dialog, tour):
    dialog().done()
    undo = reverse("vpc:operation_undo", args=[Operation.objects.get().id])
    server = tour.servers[0]
    bind = Dialog(signed_in, tour.dialog("bind", tour.unused))
    bind.done(**choose(server))
    assert "is still bound to 1 NIC" in Dialog(signed_in, undo).page.text
    Dialog(signed_in, tour.dialog("unbind", tour.unused)).done(nic=[server.nic.id])

    Dialog(signed_in, undo).done()
    assert owner(tour.unused) == ""
    redo = reverse("vpc:operation_undo", args=[Operation.objects.latest("at").id])
    Dialog(signed_in, redo).done()
    assert owner(tour.unused) == VIP_OWNER


@OPENSTACK
def test_an_undo_is_refused_where_something_else_uses_it_by_now(signed_in, dialog, tour):
    dialog().done()
    state().set_device(tour.unused.port, SERVER)
    tour.unused.port.device_owner = "compute:nova"
    undo = reverse("vpc:operation_undo", args=[Operation.objects.get().id])
    assert "has another owner by now: Server" in Dialog(signed_in, undo).page.text


@OPENSTACK
def test_a_reader_sees_why_not_and_changes_nothing(sign_in, tour, emulator):
    UserFactory(name="viewer", roles="reader")
    opened = Dialog(sign_in("viewer"), url_of(tour, tour.unused))
    ok = opened.page.all("button", id="dialog-ok")[0]
    assert ok["aria-disabled"] == "true"
    assert opened.send().status_code in (403, 422)
    assert owner(tour.unused) == ""


@OPENSTACK
def test_an_unknown_one_is_not_found(visit, tour):
    url = reverse("vpc:address_use", args=[*tour.subnet_args, tour.form])
    assert "Not found" in visit(url, status=404).text
