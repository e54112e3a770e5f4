"""Operation records as a file for a spreadsheet, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

from django.utils import translation

from console.side_by_side import side_by_side

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from console.models import Operation, OperationQuerySet, OperationState

MOST = 10_000
CUT = "Only the newest {:,} records are in this file. Choose a shorter time to get the rest."
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets do not take the file for UTF-8."""

HEADINGS = (
    *("Time (UTC)", "Operation", "Target", "State", "Message", "Duration (ms)"),
    *("User", "User ID", "Domain", "Project", "Project ID", "Region"),
    *("Changes", "Request IDs", "Record ID", "Undoes record"),
)
FORMULA = re.compile(r"^\s*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - also taken for formulas


class _Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(records: OperationQuerySet, most: int = MOST) -> Iterator[str]:
    """The file, line by line; its last one says so where it was cut."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow(HEADINGS)
    for number, record in enumerate(records[: most + 1].iterator(chunk_size=500)):
        if number == most:
            yield writer.writerow([CUT.format(most)])
            return
        yield writer.writerow(harmless(cell) for cell in _cells(record))


def harmless(cell: object) -> object:
    """The same text, but never a formula: spreadsheets take what follows a ' for text."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def file_name(project: str, day: dt.date) -> str:
    """Only letters, digits, - and _ of the project's name are left."""
    name = re.sub(r"[^\w-]+", "-", project).strip("-_")[:80]
    return f"operation-records-{name or 'project'}-{day:%Y-%m-%d}.csv"


def _cells(record: Operation) -> tuple[Any, ...]:
    return (
        f"{record.at:%Y-%m-%dT%H:%M:%SZ}",
        record.name,
        record.target,
        _english(record.status),
        record.message,
        record.milliseconds,
        record.user_name,
        record.user_id,
        record.domain_name,
        record.project_name,
        record.project_id,
        record.region,
        " | ".join(_change_words(record.changes)),
        " ".join(record.request_ids),
        str(record.id),
        str(record.reverses_id or ""),
    )


def _english(state: OperationState) -> str:
    """The file is read by programs too: its own words are the same for everybody."""
    with translation.override("en"):
        return str(state.label)


def _change_words(changes: Iterable[dict[str, Any]]) -> Iterator[str]:
    """`NIC 10.20.0.31: added 10.20.1.10; stays 192.0.2.7`"""
    for change in changes:
        both = side_by_side(change)
        words = [f"removed {text}" for sign, text in both.before if sign == "-"]
        words += [f"added {text}" for sign, text in both.after if sign == "+"]
        words += [f"stays {text}" for sign, text in both.before if sign == " "]
        yield f"{both.title}: {'; '.join(words) or 'nothing'}"
