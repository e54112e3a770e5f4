from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.utils import timezone

from console import record_csv
from console.models import Operation, OperationState
from tests.factories import ProjectFactory, UserFactory, state
from tests.pages import Page
from tests.record_factories import OperationFactory, operation_about
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

URL = "/operations/csv/"
T = dt.datetime(2026, 1, 14, 9, 2, 41, 123456, tzinfo=dt.UTC)


@pytest.fixture
def download(signed_in):
    """The rows of the file, without its headings: {heading: cell}."""

    def get(query=""):
        response = signed_in.get(f"{URL}{query}")
        assert response.status_code == 200
        return read(response)

    return get


def read(response):
    data = b"".join(response.streaming_content)
    assert data.startswith(b"\xef\xbb\xbf"), "spreadsheets would not take it for UTF-8"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_record_is_a_line(download):
    record = OperationFactory.create(
        at=T, request_ids=["req-1", "req-2"], message='Said "so", twice.'
    )

    [row] = download()

    assert row == {
        "Time (UTC)": "2026-01-14T09:02:41Z",
        "Operation": "Bind to Server",
        "Target": "10.20.1.10",
        "State": "Done",
        "Message": 'Said "so", twice.',
        "Duration (ms)": "840",
        "User": "demo",
        "User ID": record.user_id,
        "Domain": "acme",
        "Project": "eu-de",
        "Project ID": record.project_id,
        "Region": "eu-de",
        "Changes": "NIC 10.20.0.31: added 1.1.1.1/0; stays 192.0.2.7",
        "Request IDs": "req-1 req-2",
        "Record ID": str(record.id),
        "Undoes record": "",
    }


def test_without_records_it_has_its_headings_only(signed_in):
    response = signed_in.get(URL)

    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert text == ",".join(record_csv.HEADINGS) + "\r\n"


def test_it_is_the_same_filter_as_the_lists_and_all_of_its_pages(download, signed_in):
    for _ in range(60):
        operation_about("vip", "x", "10.20.1.10", state=OperationState.FAILED)
    OperationFactory.create()
    page = Page(signed_in.get("/operations/?vip=10.20.1.10&state=failed"))
    onward = Page(signed_in.get(page.link("Next")["href"]))

    links = {each.link("Download CSV")["href"] for each in (page, onward)}

    assert links == {f"{URL}?vip=10.20.1.10&state=failed"}
    rows = download(links.pop().removeprefix(URL))
    assert len(rows) == 60
    assert {row["State"] for row in rows} == {"Failed"}


def test_a_wrong_filter_leads_to_the_list_that_says_so(signed_in):
    OperationFactory.create()

    response = signed_in.get(f"{URL}?vip=nonsense&user=demo", follow=True)

    assert response.redirect_chain == [("/operations/?vip=nonsense&user=demo", 302)]
    assert "neither an address nor an ID" in Page(response).text


def test_records_of_other_projects_are_not_in_it(download):
    OperationFactory.create(project_id="f" * 32)

    assert download() == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\t=", "＝", "＠"])  # noqa: RUF001
def test_no_cell_is_a_formula(download, start):
    text = f'{start}HYPERLINK("https://evil.example","x")'
    OperationFactory.create(
        target=text,
        message=text,
        user_name=text,
        domain_name=text,
        project_name=text,
        region=text[:60],
        changes=[{"title": text, "before": [text], "after": []}],
        request_ids=[text],
    )

    [row] = download()

    dangerous = [cell for cell in row.values() if cell and cell[0] in "=+-@\t\r\n＝＋－＠"]  # noqa: RUF001
    assert dangerous == []
    assert row["Target"] == f"'{text}"
    assert row["Changes"].startswith("'")


def test_an_ordinary_cell_is_left_alone(download):
    OperationFactory.create(target="db-1 = 10.0.0.1", message="a-b", milliseconds=None)

    [row] = download()

    assert (row["Target"], row["Message"], row["Duration (ms)"]) == ("db-1 = 10.0.0.1", "a-b", "")


def test_lines_and_commas_in_names_stay_in_their_cell(download):
    OperationFactory.create(message='a\r\n"b",c', target="🚀, \u202ex")

    [row] = download()

    assert row["Message"] == 'a\r\n"b",c'
    assert row["Target"] == "🚀, \u202ex"


@pytest.mark.parametrize(
    ("project", "name"),
    [
        ("eu-de_prod", "operation-records-eu-de_prod-2026-01-14.csv"),
        ('a"; filename="evil.exe', "operation-records-a-filename-evil-exe-2026-01-14.csv"),
        ("a\r\nSet-Cookie: x=1", "operation-records-a-Set-Cookie-x-1-2026-01-14.csv"),
        ("../../etc/passwd", "operation-records-etc-passwd-2026-01-14.csv"),
        ("\u202e", "operation-records-project-2026-01-14.csv"),
        ("", "operation-records-project-2026-01-14.csv"),
        ("x" * 255, f"operation-records-{'x' * 80}-2026-01-14.csv"),
    ],
)
def test_the_files_name_is_harmless(project, name):
    assert record_csv.file_name(project, dt.date(2026, 1, 14)) == name


@pytest.mark.parametrize("project", ['p"; filename="evil.exe', "a\r\nb: c", "büro 火箭", "=cmd"])
def test_the_file_has_a_name_whatever_the_project_is_called(sign_in, emulator, project):
    UserFactory(name="other", projects=[ProjectFactory(name=project)])

    response = sign_in("other").get(URL)

    header = response["Content-Disposition"]
    assert header.startswith("attachment; filename")
    assert f"{timezone.now():%Y-%m-%d}.csv" in header
    assert "evil.exe" not in header
    assert not {"\r", "\n"} & set(header)
    assert response["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("number", [3, 4])
def test_it_says_where_it_was_cut(emulator, db, number):
    for n in range(number):
        OperationFactory.create(at=T + dt.timedelta(minutes=n), message=f"no. {n}")

    text = "".join(record_csv.lines(Operation.objects.order_by("-at"), most=3))

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    newest = [f"no. {n}" for n in range(number - 1, number - 4, -1)]
    assert [row["Message"] for row in rows[:3]] == newest
    cut = [row["Time (UTC)"] for row in rows[3:]]
    assert [words.partition(" records")[0] for words in cut] == ["Only the newest 3"][: number - 3]


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_a_bind_through_the_dialog_stands_in_it_in_words(download, signed_in, profile):
    tour = furnish()
    Dialog(signed_in, tour.dialog("bind", tour.free)).done(**choose(tour.servers[0]))

    [row] = download()

    added = tour.servers[0].ip_address if profile == "otc" else tour.free.ip_address
    assert f"added {added}" in row["Changes"]
    assert row["Request IDs"].startswith("req-")
    assert row["User"] == "demo"
    assert not [token for token in state().tokens if token in str(row)]


def test_its_own_words_are_english_for_everybody(signed_in):
    OperationFactory.create()

    [row] = read(signed_in.get(URL, headers={"Accept-Language": "de"}))

    assert (row["Operation"], row["State"]) == ("Bind to Server", "Done")
