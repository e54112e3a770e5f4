"""Filters for values: a time of the cloud, an entry of a mapping, a query added to a URL."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def cloud_time(text: str | dt.datetime | None, precision: str = "minutes") -> SafeString | str:
    """`2026-01-14T09:02:41Z` as `14 Jan 2026, 09:02 UTC`, or to the `"seconds"`. The VPC API leaves
    the Z out and means UTC all the same (cloud-api 3.2). What is no time stays as it is, nothing
    stays nothing."""
    if not text:
        return ""
    try:
        moment = text if isinstance(text, dt.datetime) else dt.datetime.fromisoformat(text)
    except ValueError:
        return str(text)
    moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    clock = f"{moment:%H:%M:%S}" if precision == "seconds" else f"{moment:%H:%M}"
    # Translators: A time: "14 Jan 2026, 09:02 UTC". {month} is short, as the language writes it.
    words = _("{day} {month} {year}, {time} UTC").format(
        day=moment.day, month=date_format(moment, "M"), year=f"{moment:%Y}", time=clock
    )
    return format_html(
        '<time datetime="{}">{}</time>', moment.isoformat(timespec="milliseconds"), words
    )


@register.filter
def duration(milliseconds: int | None) -> str:
    """`840` as `0.84 s`, `75000` as `1 min 15 s`; of what has not ended a dash."""
    if milliseconds is None:
        return "--"
    if milliseconds < 10_000:
        return f"{number_format(f'{milliseconds / 1000:.2f}')} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@register.filter
def breakable(label: str) -> SafeString | str:
    """`Source/Destination` may go on in a second line after its slash, not only inside a word."""
    before, slash, after = label.partition("/")
    return format_html("{}/<wbr>{}", before, after) if slash else label


@register.filter
def at(mapping: Mapping[str, object], key: str) -> object:
    """`names|at:server_id`: the entry, or nothing."""
    return mapping.get(key, "")


@register.filter
def with_query(url: str, query: str) -> str:
    """`url` with one more piece of query, which may be empty."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
