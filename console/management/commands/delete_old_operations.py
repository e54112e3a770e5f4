"""Forgets operation records that are old enough; run it daily."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from console.models import Operation

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

BATCH = 500
MOST_DAYS = 36_500


class Command(BaseCommand):
    help = (
        "Deletes operation records that are older than OPERATION_RETENTION_DAYS. "
        "Open ones and those that need repair stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="instead of OPERATION_RETENTION_DAYS")
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *_: Any, days: int | None, dry_run: bool, **__: Any) -> None:
        days = settings.OPERATION_RETENTION_DAYS if days is None else days
        if not 0 <= days <= MOST_DAYS:
            raise CommandError(f"--days must be between 0 and {MOST_DAYS}.")
        if days == 0:
            self.stdout.write("Operation records are kept for ever (0 days): none was deleted.")
            return
        moment = timezone.now() - dt.timedelta(days=days)
        if dry_run:
            count = Operation.objects.closed_before(moment).count()
            self.stdout.write(f"{_records(count)} older than {days} days would be deleted.")
            return
        count = 0
        while deleted := Operation.objects.delete_closed(moment, most=BATCH):
            count += deleted
        self.stdout.write(f"{_records(count)} older than {days} days deleted.")


def _records(count: int) -> str:
    return f"{count} operation record{'' if count == 1 else 's'}"
