from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from tests.factories import (
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    VPCFactory,
    default_subnet,
    state,
)
from tests.reading import facts

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])


def url(server, tab=""):
    return reverse("bms:server_detail", args=[server.id]) + (f"?tab={tab}" if tab else "")


@PROFILES
def test_the_head_says_what_kind_of_server_it_is(visit):
    server = ServerFactory(name="db-1", status="SHUTOFF")
    server.server.key_name = "my-key"

    page = visit(url(server))
    head = facts(page)

    assert page.h1 == "db-1"
    assert "Stopped" in page.text
    assert head["ID"].startswith(server.id)
    assert head["Flavor"] == state().servers[server.id].flavor.name
    assert head["Image"] == "Standard_Ubuntu_22.04_BMS_latest"
    assert head["AZ"] == server.server.availability_zone
    assert head["Key Pair"] == "my-key"
    assert head["Created"].endswith("UTC")


def test_the_id_can_be_copied(visit):
    server = ServerFactory()

    page = visit(url(server))

    assert server.id in [e["data-copy"] for e in page.root.walk() if e["data-copy"]]


@PROFILES
def test_its_vpc_is_linked(visit):
    vpc = VPCFactory(name="vpc-prod")
    server = ServerFactory(subnet=SubnetFactory(vpc=vpc))

    link = visit(url(server)).link("vpc-prod")

    assert link["href"] == reverse("vpc:vpc_detail", args=[vpc.id])


def test_a_server_in_two_vpcs_names_both(visit):
    vpcs = [VPCFactory(name="vpc-a"), VPCFactory(name="vpc-b")]
    server = ServerFactory(subnets=[SubnetFactory(vpc=vpc) for vpc in vpcs])

    assert set(facts(visit(url(server)))["VPC"].split()) == {"vpc-a", "vpc-b"}


@PROFILES
def test_a_server_outside_any_vpc_shows_none(visit):
    server = ServerFactory(subnet=SubnetFactory(vpc=None))

    assert facts(visit(url(server)))["VPC"] == "--"


def test_what_is_not_known_is_a_dash(visit):
    server = ServerFactory(nics=0)

    shown = facts(visit(url(server)))

    assert shown["Key Pair"] == shown["VPC"] == shown["Private IP Address"] == "--"


def test_the_summary_leaves_out_the_tag_of_the_cloud_itself(visit):
    server = ServerFactory(tags=["prod"])

    assert facts(visit(url(server)))["Tags"] == "prod"


def test_an_unknown_tab_is_the_summary(visit):
    page = visit(url(ServerFactory(), "nonsense"))

    assert [a.text for a in page.all("a", aria_current="page") if a.inside("nav")][-1] == "Summary"


def test_a_fault_of_the_server_is_shown_in_the_clouds_words(visit):
    page = visit(url(ServerFactory(status="ERROR")))

    assert "Faulty" in page.text
    assert "No valid host was found" in page.text


def test_a_server_without_a_name_is_titled_by_its_id(visit):
    server = ServerFactory(name="")

    assert visit(url(server)).h1 == server.id


@PROFILES
@pytest.mark.parametrize("tab", ["summary", "nics"])
def test_an_unknown_server_is_a_404_page(visit, tab):
    default_subnet()
    page = visit(f"{reverse('bms:server_detail', args=[uuid.uuid4()])}?tab={tab}", status=404)

    assert page.h1.startswith("Not found in project ")


@PROFILES
def test_a_server_of_another_project_is_unknown(visit):
    other = ProjectFactory()
    theirs = ServerFactory(name="secret", project=other, subnet=SubnetFactory(project=other))

    page = visit(url(theirs), status=404)

    assert "secret" not in page.text


def test_an_address_that_is_no_id_is_a_404_page(visit):
    visit("/bms/servers/not-an-id/", status=404)


@pytest.mark.parametrize("path", ["/vpcs", "device_owner="])
def test_a_vpc_that_cannot_be_read_costs_only_its_own_line(visit, emulator, path):
    server = ServerFactory(name="db-1")
    emulator.faults.add(Fault("GET", path, "status", status=500, times=None))

    page = visit(url(server))

    assert page.h1 == "db-1"
    assert "A part of this page could not be read" in page.text


@pytest.mark.parametrize("profile", ["openstack"])
def test_without_image_names_the_id_of_the_image_is_shown(visit, emulator):
    server = ServerFactory()
    emulator.faults.add(Fault("GET", "/images", "status", status=500, times=None))

    assert facts(visit(url(server)))["Image"] == server.server.image_id


@pytest.mark.parametrize("profile", ["openstack"])
def test_image_names_are_kept(visit, emulator):
    server = ServerFactory()
    visit(url(server))
    emulator.log.clear()

    visit(url(server))

    assert not [call for call in emulator.log if "images" in call.path]


@pytest.mark.parametrize("profile", ["openstack"])
def test_a_server_that_boots_from_a_volume_has_no_image(visit):
    server = ServerFactory()
    server.server.image_id = ""

    assert facts(visit(url(server)))["Image"] == "--"


def test_the_breadcrumbs_lead_back_to_the_list(visit):
    page = visit(url(ServerFactory(name="db-1")))

    trail = page.all("nav", aria_label="Breadcrumbs") or page.all("nav", aria_label="Breadcrumb")
    assert reverse("bms:server_list") in [a["href"] for a in trail[0].walk() if a.tag == "a"]


def test_a_status_on_its_way_is_shown_by_its_task(visit):
    server = ServerFactory()
    server.server.now = replace(server.server.now, task_state="powering-off")

    assert "Stopping" in visit(url(server)).text
