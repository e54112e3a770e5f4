from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from console.models import Operation, OperationState
from tests.factories import ProjectFactory, UserFactory
from tests.pages import Page
from tests.record_factories import OperationFactory, SubjectFactory, operation_about
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

URL = "/operations/"
T = dt.datetime(2026, 1, 14, 9, 2, 41, tzinfo=dt.UTC)


def messages(page):
    return [row["Message"] for row in page.rows()]


@pytest.fixture
def fill(visit):
    """Records `number` … 1, one a minute; the newest has the highest number."""

    def make(number, **more):
        for n in range(1, number + 1):
            OperationFactory.create(at=T + dt.timedelta(minutes=n), message=f"no. {n}", **more)

    return make


def test_a_record_is_a_row(visit):
    record = OperationFactory.create(
        at=T, message="Bound.", milliseconds=840, target_url="/vpc/vpcs/?x=1"
    )

    page = visit(URL)

    assert page.h1 == "Operation records"
    assert page.rows() == [
        {
            "Time": "14 Jan 2026, 09:02 UTC",
            "Operation": "Bind to Server",
            "Target": "10.20.1.10",
            "User": "demo",
            "State": "Done",
            "Duration": "0.84 s",
            "Message": "Bound.",
        }
    ]
    assert page.link("Bind to Server")["href"] == f"{URL}{record.id}/"
    assert page.link("10.20.1.10")["href"] == "/vpc/vpcs/?x=1"


def test_a_long_message_is_shortened(visit):
    OperationFactory.create(message="word " * 100)

    [words] = messages(visit(URL))

    assert len(words) <= 140
    assert words.endswith("…")


def test_it_is_reached_from_home_and_the_navigation(visit):
    home = visit("/")

    assert [a["href"] for a in home.all("a") if a.text == "Operation records"] == [URL, URL]
    [nav] = visit(URL).all("nav", aria_label="Services")
    assert [each.text for each in nav.walk() if each["aria-current"]] == ["Operation records"]


def test_without_records_it_says_when_there_will_be_some(visit):
    page = visit(URL)

    assert "No operation record in this project yet" in page.text
    assert not page.rows()


def test_htmx_gets_the_table_only(visit):
    OperationFactory.create()

    page = visit(URL, htmx=True)

    assert not page.all("main")
    assert page.all("section", id="operations")
    assert len(page.rows()) == 1


def test_nothing_is_asked_of_the_cloud(visit, emulator):
    record = OperationFactory.create()

    for url in (URL, f"{URL}?vip={uuid4()}", f"{URL}{record.id}/", f"{URL}csv/"):
        visit(url) if "csv" not in url else None

    assert len(emulator.log) == 0


def test_records_of_other_projects_are_not_shown(visit):
    OperationFactory.create(project_id="f" * 32, message="theirs", user_name="their-user")

    page = visit(f"{URL}?after={Operation.objects.get().id}")

    assert not page.rows()
    assert "their" not in page.html


def test_a_reader_sees_it(sign_in, emulator):
    UserFactory(name="viewer", roles="reader")
    OperationFactory.create()

    assert Page(sign_in("viewer").get(URL)).rows()


def test_another_project_has_its_own(sign_in, emulator):
    OperationFactory.create()
    UserFactory(name="stranger", projects=[ProjectFactory(name="other")])

    assert not Page(sign_in("stranger").get(URL)).rows()


@pytest.mark.parametrize("name", ["operation_list", "operation_csv", "operation_detail"])
def test_signed_out_it_leads_to_the_sign_in_page(client, emulator, db, name):
    args = [OperationFactory.create().id] if name == "operation_detail" else []

    response = client.get(reverse(f"console:{name}", args=args))

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=%2Foperations%2F")


def test_only_get_is_understood(signed_in):
    for url in (URL, f"{URL}csv/", f"{URL}{OperationFactory.create().id}/"):
        assert signed_in.post(url).status_code == 405


# filters


@pytest.fixture
def records(visit):
    vip, server = str(uuid4()), str(uuid4())
    wanted = operation_about("vip", vip, "10.20.1.10", at=T, message="wanted", user_name="alice")
    SubjectFactory.create(operation=wanted, kind="server", ref=server, label="db-1")
    other = operation_about("vip", str(uuid4()), "10.20.1.1", at=T - dt.timedelta(days=1))
    SubjectFactory.create(operation=other, kind="server", ref=str(uuid4()), label="web_1")
    OperationFactory.create(at=T + dt.timedelta(days=1), state=OperationState.FAILED)
    return {"vip": vip, "server": server}


@pytest.mark.parametrize(
    "query",
    [
        "vip={vip}",
        "vip=10.20.1.10",
        "vip=%2010.20.1.10%20",
        "server={server}",
        "server=db-1",
        "server=DB",
        "user=alice",
        "since=2026-01-14T09:02&until=2026-01-14T09:02",
        "vip=10.20.1.10&server=db-1&user=alice&state=done",
    ],
)
def test_it_is_filtered_by(visit, records, query):
    page = visit(f"{URL}?{query.format(**records)}")

    assert messages(page) == ["wanted"]


@pytest.mark.parametrize(
    "query", ["vip=10.20.1.100", "server=_b-1", "server=%25b", "user=nobody", "state=undone"]
)
def test_what_does_not_match_is_said(visit, records, query):
    page = visit(f"{URL}?{query}")

    assert not page.rows()
    assert "No operation record matches" in page.text
    assert page.link("Show all records")["href"] == URL


def test_an_address_may_be_written_in_any_way(visit):
    operation_about("vip", "x", "2001:db8::a")

    assert visit(f"{URL}?vip=2001:DB8:0::000A").rows()


def test_a_state_is_filtered_by(visit, records):
    assert [row["State"] for row in visit(f"{URL}?state=failed").rows()] == ["Failed"]


def test_what_was_typed_is_kept(visit, records):
    page = visit(f"{URL}?vip=10.20.1.10&server=db&user=alice&state=done&since=2026-01-14T09:00")

    assert page.all("input", name="vip")[0]["value"] == "10.20.1.10"
    assert page.all("input", name="server")[0]["value"] == "db"
    assert page.all("input", name="since")[0]["value"] == "2026-01-14T09:00"
    [form] = [form for form in page.all("form") if form["action"] == URL]
    options = [each for each in form.walk() if each.tag == "option"]
    chosen = [option.text for option in options if "selected" in option.attributes]
    assert chosen == ["alice", "Done"]


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("vip=10.20.1", "vip", "neither an address nor an ID"),
        ("vip=<b>x</b>", "vip", "neither an address nor an ID"),
        ("state=finished", "state", "not one of the available choices"),
        ("since=yesterday", "since", "valid date/time"),
        ("until=2026-99-01T00:00", "until", "valid date/time"),
        ("since=2026-01-15T00:00&until=2026-01-14T00:00", "until", "earlier than From"),
        ("server=" + "x" * 256, "server", "at most 255"),
        ("vip=%00", "vip", "Null characters"),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_and_not_applied(
    visit, records, query, field, words
):
    page = visit(f"{URL}?{query}")

    [control] = [e for e in page.root.walk() if e["id"] == f"id_{field}"]
    assert control["aria-invalid"] == "true"
    errors = [each for each in page.all("div", class_="field-error") if words in each.text]
    assert len(errors) == 1
    assert not page.all("b")
    assert page.rows()


@pytest.mark.parametrize("query", ["after=x", "before=1;drop"])
def test_a_wrong_place_in_the_list_is_its_beginning(visit, records, query):
    page = visit(f"{URL}?{query}")

    assert "This is the first page" in page.text
    assert len(page.rows()) == 3


@pytest.mark.parametrize("kind", ["vip", "server"])
def test_by_id_the_name_is_shown(visit, records, kind):
    page = visit(f"{URL}?{kind}={records[kind].upper()}&state=done")

    assert {"vip": "10.20.1.10", "server": "db-1"}[kind] in page.all("div", class_="chosen")[0].text
    assert page.hidden(kind).lower() == records[kind]
    without = page.all("a", id=f"without-{kind}")[0]["href"]
    assert without == f"{URL}?state=done"


def test_a_thing_without_a_record_is_shown_by_its_id(visit):
    unknown = str(uuid4())

    page = visit(f"{URL}?server={unknown}")

    assert unknown in page.all("div", class_="chosen")[0].text
    assert "No operation record matches" in page.text


def test_names_from_another_project_are_not_told(visit):
    ref = str(uuid4())
    operation_about("server", ref, "their-secret", project_id="f" * 32)

    assert "their-secret" not in visit(f"{URL}?server={ref}").html


# pages


def test_all_pages_in_both_directions(visit, fill):
    fill(120)
    page = visit(URL)
    there = [messages(page)]
    while page.has("Next"):
        page = visit(page.link("Next")["href"])
        there.append(messages(page))
    back = [messages(page)]
    while page.has("Previous"):
        page = visit(page.link("Previous")["href"])
        back.append(messages(page))

    assert [len(each) for each in there] == [50, 50, 20]
    assert [one for each in there for one in each] == [f"no. {n}" for n in range(120, 0, -1)]
    assert back == [*there[::-1][:2], there[0]]


def test_records_of_the_same_moment_are_each_shown_once(visit):
    for n in range(60):
        OperationFactory.create(at=T, message=f"no. {n}")
    first = visit(URL)
    second = visit(first.link("Next")["href"])

    assert len({*messages(first), *messages(second)}) == 60


def test_new_records_do_not_move_the_pages(visit, fill):
    fill(60)
    url = visit(URL).link("Next")["href"]
    before = messages(visit(url))

    OperationFactory.create(at=timezone.now())

    assert messages(visit(url)) == before


def test_the_filter_stays_on_all_pages(visit, fill):
    fill(60)
    fill(60, user_name="alice")

    url = visit(f"{URL}?user=alice").link("Next")["href"]

    assert len(visit(url).rows()) == 10
    assert {row["User"] for row in visit(url).rows()} == {"alice"}


def test_a_place_that_is_not_kept_any_more_is_the_first_page(visit, fill):
    fill(3)

    page = visit(f"{URL}?after={uuid4()}")

    assert "not kept any more" in page.text
    assert len(page.rows()) == 3


def test_it_costs_few_queries_however_many_there_are(visit, fill):
    fill(5)
    with CaptureQueriesContext(connection) as few:
        visit(URL)
    fill(100)
    with CaptureQueriesContext(connection) as many:
        visit(URL)

    assert len(many) == len(few) <= 5
    assert not [q for q in many if "COUNT(" in q["sql"].upper()]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "operation_list"),
        ("?user=demo", "operation_user"),
        ("?state=needs+repair", "operation_state"),
        ("?since=2026-01-01T00:00", "operation_list"),
        ("?vip=10.20.1.10", "operation_subject_label"),
    ],
)
def test_its_query_goes_by_an_index(visit, fill, query, index):
    fill(60)
    with CaptureQueriesContext(connection) as queries:
        visit(f"{URL}{query}")
    [listing] = [q["sql"] for q in queries if "LIMIT 51" in q["sql"]]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {listing}")
        plan = [row[3] for row in cursor.fetchall()]

    assert any(index in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN")], plan


# from the pages of the things themselves


def test_a_bind_through_the_dialog_is_found_from_its_vip_and_its_server(visit, signed_in):
    tour = furnish()
    visit("/bms/servers/")
    Dialog(signed_in, tour.dialog("bind", tour.free)).done(**choose(*tour.servers))

    table = visit(tour.urls["subnet_virtual_ips"])
    [of_vip] = [a["href"] for a in table.all("a", id=f"records-{tour.free.id}")]
    of_server = visit(tour.urls["server_detail"]).all("a")
    [of_server] = [a["href"] for a in of_server if "?server=" in a["href"] and URL in a["href"]]

    for url, name in ((of_vip, tour.free.ip_address), (of_server, "db-1")):
        page = visit(url)
        [row] = page.rows()
        assert (row["Operation"], row["Target"]) == ("Bind to Server", tour.free.ip_address)
        assert row["State"] == "Done"
        assert name in page.all("div", class_="chosen")[0].text
        assert "tab=virtual-ips" in page.link(tour.free.ip_address)["href"]


def test_an_assigned_vip_is_found_by_the_address_that_the_cloud_chose(visit, signed_in, emulator):
    tour = furnish()
    Dialog(signed_in, tour.dialog("assign")).done()
    [vip] = [
        port
        for port in emulator.state.ports.values()
        if port.device_owner == "neutron:VIP_PORT" and port.id not in (tour.vip.id, tour.free.id)
    ]

    [row] = visit(f"{URL}?vip={vip.id}").rows()

    assert row["Operation"] == "Assign Virtual IP Address"
    assert row["Target"] == vip.fixed_ips[0].ip_address
