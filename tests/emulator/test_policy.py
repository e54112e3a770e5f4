"""Who may do what in Neutron (cloud-api 3.13; FACTS, who may write)."""

from __future__ import annotations

import pytest

from tests import factories
from tests.emulator.conftest import sign_in
from tests.emulator.profiles import OPENSTACK
from tests.factories import (
    FloatingIPFactory,
    PortFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    UserFactory,
    VirtualIPFactory,
)

ONE_PAIR = [{"ip_address": "192.168.10.250"}]
PAIRS_RULE = (
    "(rule:{0}_port and (rule:{0}_port:allowed_address_pairs and "
    "(rule:{0}_port:allowed_address_pairs:ip_address)))"
)


def refused(answer, rule):
    expected = {
        "NeutronError": {
            "type": "PolicyNotAuthorized",
            "message": f"{rule} is disallowed by policy",
            "detail": "",
        }
    }
    assert answer.line == "403 Forbidden"
    assert answer.json == expected
    return True


def test_a_reader_reads(viewer):
    vip = VirtualIPFactory()
    assert viewer.port(vip)["id"] == vip.id
    assert len(viewer.ports("?device_owner=neutron:VIP_PORT").json["ports"]) == 1


def test_a_reader_writes_nothing(viewer):
    vip = VirtualIPFactory()
    before = viewer.port(vip)
    pairs = viewer.update_port(vip, allowed_address_pairs=ONE_PAIR)
    assert refused(pairs, PAIRS_RULE.format("update"))
    assert refused(viewer.update_port(vip, name="x"), "rule:update_port")
    assert refused(viewer.delete_port(vip), "rule:delete_port")
    assert refused(viewer.create_port(network_id=vip.network_id), "rule:create_port")
    assert viewer.port(vip) == before


def test_a_reader_and_floating_ips(viewer):
    floating = FloatingIPFactory()
    network = floating.floating_ip.floating_network_id
    path = "/network/v2.0/floatingips"
    made = viewer("POST", path, {"floatingip": {"floating_network_id": network}})
    assert refused(made, "rule:create_floatingip")
    assert refused(viewer.bind_floating_ip(floating, None), "rule:update_floatingip")
    assert refused(viewer("DELETE", f"{path}/{floating.id}"), "rule:delete_floatingip")


def test_bad_input_comes_before_policy(viewer):
    answer = viewer.update_port(VirtualIPFactory(), allowed_address_pairs="x")
    assert answer.status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_projects_port_does_not_exist(other, method):
    vip = VirtualIPFactory()
    body = {"port": {"allowed_address_pairs": ONE_PAIR}} if method == "PUT" else None
    answer = other(method, f"/network/v2.0/ports/{vip.id}", body)
    assert (answer.status, answer.kind) == (404, "PortNotFound")
    assert other.ports().json["ports"] == []


def test_an_administrator_sees_all(admin, other_project):
    PortFactory(project=other_project)
    assert len({port["project_id"] for port in admin.ports().json["ports"]}) == 2


# a network of somebody else that everybody may use


@pytest.fixture
def shared(emulator):
    owner = ProjectFactory(name="infra")
    return SubnetFactory(cidr="172.20.0.0/22", shared=True, project=owner)


@OPENSTACK
class TestSharedNetwork:
    def test_a_member_makes_a_vip_there(self, demo, shared):
        answer = demo.create_port(network_id=shared.network_id, device_owner="neutron:VIP_PORT")
        assert answer.status == 201
        assert answer.json["port"]["project_id"] == demo.project_id

    def test_but_may_not_write_its_pairs(self, demo, shared):
        project = factories.default_project()
        port = PortFactory(subnet=shared, project=project)
        answer = demo.update_port(port, allowed_address_pairs=ONE_PAIR)
        assert refused(answer, PAIRS_RULE.format("update"))
        assert demo.update_port(port, name="mine").status == 200

    def test_nor_make_a_port_with_pairs(self, demo, shared):
        answer = demo.create_port(network_id=shared.network_id, allowed_address_pairs=ONE_PAIR)
        assert refused(answer, PAIRS_RULE.format("create"))

    def test_nor_choose_an_address(self, demo, shared):
        wanted = [{"ip_address": "172.20.0.9"}]
        answer = demo.create_port(network_id=shared.network_id, fixed_ips=wanted)
        rule = "create_port:fixed_ips"
        assert refused(answer, f"(rule:create_port and (rule:{rule} and (rule:{rule}:ip_address)))")

    def test_but_a_subnet(self, demo, shared):
        wanted = [{"subnet_id": shared.id}]
        assert demo.create_port(network_id=shared.network_id, fixed_ips=wanted).status == 201

    def test_nor_switch_port_security_off(self, demo, shared):
        port = PortFactory(subnet=shared, project=factories.default_project())
        answer = demo.update_port(port, port_security_enabled=False)
        assert refused(answer, "(rule:update_port and rule:update_port:port_security_enabled)")

    def test_nor_be_a_network_device(self, demo, shared):
        answer = demo.create_port(network_id=shared.network_id, device_owner="network:dhcp")
        assert refused(answer, "(rule:create_port and rule:create_port:device_owner)")

    def test_a_server_there_shows_its_network(self, demo, shared):
        server = ServerFactory(subnet=shared)
        body = demo.nova(f"/servers/{server.id}").json["server"]
        assert list(body["addresses"]) == [factories.state().networks[shared.network_id].name]
        names = [n["id"] for n in demo.get("/network/v2.0/networks?shared=True").json["networks"]]
        assert names == [shared.network_id]

    def test_the_owner_sees_and_may_delete_the_ports_of_others(self, demo, shared):
        owner = next(p for p in factories.state().projects.values() if p.name == "infra")
        UserFactory(name="owner", projects=[owner])
        caller = sign_in(demo.emulator, "owner", owner)
        port = PortFactory(subnet=shared, project=factories.default_project())
        assert caller.port(port)["project_id"] == demo.project_id
        assert refused(caller.update_port(port, name="x"), "rule:update_port")
        assert caller.delete_port(port).status == 204


@OPENSTACK
@pytest.mark.parametrize("name", ["binding:profile", "binding:host_id"])
def test_the_binding_is_for_administrators(demo, name):
    port = PortFactory()
    answer = demo.update_port(port, **{name: {}})
    assert refused(answer, f"(rule:update_port and rule:update_port:{name})")


def test_a_port_for_another_project_is_refused(demo, other_project):
    network = PortFactory().network_id
    answer = demo.create_port(network_id=network, tenant_id=other_project.id)
    assert answer.status == 403
