from __future__ import annotations

import uuid

import pytest

from console.emulator.faults import Fault
from tests.factories import (
    PortFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    UserFactory,
    VirtualIPFactory,
    VPCFactory,
    default_project,
    default_subnet,
    state,
)
from tests.tour import assign_url
from tests.vpc.dialogs import Dialog

pytestmark = pytest.mark.database

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"])
CREATE = ("POST", "/v2.0/ports")


def vips(subnet=None):
    """The VIP ports there are: {address: port}."""
    return {
        port.fixed_ips[0].ip_address: port
        for port in state().ports.values()
        if port.device_owner == "neutron:VIP_PORT"
        and (subnet is None or port.fixed_ips[0].subnet_id == subnet.id)
    }


@pytest.fixture
def subnet(emulator):
    vpc = VPCFactory()
    return SubnetFactory(name="db", cidr="10.80.0.0/24", vpc=vpc)


@pytest.fixture
def dialog(signed_in, subnet):
    def open_dialog(of=None, **more):
        return Dialog(signed_in, assign_url(of or subnet), **more)

    return open_dialog


# what it shows


@PROFILES
def test_it_names_the_subnet_and_its_range(dialog):
    page = dialog().page

    assert page.h1 == "Assign Virtual IP Address"
    assert "10.80.0.0/24" in page.text
    assert "Subnet db" in page.text


@PROFILES
def test_a_subnet_with_one_family_does_not_ask_for_it(dialog):
    page = dialog().page

    assert "IP Address Version" not in page.text
    assert {"Automatic", "Manual"} <= {label.text for label in page.all("label")}


@PROFILES
def test_a_dual_stack_subnet_asks_for_the_version(dialog):
    page = dialog(SubnetFactory(ipv6_cidr="2001:db8:80::/64")).page

    assert {"IPv4", "IPv6"} <= {label.text for label in page.all("label")}
    assert "2001:db8:80::/64" in page.text


# done


@PROFILES
def test_automatic_takes_a_free_address_of_the_subnet(dialog, subnet):
    page = dialog().done()

    (address,) = vips(subnet)
    assert f"Virtual IP address {address} is assigned" in page.text
    assert page.rows()[0]["Virtual IP Address"].split()[0] == address


@PROFILES
def test_manual_takes_the_address_that_was_typed(dialog, subnet):
    page = dialog().done(mode="manual", ip_address=" 10.80.0.77 ")

    assert list(vips(subnet)) == ["10.80.0.77"]
    assert "10.80.0.77 is assigned" in page.text


@PROFILES
@pytest.mark.parametrize(("version", "part"), [("4", "10."), ("6", "2001:db8:80::")])
def test_the_version_decides_the_range(dialog, version, part):
    subnet = SubnetFactory(cidr="10.81.0.0/24", ipv6_cidr="2001:db8:80::/64")

    dialog(subnet).done(ip_version=version)

    (address,) = vips()
    assert address.startswith(part)


@PROFILES
def test_a_manual_ipv6_address_may_be_written_in_any_way(dialog):
    subnet = SubnetFactory(ipv6_cidr="2001:db8:80::/64")

    dialog(subnet).done(ip_version="6", mode="manual", ip_address="2001:0DB8:80:0::00AB")

    assert list(vips()) == ["2001:db8:80::ab"]


@PROFILES
def test_a_subnet_with_ipv6_alone_gives_an_ipv6_address(dialog):
    subnet = SubnetFactory(ip_version=6, cidr="2001:db8:80::/64")

    dialog(subnet).done()

    assert next(iter(vips())).startswith("2001:db8:80::")


def test_an_address_that_was_typed_does_not_count_for_automatic(dialog, subnet):
    dialog().done(mode="automatic", ip_address="1.2.3.4")

    assert "1.2.3.4" not in vips(subnet)
    assert len(vips(subnet)) == 1


@PROFILES
def test_in_the_dialog_the_table_is_told_and_the_dialog_ends(dialog, subnet):
    response = dialog(htmx=True).send()

    assert response.status_code == 200
    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]
    assert "is assigned" in response.content.decode()
    assert len(vips(subnet)) == 1


def test_the_way_back_to_the_server_is_kept(signed_in, subnet):
    server = ServerFactory(subnet=subnet)
    query = f"?server={server.id}&nic={server.nic.id}"

    page = Dialog(signed_in, assign_url(subnet) + query).done()

    assert page.has(f"Back to {server.id}")


# refused before anything is sent


REFUSED = [
    ("10.80.1.5", "lies outside the subnet's range 10.80.0.0/24"),
    ("192.0.2.1", "lies outside the subnet's range 10.80.0.0/24"),
    ("10.80.0.0", "it is the address of the network itself"),
    ("10.80.0.255", "it is the broadcast address of the subnet"),
    ("10.80.0.1", "it is the gateway of the subnet"),
    ("2001:db8::1", "is no IPv4 address"),
    ("nonsense", "Enter a valid IPv4 or IPv6 address."),
    ("10.80.0.300", "Enter a valid IPv4 or IPv6 address."),
    ("10.80.0.5/24", "Enter a valid IPv4 or IPv6 address."),
    ("<script>alert(1)</script>", "Enter a valid IPv4 or IPv6 address."),
    ("", "Type the address, or choose Automatic."),
]


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(("address", "words"), REFUSED)
def test_an_address_that_cannot_be_is_refused_beside_the_field(
    dialog, emulator, address, words, htmx
):
    opened = dialog(htmx=htmx)
    emulator.log.clear()

    page = opened.answer(mode="manual", ip_address=address)

    assert page.response.status_code == 422
    field = page.all("textarea", name="ip_address")[0]
    beside = page.all("ul", id=field["aria-describedby"].split()[-1]) or [
        e for e in page.root.walk() if e["id"] and e["id"] in field["aria-describedby"].split()
    ]
    assert any(words in e.text for e in beside), page.text
    assert field.text == address
    assert field["aria-invalid"] == "true"
    assert {call.method for call in emulator.log} == {"GET"}
    assert vips() == {}


@PROFILES
def test_an_address_in_use_is_refused_with_who_uses_it(dialog, subnet):
    server = ServerFactory(subnet=subnet, ip_address="10.80.0.11")
    VirtualIPFactory(subnet=subnet, ip_address="10.80.0.12")
    PortFactory(subnet=subnet, ip_address="10.80.0.13", device_owner="network:nat_gateway")

    for address, words in [
        ("10.80.0.11", f"already in use by a NIC of server {server.id}"),
        ("10.80.0.12", "already in use by another virtual IP address"),
        ("10.80.0.13", "already in use by network:nat_gateway"),
    ]:
        assert words in dialog().answer(mode="manual", ip_address=address).text
    assert list(vips(subnet)) == ["10.80.0.12"]


@PROFILES
def test_who_uses_an_address_is_told_by_name_where_it_is_known(visit, dialog, subnet):
    ServerFactory(name="db-1", subnet=subnet, ip_address="10.80.0.11")
    visit("/bms/servers/")

    page = dialog().answer(mode="manual", ip_address="10.80.0.11")

    assert "10.80.0.11 is already in use by a NIC of server db-1." in page.text


def test_an_ipv4_address_is_no_ipv6_address(dialog):
    subnet = SubnetFactory(ipv6_cidr="2001:db8:80::/64")

    page = dialog(subnet).answer(ip_version="6", mode="manual", ip_address="10.20.0.9")

    assert "10.20.0.9 is no IPv6 address." in page.text


@pytest.mark.parametrize(
    "change", [{"mode": "magic"}, {"mode": None}, {"key": "nonsense"}, {"key": None}]
)
def test_a_forged_form_makes_nothing(dialog, change):
    page = dialog().answer(**change)

    assert page.response.status_code == 422
    assert page.all("div", role="alert") or page.all("input", aria_invalid="true")
    assert vips() == {}


def test_a_version_the_subnet_does_not_have_makes_nothing(dialog):
    subnet = SubnetFactory(ipv6_cidr="2001:db8:80::/64")

    assert dialog(subnet).answer(ip_version="5").response.status_code == 422
    assert vips() == {}


def test_a_refused_form_can_be_mended_and_sent(dialog, subnet):
    opened = dialog()
    opened.answer(mode="manual", ip_address="10.80.0.1")

    opened.done(ip_address="10.80.0.9")

    assert list(vips(subnet)) == ["10.80.0.9"]


# refused by the cloud


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
def test_a_full_quota_is_said_in_the_clouds_words(dialog, htmx):
    state().quotas[default_project().id]["port"] = 0
    opened = dialog(htmx=htmx)

    page = opened.answer()

    assert page.response.status_code == 422
    assert "There is no more room for this" in page.text
    assert "Quota exceeded for resources: ['port']" in page.text
    assert "Request ID req-" in page.text
    assert vips() == {}


@PROFILES
def test_a_full_subnet_is_said_so(dialog):
    subnet = SubnetFactory(cidr="10.82.0.0/29")
    opened = dialog(subnet)
    record = state().subnets[subnet.id]
    for host in record.cidr.hosts():
        record.used.setdefault(str(host), "")

    page = opened.answer()

    assert page.response.status_code == 422
    assert "There is no more room for this" in page.text
    assert vips() == {}


@PROFILES
def test_an_address_the_cloud_keeps_for_itself_is_refused_in_its_words(dialog, subnet):
    """What the cloud reserves beyond gateway and broadcast only it knows."""
    state().subnets[subnet.id].used["10.80.0.200"] = ""

    page = dialog().answer(mode="manual", ip_address="10.80.0.200")

    assert page.response.status_code == 422
    assert "10.80.0.200" in page.all("q")[0].text
    assert page.all("textarea", name="ip_address")[0].text == "10.80.0.200"
    assert vips() == {}


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("address", ["10.80.0.252", "10.80.0.253"])
def test_what_the_cloud_says_of_the_address_stands_beside_it(dialog, address, htmx):
    page = dialog(htmx=htmx).answer(mode="manual", ip_address=address)

    field = page.all("textarea", name="ip_address")[0]
    described = field["aria-describedby"].split()
    beside = " ".join(e.text for e in page.root.walk() if e["id"] in described)
    assert field["aria-invalid"] == "true"
    assert f"The cloud does not give out {address}." in beside
    assert "choose Automatic" in beside
    assert "Request ID req-" in beside


@PROFILES
@pytest.mark.parametrize("status", [400, 409])
def test_what_the_cloud_says_of_something_else_is_not_said_of_the_address(dialog, emulator, status):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "status", status=status))

    page = opened.answer(mode="manual", ip_address="10.80.0.9")

    assert page.response.status_code == 422
    assert page.all("textarea", name="ip_address")[0]["aria-invalid"] != "true"
    assert "does not give out" not in page.text


def test_an_address_taken_at_the_last_moment_is_refused_by_the_cloud(meddler, dialog, subnet):
    opened = dialog()
    meddler.before(
        "POST", "/ports", lambda: VirtualIPFactory(subnet=subnet, ip_address="10.80.0.9")
    )

    page = opened.answer(mode="manual", ip_address="10.80.0.9")

    assert page.response.status_code == 422
    assert "does not allow this" in page.text
    assert len(vips(subnet)) == 1


@PROFILES
def test_a_reader_is_refused_in_words_and_the_button_says_why(emulator, sign_in, subnet):
    UserFactory(name="viewer", roles="reader")
    client = sign_in("viewer")

    opened = Dialog(client, assign_url(subnet))
    page = opened.answer(key=str(uuid.uuid4()))

    assert opened.page.button("OK")["aria-disabled"] == "true"
    assert "only allows viewing" in opened.page.text
    assert page.response.status_code == 422
    assert "The cloud does not allow you to do this" in page.text
    assert vips() == {}


@OPENSTACK
def test_in_a_shared_network_the_cloud_gives_an_address_but_takes_none(dialog):
    subnet = SubnetFactory(project=ProjectFactory(), shared=True, cidr="10.83.0.0/24")

    page = dialog(subnet).answer(mode="manual", ip_address="10.83.0.77")
    refused = dict(vips())
    dialog(subnet).done()

    assert "The cloud does not allow you to do this" in page.text
    assert refused == {}
    assert len(vips()) == 1


@PROFILES
def test_an_unknown_subnet_is_a_404_page(visit):
    subnet = default_subnet()
    subnet.id = str(uuid.uuid4())

    visit(f"{assign_url(subnet)}?form={uuid.uuid4()}", status=404)
