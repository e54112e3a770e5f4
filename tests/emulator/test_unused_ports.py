"""Private addresses without owner: named, released, refused (cloud-api 3.5, 3.6, 4.5)."""

from __future__ import annotations

import pytest

from tests.factories import FloatingIPFactory, PortFactory, VirtualIPFactory


def test_a_port_is_renamed(demo):
    for port in (PortFactory(name="old"), VirtualIPFactory(name="old")):
        answer = demo.update_port(port, name="new <b>&")
        assert (answer.status, answer.json["port"]["name"]) == (200, "new <b>&")
        assert demo.port(port)["name"] == "new <b>&"
        assert demo.update_port(port, name="").json["port"]["name"] == ""
        assert demo.update_port(port, name="x" * 256).status == 400


def test_an_unused_address_is_released(demo):
    port = PortFactory(ip_address="10.20.0.77")
    assert demo.delete_port(port).status == 204
    assert demo.ports("?fixed_ips=ip_address=10.20.0.77").json["ports"] == []
    again = demo.create_port(
        network_id=port.network_id,
        fixed_ips=[{"subnet_id": port.subnet_id, "ip_address": "10.20.0.77"}],
    )
    assert (again.status, again.json["port"]["device_owner"]) == (201, "")


def test_with_pairs_it_goes_with_an_eip_it_stays_in_otc(demo, profile):
    assert demo.delete_port(PortFactory(allowed_address_pairs=["10.20.0.9"])).status == 204
    port = PortFactory()
    floating = FloatingIPFactory(port=port)
    answer = demo.delete_port(port)
    if profile == "otc":
        assert (answer.status, answer.kind) == (409, "PortInUse")
        demo.bind_floating_ip(floating, None)
        assert demo.delete_port(port).status == 204
    else:
        assert answer.status == 204
        assert floating.floating_ip.port_id is None


@pytest.mark.parametrize("owner", ["neutron:LOADBALANCERV2", "network:nat_gateway"])
def test_ports_of_the_system_stay_in_otc(demo, profile, owner):
    port = PortFactory(device_owner=owner)
    answer = demo.delete_port(port)
    if profile == "otc":
        assert (answer.status, answer.kind) == (409, "ServicePortInUse")
    else:  # without a device it is nobody's
        assert answer.status == 204


def test_not_by_a_reader_nor_by_another_project(viewer, other):
    port = PortFactory()
    assert viewer.delete_port(port).status == 403
    assert viewer.update_port(port, name="x").status == 403
    assert other.delete_port(port).status == 404
    assert port.port.name == ""
