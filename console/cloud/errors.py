"""What can go wrong between the console and the cloud.

    CloudError                   the cloud said no, or something we cannot use
    ├── Unauthorized             401, the token is gone or was never good
    ├── Forbidden                403, the cloud's policy refuses
    ├── NotFound                 404, also what another project owns
    ├── BadRequest               400, 413, 422 and every other 4xx
    ├── Conflict                 409, the state of things does not allow it
    │   └── Changed              412, somebody else wrote first
    ├── QuotaExceeded            409 and others: the project's quota, or no address left
    ├── ServiceMissing           the catalogue has no such service in this region
    └── CloudUnavailable         no answer: refused, reset, 502, 503
        ├── CloudTimeout         no answer in time
        ├── CloudFault           500, a fault of the cloud's own
        ├── TooManyCalls         429, the cloud asks to wait
        └── BadAnswer            an answer that is no JSON or has the wrong shape

Every error keeps the cloud's own words (`message`, where it gave any), its `code` and its
`request_id`. The six error bodies of the APIs (Keystone, Nova, Neutron, VPC, BMS and the gateway in
front of them) are read here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


class CloudError(Exception):
    """`headline`, `way_out` (what to do next) and `message` are in the language of who the error is
    for.

    `status` is the HTTP status the cloud gave, 0 when there was no answer.

    `is_from_cloud` is true when `message` is the cloud's own words, read from its answer.
    `outcome_unknown` is true when a write may have taken effect although no good answer came.
    `retry_after` is how many seconds the cloud asked us to wait, if it did.
    """

    headline = gettext_noop("The cloud refused this")
    way_out = gettext_noop("If it stays so, ask whoever runs the cloud, with the request ID.")

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        request_id: str = "",
        status: int = 0,
        service: str = "",
        is_from_cloud: bool = False,
        outcome_unknown: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.headline = _(self.headline)
        self.way_out = _(self.way_out)
        self.message = message
        self.code = code
        self.request_id = request_id
        self.status = status
        self.service = service
        self.is_from_cloud = is_from_cloud
        self.outcome_unknown = outcome_unknown
        self.retry_after = retry_after


class Unauthorized(CloudError):
    headline = gettext_noop("Your sign-in has ended")
    way_out = gettext_noop("Log in again.")


class Forbidden(CloudError):
    headline = gettext_noop("The cloud does not allow you to do this")
    way_out = gettext_noop(
        "Ask a project administrator for a role that may do it, or switch to a project "
        "where you have one."
    )


class NotFound(CloudError):
    headline = gettext_noop("The cloud does not know this, or it belongs to another project")
    way_out = gettext_noop(
        "It may be gone, or in another project or region: the switch is in the bar at the top."
    )


class BadRequest(CloudError):
    headline = gettext_noop("The cloud did not accept this")
    way_out = gettext_noop("Change what the cloud objects to, and send it again.")


class Conflict(CloudError):
    headline = gettext_noop("The cloud's present state does not allow this")
    way_out = gettext_noop(
        "Something else must change first: what the cloud said tells what. Then try again."
    )


class Changed(Conflict):
    headline = gettext_noop("Somebody else changed this at the same moment")
    way_out = gettext_noop("Look at what is there now, and do it again if it is still needed.")


class QuotaExceeded(CloudError):
    headline = gettext_noop("There is no more room for this")
    way_out = gettext_noop("Release what is no longer needed, or have the project's quota raised.")


class ServiceMissing(CloudError):
    headline = gettext_noop("The cloud does not offer this service here")
    way_out = gettext_noop("Choose another region or project: the switch is in the bar at the top.")


class CloudUnavailable(CloudError):
    headline = gettext_noop("The cloud cannot be reached")
    way_out = gettext_noop("Try again in a moment; the rest of this console keeps working.")


class CloudTimeout(CloudUnavailable):
    headline = gettext_noop("The cloud did not answer in time")


class CloudFault(CloudUnavailable):
    headline = gettext_noop("The cloud had a fault of its own")
    way_out = gettext_noop(
        "Try again in a moment. If it stays so, ask whoever runs the cloud, with the request ID."
    )


class TooManyCalls(CloudUnavailable):
    headline = gettext_noop("The cloud is asked too much right now")


class BadAnswer(CloudUnavailable):
    headline = gettext_noop("The cloud's answer could not be understood")


BY_CODE: dict[str, type[CloudError]] = {
    "OverQuota": QuotaExceeded,
    "IpAddressGenerationFailure": QuotaExceeded,
    "RevisionNumberConstraintFailed": Changed,
    "IAM.1061": Unauthorized,
    "VPC.0701": Conflict,
    "VPC.0703": QuotaExceeded,
    "VPC.0521": QuotaExceeded,
    "VPC.0532": QuotaExceeded,
    "BMS.0033": Forbidden,
    "BMS.0288": Forbidden,
    "BMS.0040": NotFound,
    "BMS.0212": CloudUnavailable,
    **{f"BMS.{number:04}": QuotaExceeded for number in range(25, 32)},
}
"""Codes whose meaning the HTTP status hides (cloud-api 2.8 and 3.12)."""

BY_STATUS: dict[int, type[CloudError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Changed,
    408: CloudTimeout,
    429: TooManyCalls,
    500: CloudFault,
    504: CloudTimeout,
}


def error_from(
    status: int, body: bytes, *, service: str, request_id: str = "", retry_after: str | None = None
) -> CloudError:
    """The error that an answer of `status` (400 and above) stands for."""
    code, message = _words(body)
    kind = BY_CODE.get(code) or BY_STATUS.get(status)
    if kind is None:
        kind = CloudUnavailable if status >= 500 else BadRequest
    return kind(
        message or _("HTTP {status} without a reason.").format(status=status),
        code=code,
        request_id=request_id,
        status=status,
        service=service,
        is_from_cloud=bool(message),
        outcome_unknown=issubclass(kind, CloudUnavailable) and (status >= 500 or status == 408),
        retry_after=_seconds(retry_after or ""),
    )


def _seconds(retry_after: str) -> int | None:
    """A `Retry-After`: a number of seconds, or a date (RFC 9110, 10.2.3)."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        return int(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
        left = until.astimezone(dt.UTC) - dt.datetime.now(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return max(0, math.ceil(left.total_seconds()))


def _words(body: bytes) -> tuple[str, str]:
    """Code and message of any of the six error bodies; empty where there are none.

    A body that is no JSON is a proxy's page: never worth showing.
    """
    try:
        document: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", ""
    if not isinstance(document, dict) or not document:
        return "", ""
    if "error_msg" in document:
        return _text(document.get("error_code")), _text(document["error_msg"])
    if "message" in document:
        return _text(document.get("code")), _text(document["message"])
    fault, inner = next(iter(document.items()))
    if not isinstance(inner, dict):
        return "", _text(inner)
    code = inner.get("type") or inner.get("code")
    if isinstance(code, int):
        # Keystone and Nova repeat the HTTP status here; Nova's fault name says more.
        code = inner.get("title") if fault == "error" else fault
    detail = _text(inner.get("detail"))
    message = _text(inner.get("message"))
    return _text(code), f"{message} {detail}".strip()


def _text(value: Any) -> str:
    return value.strip()[:1000] if isinstance(value, str) else ""
