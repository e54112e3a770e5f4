"""Brings database and static files up to date, in one process so that a start stays quick."""

from __future__ import annotations

import fcntl
from typing import IO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

UNUSED = ["htmx-4*", "htmax-*", "htmx-2.js", "django-htmx.js", "ext"]
"""What django-htmx brings and no page asks for: compressing it takes several seconds."""


class Command(BaseCommand):
    help = "Migrates the database and collects the static files."

    def handle(self, **_: object) -> None:
        with _lock():
            call_command("migrate", verbosity=0, interactive=False)
            # Old files stay: another process may be serving them.
            call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=UNUSED)
            call_command("clearsessions")


def _lock() -> IO[str]:
    """Held until closed, so that two starts at once do not migrate together."""
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (settings.VAR_DIR / "prepare.lock").open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file
