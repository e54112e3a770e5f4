"""The request as views see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from console.cloud.client import CloudClient
    from console.session import Account


class ConsoleRequest(HttpRequest):
    """`account` and `cloud` exist on every view but those marked `signed_out_ok`."""

    htmx: HtmxDetails
    account: Account
    cloud: CloudClient
