"""One signed-in user's access to the cloud, for one request of a browser.

`CloudClient` is the only place that makes a call and reads its answer. Above it nobody sees
requests, a status code or a JSON key.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from django.utils import translation
from django.utils.translation import gettext as _
from keystoneauth1.plugin import BaseAuthPlugin

from console.cloud.errors import (
    BadAnswer,
    CloudError,
    CloudTimeout,
    CloudUnavailable,
    ServiceMissing,
    Unauthorized,
)
from console.cloud.transport import POOL_SIZE
from console.cloud.wire import check, decode, read_body, request_id_of, talking_to

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from keystoneauth1.session import Session

    from console.cloud.account import Scope, User
    from console.cloud.config import CloudConfig
    from console.cloud.transport import Deadline

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")
Params = list[tuple[str, str]]

RETRIED_STATUSES = {429, 502, 503, 504}

_threads = ThreadPoolExecutor(max_workers=POOL_SIZE, thread_name_prefix="cloud")


@dataclass(frozen=True)
class Call:
    """One call that was made: what the log, an operation record and a bug report need."""

    method: str
    path: str
    status: int
    milliseconds: int
    request_id: str


class StoredToken(BaseAuthPlugin):
    """Lets keystoneauth send a token that we hold. It is never renewed: an end is an end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def get_token(self, session: Session, **_: Any) -> str:
        return self._text

    def invalidate(self) -> bool:
        return False


class Started(Generic[T]):
    """A read that is under way. `result` waits for it, up to the deadline of the page."""

    def __init__(self, future: Future[T], deadline: Deadline) -> None:
        self._future = future
        self._deadline = deadline

    def result(self) -> T:
        """The call's value. Raises what the call raised, `CloudTimeout` past the deadline."""
        try:
            # The call bounds itself, all but the look-up of the service's name.
            return self._future.result(timeout=self._deadline.remaining + 0.5)
        except TimeoutError:
            self._future.cancel()
            raise CloudTimeout(
                _("No complete answer within {seconds} seconds.").format(
                    seconds=f"{self._deadline.seconds:g}"
                )
            ) from None

    def otherwise(self, default: T, problems: list[CloudError]) -> T:
        """The call's value, or `default` with the error added to `problems`: for parts that a page
        can do without, if it says so. An ended sign-in is never such a part."""
        try:
            return self.result()
        except Unauthorized:
            raise
        except CloudError as error:
            problems.append(error)
            return default


class CloudClient:
    """Calls to the cloud's services as one user in one project and region.

    With `reads_anew` nothing is taken that was kept of earlier answers (`console.kept`);
    `kept_since` is when the oldest of those was read that this request has used.
    """

    def __init__(
        self,
        *,
        session: Session,
        user: User,
        scope: Scope,
        region: str,
        config: CloudConfig,
        deadline: Deadline,
        reads_anew: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.user = user
        self.scope = scope
        self.region = region
        self.config = config
        self.deadline = deadline
        self.profile = scope.profile(config)
        self.calls: list[Call] = []
        self.reads_anew = reads_anew
        self.kept_since: dt.datetime | None = None
        self._session = session
        self._auth = StoredToken(scope.token.text)
        self._sleep = sleep

    @property
    def project_id(self) -> str:
        return self.scope.project.id

    @property
    def can_write(self) -> bool:
        return self.scope.can_write(self.config)

    @property
    def request_ids(self) -> tuple[str, ...]:
        return tuple(call.request_id for call in self.calls if call.request_id)

    def get(
        self,
        service: str,
        path: str,
        answer: type[T],
        *,
        params: Sequence[tuple[str, str]] = (),
        microversion: str | None = None,
    ) -> T:
        """Read. Tried again where that can help, the settings let it and the deadline allows it."""
        retries = self.config.read_retries
        for attempt in range(retries + 1):
            try:
                return self._send(
                    "GET", service, path, answer, params=list(params), microversion=microversion
                )
            except CloudError as error:
                error.outcome_unknown = False  # a read has none
                pause = _pause(error, attempt)
                last = attempt == retries or not _may_retry(error)
                if last or pause >= self.deadline.remaining:
                    raise
                self._sleep(pause)
        raise AssertionError("unreachable")

    def post(
        self,
        service: str,
        path: str,
        answer: type[T],
        *,
        json: object,
        microversion: str | None = None,
    ) -> T:
        return self._send("POST", service, path, answer, json=json, microversion=microversion)

    def put(
        self,
        service: str,
        path: str,
        answer: type[T],
        *,
        json: object,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        return self._send("PUT", service, path, answer, json=json, headers=headers)

    def delete(self, service: str, path: str, *, headers: Mapping[str, str] | None = None) -> None:
        self._request("DELETE", service, path, headers=headers)

    def start(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Started[T]:
        """Begin a read now and go on: those of a page run side by side. Writes are never begun like
        this: at the deadline nobody would know of one whether it was made."""
        language = translation.get_language()

        def run() -> T:
            with translation.override(language):  # errors are put into words there
                return call(*args, **kwargs)

        return Started(_threads.submit(run), self.deadline)

    def shows_kept(self, read_at: dt.datetime) -> None:
        self.kept_since = min(read_at, self.kept_since or read_at)

    def offers(self, service: str) -> bool:
        return self.scope.endpoint(service, self.region, self.config) is not None

    def _url(self, service: str, path: str) -> str:
        base = self.scope.endpoint(service, self.region, self.config)
        if base is None:
            raise ServiceMissing(
                _(
                    "The catalogue of project {project} has no service of type '{service}' in "
                    "region {region}."
                ).format(
                    project=self.scope.project.name,
                    service=service,
                    # Translators: There is no region.
                    region=self.region or _("(none)"),
                ),
                service=service,
            )
        return base + path

    def _send(self, method: str, service: str, path: str, answer: type[T], **options: Any) -> T:
        body, request_id = self._request(method, service, path, **options)
        return decode(answer, body, service=service, request_id=request_id)

    def _request(
        self,
        method: str,
        service: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        microversion: str | None = None,
        **options: Any,
    ) -> tuple[bytes, str]:
        """One call: body and request id of a good answer, or the `CloudError` it stands for."""
        url = self._url(service, path)
        if microversion:
            options.update(microversion=microversion, microversion_service_type=service)
        began = time.monotonic()
        status, request_id = 0, ""
        try:
            with talking_to(service, self.deadline):
                response = self._session.request(
                    url,
                    method,
                    auth=self._auth,
                    headers={"Accept": "application/json", **(headers or {})},
                    raise_exc=False,
                    redirect=False,
                    log=False,
                    stream=True,
                    **options,
                )
                status, request_id = response.status_code, request_id_of(response.headers)
                body = read_body(response, service)
        except CloudError as error:
            error.request_id = request_id
            raise
        finally:
            spent = round((time.monotonic() - began) * 1000)
            self.calls.append(Call(method, f"{service}:{path}", status, spent, request_id))
            log.info("%s %s%s %s %d ms %s", method, service, path, status, spent, request_id)
        check(status, response.headers, body, service=service)
        return body, request_id


def _may_retry(error: CloudError) -> bool:
    if isinstance(error, BadAnswer):
        return False
    if error.status:
        return error.status in RETRIED_STATUSES
    # A read that already used up its time-out would only use up the page's.
    return isinstance(error, CloudUnavailable) and not isinstance(error, CloudTimeout)


def _pause(error: CloudError, attempt: int) -> float:
    """Seconds to wait before the next attempt; the jitter keeps many pages from going at once."""
    if error.retry_after is not None:
        return float(error.retry_after)
    return float(0.1 * 3**attempt * (1 + random.random()))  # noqa: S311 - no secret
