"""The demo as a process of its own, and the way to its pages in Chromium."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

from tests.browser import chromium
from tests.running import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@contextmanager
def demo() -> Iterator[str]:
    """Its address. As a user starts it: with files that are compressed and kept by the browser."""
    with tempfile.TemporaryDirectory() as var:
        server = Server(var)
        try:
            yield server.url
        finally:
            server.stop()


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        yield started
        started.close()


def log_in(page):
    page.goto("/")
    fields = {"Domain": "acme", "User name": "demo", "Password": "demo-password"}
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Log In", exact=True).click()
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def walk_to_subnet(page):
    """By the documented way, to the tab Virtual IP Address."""
    page.goto("/bms/servers/")
    page.get_by_role("link", name="db-1", exact=True).click()
    page.get_by_role("link", name="NICs", exact=True).click()
    page.get_by_role("link", name="Manage Virtual IP Address").first.click()
    expect(page.get_by_role("link", name="Bind to Server").first).to_be_visible()
    page.wait_for_load_state("networkidle")
