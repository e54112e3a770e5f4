"""The NICs tab: one block for each NIC, and never one NIC's facts in another one's block."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from console.emulator.records import FixedIP, Pair
from tests.factories import (
    FloatingIPFactory,
    NICFactory,
    SecurityGroupFactory,
    ServerFactory,
    SubnetFactory,
    VirtualIPFactory,
    VPCFactory,
    state,
)
from tests.reading import facts

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
MANAGE = "Manage Virtual IP Address"


@pytest.fixture
def blocks(visit):
    """[{label: words}] of the NICs as they stand on the page, each with its "page" and "title"."""

    def read(server, **more):
        page = visit(f"{reverse('bms:server_detail', args=[server.id])}?tab=nics", **more)
        found = []
        for block in (s for s in page.all("section") if s["id"].startswith("nic-")):
            words = {"title": next(e.text for e in block.walk() if e.tag == "h2"), "element": block}
            words |= facts(block)
            found.append(words)
        return found

    return read


def link(block, label):
    return next(e for e in block["element"].walk() if e.tag == "a" and e.text.startswith(label))


def said(block, label):
    """The words of one fact, whatever stands behind its label (a hint)."""
    return next(value for name, value in block.items() if name.startswith(label))


@PROFILES
def test_each_nic_has_its_own_block_with_its_own_ids(blocks):
    subnets = [SubnetFactory(name="one"), SubnetFactory(name="two")]
    server = ServerFactory(subnets=subnets)

    for block, nic, subnet in zip(blocks(server), server.nics, subnets, strict=True):
        assert said(block, "Private IP Address").startswith(nic.ip_address)
        assert said(block, "Port ID").startswith(nic.id)
        assert said(block, "Network ID").startswith(subnet.network_id)
        assert said(block, "IPv4 Subnet ID").startswith(subnet.id)
        assert said(block, "MAC Address").startswith(nic.port.mac_address)
        assert subnet.name in said(block, "Subnet")
        assert said(block, "Status") == "Active"


@PROFILES
def test_the_primary_nic_comes_first_and_alone_is_called_so(blocks):
    server = ServerFactory(nics=3)

    titles = [block["title"] for block in blocks(server)]

    assert titles == [f"{server.ip_address} Primary", *(n.ip_address for n in server.nics[1:])]


def test_the_primary_nic_is_the_one_that_says_so(blocks):
    server = ServerFactory(nics=3)
    for nic, is_primary in zip(server.nics, (False, True, False), strict=True):
        nic.port.primary = is_primary

    first, second, third = (nic.ip_address for nic in server.nics)
    titles = [block["title"] for block in blocks(server)]

    assert titles[0] == f"{second} Primary"
    assert sorted(titles[1:]) == sorted([first, third])


@PROFILES
def test_of_nics_with_the_same_address_one_is_the_primary(blocks, profile):
    """The ranges of two VPCs may overlap."""
    near, far = (SubnetFactory(cidr="10.77.0.0/24", vpc=VPCFactory()) for _ in range(2))
    server = ServerFactory(subnets=[near, far])
    assert server.nics[0].ip_address == server.nics[1].ip_address

    assert [block["title"].endswith("Primary") for block in blocks(server)] == [True, False]


@pytest.mark.parametrize("profile", ["openstack"])
def test_where_nobody_tells_no_nic_is_called_primary(blocks, emulator):
    server = ServerFactory(nics=2)
    bare = {"server": {"id": server.id, "name": server.name, "status": "ACTIVE"}}
    emulator.faults.add(
        Fault("GET", f"/servers/{server.id}", "status", status=200, body=bare, times=None)
    )

    titles = {block["title"] for block in blocks(server)}

    assert titles == {nic.ip_address for nic in server.nics}


@PROFILES
def test_managing_the_vips_leads_to_that_nics_subnet_and_remembers_the_way(blocks):
    subnets = [SubnetFactory(), SubnetFactory()]
    server = ServerFactory(subnets=subnets)

    for block, nic, subnet in zip(blocks(server), server.nics, subnets, strict=True):
        page = reverse("vpc:subnet_detail", args=[subnet.network_id, subnet.id])
        query = f"?tab=virtual-ips&server={server.id}&nic={nic.id}"
        assert link(block, MANAGE)["href"] == page + query
        assert link(block, subnet.name)["href"] == page


def test_the_eip_stands_with_the_nic_that_has_it(blocks):
    server = ServerFactory(nics=2)
    floating = FloatingIPFactory(port=server.nics[1])

    assert [said(b, "EIP") for b in blocks(server)] == ["--", floating.ip_address]


@PROFILES
def test_bound_vips_stand_with_the_nic_that_carries_them(blocks):
    server = ServerFactory(nics=2)
    vips = [VirtualIPFactory(bound_to=[server.nics[1]]) for _ in range(2)]
    VirtualIPFactory(bound_to=[ServerFactory().nic])

    shown = [said(b, "Virtual IP Address") for b in blocks(server)]

    assert shown[0] == "--"
    assert set(shown[1].split()) == {vip.ip_address for vip in vips}


def test_a_vip_that_is_half_bound_says_so(blocks):
    server = ServerFactory()
    vip = VirtualIPFactory(half_bound_to=[server.nic])

    assert said(blocks(server)[0], "Virtual IP Address") == f"{vip.ip_address} Half bound"


@PROFILES
def test_a_vip_of_another_network_with_the_same_addresses_is_not_mixed_in(blocks):
    """Two VPCs may use the same range, so an address alone names no NIC."""
    here, there = (SubnetFactory(cidr="10.40.0.0/24", vpc=VPCFactory()) for _ in range(2))
    server = ServerFactory(subnet=here, ip_address="10.40.0.5")
    twin = ServerFactory(subnet=there, ip_address="10.40.0.5")
    VirtualIPFactory(subnet=here, ip_address="10.40.0.9")
    VirtualIPFactory(subnet=there, ip_address="10.40.0.9", bound_to=[twin.nic])

    assert said(blocks(server)[0], "Virtual IP Address") == "--"
    assert said(blocks(twin)[0], "Virtual IP Address") == "10.40.0.9"


def test_the_check_is_on_until_it_is_switched_off(blocks):
    server = ServerFactory(nics=2)
    server.nics[1].port.allowed_address_pairs = [Pair("1.1.1.1/0", "fa:16:3e:00:00:01")]

    words = [said(b, "Source/Destination Check").split()[0] for b in blocks(server)]
    assert words == ["On", "Off"]


@OPENSTACK
@pytest.mark.parametrize(
    ("pairs", "security", "words"),
    [
        ([], True, "On"),
        (["10.20.0.9"], True, "On, with 1 allowed address pair"),
        (["10.20.0.9", "10.20.0.10"], True, "On, with 2 allowed address pairs"),
        ([], False, "Off (port security is off)"),
    ],
)
def test_elsewhere_port_security_stands_for_the_check(blocks, pairs, security, words):
    server = ServerFactory(nics=0)
    nic = NICFactory(server=server, pairs=pairs)
    nic.port.port_security_enabled = security

    assert said(blocks(server)[0], "Source/Destination Check") == words


@PROFILES
def test_security_groups_are_named(blocks):
    groups = [SecurityGroupFactory(name="web"), SecurityGroupFactory(name="db")]

    block = blocks(ServerFactory(security_groups=groups))[0]

    assert said(block, "Security Groups") == "web db"


def test_a_security_group_that_cannot_be_seen_is_shown_by_id(blocks):
    server = ServerFactory()
    server.nic.port.security_groups = [foreign := str(uuid.uuid4())]

    assert said(blocks(server)[0], "Security Groups") == foreign


@PROFILES
def test_a_nic_without_an_address_has_a_block_and_leads_nowhere(blocks):
    server = ServerFactory()
    state().release(server.nic.port.fixed_ips)
    server.nic.port.fixed_ips = []

    block = blocks(server)[0]

    assert block["title"].startswith("No private IP address")
    assert said(block, "Subnet") == said(block, "IPv4 Subnet ID") == "--"
    assert said(block, "Network ID").startswith(server.nic.network_id)
    assert MANAGE not in block["element"].text


@PROFILES
def test_a_nic_with_ipv6_alone_names_its_subnet_as_that(blocks):
    subnet = SubnetFactory(ip_version=6)
    server = ServerFactory(subnet=subnet)

    block = blocks(server)[0]

    assert said(block, "IPv6 Subnet ID").startswith(subnet.id)
    assert said(block, "IPv4 Subnet ID") == "--"
    assert f"/{subnet.id}/" in link(block, MANAGE)["href"]


@PROFILES
@pytest.mark.parametrize("ipv6_first", [False, True])
def test_a_dual_stack_nic_shows_both_ids_and_leads_to_the_ipv4_subnet(blocks, ipv6_first):
    subnet = SubnetFactory(ipv6_cidr="2001:db8:20::/64")
    server = ServerFactory(subnet=subnet)
    port = server.nic.port
    port.fixed_ips.insert(0 if ipv6_first else 1, FixedIP(subnet.ipv6.id, "2001:db8:20::5"))

    block = blocks(server)[0]

    assert block["title"].startswith(server.ip_address)
    assert said(block, "IPv4 Subnet ID").startswith(subnet.id)
    assert said(block, "IPv6 Subnet ID").startswith(subnet.ipv6.id)
    assert "2001:db8:20::5" in said(block, "Private IP Address")
    assert f"/{subnet.id}/" in link(block, MANAGE)["href"]


def test_a_server_without_nics_says_what_that_means(visit):
    server = ServerFactory(nics=0)

    page = visit(f"{reverse('bms:server_detail', args=[server.id])}?tab=nics")

    assert "This server has no NIC" in page.text


@pytest.mark.parametrize(
    ("path", "label", "stands"),
    [
        ("/subnets", "IPv4 Subnet ID", "id"),
        ("/security-groups", "Security Groups", "id"),
        ("VIP_PORT", "Virtual IP Address", "--"),
    ],
)
def test_what_cannot_be_read_is_said_and_costs_only_itself(
    visit, blocks, emulator, path, label, stands
):
    server = ServerFactory()
    emulator.faults.add(Fault("GET", path, "status", status=500, times=None))

    block = blocks(server)[0]

    assert (said(block, label) == "--") == (stands == "--")
    page = visit(f"{reverse('bms:server_detail', args=[server.id])}?tab=nics")
    assert "A part of this page could not be read" in page.text


@PROFILES
def test_from_the_nic_to_the_subnet_and_back_to_the_server(visit, blocks):
    server = ServerFactory(name="db-1")

    subnet = visit(link(blocks(server)[0], MANAGE)["href"])

    back = subnet.link("Back to db-1")["href"]
    assert back == f"{reverse('bms:server_detail', args=[server.id])}?tab=nics"
