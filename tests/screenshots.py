"""`make screenshots`: the README's pictures, of a console with the demo cloud, made anew."""

from __future__ import annotations

import os

from playwright.sync_api import ViewportSize, expect

from tests.demo import browser, demo, log_in, walk_to_subnet
from tests.running import ROOT

IMAGES = ROOT / "docs" / "images"
SIZE = ViewportSize(width=1280, height=800)


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
    with demo() as url, browser() as started:
        take_all(started.new_page(base_url=url, viewport=SIZE, locale="en"))
    for image in sorted(IMAGES.iterdir()):
        print(os.path.relpath(image), f"{image.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
