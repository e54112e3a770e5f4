"""Lists of servers: microversions, filters, order, pages (cloud-api 2.4; FACTS, Nova)."""

from __future__ import annotations

import pytest

from console.emulator import seed
from tests import factories
from tests.emulator.conftest import Caller, password
from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import FloatingIPFactory, ServerFactory, SubnetFactory

NOBODY = "00000000-0000-0000-0000-000000000000"


def names(answer):
    assert answer.status == 200, answer.body
    return [server["name"] for server in answer.json["servers"]]


def server(demo, record, version="2.1"):
    return demo.nova(f"/servers/{record.id}", version).json["server"]


@pytest.fixture
def three(emulator, clock):
    """Made one after the other: the newest is `web-3`."""
    made = []
    for number in (1, 2, 3):
        clock.advance(60)
        made.append(ServerFactory(name=f"web-{number}"))
    return made


# one server


def test_a_server_of_2_1(demo, profile, clock):
    clock.advance(-1000)
    record = ServerFactory(name="db-1")
    clock.advance(1000)
    body = server(demo, record)
    nic = record.nic.port
    assert (body["name"], body["status"], body["tenant_id"]) == ("db-1", "ACTIVE", demo.project_id)
    assert (body["created"], body["updated"]) == ("2027-01-15T07:43:20Z", "2027-01-15T07:43:20Z")
    network = factories.state().networks[record.nic.network_id].name
    assert body["addresses"] == {
        network: [
            {
                "version": 4,
                "addr": record.ip_address,
                "OS-EXT-IPS:type": "fixed",
                "OS-EXT-IPS-MAC:mac_addr": nic.mac_address,
            }
        ]
    }
    assert body["flavor"].keys() == body["image"].keys() == {"id", "links"}
    assert body["OS-EXT-STS:vm_state"] == "active"
    assert body["OS-EXT-STS:power_state"] == 1
    assert body["OS-EXT-STS:task_state"] is None
    assert body["security_groups"] == [{"name": "default"}]
    assert body["OS-SRV-USG:launched_at"].endswith("07:43:20.000000")
    assert not body.keys() & {"tags", "locked", "description", "host_status"}
    middle = f"/v2.1/{demo.project_id}" if profile == "otc" else "/v2.1"
    assert body["links"][0]["href"].startswith(f"https://cloud.example/compute{middle}/servers/")


FACTS_SERVER = (
    "accessIPv4 accessIPv6 addresses created flavor hostId id image links metadata name status "
    "tenant_id user_id updated OS-DCF:diskConfig progress OS-EXT-AZ:availability_zone config_drive "
    "key_name OS-SRV-USG:launched_at OS-SRV-USG:terminated_at security_groups "
    "OS-EXT-STS:task_state OS-EXT-STS:vm_state OS-EXT-STS:power_state "
    "os-extended-volumes:volumes_attached"
)


@OPENSTACK
def test_an_openstack_server_has_the_members_of_a_real_one(demo):
    assert server(demo, ServerFactory()).keys() == set(FACTS_SERVER.split())


@OTC
def test_otc_names_the_network_after_the_vpc_and_marks_a_bms(demo):
    subnet = SubnetFactory()
    record = ServerFactory(subnet=subnet)
    body = server(demo, record, "2.26")
    assert list(body["addresses"]) == [subnet.vpc_id]
    assert body["tags"] == ["__type_baremetal"]
    assert body["flavor"]["id"] == "physical.i7n.28xlarge.4"
    assert body["metadata"]["vpc_id"] == subnet.vpc_id
    assert body["metadata"]["baremetalPortIDList"] == f"[{record.nic.id}]"
    assert body["metadata"]["image_name"] == "Standard_Ubuntu_22.04_BMS_latest"
    assert body["metadata"]["metering.resourcetype"] == "__type_baremetal"
    assert server(demo, record, "2.16")["host_status"] == "UP"


@OPENSTACK
def test_the_newest_microversion_adds_what_a_real_one_adds(demo):
    record = ServerFactory(name="db-1")
    old, new = server(demo, record), server(demo, record, "latest")
    assert new.keys() - old.keys() == {
        "locked",
        "description",
        "tags",
        "trusted_image_certificates",
        "server_groups",
        "locked_reason",
        "OS-EXT-SRV-ATTR:hostname",
        "pinned_availability_zone",
        "scheduler_hints",
    }
    assert new["image"]["properties"] == {}
    assert new["flavor"].keys() == {
        "vcpus",
        "ram",
        "disk",
        "ephemeral",
        "swap",
        "original_name",
        "extra_specs",
    }


@OPENSTACK
def test_a_server_of_a_cell_that_is_down_is_known_in_part(demo):
    record = ServerFactory(status="UNKNOWN")
    assert server(demo, record, "2.68")["name"] == record.name
    partial = server(demo, record, "2.69")
    assert partial.keys() == {"id", "status", "created", "tenant_id", "links"}
    assert demo.nova("/servers/detail", "2.69").json["servers"] == [partial]


@pytest.mark.parametrize(("name", "hostname"), [("Web_1", "web1"), ("火", None)])
def test_the_hostname_is_what_can_be_one(demo, profile, name, hostname):
    record = ServerFactory(name=name)
    body = server(demo, record, "2.3" if profile == "otc" else "2.90")
    assert body["OS-EXT-SRV-ATTR:hostname"] == (hostname or f"server-{record.id}")


MEMBERS = [("2.9", "locked"), ("2.19", "description"), ("2.26", "tags")]


@pytest.mark.parametrize(("version", "member"), MEMBERS)
def test_a_member_comes_with_its_microversion(demo, version, member):
    record = ServerFactory()
    before = f"2.{int(version[2:]) - 1}"
    assert member not in server(demo, record, before)
    assert member in server(demo, record, version)


def test_the_flavor_is_embedded_from_2_47_on(demo):
    record = ServerFactory()
    assert "id" in server(demo, record, "2.46")["flavor"]
    assert server(demo, record, "2.47")["flavor"]["original_name"]


def test_a_floating_ip_is_an_address_of_the_same_mac(demo):
    record = ServerFactory()
    floating = FloatingIPFactory(port=record.nic)
    (entries,) = server(demo, record)["addresses"].values()
    assert [(e["addr"], e["OS-EXT-IPS:type"]) for e in entries] == [
        (record.ip_address, "fixed"),
        (floating.ip_address, "floating"),
    ]
    assert len({e["OS-EXT-IPS-MAC:mac_addr"] for e in entries}) == 1


def test_two_nics_two_groups(demo):
    record = ServerFactory(nics=2)
    assert server(demo, record)["security_groups"] == [{"name": "default"}] * 2


def test_a_server_without_nics_has_no_groups(demo):
    body = server(demo, ServerFactory(nics=0, status="BUILD"))
    assert body["addresses"] == {}
    assert "security_groups" not in body


def test_a_faulty_server_says_why(demo):
    body = server(demo, ServerFactory(status="ERROR"))
    assert body["fault"]["code"] == 500
    assert "No valid host" in body["fault"]["message"]
    assert "progress" not in body


@pytest.mark.parametrize("path", ["", "/os-interface", "/ips"])
def test_another_projects_server_and_none_are_404(other, path):
    for server_id in (ServerFactory().id, NOBODY):
        answer = other.nova(f"/servers/{server_id}{path}")
        assert answer.status == 404
        text = f"Instance {server_id} could not be found."
        assert answer.json == {"itemNotFound": {"code": 404, "message": text}}


# microversions


@pytest.mark.parametrize("header", ["x_openstack_nova_api_version", "openstack_api_version"])
def test_the_microversion_is_echoed(demo, header):
    value = "compute 2.26" if header == "openstack_api_version" else "2.26"
    answer = demo.get(f"{demo.compute}/servers", **{header: value})
    assert answer.headers["x-openstack-nova-api-version"] == "2.26"
    assert answer.headers["openstack-api-version"] == "compute 2.26"
    assert demo.nova("/servers").headers["x-openstack-nova-api-version"] == "2.1"


def test_the_newest(demo, profile):
    newest = "2.60" if profile == "otc" else "2.103"
    assert demo.nova("/servers", "latest").headers["x-openstack-nova-api-version"] == newest


def test_a_microversion_out_of_range_is_406(demo, profile):
    newest = "2.60" if profile == "otc" else "2.103"
    answer = demo.nova("/servers", "2.999")
    assert answer.status == 406
    assert answer.message == (
        f"Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is {newest}."
    )


def test_a_microversion_that_is_none_is_400(demo):
    assert demo.nova("/servers", "two").status == 400


# filters


def test_newest_first_and_brief_without_detail(demo, three):
    answer = demo.nova("/servers")
    assert names(answer) == ["web-3", "web-2", "web-1"]
    assert answer.json["servers"][0].keys() == {"id", "name", "links"}
    assert names(demo.nova("/servers/detail")) == ["web-3", "web-2", "web-1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=web-[12]", ["web-2", "web-1"]),
        ("name=WEB-1", ["web-1"]),
        ("name=^eb", []),
        ("status=ACTIVE", ["web-3", "web-2", "web-1"]),
        ("status=error&status=active", ["web-3", "web-2", "web-1"]),
        ("status=ERROR", []),
        ("status=NONSENSE", []),
        ("flavor=nonsense", []),
        ("changes-since=2027-01-15T08:02:30Z", ["web-3"]),
    ],
)
def test_filters(demo, three, query, expected):
    assert names(demo.nova(f"/servers?{query}")) == expected


def test_a_bad_expression_is_400(demo, three):
    answer = demo.nova("/servers?name=web-[")
    assert (answer.status, answer.json["badRequest"]["code"]) == (400, 400)


def test_by_flavor_and_image(demo):
    small = ServerFactory(name="small", flavor="s3.medium.4")
    ServerFactory(name="large")
    flavor = server(demo, small)["flavor"]["id"]
    assert names(demo.nova(f"/servers?flavor={flavor}")) == ["small"]
    image = server(demo, small)["image"]["id"]
    assert len(names(demo.nova(f"/servers?image={image}"))) == 2


@OTC
def test_with_image_otc_ignores_the_other_filters(demo, three):
    image = server(demo, three[0])["image"]["id"]
    assert len(names(demo.nova(f"/servers?image={image}&name=web-1&limit=1"))) == 3


@OPENSTACK
@pytest.mark.parametrize("address", ["10.20.0.3", "^10\\.20\\.0\\.3$", "20.0.3"])
def test_openstack_finds_by_part_of_an_address(demo, three, address):
    assert names(demo.nova(f"/servers?ip={address}")) == ["web-2"]
    assert names(demo.nova("/servers?ip6=2001")) == []
    assert demo.nova("/servers?ip=[").status == 400


@OTC
def test_otc_documents_no_filter_by_address(demo, three):
    assert len(names(demo.nova("/servers?ip=10.20.0.3"))) == 3


def test_tags_from_2_26_on(demo):
    ServerFactory(name="one", tags=["a", "b"])
    ServerFactory(name="two", tags=["a"])
    assert len(names(demo.nova("/servers?tags=b", "2.25"))) == 2
    for query, expected in {
        "tags=a,b": ["one"],
        "tags-any=a,b": ["one", "two"],
        "not-tags=b": ["two"],
        "not-tags-any=a": [],
    }.items():
        assert sorted(names(demo.nova(f"/servers?{query}", "2.26"))) == expected


@OTC
def test_the_tag_tells_bare_metal_from_virtual_machines(demo):
    ServerFactory(name="bms")
    ServerFactory(name="ecs", bare_metal=False, flavor="s3.medium.4")
    assert len(names(demo.nova("/servers", "2.26"))) == 2
    assert names(demo.nova("/servers?tags=__type_baremetal", "2.26")) == ["bms"]
    assert names(demo.nova("/servers?not-tags=__type_baremetal", "2.26")) == ["ecs"]


def test_all_tenants_is_for_administrators(demo, admin, other_project):
    ServerFactory(project=other_project)
    answer = demo.nova("/servers/detail?all_tenants=1")
    assert (answer.status, answer.message) == (
        403,
        "Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed.",
    )
    assert len(names(admin.nova("/servers/detail?all_tenants=1"))) == 1


# order and pages


def test_order(demo, three):
    assert names(demo.nova("/servers?sort_key=display_name&sort_dir=asc"))[0] == "web-1"
    assert names(demo.nova("/servers?sort_key=display_name"))[0] == "web-3"
    assert names(demo.nova("/servers?sort_dir=asc"))[0] == "web-1"
    assert demo.nova("/servers?sort_key=nosuch").status == 400
    assert demo.nova("/servers?sort_dir=sideways").status == 400


@pytest.mark.parametrize("query", ["", "?sort_key=created_at&sort_dir=asc", "?sort_dir=desc"])
def test_servers_of_one_second_follow_by_ascending_id_whatever_the_direction(demo, query):
    made = [ServerFactory(created=1000 + n / 10).id for n in range(5)]
    answer = demo.nova(f"/servers{query}")
    assert [server["id"] for server in answer.json["servers"]] == sorted(made)


def test_a_second_key_breaks_the_ties(demo):
    made = [ServerFactory(created=1000).id for _ in range(5)]
    query = "sort_key=created_at&sort_dir=desc&sort_key=uuid&sort_dir=desc"
    answer = demo.nova(f"/servers?{query}")
    assert [server["id"] for server in answer.json["servers"]] == sorted(made, reverse=True)


def test_pages(demo, three):
    first = demo.nova("/servers?limit=2")
    (link,) = first.json["servers_links"]
    marker = three[1].id
    assert link == {
        "rel": "next",
        "href": f"https://cloud.example{demo.compute}/servers?limit=2&marker={marker}",
    }
    rest = demo.get(link["href"].removeprefix("https://cloud.example"))
    assert names(rest) == ["web-1"]
    assert "servers_links" not in rest.json


def test_the_next_address_sorts_its_parameters(demo, three):
    query = f"limit=1&marker={three[0].id}&sort_key=display_name&sort_dir=asc"
    answer = demo.nova(f"/servers/detail?{query}")
    assert names(answer) == ["web-2"]
    assert answer.json["servers_links"][0]["href"].endswith(
        f"/servers/detail?limit=1&marker={three[1].id}&sort_dir=asc&sort_key=display_name"
    )


def test_after_the_last_one(demo, three):
    answer = demo.nova(f"/servers?marker={three[0].id}")
    assert answer.body == b'{"servers":[]}'


def test_a_marker_that_is_gone_is_400(demo, three):
    answer = demo.nova(f"/servers?marker={NOBODY}")
    assert answer.json == {"badRequest": {"code": 400, "message": f"marker [{NOBODY}] not found"}}
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"


def test_a_limit_that_is_none_is_400(demo):
    assert demo.nova("/servers?limit=abc").message == (
        "Invalid input for query parameters limit. Value: abc. 'abc' does not match '^[0-9]*$'"
    )
    assert demo.nova("/servers?limit=-1").status == 400


def test_a_thousand_are_the_most(profile):
    emulator = seed.demo(profile, servers=1050)
    factories.use(emulator)
    token = Caller(emulator)("POST", "/v3/auth/tokens", password()).headers["x-subject-token"]
    demo = Caller(emulator, token, factories.default_project().id)
    answer = demo.nova("/servers/detail?limit=5000")
    assert len(answer.json["servers"]) == 1000
    assert answer.json["servers_links"]
