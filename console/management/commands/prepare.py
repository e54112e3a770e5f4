"""Brings database, translations and static files up to date, in one process: a quick start."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from console.catalogs import compile_catalogs

if TYPE_CHECKING:
    from collections.abc import Iterator

UNUSED = ["htmx-4*", "htmax-*", "htmx-2.js", "django-htmx.js", "ext"]
"""What django-htmx brings and no page asks for: compressing it takes several seconds."""

LOCK = 7_206_451
"""Any number, the same for all versions: PostgreSQL knows its advisory locks by one."""


class Command(BaseCommand):
    help = "Migrates the database, compiles the translations and collects the static files."

    def handle(self, **_: object) -> None:
        with _alone_on_this_host(), _alone_on_this_database():
            compile_catalogs()
            call_command("migrate", verbosity=0, interactive=False)
            # Old files stay: another process may be serving them.
            call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=UNUSED)
            call_command("clearsessions")


@contextmanager
def _alone_on_this_host() -> Iterator[None]:
    """Of two starts at once the second waits for the first."""
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.VAR_DIR / "prepare.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _alone_on_this_database() -> Iterator[None]:
    """So does a start on another host, whose migration would meet half of ours."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
