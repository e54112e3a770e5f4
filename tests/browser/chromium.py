"""Debian's Chromium, and how it is started."""

from __future__ import annotations

import shutil

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "The browser tests need Chromium. Debian: apt-get install chromium"


def find() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)
