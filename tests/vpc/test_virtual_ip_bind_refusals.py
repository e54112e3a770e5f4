"""Every reason not to bind, in words, with the dialog as it was and no port touched."""

from __future__ import annotations

import uuid

import pytest

from tests.factories import (
    PortFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    UserFactory,
    VirtualIPFactory,
    state,
)
from tests.pages import Page
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, lists

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def refuse(signed_in, tour, emulator):
    """Sends the dialog and checks that it comes back, that it says so, and that nothing changed."""

    def send(*words, vip=None, status=422, **entries):
        opened = Dialog(signed_in, tour.dialog("bind", vip or tour.free))
        before = lists()
        emulator.log.clear()
        page = opened.answer(**entries)
        assert page.response.status_code == status, page.text
        for each in words:
            assert each in page.text
        assert lists() == before
        assert "PUT" not in {call.method for call in emulator.log}
        return page

    return send


def through(*servers, nic=None):
    """The entries that choose these servers, by their first NICs or by the one given."""
    nics = {f"nic-{server.id}": (nic or server.nic).id for server in servers}
    return {"server": [server.id for server in servers]} | nics


@PROFILES
def test_no_choice(refuse):
    refuse("Choose at least one server.")


@PROFILES
@pytest.mark.parametrize("server", ["nonsense", "", "<script>", "1"])
def test_what_is_no_server(refuse, server):
    refuse("Choose at least one server.", server=server)


@PROFILES
def test_a_server_without_its_nic(refuse, tour):
    server = tour.servers[0]
    refuse("Choose a NIC for each server.", server=server.id, **{f"nic-{server.id}": None})


@PROFILES
def test_one_nic_of_two_servers(refuse, tour):
    one, two = tour.servers
    entries = through(one, two) | {f"nic-{two.id}": None}

    refuse("Choose a NIC for each server.", **entries)


@PROFILES
def test_a_nic_of_another_subnet(refuse):
    server = ServerFactory(subnet=SubnetFactory())

    refuse(f"Port {server.nic.id} is not in this network any more.", **through(server))


@OPENSTACK
def test_a_nic_of_the_other_range_of_the_network(refuse, tour):
    other = SubnetFactory(
        network=state().networks[tour.subnet.network_id], cidr="10.90.0.0/24", vpc=tour.vpc
    )
    server = ServerFactory(subnet=other)

    refuse(
        f"NIC {server.ip_address} has no address in the subnet of virtual IP address "
        f"{tour.free.ip_address}.",
        "Choose a NIC of the same subnet",
        **through(server),
    )


@PROFILES
def test_a_nic_of_another_project(refuse):
    other = ProjectFactory()
    theirs = ServerFactory(project=other, subnet=SubnetFactory(project=other, vpc=None))

    refuse("is not in this network any more", **through(theirs))


@PROFILES
def test_a_nic_that_does_not_exist(refuse, tour):
    server = tour.servers[0]

    refuse("is not in this network", server=server.id, **{f"nic-{server.id}": str(uuid.uuid4())})


@PROFILES
@pytest.mark.parametrize("kind", ["vip", "itself", "plain"])
def test_a_port_that_is_no_nic(refuse, tour, kind):
    port = {"vip": tour.vip, "itself": tour.free}.get(kind) or PortFactory(subnet=tour.subnet)

    refuse(
        "is held by no server.", "Choose the NIC of a server.", **through(tour.servers[0], nic=port)
    )


@PROFILES
def test_a_nic_without_an_address(refuse, tour):
    server = ServerFactory(subnet=tour.subnet)
    state().release(server.nic.port.fixed_ips)
    server.nic.port.fixed_ips = []

    refuse("has no address, so nothing can be bound to it.", **through(server))


@PROFILES
def test_the_eleventh_nic(refuse, tour):
    bound = [ServerFactory(subnet=tour.subnet) for _ in range(10)]
    vip = VirtualIPFactory(bound_to=[server.nic for server in bound])

    refuse(
        "exceed the 10 that one can have. Unbind others first", vip=vip, **through(tour.servers[0])
    )


@PROFILES
def test_the_eleventh_vip(refuse, tour):
    server = ServerFactory(subnet=tour.subnet)
    for _ in range(10):
        VirtualIPFactory(bound_to=[server.nic])

    refuse("carries 10 virtual IP addresses; a NIC can have 10.", **through(server))


def test_the_second_nic_of_an_ipv6_vip(refuse, signed_in):
    tour = furnish(ipv6_cidr="2001:db8:20::/64")
    servers = [ServerFactory(subnet=tour.subnet.ipv6) for _ in range(2)]
    vip = VirtualIPFactory(subnet=tour.subnet.ipv6)
    opened = Dialog(signed_in, tour.dialog("bind", vip))

    page = opened.answer(**through(*servers))

    assert page.response.status_code == 422
    assert "this cloud lets it have one NIC only" in page.text
    assert vip.pairs == []


@OPENSTACK
def test_a_nic_with_port_security_off(refuse, tour):
    server = ServerFactory(subnet=tour.subnet)
    server.nic.port.port_security_enabled = False

    refuse("has port security switched off", **through(server))


@PROFILES
def test_a_vip_of_a_component_of_the_cloud(refuse, tour):
    vip = VirtualIPFactory(subnet=tour.subnet, device_id="rds-1")

    refuse("belongs to a component of the cloud", vip=vip, **through(tour.servers[0]))


@PROFILES
def test_one_refused_server_holds_the_other_one_back(refuse, tour):
    full = ServerFactory(subnet=tour.subnet)
    for _ in range(10):
        VirtualIPFactory(bound_to=[full.nic])

    refuse("carries 10 virtual IP addresses", **through(full, tour.servers[0]))


@PROFILES
def test_a_refusal_keeps_what_was_chosen(refuse, tour):
    server = ServerFactory(name="full", subnet=tour.subnet)
    for _ in range(10):
        VirtualIPFactory(bound_to=[server.nic])

    page = refuse("carries 10 virtual IP addresses", **through(server))

    assert "checked" in page.all("input", value=server.id)[0].attributes


@PROFILES
def test_the_preview_refuses_in_the_same_words(signed_in, tour):
    server = ServerFactory(subnet=tour.subnet)
    for _ in range(10):
        VirtualIPFactory(bound_to=[server.nic])
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))

    entries = opened.entries | through(server) | {"action": "preview"}
    page = Page(signed_in.post(opened.url, entries))

    assert "carries 10 virtual IP addresses; a NIC can have 10." in page.text


@PROFILES
def test_a_warning_is_no_refusal(signed_in, tour):
    server = ServerFactory(name="busy", subnet=tour.subnet)
    for _ in range(8):
        VirtualIPFactory(bound_to=[server.nic])
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))

    preview = Page(
        signed_in.post(opened.url, opened.entries | through(server) | {"action": "preview"})
    )
    page = opened.done(**through(server))

    assert "Server busy would have 9 virtual IP addresses; more than 8" in preview.text
    assert "is bound to" in page.text


@PROFILES
def test_a_form_without_its_key(refuse, tour):
    refuse("This form is incomplete. Open it again.", key=None, **through(tour.servers[0]))


@PROFILES
def test_a_reader(emulator, sign_in, tour):
    UserFactory(name="viewer", roles="reader")
    before = lists()
    opened = Dialog(sign_in("viewer"), tour.dialog("bind", tour.free))

    page = opened.answer(**through(tour.servers[0]))

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert "The cloud does not allow you to do this" in page.text
    assert "Nothing was changed" in page.text
    assert lists() == before


@PROFILES
def test_a_vip_that_was_released_meanwhile(signed_in, tour):
    opened = Dialog(signed_in, tour.dialog("bind", tour.free))
    state().remove_port(tour.free.port)
    before = lists()

    page = opened.answer(**through(tour.servers[0]))

    assert page.response.status_code == 404
    assert lists() == before


@PROFILES
@pytest.mark.parametrize("dialog", ["bind", "unbind", "release", "guide"])
def test_the_dialogs_of_a_vip_that_never_was_are_404_pages(visit, tour, dialog):
    port = tour.servers[0].nic

    visit(tour.dialog(dialog, port), status=404)
