"""VIPs that were bound a short time ago: what just came into use is not released by a slip."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


def not_confirmed(vip: VirtualIP, bind: Operation) -> Notice:
    return Notice(
        Code.NOT_CONFIRMED,
        _(
            # Translators: {time} is "3 hours ago".
            "Virtual IP address {vip} was bound {time} by {user}, and its release was not "
            "confirmed."
        ).format(vip=vip.address, time=ago(bind), user=bind.user_name),
        _("Open the dialog again, and type the address."),
        vip.id,
    )


def ago(bind: Operation) -> str:
    """`3 hours ago`, as it stands inside a sentence."""
    minutes = max(0, int((timezone.now() - bind.at).total_seconds() // 60))
    hours = minutes // 60
    if minutes < 1:
        return _("less than a minute ago")
    if hours < 1:
        return ngettext("{count} minute ago", "{count} minutes ago", minutes).format(count=minutes)
    return ngettext("{count} hour ago", "{count} hours ago", hours).format(count=hours)
