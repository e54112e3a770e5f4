"""Answers of the cloud that hardly change, kept for a while: names of VPCs, ranges, images.

They are for looking only. What a change is planned on is read anew, and so is a page that somebody
reloads (`CloudClient.reads_anew`). Lists, details and tabs say how old what they show of them is
(`components/kept.html`); in a dialog the subnet and the routers may be kept ones until it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.cache import cache
from django.utils import timezone

from console.cloud.client import Started

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from console.cloud.client import CloudClient

T = TypeVar("T")

SECONDS = 300


@dataclass(frozen=True)
class _Answer(Generic[T]):
    value: T
    read_at: dt.datetime


class Kept(Started[T]):
    """An answer that was kept, or the read of it that is under way. Failures are not kept."""

    def __init__(
        self,
        cloud: CloudClient,
        read: Callable[..., T],
        *args: str,
        anew: bool = False,
        **filters: str,
    ) -> None:
        """`read` is a method of an API class."""
        self._cloud = cloud
        self._read = partial(read, *args, **filters)
        self._key = _key(cloud, read.__qualname__, args, filters)
        is_wanted = not (anew or cloud.reads_anew)
        self._answer: _Answer[T] | None = cache.get(self._key) if is_wanted else None
        self._reading = None if self._answer else cloud.start(self._ask)

    def result(self) -> T:
        if self._reading:
            return self._reading.result()
        assert self._answer is not None  # noqa: S101 - one of the two is always there
        self._cloud.shows_kept(self._answer.read_at)
        return self._answer.value

    def renewed(self) -> Kept[T]:
        """Read now, where it was kept: for who misses something in it."""
        if self._answer:
            self._answer, self._reading = None, self._cloud.start(self._ask)
        return self

    def _ask(self) -> T:
        value = self._read()
        cache.set(self._key, _Answer(value, timezone.now()), SECONDS)
        return value


def _key(cloud: CloudClient, name: str, *what: Any) -> str:
    """Roles belong to it: who may see more must not fill the cache of who may see less."""
    roles = sorted(cloud.scope.roles)
    of = (cloud.config.auth_url, cloud.region, cloud.project_id, roles, name, what)
    return f"kept:{sha256(repr(of).encode()).hexdigest()}"
