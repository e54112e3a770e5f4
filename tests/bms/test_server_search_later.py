"""Searching by an address whose server is not on the first page of Open Telekom Cloud's list.

Only Neutron finds it there. The page shows what its NIC tells and loads the rest afterwards.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from tests.factories import NICFactory, ServerFactory, SubnetFactory, VPCFactory

LIST = reverse("bms:server_list")
ADDRESS = "10.20.0.250"


@pytest.fixture
def crowd(emulator):
    return [ServerFactory(nics=0) for _ in range(51)]


@pytest.fixture
def old(crowd):
    return ServerFactory(name="first", ip_address=ADDRESS, created=0)


@pytest.fixture
def machine(crowd):
    return ServerFactory(
        name="vm", ip_address=ADDRESS, created=0, bare_metal=False, flavor="s3.large.4"
    )


@pytest.fixture
def search(visit):
    return lambda **more: visit(f"{LIST}?{urlencode({'q': ADDRESS} | more)}")


def loader(page):
    (address,) = (e["hx-get"] for e in page.root.walk() if e["hx-trigger"] == "load")
    return address


def swapped(page):
    """{the way and place of each change}"""
    return {e["hx-swap-oob"] for e in page.root.walk() if e["hx-swap-oob"]}


def test_it_stands_there_by_its_id_with_its_address_and_a_link(search, old):
    (row,) = (page := search()).rows()

    assert row["Name/ID"] == f"{old.id} {old.id}"
    assert row["Private IP Address"] == ADDRESS
    assert row["Status"] == row["Flavor"] == row["AZ"] == "not read yet"
    assert page.link(old.id)["href"] == reverse("bms:server_detail", args=[old.id])


def test_its_name_is_there_where_it_was_seen_lately(search, old, visit):
    visit(reverse("bms:server_detail", args=[old.id]))

    assert search().rows()[0]["Name/ID"] == f"first {old.id}"


def test_the_whole_row_takes_its_place_afterwards(search, old, visit):
    second = NICFactory(server=old, subnet=SubnetFactory())

    answer = visit(loader(search()), htmx=True)

    (row,) = answer.all("tr", id=f"server-{old.id}")
    assert row["hx-swap-oob"] == "true"
    assert row.parent.tag == "template", "by itself a row is no HTML"
    listed = visit(f"{LIST}?q={old.id}")
    assert row.text == listed.all("tr", id=f"server-{old.id}")[0].text
    assert second.ip_address in row.text
    assert swapped(answer) == {"true"}


def test_a_server_on_its_way_is_followed_from_then_on(search, crowd, visit):
    moving = ServerFactory(ip_address=ADDRESS, created=0, task_state="powering-off")

    answer = visit(loader(search()), htmx=True)

    (poll,) = (e["hx-get"] for e in answer.root.walk() if e["hx-trigger"] == "every 5s")
    assert poll == f"{reverse('bms:server_rows')}?id={moving.id}"


def test_what_is_on_the_first_page_is_whole_at_once(search, crowd):
    server = ServerFactory(name="db-1", ip_address=ADDRESS)

    page = search()

    assert [row["Name/ID"] for row in page.rows()] == [f"db-1 {server.id}"]
    assert "not read yet" not in page.text
    assert not [e for e in page.root.walk() if e["hx-trigger"] == "load"]


def test_with_another_server_of_that_address_in_another_vpc_both_are_there(search, old, visit):
    twin = SubnetFactory(cidr="10.20.0.0/24", vpc=VPCFactory())
    here = ServerFactory(name="here", subnet=twin, ip_address=ADDRESS)

    page = search()

    assert [row["Name/ID"].split()[0] for row in page.rows()] == ["here", old.id]
    query = parse_qs(urlsplit(loader(page)).query)
    assert query["id"] == [old.id]
    assert here.id not in visit(loader(page), htmx=True).html


def test_a_virtual_machine_vanishes_and_the_page_says_that_nothing_is_left(search, machine, visit):
    page = search()
    assert machine.id in page.html

    answer = visit(loader(page), htmx=True)

    assert swapped(answer) == {"outerHTML:#server-table"}
    assert page.all("table", id="server-table")
    assert "No server matches" in answer.text
    assert answer.link("Show all servers")["href"] == LIST


def test_beside_other_rows_it_only_vanishes(search, machine, visit):
    twin = SubnetFactory(cidr="10.20.0.0/24", vpc=VPCFactory())
    ServerFactory(name="here", subnet=twin, ip_address=ADDRESS)

    answer = visit(loader(search()), htmx=True)

    assert swapped(answer) == {f"delete:#server-{machine.id}"}
    assert "No server matches" not in answer.text


def test_a_virtual_machine_that_was_seen_lately_does_not_appear(search, machine, visit):
    visit(f"{reverse('bms:server_names')}?id={machine.id}", htmx=True)

    page = search()

    assert machine.id not in page.html
    assert "No server matches" in page.text


def test_the_status_asked_for_must_fit(search, old, visit):
    ServerFactory.create_batch(51, nics=0, status="SHUTOFF")

    answer = visit(loader(search(status="SHUTOFF")), htmx=True)
    assert "No server matches" in answer.text

    answer = visit(loader(search(status="ACTIVE")), htmx=True)
    assert answer.all("tr", id=f"server-{old.id}")


def test_where_it_cannot_be_read_the_row_stays_and_the_page_says_so(search, old, visit, emulator):
    page = search()
    emulator.faults.add(Fault("GET", f"/servers/{old.id}", "status", status=500, times=None))

    answer = visit(loader(page), htmx=True)

    assert "A part of this page could not be read" in answer.text
    assert "only its addresses are known" in answer.text
    assert swapped(answer) == set()


def test_in_a_project_of_one_page_a_machine_is_no_result_at_all(search, visit):
    machine = ServerFactory(ip_address=ADDRESS, bare_metal=False, flavor="s3.large.4")

    page = search()

    assert machine.id not in page.html
    assert "No server matches" in page.text
