"""`make screenshots`: the README's pictures, of a console with the demo cloud, made anew."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize, expect, sync_playwright

import tests.environment  # noqa: F401 - it sets what the console needs
from tests.browser import chromium
from tests.race.consoles import CONSOLE, Console, environment_of
from tests.running import ROOT, run

IMAGES = ROOT / "docs" / "images"
SIZE = ViewportSize(width=1280, height=800)


def log_in(page):
    page.goto("/")
    fields = {"Domain": "acme", "User name": "demo", "Password": "demo-password"}
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Log In").click()
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def walk_to_subnet(page):
    page.goto("/bms/servers/")
    page.get_by_role("link", name="db-1", exact=True).click()
    page.get_by_role("link", name="NICs", exact=True).click()
    page.get_by_role("link", name="Manage Virtual IP Address").first.click()
    expect(page.get_by_role("link", name="Bind to Server").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def take(page, name):
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


def take_all(page):
    log_in(page)
    walk_to_subnet(page)
    take(page, "virtual-ips")
    row = page.locator("#vips tbody tr", has_text="vip-free")
    row.get_by_role("link", name="Bind to Server").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="db-2", exact=True).check()
    expect(dialog.locator("#bind-preview")).to_contain_text("10.20.0.3")
    page.wait_for_load_state("networkidle")
    take(page, "bind-to-server")
    page.keyboard.press("Escape")
    page.locator("#vips tbody th a", has_text="10.20.0.100").click()
    expect(page.get_by_role("img", name="10.20.0.100")).to_be_visible()
    take(page, "virtual-ip")


def main():
    with tempfile.TemporaryDirectory() as var:
        url = f"sqlite:///{var}/console.sqlite3"
        environment = environment_of(url, "", var) | {"CLOUD_AUTH_URL": "embedded"}
        code, printed = run("manage.py", "prepare", var=Path(var), DATABASE_URL=url)
        assert code == 0, printed
        console = Console(environment, workers=1, app=CONSOLE)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium.find(), args=chromium.ARGUMENTS
                )
                take_all(browser.new_page(base_url=console.url, viewport=SIZE))
                browser.close()
        finally:
            console.stop()
    for image in sorted(IMAGES.iterdir()):
        print(os.path.relpath(image), f"{image.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
