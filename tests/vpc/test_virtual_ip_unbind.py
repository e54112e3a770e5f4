from __future__ import annotations

import uuid

import pytest

from console.emulator.faults import Fault
from console.emulator.records import Pair
from tests.factories import PortFactory, ServerFactory, UserFactory, VirtualIPFactory, state
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose, lists

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
CHECK_OFF = "1.1.1.1/0"
CHECK_ON = "Switch on again"


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def dialog(signed_in, tour):
    def open_dialog(vip=None, **more):
        return Dialog(signed_in, tour.dialog("unbind", vip or tour.vip), **more)

    return open_dialog


def carried(vip, nic):
    return nic.ip_address in vip.pairs if state().otc else vip.ip_address in nic.pairs


def orphaned(vip):
    """An entry of the VIP that leads nowhere; what the form calls it."""
    if state().otc:
        vip.port.allowed_address_pairs.append(Pair("10.20.0.99", vip.port.mac_address))
        return "10.20.0.99"
    subnet = state().subnets[vip.subnet_id]
    return PortFactory(subnet=subnet, allowed_address_pairs=[vip.ip_address]).id


def ticked(page):
    boxes = [*page.all("input", name="nic"), *page.all("input", name="orphan")]
    return [box for box in boxes if "checked" in box.attributes]


@PROFILES
def test_it_lists_what_is_bound_and_chooses_nothing_of_several(dialog, tour):
    opened = dialog()

    labels = [label.text for label in opened.page.all("label")]
    assert {f"{s.id} ({s.ip_address})" for s in tour.servers} <= set(labels)
    assert "nic" not in opened.entries
    assert "Connections through it to them break at once" in opened.page.text


@PROFILES
def test_the_only_bound_server_is_chosen_already(dialog, tour):
    vip = VirtualIPFactory(bound_to=[tour.servers[0].nic])

    assert dialog(vip).entries["nic"] == [tour.servers[0].nic.id]


@PROFILES
def test_one_server_is_unbound_and_the_other_stays(dialog, tour):
    one, two = tour.servers

    page = dialog().done(nic=one.nic.id)

    assert not carried(tour.vip, one.nic)
    assert carried(tour.vip, two.nic)
    assert f"{tour.vip.ip_address} is unbound from" in page.text
    assert f"({one.ip_address})" in page.text


@PROFILES
def test_unbind_of_one_row_shows_what_that_alone_changes_and_writes_nothing(dialog, tour):
    one, two = tour.servers
    opened = dialog()
    before = lists()
    opened.entries |= {"nic": [two.nic.id], "only": f"nic:{one.nic.id}"}

    page = opened.answer()

    assert {box["value"] for box in ticked(page)} == {one.nic.id}
    assert "What will change" in page.text
    assert lists() == before


@PROFILES
def test_unbind_of_an_orphaned_row_chooses_it_alone(dialog, tour):
    name = orphaned(tour.vip)
    opened = dialog()
    opened.entries |= {"nic": [tour.servers[0].nic.id], "only": f"orphan:{name}"}

    page = opened.answer()

    assert {box["value"] for box in ticked(page)} == {name}


@PROFILES
@pytest.mark.parametrize("only", ["nic:", "nic:gone", "vip:x", "nonsense", ""])
def test_a_forged_row_chooses_nothing(dialog, only):
    opened = dialog()
    opened.entries["only"] = only

    page = opened.answer()

    assert not ticked(page)


@PROFILES
def test_several_servers_are_unbound_at_once(dialog, tour):
    dialog().done(nic=[server.nic.id for server in tour.servers])

    assert not any(carried(tour.vip, server.nic) for server in tour.servers)


@PROFILES
def test_bind_and_unbind_leave_other_peoples_pairs(dialog, tour):
    foreign = Pair("192.0.2.7", "00:00:5e:00:01:0a")
    for server in tour.servers:
        server.nic.port.allowed_address_pairs.append(foreign)

    nics = [server.nic.id for server in tour.servers]
    dialog().done(nic=nics, check_on=nics if state().otc else None)

    assert [server.nic.pairs for server in tour.servers] == [["192.0.2.7"], ["192.0.2.7"]]


def test_the_check_stays_off_unless_it_is_asked_for(dialog, tour):
    nic = tour.servers[0].nic

    dialog().done(nic=nic.id)

    assert nic.pairs == [CHECK_OFF]


def test_the_check_is_switched_on_again_where_it_is_asked_for(dialog, tour):
    nic = tour.servers[0].nic

    dialog().done(nic=nic.id, check_on=nic.id)

    assert nic.pairs == []
    assert tour.servers[1].nic.pairs == [CHECK_OFF]


def test_the_check_stays_off_where_another_vip_needs_it(dialog, tour):
    one, two = tour.servers
    VirtualIPFactory(bound_to=[one.nic])

    opened = dialog()
    assert [box["value"] for box in opened.page.all("input", name="check_on")] == [two.nic.id]
    opened.done(nic=[one.nic.id, two.nic.id], check_on=two.nic.id)

    assert one.nic.pairs == [CHECK_OFF]
    assert two.nic.pairs == []


def test_where_no_check_can_be_switched_on_it_is_not_offered(dialog, tour):
    for server in tour.servers:
        VirtualIPFactory(bound_to=[server.nic])

    assert CHECK_ON not in dialog().page.text


def test_it_is_proposed_where_this_console_switched_the_check_off(dialog, tour, signed_in):
    ours, before, other = (ServerFactory(subnet=tour.subnet) for _ in range(3))
    before.nic.port.allowed_address_pairs = [Pair(CHECK_OFF, before.nic.port.mac_address)]
    Dialog(signed_in, tour.dialog("bind", tour.free)).done(**choose(ours, before))
    other.nic.port.allowed_address_pairs = [Pair(CHECK_OFF, other.nic.port.mac_address)]
    entry = Pair(other.ip_address, tour.free.port.mac_address)
    tour.free.port.allowed_address_pairs.append(entry)

    opened = dialog(tour.free)

    assert len(opened.page.all("input", name="check_on")) == 3
    assert opened.entries["check_on"] == [ours.nic.id]
    opened.done(nic=[ours.nic.id, before.nic.id, other.nic.id])
    assert ours.nic.pairs == []
    assert before.nic.pairs == other.nic.pairs == [CHECK_OFF]


def test_what_a_person_ticked_stays_whatever_is_proposed(dialog, tour, signed_in):
    server = ServerFactory(subnet=tour.subnet)
    Dialog(signed_in, tour.dialog("bind", tour.free)).done(**choose(server))
    opened = dialog(tour.free)
    opened.entries |= {"check_on": [], "action": "preview"}

    page = opened.answer()

    [box] = page.all("input", name="check_on")
    assert "checked" not in box.attributes
    del opened.entries["action"]
    opened.done()
    assert server.nic.pairs == [CHECK_OFF]


def test_the_check_of_a_server_that_stays_bound_stays_off(dialog, tour):
    one, two = (server.nic for server in tour.servers)

    dialog().done(nic=one.id, check_on=[one.id, two.id])

    assert (one.pairs, two.pairs) == ([], [CHECK_OFF])


@OPENSTACK
def test_elsewhere_there_is_no_check_to_offer(dialog):
    assert CHECK_ON not in dialog().page.text


def test_a_half_bound_server_is_unbound_too(dialog, tour):
    server = ServerFactory(subnet=tour.subnet)
    vip = VirtualIPFactory(half_bound_to=[server.nic])

    opened = dialog(vip)
    opened.done()

    assert "Half bound" in opened.page.text
    assert vip.pairs == []


@PROFILES
def test_an_orphaned_entry_is_chosen_and_removed_where_it_is_all_there_is(dialog, tour):
    orphan = orphaned(tour.free)

    opened = dialog(tour.free)
    page = opened.done()

    assert opened.entries["orphan"] == [orphan]
    assert "entries that led nowhere" in page.text
    assert tour.free.pairs == []
    assert all(tour.free.ip_address not in port_pairs(i) for i in lists())


def port_pairs(port_id):
    return [address for address, _ in lists()[port_id]]


@PROFILES
def test_an_orphan_and_a_server_go_together(dialog, tour):
    orphan = orphaned(tour.vip)
    nics = [server.nic.id for server in tour.servers]

    dialog().done(nic=nics, orphan=orphan)

    assert tour.vip.pairs == []
    assert all(tour.vip.ip_address not in port_pairs(i) for i in lists())


# refused


@PROFILES
def test_nothing_chosen_is_refused(dialog):
    before = lists()

    page = dialog().answer()

    assert page.response.status_code == 422
    assert "Choose at least one server." in page.text
    assert lists() == before


@PROFILES
@pytest.mark.parametrize("field", ["nic", "orphan", "check_on"])
@pytest.mark.parametrize("forged", ["other", "unknown", "nonsense", "<script>alert(1)</script>"])
def test_forged_ids_are_refused(dialog, tour, field, forged):
    other = ServerFactory().nic.id
    forged = {"other": other, "unknown": str(uuid.uuid4())}.get(forged, forged)
    before = lists()

    page = dialog().answer(**{field: forged})

    assert page.response.status_code == 422
    assert "Not everything that was chosen is bound any more" in page.text
    assert "<script>alert" not in page.html
    assert lists() == before


@PROFILES
def test_a_refused_form_keeps_what_was_ticked(dialog, tour):
    orphan = orphaned(tour.vip)
    nic = tour.servers[0].nic.id

    page = dialog().answer(nic=[nic, "nonsense"], orphan=orphan)

    assert {
        b["value"] for b in page.all("input", type="checkbox") if "checked" in b.attributes
    } == {
        nic,
        orphan,
    }


def test_a_vip_that_is_bound_to_nothing_says_so(dialog, tour):
    page = dialog(tour.free).page

    assert "is bound to no server" in page.text
    assert not page.has("OK", "button")


@PROFILES
def test_what_was_unbound_meanwhile_is_no_failure(dialog, tour):
    opened = dialog()
    tour.vip.port.allowed_address_pairs = []
    for server in tour.servers:
        server.nic.port.allowed_address_pairs = []

    page = opened.answer(nic=tour.servers[0].nic.id)

    assert page.response.status_code == 422
    assert "is bound to no server" in page.text


@PROFILES
def test_a_nic_that_goes_while_it_is_being_unbound_is_said(meddler, sign_in):
    tour = furnish()
    opened = Dialog(sign_in(), tour.dialog("unbind"))
    nic = tour.servers[0].nic
    meddler.before("GET", "/v2.0/ports", lambda: state().remove_port(nic.port), skip=1)

    page = opened.answer(nic=nic.id)

    assert page.response.status_code == 422
    assert f"Port {nic.id} is not in this network any more." in page.text


@PROFILES
def test_the_same_form_sent_twice_says_the_same(dialog, tour, emulator):
    opened = dialog()
    opened.done(nic=tour.servers[0].nic.id)
    after = lists()
    emulator.log.clear()

    page = opened.done()

    assert "is unbound from" in page.text
    assert lists() == after
    assert "PUT" not in {call.method for call in emulator.log}


@PROFILES
def test_in_the_dialog_the_table_is_told(dialog, tour):
    response = dialog(htmx=True).send(nic=tour.servers[0].nic.id)

    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]


@PROFILES
def test_a_reader_is_refused_in_words(emulator, sign_in, tour):
    UserFactory(name="viewer", roles="reader")
    before = lists()
    opened = Dialog(sign_in("viewer"), tour.dialog("unbind"))

    page = opened.answer(nic=tour.servers[0].nic.id)

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert "The cloud does not allow you to do this" in page.text
    assert lists() == before


@PROFILES
def test_what_the_cloud_refuses_half_way_is_taken_back(dialog, tour, emulator):
    before = lists()
    opened = dialog()
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=409, skip=1))

    nics = [server.nic.id for server in tour.servers]
    page = opened.answer(nic=nics, check_on=nics if state().otc else None)

    assert "Nothing was changed" in page.text
    assert lists() == before


@PROFILES
def test_what_could_not_be_taken_back_is_said(dialog, tour, emulator):
    opened = dialog()
    emulator.faults.add(Fault("PUT", "/ports/", "status", status=500, skip=1, times=None))

    nics = [server.nic.id for server in tour.servers]
    page = opened.answer(nic=nics, check_on=nics if state().otc else None)

    assert "This could neither be finished nor taken back" in page.text
