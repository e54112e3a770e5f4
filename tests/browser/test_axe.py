"""axe finds nothing on any page: light and dark, wide and narrow.

With GALLERY=folder in the environment each of these states is put there as a picture
(`make gallery`), for people to look at.
"""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import expect

from console.emulator.faults import Fault
from tests.factories import (
    FloatingIPFactory,
    ProjectFactory,
    SubnetFactory,
    UserFactory,
    VirtualIPFactory,
    state,
)
from tests.record_factories import OperationFactory
from tests.tour import DIALOGS, RECORDS, furnish
from tests.vpc.eips import give

GALLERY = os.environ.get("GALLERY")
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 800}
EVERYTHING = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS = {**EVERYTHING, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What differs in the dark are the colours.
WAYS = (
    (WIDE, "light", EVERYTHING),
    (WIDE, "dark", COLOURS),
    (NARROW, "dark", COLOURS),
    (NARROW, "light", EVERYTHING),
)
# First the new size and colours must all be in force.
RUN = """async (options) => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let n = 0; n < 6; n += 1) {
        await frame();
        for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
    }
    return axe.run(options);
}"""


class Looker:
    """Looks at page after page and tells at the end what it found on all of them."""

    def __init__(self, tab, test: str) -> None:
        self.tab = tab
        self.test = test
        self.found: list[str] = []
        self.seen = 0

    def look(self, what: str) -> None:
        page = self.tab.page
        page.evaluate(AXE_SCRIPT)
        for size, colours, options in WAYS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=colours)
            results = AxeResults(page.evaluate(RUN, options))
            self.keep(what, f"{colours}-{size['width']}")
            if results.violations_count:
                where = f"{what}, {colours}, {size['width']} wide"
                self.found.append(f"{where}: {results.generate_report()}")
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        self.seen += 1

    def keep(self, what: str, way: str) -> None:
        if not GALLERY:
            return
        Path(GALLERY).mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", f"{self.test} {self.seen:02} {what}")[:150]
        is_open = self.tab.page.locator("dialog[open]").count()
        self.tab.page.screenshot(
            path=Path(GALLERY) / f"{name}.{way}.png",
            full_page=not is_open,
            animations="disabled",
            caret="initial",
        )

    def open(self, url: str, what: str = "") -> None:
        self.tab.open(url)
        self.tab.is_whole_page()
        self.tab.is_at_rest()
        self.look(what or url)


@pytest.fixture
def looker(open_tab, request):
    """Call it with what `open_tab` takes."""
    lookers = []

    def start(**options):
        lookers.append(Looker(open_tab(reduced_motion="reduce", **options), request.node.name))
        return lookers[-1]

    yield start
    for each in lookers:
        assert each.seen
        assert not each.found, "\n\n".join(each.found)


def test_pages_before_a_project_is_chosen(looker):
    ProjectFactory(name="other")
    UserFactory(name="two", projects=[ProjectFactory(name="first"), ProjectFactory(name="second")])
    look = looker(user=None)
    look.tab.expect_status(422)
    look.open("/sign-in/", "sign-in")
    look.tab.page.get_by_text("I use a one-time passcode").click()
    look.look("sign-in with the passcode field")
    look.tab.log_in("two", "wrong")
    expect(look.tab.main).to_contain_text("The sign-in was refused")
    look.look("sign-in refused")
    look.tab.log_in("two")
    expect(look.tab.heading).to_have_text("Choose a Project")
    look.look("choice of the project")


def test_pages_of_servers_and_networks(looker):
    tour = furnish()
    empty = SubnetFactory(name="subnet-empty", vpc=tour.vpc)
    look = looker()
    of_empty = f"/vpc/networks/{empty.network_id}/subnets/{empty.id}/"
    urls = {
        "home": "/",
        "high availability": "/high-availability/",
        "servers": "/bms/servers/",
        "no server matches": "/bms/servers/?q=nothing-like-it",
        "no virtual IP address": f"{of_empty}?tab=virtual-ips",
        "no virtual IP address matches": f"{tour.urls['subnet_virtual_ips']}&q=nothing",
        "no server in the subnet": f"{of_empty}?tab=servers",
        "bound to nothing": tour.dialog("detail", tour.free),
    }
    names: tuple[str, ...] = ("server_detail", "server_nics", "vpc_list", "vpc_detail")
    names += (
        "virtual_ip_detail",
        "subnet_summary",
        "subnet_virtual_ips",
        "subnet_servers",
        "virtual_ip_bind_chosen",
    )
    for what, url in (urls | {name: tour.urls[name] for name in names}).items():
        look.open(url, what)
    look.open("/bms/servers/", "the user's menu")
    look.tab.page.locator("summary", has_text="User menu").click()
    look.look("the user's menu")


def test_pages_of_operation_records(looker):
    tour = furnish(records=True)
    broken = OperationFactory.create(state="needs repair")
    OperationFactory.create(name="Unbind from Server", state="applying", milliseconds=None)
    look = looker()
    for url in (
        *(tour.urls[name] for name in RECORDS),
        "/operations/",
        "/operations/?vip=nonsense&state=nonsense&since=nonsense",
        "/operations/?vip=10.9.9.9",
        f"/operations/{broken.id}/",
    ):
        look.open(url)


def test_pages_without_anything(looker):
    look = looker()
    for url in ("/bms/servers/", "/vpc/vpcs/", "/operations/"):
        look.open(url, f"empty {url}")


def test_dialogs(looker):
    tour = furnish()
    look = looker()
    tab = look.tab
    for name in DIALOGS:
        look.open(tour.dialog(name), f"{name} as a page")
    look.open(tour.urls["virtual_ips_release"], "release of several as a page")
    look.open(tour.urls["virtual_ips_unbind_eip"], "unbind EIP of several as a page")
    tab.open(tour.urls["subnet_virtual_ips"])
    row, free = tab.row(tour.vip.ip_address), tab.row(tour.free.ip_address)
    ways = {
        "Assign Virtual IP Address": lambda: tab.link("Assign Virtual IP Address"),
        "Bind to Server": lambda: free.get_by_role("link", name="Bind to Server"),
        "Bound Server": lambda: tab.more(row, "Unbind from Server"),
        "Release": lambda: tab.more(free, "Release"),
    }
    for title, opener in ways.items():
        opener().click()
        tab.sees_dialog(title)
        if title == "Bind to Server":
            tab.dialog.get_by_role("checkbox", name="db-1").check()
            preview = tab.dialog.get_by_role("region", name="What will change")
            expect(preview).to_contain_text(tour.servers[0].ip_address)
        look.look(f"dialog {title}")
        tab.press("Escape")
        tab.sees_no_dialog()
    tab.more(row, "Release").click()
    tab.sees_dialog("Release")
    look.look("dialog Release, refused")
    tab.press("Escape")
    tab.page.get_by_role("checkbox", name="Tick all shown").check()
    look.look("ticked rows")
    tab.main.get_by_role("button", name="Release", exact=True).click()
    tab.sees_dialog("Release")
    look.look("dialog Release of several")


def test_dialogs_about_eips(looker, emulator):
    tour = furnish()
    for status in ("FREEZED", "ERROR", *["DOWN"] * 9):
        FloatingIPFactory(status=status)
    busy = VirtualIPFactory(subnet=tour.subnet, ip_address="10.20.1.20")
    FloatingIPFactory(port=busy, busy_until=float("inf"))
    look = looker()
    tab = look.tab
    tab.expect_status(422)
    look.open(tour.dialog("unbind_eip", busy), "an EIP that is being changed")
    tab.open(tour.urls["subnet_virtual_ips"])
    row, free = tab.row(tour.vip.ip_address), tab.row(tour.free.ip_address)
    look.look("a table with an EIP on its way")
    free.get_by_role("link", name="Bind to EIP").click()
    tab.sees_dialog("Bind to EIP")
    look.look("dialog Bind to EIP")
    tab.dialog.get_by_role("radio").first.check()
    tab.sees_change("10.20.1.11")
    look.look("dialog Bind to EIP with a choice")
    give(tour.free_eip, busy)
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.dialog).to_contain_text("Choose a free EIP")
    look.look("dialog Bind to EIP, refused")
    tab.press("Escape")
    row.get_by_role("link", name="Unbind from EIP").click()
    tab.sees_dialog("Unbind from EIP")
    look.look("dialog Unbind from EIP")
    tab.press("Escape")
    tab.page.get_by_role("checkbox", name="Tick all shown").check()
    tab.main.get_by_role("button", name="Unbind EIP", exact=True).click()
    tab.sees_dialog("Unbind EIP")
    look.look("dialog Unbind EIP of several")
    emulator.faults.add(Fault("PUT", "/floatingips/", "status", status=409))
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.dialog.get_by_role("list", name="Results")).to_be_visible()
    look.look("dialog Unbind EIP of several, failed")
    for floating in [one for one in state().floating_ips.values() if not one.port_id]:
        del state().floating_ips[floating.id]
    look.open(tour.dialog("bind_eip", tour.free), "no free EIP")


def test_what_is_shown_when_things_go_wrong(looker, emulator):
    tour = furnish()
    look = looker()
    tab = look.tab
    tab.expect_status(404, 422, 500, 503)
    tab.open("/nothing-here/")
    look.look("404")
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.link("Assign Virtual IP Address").click()
    tab.dialog.get_by_text("Manual", exact=True).click()
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.dialog).to_contain_text("Type the address")
    look.look("a wrong field")
    emulator.faults.add(Fault("POST", "/ports", "status", status=409, skip=1, times=1))
    field = tab.dialog.get_by_label("Virtual IP Address", exact=True)
    field.fill("10.20.1.77\n10.20.1.78")
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.dialog.get_by_role("list", name="Results")).to_be_visible()
    look.look("one of two failed")
    emulator.faults.add(Fault("*", "/network", "refused", times=None))
    tab.dialog.get_by_role("button", name="OK").click()
    expect(tab.dialog).to_contain_text("cannot be reached")
    look.look("the cloud fails under a dialog")
    tab.press("Escape")
    tab.link("Refresh").first.click()
    expect(tab.toasts).not_to_be_empty()
    look.look("an error's toast")
    tab.open(tour.urls["subnet_virtual_ips"])
    tab.is_whole_page()
    look.look("cloud down")


def test_what_a_viewer_sees(looker):
    tour = furnish()
    UserFactory(name="viewer", roles="reader")
    look = looker(user="viewer")
    look.open(tour.urls["subnet_virtual_ips"], "a viewer's table")
    look.open(tour.dialog("assign"), "a viewer's dialog")


def test_dialogs_while_they_wait(looker, emulator):
    tour = furnish()
    look = looker()
    tab = look.tab
    tab.open(tour.urls["subnet_virtual_ips"])
    gates = threading.Event(), threading.Event()
    emulator.faults.add(Fault("GET", "/networks", "hook", hook=lambda: gates[0].wait(60)))
    emulator.faults.add(Fault("DELETE", "/ports", "hook", hook=lambda: gates[1].wait(60)))
    try:
        tab.link("Assign Virtual IP Address").click()
        tab.sees_dialog("This takes a moment")
        look.look("a late dialog")
        gates[0].set()
        tab.sees_dialog("Assign Virtual IP Address")
        tab.press("Escape")
        tab.page.get_by_role("checkbox", name=f"Tick {tour.free.ip_address}", exact=True).check()
        tab.main.get_by_role("button", name="Release", exact=True).click()
        tab.sees_dialog("Release")
        tab.dialog.get_by_role("button", name="OK").click()
        expect(tab.dialog.locator("[data-progress] li")).to_contain_text("Under way")
        look.look("a dialog that is being carried out")
    finally:
        for gate in gates:
            gate.set()
    tab.sees_no_dialog()


def test_the_page_of_a_submit(looker, sign_in):
    user = sign_in().get("/").wsgi_request.account.user
    record = OperationFactory.create(user_id=user.id, state="applying")
    OperationFactory.create(user_id=user.id, run=record.run, state="needs repair")
    look = looker()
    look.open(f"/operations/runs/{record.run}/")


@pytest.mark.parametrize("url", ["/patterns/", "/patterns/?dialog", "/vpc/patterns/"])
def test_the_pattern_pages(looker, url):
    looker().open(url)
