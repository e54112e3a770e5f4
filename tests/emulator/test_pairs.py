"""`allowed_address_pairs` and the revisions that guard them (cloud-api 3.7; FACTS)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import PortFactory, ServerFactory, VirtualIPFactory

OTHER_MAC = "fa:16:3e:00:00:01"


@pytest.fixture
def nic(emulator):
    return ServerFactory().nic


def test_a_mac_that_is_not_sent_is_the_ports_own(demo, nic):
    answer = demo.pairs(nic, "192.168.10.250")
    own = answer.json["port"]["mac_address"]
    expected = [{"mac_address": own, "ip_address": "192.168.10.250"}]
    assert answer.json["port"]["allowed_address_pairs"] == expected


def test_a_mac_that_is_sent_is_kept(demo, nic):
    pair = {"ip_address": "10.20.0.9", "mac_address": OTHER_MAC}
    demo.update_port(nic, allowed_address_pairs=[pair])
    assert demo.port(nic)["allowed_address_pairs"] == [pair]


def test_the_list_replaces_what_was_there(demo, nic):
    demo.pairs(nic, "10.20.0.8", "10.20.0.9")
    demo.pairs(nic, "10.20.0.10")
    assert nic.pairs == ["10.20.0.10"]
    demo.pairs(nic)
    assert nic.pairs == []


@pytest.mark.parametrize("address", ["192.168.10.0/24", "8.8.8.8", "2001:db8::1", "1.1.1.1/0"])
def test_what_is_taken_without_a_word(demo, nic, address):
    assert demo.pairs(nic, address).status == 200
    assert nic.pairs == [address]


def test_everything_is_refused_in_otc_and_taken_in_openstack(demo, nic, profile):
    answer = demo.pairs(nic, "0.0.0.0/0")
    assert answer.status == (400 if profile == "otc" else 200)
    assert nic.pairs == ([] if profile == "otc" else ["0.0.0.0/0"])


def test_ten_pairs_are_the_most(demo, nic):
    assert demo.pairs(nic, *(f"1.2.3.{n}" for n in range(10))).status == 200
    answer = demo.pairs(nic, *(f"1.2.3.{n}" for n in range(11)))
    assert (answer.status, answer.kind) == (400, "AllowedAddressPairExhausted")
    assert answer.message == "The number of allowed address pair exceeds the maximum 10."
    assert len(nic.pairs) == 10


REFUSED = [
    ([{"ip_address": "999.1.1.1"}], "HTTPBadRequest", "'999.1.1.1' is not a valid IP address"),
    (
        [{"mac_address": OTHER_MAC}],
        "AllowedAddressPairsMissingIP",
        "AllowedAddressPair must contain ip_address",
    ),
    (
        [{"ip_address": "1.2.3.4"}, {"ip_address": "1.2.3.4"}],
        "DuplicateAddressPairInRequest",
        "Request contains duplicate address pair: mac_address None ip_address 1.2.3.4.",
    ),
    (
        [{"ip_address": "1.2.3.4", "mac_address": "zz"}],
        "HTTPBadRequest",
        "'zz' is not a valid MAC address",
    ),
    ([{"ip_address": "1.2.3.4", "x": 1}], "HTTPBadRequest", "Unrecognized attribute(s) 'x'"),
    ("1.2.3.4", "HTTPBadRequest", "Allowed address pairs must be a list."),
    ([{"ip_address": "1.2.3.4/64"}], "HTTPBadRequest", "'1.2.3.4/64' is not a valid IP subnet"),
    ([{"ip_address": None}], "HTTPBadRequest", "'None' is not a valid IP address"),
    (["1.2.3.4"], "HTTPBadRequest", "Invalid data format for allowed address pair: '1.2.3.4'"),
]


@pytest.mark.parametrize(("pairs", "kind", "message"), REFUSED)
def test_pairs_that_are_refused(demo, nic, pairs, kind, message):
    answer = demo.update_port(nic, allowed_address_pairs=pairs)
    assert (answer.status, answer.kind, answer.message) == (400, kind, message)
    assert nic.pairs == []


def test_the_own_mac_and_no_mac_are_the_same_pair(demo, nic):
    own = nic.port.mac_address
    pairs = [{"ip_address": "1.2.3.4"}, {"ip_address": "1.2.3.4", "mac_address": own}]
    answer = demo.update_port(nic, allowed_address_pairs=pairs)
    assert answer.kind == "DuplicateAddressPairInRequest"


def test_pairs_need_port_security(demo, emulator):
    port = PortFactory(security_groups=[], port_security_enabled=False)
    answer = demo.pairs(port, "10.20.0.9")
    assert (answer.status, answer.kind) == (409, "AddressPairAndPortSecurityRequired")
    assert answer.message == (
        "Port Security must be enabled in order to have allowed address pairs on a port."
    )


def test_port_security_stays_on_while_there_are_pairs(demo, nic):
    demo.pairs(nic, "10.20.0.9")
    answer = demo.update_port(nic, port_security_enabled=False)
    assert answer.kind == "AddressPairAndPortSecurityRequired"


def test_pairs_with_a_new_port(demo, emulator):
    subnet = PortFactory()
    answer = demo.create_port(
        network_id=subnet.network_id, allowed_address_pairs=[{"ip_address": "1.2.3.4"}]
    )
    port = answer.json["port"]
    expected = [{"ip_address": "1.2.3.4", "mac_address": port["mac_address"]}]
    assert port["allowed_address_pairs"] == expected


@OTC
def test_the_bind_of_the_documents(demo, emulator):
    """4.2: the VIP lists the NIC, the NIC's check is off."""
    server = ServerFactory()
    vip = VirtualIPFactory()
    assert demo.pairs(vip, server.ip_address).status == 200
    assert demo.pairs(server.nic, "1.1.1.1/0").status == 200
    assert (vip.pairs, server.nic.pairs) == ([server.ip_address], ["1.1.1.1/0"])


# revisions


@OPENSTACK
class TestRevisions:
    def test_a_change_raises_it_and_no_change_does_not(self, demo, nic, clock):
        before = demo.port(nic)
        clock.advance(10)
        assert demo.update_port(nic, description="").json["port"] == before
        after = demo.update_port(nic, description="new").json["port"]
        assert after["revision_number"] == before["revision_number"] + 1
        assert after["updated_at"] > before["updated_at"]
        demo.pairs(nic, "10.20.0.9")
        assert demo.pairs(nic, "10.20.0.9").json["port"]["revision_number"] == 3

    @pytest.mark.parametrize("spelling", ["revision_number={}", '"revision_number={}"'])
    def test_the_right_one_passes(self, demo, nic, spelling):
        header = spelling.format(demo.port(nic)["revision_number"])
        assert demo.pairs(nic, "10.20.0.9", if_match=header).status == 200

    def test_a_stale_one_is_412(self, demo, nic):
        demo.pairs(nic, "10.20.0.9")
        answer = demo.pairs(nic, if_match="revision_number=1")
        assert answer.line == "412 Precondition Failed"
        assert answer.json == {
            "NeutronError": {
                "type": "RevisionNumberConstraintFailed",
                "message": "Constrained to 1, but current revision is 2",
                "detail": "",
            }
        }
        assert nic.pairs == ["10.20.0.9"]

    @pytest.mark.parametrize("header", ["*", "5", "abc"])
    def test_another_form_is_ignored(self, demo, nic, header):
        assert demo.pairs(nic, "10.20.0.9", if_match=header).status == 200

    def test_a_revision_that_is_no_number(self, demo, nic):
        answer = demo.pairs(nic, "10.20.0.9", if_match="revision_number=x")
        assert (answer.status, answer.message) == (
            400,
            "Bad if-match request: Revision number etag must be in the format of "
            "revision_number=<int>.",
        )

    def test_delete_heeds_it_and_get_does_not(self, demo, nic):
        demo.pairs(nic, "10.20.0.9")
        path = f"/network/v2.0/ports/{nic.id}"
        stale = "revision_number=1"
        assert demo("DELETE", path, if_match=stale).status == 412
        assert demo("GET", path, if_match=stale).status == 200
        assert demo("DELETE", path, if_match="revision_number=2").status == 204


@pytest.mark.parametrize("guarded", [True, False])
def test_writes_at_once_are_serialised(demo, nic, profile, guarded):
    """The lock lets one of several writers with the same revision pass."""
    header = "revision_number=1" if guarded else ""
    with ThreadPoolExecutor(8) as pool:
        addresses = [f"10.20.0.{number}" for number in range(100, 108)]
        answers = list(pool.map(lambda a: demo.pairs(nic, a, if_match=header).status, addresses))
    if guarded and profile == "openstack":
        assert sorted(answers) == [200] + [412] * 7
    else:
        assert answers == [200] * 8
    assert len(nic.pairs) == 1


@OTC
def test_otc_knows_no_if_match(demo, nic):
    assert demo.pairs(nic, "10.20.0.9", if_match="revision_number=999").status == 200
