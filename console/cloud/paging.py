"""Pages of lists: one page for a screen, or all of them where a decision needs the whole.

Nova answers `servers_links`, Neutron `ports_links` and so on, with the next page's address in the
entry whose `rel` is `next` (cloud-api 2.4, 3.6). Only the marker in it is used: hosts in links are
often those behind a proxy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec
from django.utils.translation import gettext as _

from console.cloud.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
MOST_PAGES = 200


class Link(msgspec.Struct, frozen=True):
    rel: str
    href: str


class Listing(Protocol[T_co]):
    """The envelope of one page: what every list answer is decoded into."""

    @property
    def items(self) -> tuple[T_co, ...]: ...

    @property
    def links(self) -> tuple[Link, ...]: ...


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some items, and the marker with which the next ones can be asked for (None: no more)."""

    items: tuple[T, ...]
    next_marker: str | None = None


def next_marker(links: Iterable[Link]) -> str | None:
    """The marker in the `next` link, if there is one. Raises `BadAnswer` for a link without any:
    a list must not end early unnoticed."""
    for link in links:
        if link.rel == "next" and link.href:
            try:
                return parse_qs(urlsplit(link.href).query)["marker"][0]
            except (KeyError, ValueError) as error:
                words = _("The address of the list's next page has no marker.")
                raise BadAnswer(words) from error
    return None


def every_item(fetch: Callable[[str | None], Page[T]]) -> tuple[T, ...]:
    """All items of all pages. A cloud that repeats a marker raises `BadAnswer`, not a loop."""
    items: list[T] = []
    marker: str | None = None
    seen: set[str] = set()
    for _number in range(MOST_PAGES):
        page = fetch(marker)
        items.extend(page.items)
        marker = page.next_marker
        if marker is None:
            return tuple(items)
        if marker in seen:
            break
        seen.add(marker)
    raise BadAnswer(_("The pages of this list never end."))
