"""How often a sign-in may be tried, per user and per address, across all workers.

An attempt is written down before the cloud is asked, so that many at once cannot slip through
together, and is taken back when the credentials were right or the cloud gave no verdict.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from console.models import SignInAttempt

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True)
class Attempt:
    """A sign-in being tried. `wait` is how many seconds to wait first; 0 means go ahead."""

    user_key: str
    rows: tuple[int, ...]
    wait: int = 0

    def take_back(self) -> None:
        SignInAttempt.objects.filter(pk__in=self.rows).delete()

    def succeeded(self) -> None:
        self.take_back()
        SignInAttempt.objects.filter(key=self.user_key).delete()


def begin(request: HttpRequest, domain: str, user: str) -> Attempt:
    now = timezone.now()
    window = dt.timedelta(minutes=settings.SIGN_IN_WINDOW_MINUTES)
    SignInAttempt.objects.filter(at__lt=now - window).delete()
    user_key = _digest("user", f"{domain}\n{user}".casefold())
    address_key = _digest("address", _network(client_address(request)))
    limits = {
        user_key: settings.SIGN_IN_ATTEMPTS_PER_USER,
        address_key: settings.SIGN_IN_ATTEMPTS_PER_ADDRESS,
    }
    rows = tuple(SignInAttempt.objects.create(key=key, at=now).pk for key in limits)
    attempt = Attempt(user_key, rows)
    wait = max(_wait(key, limit, now, window) for key, limit in limits.items())
    if wait:
        # A refused attempt must not prolong the wait, or a patient user never gets in.
        attempt.take_back()
    return Attempt(user_key, rows, wait)


def client_address(request: HttpRequest) -> str:
    """The browser's address. Behind our own proxy it is what the proxy added last."""
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.TRUST_PROXY and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _network(address: str) -> str:
    """The address, or its /64: one user of IPv6 has all of those to come from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _wait(key: str, limit: int, now: dt.datetime, window: dt.timedelta) -> int:
    newest = SignInAttempt.objects.filter(key=key).order_by("-at", "-pk").values_list("at")
    over = newest[limit : limit + 1].first()
    if over is None:
        return 0
    # When this one has left the window, there is room for one more.
    return max(1, int((over[0] + window - now).total_seconds()) + 1)


def _digest(kind: str, text: str) -> str:
    return salted_hmac(f"sign-in {kind}", text, algorithm="sha256").hexdigest()
