from __future__ import annotations

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from tests.cloud_settings import change_cloud
from tests.factories import (
    FloatingIPFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    state,
)
from tests.factories import (
    emulator as cloud_in_use,
)
from tests.pages import Page

LIST = reverse("bms:server_list")
PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
COLUMNS = ["Name/ID", "Status", "Flavor", "Image", "Private IP Address", "AZ", "Operation"]

IN_WORDS = [
    ("ACTIVE", None, "Running", False),
    ("SHUTOFF", None, "Stopped", False),
    ("BUILD", "scheduling", "Creating", True),
    ("ERROR", None, "Faulty", False),
    ("REBOOT", "rebooting", "Restarting", True),
    ("HARD_REBOOT", "rebooting_hard", "Forcibly restarting", True),
    ("REBUILD", "rebuilding", "Rebuilding", True),
    ("PAUSED", None, "Paused", False),
    ("SUSPENDED", None, "Suspended", False),
    ("ACTIVE", "powering-off", "Stopping", True),
    ("SHUTOFF", "powering-on", "Starting", True),
    ("ACTIVE", "deleting", "Deleting", True),
    ("ACTIVE", "a_task_of_next_year", "Running", True),
    ("ERROR", "deleting", "Faulty", False),
    ("A_STATUS_OF_NEXT_YEAR", None, "Unknown", False),
]
"""Status, task, what the page says, whether the row asks again."""


def names(page):
    return [row["Name/ID"].split()[0] for row in page.rows()]


@PROFILES
def test_each_column_says_what_the_cloud_says(visit):
    server = ServerFactory(name="db-1")

    row = visit(LIST).rows()[0]

    assert list(row) == COLUMNS
    assert row["Name/ID"] == f"db-1 {server.id}"
    assert row["Status"] == "Running"
    assert row["Image"] == "Standard_Ubuntu_22.04_BMS_latest"
    assert row["Private IP Address"] == server.ip_address
    assert row["AZ"] == state().servers[server.id].availability_zone
    assert row["Operation"] == "NICs of db-1"


def test_a_flavor_is_shown_by_its_id_where_the_cloud_tells_no_more(visit):
    ServerFactory()

    assert visit(LIST).rows()[0]["Flavor"] == "physical.i7n.28xlarge.4"


@pytest.mark.parametrize("profile", ["openstack"])
def test_a_flavor_is_shown_by_name_and_size_where_the_cloud_tells(visit):
    ServerFactory()

    assert visit(LIST).rows()[0]["Flavor"] == "bm.large 112 vCPU · 512 GiB"


@pytest.mark.parametrize("profile", ["openstack"])
def test_image_names_that_were_kept_say_how_old_they_are(visit):
    ServerFactory()

    assert "Image names were read" not in visit(LIST).text
    assert "Image names were read" in visit(LIST).text
    assert "Image names were read" not in visit(f"{LIST}?anew=1").text


def test_several_addresses_stand_one_below_the_other_without_the_eip(visit):
    server = ServerFactory(nics=2)
    FloatingIPFactory(port=server.nic)

    addresses = visit(LIST).rows()[0]["Private IP Address"].split()

    assert addresses == [nic.ip_address for nic in server.nics]


@PROFILES
@pytest.mark.parametrize(("status", "task", "words", "_"), IN_WORDS)
def test_a_status_is_said_in_words(visit, status, task, words, _):
    ServerFactory(status=status, task_state=task)

    assert visit(LIST).rows()[0]["Status"] == words


@pytest.mark.parametrize(("status", "task", "_", "polls"), IN_WORDS)
def test_a_row_is_refreshed_only_while_its_status_changes(visit, status, task, _, polls):
    server = ServerFactory(status=status, task_state=task)

    asking = [each for each in visit(LIST).all("div") if each["hx-trigger"] == "every 5s"]

    assert bool(asking) == polls
    if polls:
        assert asking[0]["hx-get"] == f"{reverse('bms:server_rows')}?id={server.id}"
        assert asking[0]["hx-target"] == "this"


def test_on_open_telekom_cloud_virtual_machines_are_left_out(visit):
    ServerFactory(name="bms-1")
    ServerFactory(name="vm-1", bare_metal=False, flavor="s3.large.4")

    assert names(visit(LIST)) == ["bms-1"]


def test_on_open_telekom_cloud_the_cloud_itself_picks_out_the_servers(visit, emulator):
    ServerFactory()

    visit(LIST)

    assert "tags=__type_baremetal" in emulator.log[-1].query


@pytest.mark.parametrize("profile", ["openstack"])
def test_elsewhere_every_server_counts_as_bare_metal(visit):
    ServerFactory(name="one")
    ServerFactory(name="two", flavor="m1.small")

    assert set(names(visit(LIST))) == {"one", "two"}


@pytest.mark.parametrize("profile", ["openstack"])
def test_elsewhere_a_setting_says_which_flavors_are_bare_metal(visit, settings):
    change_cloud(settings, bms_flavors=("bm.*", "metal"))
    ServerFactory(name="one")
    ServerFactory(name="two", flavor="m1.small")
    ServerFactory(name="three", flavor="metal")

    assert set(names(visit(LIST))) == {"one", "three"}


def test_servers_of_another_project_are_not_shown(visit):
    other = ProjectFactory()
    ServerFactory(name="theirs", project=other, subnet=SubnetFactory(project=other, vpc=None))
    ServerFactory(name="ours")

    assert names(visit(LIST)) == ["ours"]


@PROFILES
def test_the_newest_server_comes_first(visit):
    ServerFactory(name="old", created=cloud_in_use().state.clock() - 1000)
    ServerFactory(name="new")

    assert names(visit(LIST)) == ["new", "old"]


@PROFILES
def test_a_project_without_servers_says_so(visit):
    page = visit(LIST)

    assert page.rows() == []
    assert "No bare metal server in this project" in page.text


def test_the_status_filter_shows_those_and_keeps_the_choice(visit):
    ServerFactory(name="up")
    ServerFactory(name="down", status="SHUTOFF")

    page = visit(f"{LIST}?status=SHUTOFF")

    assert names(page) == ["down"]
    options = [option for option in page.all("option") if option.parent["name"] == "status"]
    assert [o["value"] for o in options if "selected" in o.attributes] == ["SHUTOFF"]


def test_the_status_filter_speaks_of_the_clouds_own_states(visit):
    """It cannot pick out by what is only a task: Stopping, Starting, Deleting."""
    options = [o.text for o in visit(LIST).all("option") if o.parent["name"] == "status"]

    assert options[:3] == ["Any cloud status", "Running (ACTIVE)", "Stopped (SHUTOFF)"]
    assert not [option for option in options if option.startswith(("Stopping", "Deleting"))]


def test_a_status_that_does_not_exist_is_named_and_not_applied(visit):
    ServerFactory(name="up")

    page = visit(f"{LIST}?status=NONSENSE")

    assert names(page) == ["up"]
    assert "The search was not applied as given" in page.text


@pytest.mark.parametrize("query", ["after=nonsense", "before=nonsense", f"q={'x' * 256}", "q=%00"])
def test_an_address_that_was_mistyped_shows_the_list_and_says_so(visit, query):
    ServerFactory(name="up")

    page = visit(f"{LIST}?{query}")

    assert names(page) == ["up"]
    assert "The search was not applied as given" in page.text


def test_each_row_leads_to_the_details_and_to_the_nics(visit):
    server = ServerFactory(name="db-1")

    page = visit(LIST)

    detail = reverse("bms:server_detail", args=[server.id])
    assert page.link("db-1")["href"] == detail
    assert page.link("NICs of db-1")["href"] == f"{detail}?tab=nics"


def test_a_server_without_a_name_is_linked_by_its_id(visit):
    server = ServerFactory(name="")

    assert visit(LIST).link(server.id)["href"] == reverse("bms:server_detail", args=[server.id])


def test_a_cloud_too_old_for_tags_is_asked_by_flavor(visit, emulator):
    ServerFactory(name="bms-1")
    ServerFactory(name="vm-1", bare_metal=False, flavor="s3.large.4")
    emulator.faults.add(Fault("GET", "tags=", "status", status=406, times=None))

    assert names(visit(LIST)) == ["bms-1"]
    assert "tags=" not in emulator.log[-1].query


def test_after_that_it_is_asked_the_old_way_at_once(visit, emulator):
    ServerFactory()
    emulator.faults.add(Fault("GET", "tags=", "status", status=406))
    visit(LIST)
    emulator.log.clear()

    visit(LIST)

    assert [call.status for call in emulator.log] == [200]


def test_the_details_too_are_read_from_a_cloud_too_old_for_tags(visit, emulator):
    server = ServerFactory(name="db-1")
    emulator.faults.add(Fault("GET", f"/servers/{server.id}", "status", status=406))

    assert visit(reverse("bms:server_detail", args=[server.id])).h1 == "db-1"


def test_a_search_by_htmx_answers_with_the_table_alone(visit):
    ServerFactory(name="db-1")

    page = visit(f"{LIST}?q=db", htmx=True)

    assert names(page) == ["db-1"]
    assert not page.all("h1")


def test_the_page_says_nothing_of_a_count_of_all(signed_in):
    """Counting would mean fetching all."""
    ServerFactory(name="db-1")

    page = Page(signed_in.get(LIST))

    assert page.text.count("1 server") == page.text.count("1 server on this page, newest first")


def test_a_row_that_was_kept_is_not_shown_of_a_server_that_changed(visit):
    server = ServerFactory(name="before")
    visit(LIST)
    server.server.name = "after"

    [row] = visit(LIST).rows()

    assert row["Name/ID"].startswith("after")
