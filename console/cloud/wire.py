"""What can happen between sending a request and holding its answer, as `CloudError`s."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
import requests
from django.utils.translation import gettext as _
from keystoneauth1 import exceptions as ksa
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from urllib3.exceptions import (
    DecodeError,
    HTTPError,
    LocationValueError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)

from console import shapes
from console.cloud.errors import BadAnswer, CloudError, CloudTimeout, CloudUnavailable, error_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3 import HTTPResponse

    from console.cloud.transport import Deadline

T = TypeVar("T")

MOST_BYTES = 64 * 1024 * 1024
"""More than any list of ours: what unpacks to more would only fill the memory."""

KEPT_BODIES = range(16 * 1024, 4 * 1024 * 1024)
"""Sizes of answers whose values are kept: reading a large list takes longer than telling that it is
the very same one as before."""

REQUEST_ID_HEADERS = ("x-openstack-request-id", "x-compute-request-id", "x-request-id")
NO_ADDRESS = (InvalidSchema, InvalidURL, MissingSchema, LocationValueError)


@contextmanager
def talking_to(service: str, deadline: Deadline) -> Iterator[None]:
    """Bounds the calls made in the block by the deadline, and raises what their failing means.

    `outcome_unknown` is false only where the request surely never left.
    """
    if deadline.remaining == 0:
        raise _too_late(service, deadline, sent=False)
    try:
        with deadline.bounding():
            yield
    except (ksa.ConnectionError, requests.RequestException, HTTPError) as error:
        # keystoneauth hides which failure it was; the exception it replaced still tells.
        cause = error.__context__ if isinstance(error, ksa.ConnectionError) else error
        raise _meaning(cause, service, deadline) from error
    except (ksa.EndpointNotFound, ValueError) as error:
        raise _no_address(service) from error


def read_body(response: requests.Response, service: str) -> bytes:
    """The whole body, unpacked. To be called inside `talking_to`."""
    raw = cast("HTTPResponse", response.raw)
    chunks, size = [], 0
    try:
        while chunk := raw.read1(65536, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > MOST_BYTES:
                raise BadAnswer(
                    _("The {service} service answered more than {limit} MiB.").format(
                        service=service, limit=MOST_BYTES >> 20
                    ),
                    service=service,
                    outcome_unknown=True,
                )
    finally:
        # One that was read to its end is back in the pool already; any other ends here.
        response.close()
    return b"".join(chunks)


def request_id_of(headers: Mapping[str, str]) -> str:
    return next((headers[name] for name in REQUEST_ID_HEADERS if name in headers), "")


def check(status: int, headers: Mapping[str, str], body: bytes, *, service: str) -> None:
    """Raises what an answer that is no success stands for."""
    if 200 <= status < 300:
        return
    request_id = request_id_of(headers)
    if status >= 400:
        raise error_from(
            status,
            body,
            service=service,
            request_id=request_id,
            retry_after=headers.get("Retry-After"),
        )
    raise BadAnswer(
        _("HTTP {status}: the address of the {service} service leads elsewhere.").format(
            status=status, service=service
        ),
        status=status,
        service=service,
        request_id=request_id,
    )


def decode(answer: type[T], body: bytes, *, service: str, request_id: str = "") -> T:
    """The body as a value. Raises `BadAnswer` that names the field which does not fit."""
    try:
        if len(body) in KEPT_BODIES:
            return cast("T", _kept(body, cast("Any", answer)))
        return shapes.decode(body, answer)
    except msgspec.ValidationError as error:
        words = _("A field is missing or misshapen: {error}.").format(error=error)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        words = _("The answer is no JSON: {error}.").format(error=error)
    except RecursionError:
        words = _("The answer is nested too deeply.")
    raise BadAnswer(words, status=200, service=service, request_id=request_id, outcome_unknown=True)


@lru_cache(maxsize=8)
def _kept(body: bytes, answer: Any) -> Any:
    """Kept by every byte of the answer, so it is never another one's. Nobody changes a value."""
    return shapes.decode(body, answer)


def _meaning(cause: BaseException | None, service: str, deadline: Deadline) -> CloudError:
    if isinstance(cause, requests.ConnectTimeout):
        words = _("No connection to the {service} service in time.").format(service=service)
        return CloudTimeout(words, service=service)
    if isinstance(cause, NO_ADDRESS):
        return _no_address(service)
    reasons = list(_chain(cause))
    if any(isinstance(reason, requests.Timeout | ReadTimeoutError) for reason in reasons):
        return _too_late(service, deadline, sent=True)
    if any(isinstance(reason, ssl.SSLCertVerificationError) for reason in reasons):
        words = _("The certificate of the {service} service is not trusted.")
        return CloudUnavailable(words.format(service=service), service=service)
    if any(isinstance(reason, NewConnectionError | ConnectionRefusedError) for reason in reasons):
        words = _("Could not connect to the {service} service.").format(service=service)
        return CloudUnavailable(words, service=service)
    if any(isinstance(reason, DecodeError) for reason in reasons):
        words = _("The answer of the {service} service cannot be unpacked.")
        return BadAnswer(words.format(service=service), service=service, outcome_unknown=True)
    words = _("The {service} service broke the connection.").format(service=service)
    return CloudUnavailable(words, service=service, outcome_unknown=True)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was made of: requests, urllib3 and the sockets wrap one another."""
    while error is not None:
        yield error
        inner = error.reason if isinstance(error, MaxRetryError) else None
        error = inner or next((a for a in error.args if isinstance(a, BaseException)), None)


def _no_address(service: str) -> BadAnswer:
    words = _("The address of the {service} service cannot be used.").format(service=service)
    return BadAnswer(words, service=service)


def _too_late(service: str, deadline: Deadline, *, sent: bool) -> CloudTimeout:
    if deadline.remaining:
        # Translators: {service} is "compute", "network", "image" or "identity".
        words = _("The {service} service gave no answer in time.").format(service=service)
    else:
        words = _("No complete answer from the {service} service within {seconds} seconds.").format(
            service=service, seconds=f"{deadline.seconds:g}"
        )
    return CloudTimeout(words, service=service, outcome_unknown=sent)
