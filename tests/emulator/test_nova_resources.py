"""What stands beside a server (cloud-api 2.3, 2.4; FACTS)."""

from __future__ import annotations

import pytest

from console.emulator import build
from tests import factories
from tests.emulator.profiles import OPENSTACK
from tests.factories import FloatingIPFactory, PortFactory, ServerFactory

NOBODY = "00000000-0000-0000-0000-000000000000"


def test_the_interfaces(demo):
    server = ServerFactory(nics=2)
    attachments = demo.nova(f"/servers/{server.id}/os-interface").json["interfaceAttachments"]
    nic = min(server.nics, key=lambda each: each.id)
    assert attachments[0] == {
        "net_id": nic.network_id,
        "port_id": nic.id,
        "mac_addr": nic.port.mac_address,
        "port_state": "ACTIVE",
        "fixed_ips": [{"subnet_id": nic.subnet_id, "ip_address": nic.ip_address}],
    }
    assert len(attachments) == 2
    one = demo.nova(f"/servers/{server.id}/os-interface/{nic.id}").json
    assert one == {"interfaceAttachment": attachments[0]}
    assert demo.nova(f"/servers/{server.id}/os-interface/{NOBODY}").status == 404


@OPENSTACK
def test_an_interface_has_a_tag_from_2_70_on(demo):
    server = ServerFactory()
    answer = demo.nova(f"/servers/{server.id}/os-interface", "2.70")
    assert answer.json["interfaceAttachments"][0]["tag"] is None


def attach(caller, server, **wanted):
    path = f"{caller.compute}/servers/{server.id}/os-interface"
    return caller("POST", path, {"interfaceAttachment": wanted})


def test_a_port_is_attached_and_detached(demo, profile):
    server, port = ServerFactory(), PortFactory()
    answer = attach(demo, server, port_id=port.id)
    assert answer.json["interfaceAttachment"]["port_state"] == "ACTIVE"
    assert demo.port(port)["device_id"] == server.id
    assert attach(demo, server, port_id=port.id).status == 400
    path = f"{demo.compute}/servers/{server.id}/os-interface"
    for port_id in (port.id, NOBODY):
        assert demo("DELETE", f"{path}/{port_id}").status == 202
    assert demo.ports(f"?device_id={server.id}&fields=id").json["ports"] == [{"id": server.nic.id}]


def test_a_network_is_attached(demo, viewer):
    server = ServerFactory()
    network = server.nic.network_id
    assert attach(demo, server, net_id=network).status == 200
    assert len(factories.state().ports_of_device(server.id)) == 2
    assert attach(demo, server, port_id=NOBODY).status == 404
    assert attach(viewer, server, net_id=network).status == 403


def test_the_addresses(demo):
    server = ServerFactory()
    floating = FloatingIPFactory(port=server.nic)
    (entries,) = demo.nova(f"/servers/{server.id}/ips").json["addresses"].values()
    assert entries == [
        {"version": 4, "addr": server.ip_address},
        {"version": 4, "addr": floating.ip_address},
    ]


def test_groups_and_volumes(demo):
    server = ServerFactory()
    server.server.volumes = [NOBODY]
    groups = demo.nova(f"/servers/{server.id}/os-security-groups").json["security_groups"]
    assert [group["name"] for group in groups] == ["default"]
    volumes = demo.nova(f"/servers/{server.id}/os-volume_attachments").json
    assert volumes["volumeAttachments"][0]["volumeId"] == NOBODY
    body = demo.nova(f"/servers/{server.id}", "2.3").json["server"]
    assert body["os-extended-volumes:volumes_attached"][0]["delete_on_termination"] is False


# tags


def tags(caller, server, method="GET", tag="", body=None):
    path = f"{caller.compute}/servers/{server.id}/tags" + (f"/{tag}" if tag else "")
    return caller(method, path, body, x_openstack_nova_api_version="2.26")


def test_tags_are_added_and_removed(demo):
    server = ServerFactory()
    before = tags(demo, server).json["tags"]
    assert tags(demo, server, "PUT", "team").status == 201
    assert tags(demo, server, "PUT", "team").status == 204
    assert tags(demo, server).json["tags"] == [*before, "team"]
    assert tags(demo, server, "DELETE", "team").status == 204
    assert tags(demo, server, "DELETE", "team").status == 404


def test_all_tags_are_replaced(demo, viewer):
    server = ServerFactory()
    assert tags(demo, server, "PUT", body={"tags": ["a", "b", "a"]}).json == {"tags": ["a", "b"]}
    assert tags(demo, server, "PUT", body={"tags": [str(n) for n in range(51)]}).status == 400
    assert tags(demo, server, "PUT", body={"tags": ["x" * 81]}).status == 400
    assert tags(demo, server, "PUT", body={"tags": "a"}).status == 400
    assert tags(viewer, server, "PUT", body={"tags": []}).status == 403


def test_there_are_no_tags_before_2_26(demo):
    assert demo.nova(f"/servers/{ServerFactory().id}/tags").status == 404


# flavors, images, limits


def test_flavors(demo, profile):
    ServerFactory()
    (flavor,) = demo.nova("/flavors/detail").json["flavors"]
    assert (flavor["vcpus"], flavor["ram"], flavor["swap"]) == (112, 524288, "")
    assert (flavor["id"] == flavor["name"]) is (profile == "otc")
    assert demo.nova("/flavors").json["flavors"][0].keys() == {"id", "name", "links"}
    assert demo.nova(f"/flavors/{flavor['id']}").json["flavor"] == flavor
    specs = demo.nova(f"/flavors/{flavor['id']}/os-extra_specs").json["extra_specs"]
    assert specs == demo.nova("/flavors/detail", "2.60").json["flavors"][0].get(
        "extra_specs", specs
    )
    assert demo.nova("/flavors/nosuch").message == "Flavor nosuch could not be found."


def test_pages_of_flavors(demo):
    for name in ("a", "b", "c"):
        ServerFactory(flavor=name)
    first = demo.nova("/flavors?limit=2").json["flavors"]
    rest = demo.nova(f"/flavors?marker={first[1]['id']}").json["flavors"]
    assert [flavor["name"] for flavor in [*first, *rest]] == ["a", "b", "c"]
    assert demo.nova("/flavors?marker=nosuch").status == 400


def test_an_image_by_nova_ends_with_2_36(demo):
    ServerFactory()
    image = next(iter(factories.state().images))
    assert demo.nova(f"/images/{image}", "2.35").json["image"]["id"] == image
    assert demo.nova(f"/images/{image}", "2.36").status == 404


def test_images_by_glance(demo):
    ServerFactory()
    (image,) = demo.get("/image/v2/images").json["images"]
    assert demo.get(f"/image/v2/images/{image['id']}").json["name"] == image["name"]
    missing = demo.get("/image/v2/images/nosuch")
    assert (missing.status, b"No image found with ID nosuch" in missing.body) == (404, True)


def test_pages_of_images(demo):
    factories.state()
    for number in range(30):
        build.add_image(factories.state(), f"image-{number}")
    first = demo.get("/image/v2/images").json
    assert len(first["images"]) == 25
    rest = demo.get("/image" + first["next"]).json
    assert (len(rest["images"]), "next" in rest) == (5, False)
    assert demo.get("/image/v2/images?name=image-7").json["images"][0]["name"] == "image-7"
    assert demo.get("/image/v2/images?limit=x").status == 400
    assert demo.get("/image/v2/images?marker=x").status == 400


@pytest.mark.parametrize(("version", "there"), [("2.1", True), ("2.57", False)])
def test_limits(demo, version, there):
    ServerFactory()
    absolute = demo.nova("/limits", version).json["limits"]["absolute"]
    assert (absolute["totalInstancesUsed"], absolute["totalCoresUsed"]) == (1, 112)
    assert absolute["maxTotalCores"] == -1
    assert ("maxTotalFloatingIps" in absolute) is there
    assert ("maxPersonality" in absolute) is there


def test_the_limits_of_2_1_are_those_of_a_real_nova(demo):
    expected = (
        "maxTotalCores maxPersonality maxPersonalitySize maxTotalInstances maxTotalKeypairs "
        "maxServerMeta maxImageMeta maxTotalRAMSize maxServerGroups maxServerGroupMembers "
        "maxTotalFloatingIps maxSecurityGroups maxSecurityGroupRules totalRAMUsed totalCoresUsed "
        "totalInstancesUsed totalFloatingIpsUsed totalSecurityGroupsUsed "
        "totalServerGroupsUsed"
    )
    assert demo.nova("/limits").json["limits"]["absolute"].keys() == set(expected.split())


def test_quota_set(demo):
    assert demo.nova(f"/os-quota-sets/{demo.project_id}").json["quota_set"]["instances"] == -1
    assert demo.nova(f"/os-quota-sets/{NOBODY}").status == 403
