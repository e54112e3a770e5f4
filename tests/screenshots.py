"""`make screenshots`: the README's pictures, of a console with the demo cloud, made anew."""

from __future__ import annotations

import os

from playwright.sync_api import ViewportSize, expect

from tests.demo import browser, demo, log_in, walk_to_subnet
from tests.running import ROOT

IMAGES = ROOT / "docs" / "images"
SIZE = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=740)


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
    page.wait_for_load_state("networkidle")
    take(page, "virtual-ip")
    page.emulate_media(color_scheme="dark")
    page.go_back()
    page.locator("#vips tbody th a", has_text="10.20.0.102").click()
    expect(page.get_by_role("img", name="10.20.0.102")).to_be_visible()
    take(page, "half-bound-dark")


def take_phone(page):
    """In German, as a browser asks for it."""
    page.goto("/")
    page.get_by_role("button", name="Als Administrator ausprobieren").click()
    page.get_by_role("main").get_by_role("button").first.click()
    page.goto("/high-availability/")
    take(page, "phone-german")


def main():
    with demo() as url, browser() as started:
        take_all(started.new_page(base_url=url, viewport=SIZE, locale="en"))
        take_phone(started.new_page(base_url=url, viewport=PHONE, locale="de-DE"))
    for image in sorted(IMAGES.iterdir()):
        print(os.path.relpath(image), f"{image.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
