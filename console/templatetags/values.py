"""Filters for values: a time of the cloud, an entry of a mapping, a query added to a URL."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def cloud_time(text: str | None) -> SafeString | str:
    """`2026-01-14T09:02:41Z` as `14 Jan 2026, 09:02 UTC`. The VPC API leaves the Z out and means
    UTC all the same (cloud-api 3.2). What is no time stays as it is, nothing stays nothing."""
    if not text:
        return ""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    return format_html(
        '<time datetime="{}">{}</time>', moment.isoformat(), f"{moment:%-d %b %Y, %H:%M} UTC"
    )


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
