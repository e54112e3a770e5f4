"""What is left to do inside the servers, for those very NICs."""

from __future__ import annotations

import shlex

import pytest
from django.core.cache import cache

from console.emulator.records import FixedIP, Pair
from tests.factories import NICFactory, ServerFactory, VirtualIPFactory, state
from tests.tour import furnish

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def tour(emulator):
    return furnish()


@pytest.fixture
def guide(visit, tour):
    def read(vip=None, *nics, **more):
        query = "&".join(f"bound={nic.id}" for nic in nics)
        return visit(f"{tour.dialog('guide', vip or tour.vip)}?{query}", **more)

    return read


def commands(page):
    return "\n".join(code.text for code in page.all("code"))


@PROFILES
def test_it_shows_the_commands_for_every_bound_server(guide, tour):
    page = guide()

    for server in tour.servers:
        assert f"show to {server.ip_address}" in commands(page)
    assert commands(page).count(f"address add {tour.vip.ip_address}/32") == 2
    assert commands(page).count(f"address del {tour.vip.ip_address}/32") == 2


@PROFILES
def test_to_add_the_address_and_to_take_it_away_are_never_one_paste(guide, tour):
    for nic in (server.nic for server in tour.servers):
        attempt, removal = (code.text for code in guide(tour.vip, nic).all("code"))

        assert ("address add" in attempt, "address del" in attempt) == (True, False)
        assert ("address add" in removal, "address del" in removal) == (False, True)
        assert f"show to {nic.ip_address}" in attempt
        assert f"show to {nic.ip_address}" in removal


@PROFILES
def test_each_block_says_what_it_is_for_and_for_which_nic(guide, tour):
    page = guide()

    labels = [figure.text for figure in page.all("figcaption")]
    for server in tour.servers:
        vip, nic = tour.vip.ip_address, f"(NIC {server.ip_address})"
        assert f"Add {vip} here {nic} for a try" in labels
        assert f"Take {vip} away again {nic}" in labels


@PROFILES
def test_the_nic_of_the_way_back_hides_no_other_one(visit, tour):
    server = tour.servers[0]

    page = visit(f"{tour.dialog('guide')}?server={server.id}&nic={server.nic.id}")

    assert commands(page).count("address add") == 2
    assert f"server={server.id}" in page.link("Close")["href"]


# what the servers run


def test_a_windows_server_gets_no_linux_commands(visit, tour):
    tour.servers[0].server.metadata["os_type"] = "Windows"
    visit("/bms/servers/")

    page = visit(tour.dialog("guide"))

    assert "This server runs Windows" in page.text
    assert f"show to {tour.servers[0].ip_address}" not in commands(page)
    assert f"show to {tour.servers[1].ip_address}" in commands(page)


def test_a_linux_server_is_not_asked_whether_it_is_one(visit, tour):
    visit("/bms/servers/")

    assert "These commands are for Linux" not in visit(tour.dialog("guide")).text


@PROFILES
def test_where_nothing_is_known_the_commands_say_that_they_are_for_linux(guide):
    cache.clear()

    assert "These commands are for Linux" in guide().text


def test_a_half_bound_nic_is_said_to_be_finished_first(guide, tour):
    nic = ServerFactory(subnet=tour.subnet).nic
    vip = VirtualIPFactory(half_bound_to=[nic])

    assert "Finish it with Bind to Server first." in guide(vip).text
    assert "Finish it with" not in guide().text


@PROFILES
def test_it_shows_those_of_the_chosen_nics_alone(guide, tour):
    page = guide(tour.vip, tour.servers[1].nic)

    assert f"show to {tour.servers[1].ip_address}" in commands(page)
    assert f"show to {tour.servers[0].ip_address}" not in commands(page)


def test_no_interface_is_ever_guessed(guide):
    text = commands(guide())

    assert "eth0" not in text
    assert 'dev "$NIC"' in text


def test_it_warns_of_the_address_on_both_servers_at_once(guide):
    page = guide()

    assert "Never on two servers at the same time" in page.text
    assert "Keepalived" in page.text


def test_the_nic_one_came_from_leaves_the_others_in(visit, tour):
    server = tour.servers[0]

    page = visit(f"{tour.dialog('guide')}?server={server.id}&nic={server.nic.id}")

    for each in tour.servers:
        assert f"show to {each.ip_address}" in commands(page)


def test_a_windows_server_has_no_commands(visit, tour):
    tour.servers[0].server.metadata["os_type"] = "Windows"
    visit("/bms/servers/")

    page = visit(tour.dialog("guide"))

    assert "This server runs Windows" in page.text
    assert f"show to {tour.servers[0].ip_address}" not in commands(page)
    assert f"show to {tour.servers[1].ip_address}" in commands(page)


@pytest.mark.parametrize(
    "nic", ["0" * 8 + "-0000-4000-8000-" + "0" * 12, "nonsense", "<script>alert(1)</script>"]
)
def test_a_nic_that_is_not_bound_has_no_commands(visit, tour, nic):
    page = visit(f"{tour.dialog('guide')}?bound={nic}")

    assert "is bound to no server yet" in page.text
    assert "<script>alert" not in page.html


@PROFILES
def test_a_free_vip_has_nothing_to_do(guide, tour):
    assert "is bound to no server yet" in guide(tour.free).text


@PROFILES
def test_a_vip_without_an_address_has_nothing_to_do(guide, tour):
    state().release(tour.vip.port.fixed_ips)
    tour.vip.port.fixed_ips = []

    assert "bound to no server yet" in guide().text


@PROFILES
def test_an_ipv6_vip_is_found_by_the_ipv6_address_of_the_nic(visit, emulator):
    tour = furnish(ipv6_cidr="2001:db8:20::/64")
    server = ServerFactory(subnet=tour.subnet)
    assert tour.subnet.ipv6
    server.nic.port.fixed_ips.append(FixedIP(tour.subnet.ipv6.id, "2001:db8:20::5"))
    vip = VirtualIPFactory(subnet=tour.subnet.ipv6, ip_address="2001:db8:20::9")
    pairs = vip.port if state().otc else server.nic.port
    address = "2001:db8:20::5" if state().otc else "2001:db8:20::9"
    pairs.allowed_address_pairs.append(Pair(address, pairs.mac_address))

    text = commands(visit(tour.dialog("guide", vip)))

    assert "ip -o -6 address show to 2001:db8:20::5" in text
    assert "ip -6 address add 2001:db8:20::9/128" in text


@pytest.mark.parametrize("profile", ["openstack"])
def test_a_nic_without_an_address_is_found_by_its_mac(guide, tour):
    nic = NICFactory(server=tour.servers[0], subnet=tour.subnet, pairs=[tour.vip.ip_address])
    state().release(nic.port.fixed_ips)
    nic.port.fixed_ips = []

    text = commands(guide(tour.vip, nic))

    assert f"mac={nic.port.mac_address}" in text
    assert "address show to" not in text


EVIL = ["$(reboot)", "`reboot`", "'; reboot #", '"; reboot #', "x\nreboot", "-rf /", "\u202ereboot"]


@PROFILES
@pytest.mark.parametrize("name", EVIL)
def test_a_server_name_never_gets_into_a_command(visit, emulator, name):
    tour = furnish(name=name)
    visit("/bms/servers/")

    page = visit(tour.dialog("guide"))

    assert "reboot" not in commands(page).replace("-rf /", "reboot")
    assert name.split()[0].strip() in page.text
    assert "script" not in {e.tag for e in page.all("main")[0].walk()}


@pytest.mark.parametrize("profile", ["openstack"])
def test_nothing_gets_into_a_command_by_way_of_a_mac(guide, tour):
    nic = NICFactory(server=tour.servers[0], subnet=tour.subnet, pairs=[tour.vip.ip_address])
    state().release(nic.port.fixed_ips)
    nic.port.fixed_ips = []
    nic.port.mac_address = "fa:16:3e:00:00:01\n$(reboot)"

    text = commands(guide(tour.vip, nic))

    assert "reboot" not in text
    assert "mac=fa:16:3e:00:00:01" in text


def test_every_command_is_one_the_shell_can_read(guide):
    for line in commands_by_line(guide()):
        assert shlex.split(line, comments=True) is not None


def commands_by_line(page):
    """Each line of the blocks as it would be pasted."""
    lines = []
    for code in page.all("code"):
        lines += "".join(one for one in code.children if isinstance(one, str)).splitlines()
    assert lines
    return lines
