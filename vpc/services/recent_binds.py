"""VIPs that were bound a short time ago: what just came into use is not released by a slip."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from console import operations
from console.record_names import undo_name
from vpc.services.bind_goals import BIND, UNBIND
from vpc.services.notices import Code, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.cloud.client import CloudClient
    from console.models import Operation
    from vpc.services.bindings import VirtualIP

RECENT = dt.timedelta(hours=24)
BINDS = (BIND, undo_name(undo_name(BIND)), undo_name(UNBIND))
"""Names of all operations that bind."""


def recent_binds(cloud: CloudClient, vip_ids: Iterable[str]) -> dict[str, Operation]:
    """{VIP's id: the latest bind of it within the last 24 hours}."""
    ids = list(vip_ids)
    found = operations.latest(cloud, BINDS, ids, since=timezone.now() - RECENT)
    return {vip_id: found[vip_id] for vip_id in ids if vip_id in found}


def since_words(bind: Operation) -> str:
    """`was bound 3 hours ago by demo`"""
    return f"was bound {_ago(timezone.now() - bind.at)} by {bind.user_name}"


def not_confirmed(vip: VirtualIP, bind: Operation) -> Notice:
    return Notice(
        Code.NOT_CONFIRMED,
        f"Virtual IP address {vip.address} {since_words(bind)}, and its release was not confirmed.",
        "Open the dialog again, and type the address.",
        vip.id,
    )


def _ago(past: dt.timedelta) -> str:
    minutes = max(0, int(past.total_seconds() // 60))
    if minutes < 1:
        return "less than a minute ago"
    number, unit = (minutes, "minute") if minutes < 60 else (minutes // 60, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'} ago"
