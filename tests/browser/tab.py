"""A browser's tab as a person uses it: by labels, and watched for what no page may do."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import ConsoleMessage, Dialog, Error, Locator, Page, Request

STATUS = re.compile(r"status of (\d{3})|Response Status Error Code (\d{3})")


class Tab:
    """`problems` are scripts' errors, breaches of the content policy and alert boxes.

    Chromium writes a line for each answer of 400 and above: tests name those they expect.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.clicks = 0
        self._expected: set[str] = set()
        page.set_default_timeout(10_000)
        page.on("console", self._on_console)
        page.on("pageerror", self._on_error)
        page.on("dialog", self._on_alert)
        self._asked: set[Request] = set()
        page.on("request", lambda request: self._asked.add(request))
        page.on("requestfinished", lambda request: self._asked.discard(request))
        page.on("requestfailed", lambda request: self._asked.discard(request))

    def expect_status(self, *statuses: int) -> None:
        self._expected |= {str(status) for status in statuses}

    def expect_offline(self) -> None:
        self._expected |= {"net::ERR_", "htmx:sendError", "htmx:afterRequest"}

    def expect_abort(self) -> None:
        self._expected |= {"htmx:sendAbort", "htmx:afterRequest"}

    # --- going about ------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        self.page.goto(path, wait_until="load")

    def click(self, target: Locator) -> None:
        """A click that counts."""
        target.click()
        self.clicks += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def log_in(self, user: str = "demo", password: str = "") -> None:
        """Through the page, which must be open."""
        fields = {"Domain": "acme", "User name": user, "Password": password or f"{user}-password"}
        for label, value in fields.items():
            self.page.get_by_label(label, exact=True).fill(value)
        self.button("Log In").click()

    # --- finding ----------------------------------------------------------------------------------

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def toasts(self) -> Locator:
        return self.page.locator("#toasts")

    @property
    def rows(self) -> Locator:
        """The rows of the page's first table, without its headings."""
        return self.main.locator("table").first.locator("tbody").get_by_role("row")

    @property
    def vip_search(self) -> Locator:
        """The search above the table of VIPs."""
        return self.page.get_by_role("searchbox", name="Search by virtual IP address")

    def row(self, text: str) -> Locator:
        return self.rows.filter(has_text=text)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def more(self, row: Locator, entry: str) -> Locator:
        """An entry of the row's menu, which this opens."""
        row.get_by_text("More").click()
        return row.get_by_text(entry, exact=True)

    # --- saying what must be ----------------------------------------------------------------------

    def sees_dialog(self, title: str) -> None:
        expect(self.dialog.get_by_role("heading", name=title, exact=True)).to_be_visible()

    def sees_change(self, *words: str) -> None:
        """The preview shows what was chosen last: before that OK does nothing."""
        for each in words:
            expect(self.page.get_by_role("region", name="What will change")).to_contain_text(each)

    def sees_no_dialog(self) -> None:
        expect(self.dialog).to_have_count(0)

    def is_whole_page(self) -> None:
        """A page with everything around it, not a fragment that took its place."""
        expect(self.page.get_by_role("banner")).to_be_visible()
        expect(self.main).to_be_visible()
        expect(self.heading).to_have_count(1)
        assert self.page.evaluate("document.styleSheets.length") > 0

    def is_at_rest(self) -> None:
        """Nothing is asked for any more: no request meets the cloud of the next test."""
        self.waits_for(lambda: not self._asked)

    def waits_for(self, condition: Callable[[], object], seconds: float = 10) -> None:
        """For what is not on the page: the emulator's state, its log, `problems`."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it never came about"
            self.page.wait_for_timeout(25)  # lets the browser's events in

    # --- what must not happen ---------------------------------------------------------------------

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or self._is_expected(message.text):
            return
        self.problems.append(f"{message.text} ({self.page.url})")

    def _is_expected(self, text: str) -> bool:
        if found := STATUS.search(text):
            return (found[1] or found[2]) in self._expected
        return any(words in text for words in self._expected if not words.isdigit())

    def _on_error(self, error: Error) -> None:
        self.problems.append(f"{error} ({self.page.url})")

    def _on_alert(self, dialog: Dialog) -> None:
        self.problems.append(f"an alert box: {dialog.message} ({self.page.url})")
        dialog.dismiss()
