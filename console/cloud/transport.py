"""The process's one connection pool, and the deadline that bounds every wait of it."""

from __future__ import annotations

import http.client
import io
import time
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
from keystoneauth1.session import Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from console.cloud.config import EMBEDDED_URL
from console.cloud.embedded import WSGIAdapter

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from console.cloud.config import CloudConfig

POOL_SIZE = 64


class Deadline:
    """How long one request of a browser may wait for the cloud, all its calls together."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._began = clock()
        self._end = self._began + seconds

    @property
    def remaining(self) -> float:
        return max(0.0, self._end - self._clock())

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._began

    def at_least(self, seconds: float) -> None:
        """Move the end back where less than `seconds` are left."""
        self._end = max(self._end, self._clock() + seconds)

    @contextmanager
    def bounding(self) -> Iterator[None]:
        """Every wait for a socket of this thread ends with the deadline."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


class _BoundedReader(io.RawIOBase):
    """A socket's bytes up to the deadline.

    A socket's own time-out starts anew with every byte: of a head or body that drips it bounds
    nothing.
    """

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, deadline: Deadline) -> None:
        self._sock = sock
        self._raw = raw
        self._deadline = deadline
        self._patience = sock.gettimeout() or deadline.seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.remaining
        if left == 0:
            raise TimeoutError("The deadline has passed.")
        self._sock.settimeout(min(self._patience, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        deadline = _current.get()
        if deadline is not None:
            raw = self.fp.detach()
            self.fp = io.BufferedReader(_BoundedReader(sock, raw, deadline))


class _Connection(HTTPConnection):
    response_class = _BoundedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _BoundedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class BoundedAdapter(HTTPAdapter):
    """An adapter that never waits for ever: (connect, read) seconds for each call, and never
    beyond the deadline that bounds the thread."""

    def __init__(self, timeout: tuple[float, float], **options: Any) -> None:
        self._timeout = timeout
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        deadline = _current.get()
        # Never zero: urllib3 refuses it.
        left = max(deadline.remaining, 0.001) if deadline else float("inf")
        connect, read = self._timeout
        options["timeout"] = (min(connect, left), min(read, left))
        return super().send(request, **options)


def open_session(config: CloudConfig) -> Session:
    """A keystoneauth session over a fresh connection pool. One a process is enough: see `client`.

    No cookies are kept (the pool serves many users) and the environment is not consulted (a
    .netrc or proxy variable must not decide where tokens go).
    """
    http = requests.Session()
    http.trust_env = False
    http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    bounds = (config.connect_timeout, config.read_timeout)
    for prefix in ("https://", "http://"):
        http.mount(prefix, BoundedAdapter(bounds, pool_connections=16, pool_maxsize=POOL_SIZE))
    if config.embedded is not None:
        http.mount(EMBEDDED_URL, WSGIAdapter(config.embedded))
    return Session(session=http, verify=config.verify, user_agent="bms-console", redirect=False)
