from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.apps import apps
from django.urls import reverse

from console import leases, operations
from console.emulator.faults import Fault
from console.models import Operation, OperationState
from console.side_by_side import side_by_side
from tests.factories import UserFactory, state
from tests.pages import Page
from tests.reading import facts
from tests.record_factories import EventFactory, OperationFactory, SubjectFactory
from tests.test_every_page import HOSTILE
from tests.tour import furnish
from tests.vpc.dialogs import Dialog, choose

T = dt.datetime(2026, 1, 14, 9, 2, 41, tzinfo=dt.UTC)
CLOSED = ("done", "undone", "refused", "failed")


def url_of(record):
    return f"/operations/{record.id}/"


def test_it_tells_who_when_what_and_how_it_ended(visit):
    record = OperationFactory.create(
        at=T,
        user_name="alice",
        message="Bound.",
        milliseconds=75_000,
        request_ids=["req-a", "req-b"],
    )
    SubjectFactory.create(operation=record, kind="server", ref="s-1", label="db-1")

    page = visit(url_of(record))

    assert page.h1 == "Bind to Server 10.20.1.10"
    told = facts(page)
    assert told["Time"] == "14 Jan 2026, 09:02:41 UTC"
    assert told["User"] == "alice in domain acme"
    assert told["Project"] == told["Region"] == "eu-de"
    assert told["Duration"] == "1 min 15 s"
    assert told["Message"] == "Bound."
    assert told["Request IDs"] == "req-a req-b"
    assert told["About"] == "Server db-1"
    assert page.link("db-1")["href"] == "/operations/?server=s-1"
    assert page.link("10.20.1.10")["href"] == "/vpc/vpcs/"
    copied = {button["data-copy"] for button in page.all("button") if button["data-copy"]}
    assert {"req-a", "req-b", str(record.id)} <= copied


def test_its_course_is_told(visit):
    record = OperationFactory.create(event=None)
    EventFactory.create(operation=record, at=T)
    EventFactory.create(
        operation=record, at=T + dt.timedelta(seconds=2), state="done", message="Bound."
    )

    assert visit(url_of(record)).rows() == [
        {"Time": "14 Jan 2026, 09:02:41 UTC", "State": "Planned", "Message": "--"},
        {"Time": "14 Jan 2026, 09:02:43 UTC", "State": "Done", "Message": "Bound."},
    ]


def test_changes_stand_side_by_side_in_signs_and_words(visit):
    change = {"title": "NIC 10.20.0.31", "before": ["a", "b"], "after": ["b", "c"]}

    page = visit(url_of(OperationFactory.create(changes=[change])))

    [section] = page.all("section", class_="change")
    lists = [each.text for each in section.walk() if each.tag == "ul"]
    assert lists == ["removed: − a stays: b", "stays: b added: + c"]  # noqa: RUF001
    assert [each.text for each in section.walk() if each.tag == "p"] == ["Before", "After"]


def test_nothing_before_is_said(visit):
    change = {"title": "A new VIP", "before": [], "after": ["address 10.20.1.9"]}

    page = visit(url_of(OperationFactory.create(changes=[change])))

    assert "Before (nothing) After added: + address 10.20.1.9" in page.text


def test_without_changes_that_is_said(visit):
    assert "Nothing was to be written." in visit(url_of(OperationFactory.create(changes=[]))).text


@pytest.mark.parametrize(
    ("before", "after", "signs"),
    [
        ([], [], ("", "")),
        (["a"], ["a"], (" ", " ")),
        (["a", "a"], ["a"], (" -", " ")),
        (["a"], ["a", "a"], (" ", " +")),
        (["a", "b"], ["b", "a"], ("  ", "  ")),
    ],
)
def test_lines_are_compared_one_by_one(before, after, signs):
    both = side_by_side({"title": "x", "before": before, "after": after})

    found = ["".join(sign for sign, _ in side) for side in (both.before, both.after)]
    assert tuple(found) == signs
    assert [text for _, text in both.before] == before
    assert [text for _, text in both.after] == after


def test_htmx_gets_the_details_only(visit):
    page = visit(url_of(OperationFactory.create()), htmx=True)

    assert not page.all("main")
    assert page.all("div", id="operation")


@pytest.mark.parametrize("url", ["/operations/{}/", "/operations/{}/?x=1"])
def test_an_id_that_never_was_is_a_404_page(visit, url):
    assert visit(url.format(uuid4()), status=404).h1


def test_what_another_project_has_does_not_exist(visit):
    record = OperationFactory.create(project_id="f" * 32, message="their-secret")

    assert "their-secret" not in visit(url_of(record), status=404).html


def test_it_stands_while_the_cloud_is_down(visit, emulator):
    emulator.faults.add(Fault("*", "", "refused", times=None))

    assert visit(url_of(OperationFactory.create())).h1


# what belongs together


def test_an_undo_and_what_it_undid_lead_to_each_other(visit):
    first = OperationFactory.create()
    undo = OperationFactory.create(name="Undo", reverses=first)

    assert facts(visit(url_of(undo)))["Undoes"].startswith("Bind to Server 10.20.1.10")
    page = visit(url_of(first))
    assert facts(page)["Undone by"].startswith("Undo 10.20.1.10")
    assert page.link("Undo 10.20.1.10")["href"] == url_of(undo)


def test_a_repair_and_what_it_settled_lead_to_each_other(visit):
    repair = OperationFactory.create(name="Repair")
    broken = OperationFactory.create(settled_by=repair)

    assert facts(visit(url_of(broken)))["Settled by"].startswith("Repair 10.20.1.10")
    assert facts(visit(url_of(repair)))["Settled"].startswith("Bind to Server 10.20.1.10")


# undo


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        ("undone", "taken back already"),
        ("refused", "changed nothing"),
        ("failed", "changed nothing"),
        ("planned", "not finished yet"),
        ("applying", "not finished yet"),
    ],
)
def test_where_nothing_can_be_undone_the_reason_is_said(visit, ended, reason):
    page = visit(url_of(OperationFactory.create(state=ended)))

    button = page.button("Undo")
    assert button["aria-disabled"] == "true"
    assert reason in page.all("span", id=button["aria-describedby"])[0].text


def test_what_is_done_can_be_undone_where_there_is_a_page_for_it(visit):
    record = OperationFactory.create()

    page = visit(url_of(record))

    links = [a["href"] for a in page.all("a", id="undo")]
    assert links == [reverse("vpc:operation_undo", args=[record.id])]
    assert not page.all("button", id="undo")


@pytest.mark.parametrize(("ended", "is_greyed"), [("done", True), ("failed", False)])
def test_what_was_undone_is_not_undone_again(visit, ended, is_greyed):
    record = OperationFactory.create()
    OperationFactory.create(name="Undo", reverses=record, state=ended)

    assert bool(visit(url_of(record)).all("button", id="undo")) is is_greyed


def test_who_may_only_look_is_told_so(sign_in, emulator):
    UserFactory(name="viewer", roles="reader")

    page = Page(sign_in("viewer").get(url_of(OperationFactory.create())))

    assert "only allows viewing" in page.all("span", id="undo-reason")[0].text


# what is not settled


def test_of_one_that_needs_repair_it_says_where(visit):
    page = visit(url_of(OperationFactory.create(state="needs repair", target_url="/vpc/vpcs/?a=b")))

    assert "A part of this is, or may be, left in the cloud" in page.text
    assert page.link("Open the page of its target")["href"] == "/vpc/vpcs/?a=b"


def test_of_one_that_was_left_open_it_says_what_happens_next(visit):
    page = visit(url_of(OperationFactory.create(state="applying", milliseconds=None)))

    assert "The console was stopped in the middle of this" in page.text
    assert facts(page)["Duration"] == "--"
    assert page.has("Open the page of its target")


def test_one_that_is_being_carried_out_is_said_to_be(visit):
    record = OperationFactory.create(state="applying")

    with leases.held(record.run, ["port:x"], words="", patience=0):
        page = visit(url_of(record))

    assert "This is being carried out right now" in page.text


# append-only


@pytest.mark.parametrize("ended", CLOSED)
def test_a_closed_record_does_not_change(db, emulator, ended):
    record = OperationFactory.create(state=ended)
    record.message = "Something else."

    with pytest.raises(TypeError, match="does not change"):
        record.save()
    with pytest.raises(TypeError, match="does not change"):
        record.save(update_fields=["message"])

    assert Operation.objects.get().message != "Something else."


@pytest.mark.parametrize("ended", CLOSED)
def test_a_closed_record_is_not_closed_again(db, emulator, ended):
    record = OperationFactory.create(state=ended, message="So it was.")

    operations.close(record, OperationState.NEEDS_REPAIR, "Otherwise.")

    stored = Operation.objects.get()
    assert (stored.state, stored.message) == (ended, "So it was.")
    assert stored.events.count() == 1


def test_what_was_closed_meanwhile_is_not_carried_out(db, emulator):
    record = OperationFactory.create(state="planned")
    operations.close(Operation.objects.get(), OperationState.FAILED, "Stopped.")

    with pytest.raises(leases.LeaseLost):
        operations.apply(record, operations.Written(steps=[], changes=[]))

    assert Operation.objects.get().state == "failed"


@pytest.mark.parametrize("fact", Operation.FACTS)
def test_facts_of_an_open_one_do_not_change_either(db, emulator, fact):
    other = OperationFactory.create()
    record = OperationFactory.create(state="applying")
    new = {"at": T, "run": uuid4(), "reverses_id": other.id}.get(fact, "something else")
    setattr(record, fact, new)

    with pytest.raises(TypeError, match=fact):
        record.save()


def test_records_are_neither_deleted_nor_changed_many_at_once(db, emulator):
    record = OperationFactory.create()
    SubjectFactory.create(operation=record)

    for act in (
        record.delete,
        record.events.get().delete,
        record.subjects.get().delete,
        Operation.objects.all().delete,
        lambda: Operation.objects.update(message="x"),
    ):
        with pytest.raises(TypeError):
            act()
    assert Operation.objects.get().message == record.message


# secrets and hostile names


def record_rows():
    """All that is in any column of any record."""
    for name in ("Operation", "OperationEvent", "OperationSubject", "Lease", "Submission"):
        yield from apps.get_model("console", name).objects.values_list()


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_no_token_and_no_password_is_kept_or_shown(sign_in, emulator, profile):
    tour = furnish()
    client = sign_in()
    Dialog(client, tour.dialog("bind", tour.free)).done(**choose(*tour.servers))
    Dialog(client, tour.dialog("unbind", tour.free)).send(
        nic=[server.nic.id for server in tour.servers]
    )
    Dialog(client, tour.dialog("assign")).done()
    emulator.faults.add(Fault("DELETE", "/ports/", "status", status=403))
    Dialog(client, tour.dialog("release", tour.free)).send()

    urls = ["/operations/", *(url_of(record) for record in Operation.objects.all())]
    texts = [str(row) for row in record_rows()]
    texts += [client.get(url).content.decode() for url in urls]
    texts.append(b"".join(client.get("/operations/csv/").streaming_content).decode())

    secrets = [*state().tokens, "demo-password"]
    assert len(state().tokens) >= 2
    assert Operation.objects.count() >= 3
    assert [secret for secret in secrets for text in texts if secret in text] == []


@pytest.mark.parametrize("kind", [*HOSTILE, "formula"])
def test_hostile_names_are_text_on_all_pages(sign_in, emulator, kind):
    name = HOSTILE.get(kind, "=cmd|'/c calc'!A0")
    tour = furnish(name=name)
    client = sign_in()
    client.get("/bms/servers/")
    Dialog(client, tour.dialog("bind", tour.free)).done(**choose(tour.servers[0]))
    [record] = Operation.objects.all()
    hostile = OperationFactory.create(
        user_name=name, domain_name=name, project_name=name, target=name, message=name,
        request_ids=[name], changes=[{"title": name, "before": [name], "after": [name * 2]}],
    )  # fmt: skip
    SubjectFactory.create(operation=hostile, kind="server", ref=tour.servers[0].id, label=name)
    shown = " ".join(name.split())

    for url in ("/operations/", url_of(record), url_of(hostile)):
        page = Page(client.get(url))
        assert {script["src"][:8] for script in page.all("script")} <= {"/static/"}
        assert not page.all("b")
        assert not page.all("img", src="x")
        assert not [e for e in page.root.walk() if e["href"].startswith("javascript:")]
    assert shown in Page(client.get(url_of(hostile))).text
    filtered = Page(client.get(f"/operations/?server={tour.servers[0].id}"))
    assert len(filtered.rows()) == 2
    assert shown in filtered.all("div", class_="chosen")[0].text
