from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bms.resources import STATES, STATUSES
from bms.services.listing import ServerQuery
from console.forms import ConsoleForm


def _statuses() -> list[tuple[str, str]]:
    """With the cloud's own word: it picks out by that, not by tasks such as "Stopping"."""
    named = [(status, f"{STATES[status].label} ({status})") for status in STATUSES]
    return [("", _("Any cloud status")), *named]


class ServerFilterForm(ConsoleForm):
    """What a list page's address says. A wrong value is named beside its field and not applied."""

    q = forms.CharField(
        label=gettext_lazy("Search by name, ID or private IP address"),
        required=False,
        max_length=255,
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False, choices=_statuses)
    after = forms.UUIDField(required=False)
    before = forms.UUIDField(required=False)

    def query(self) -> ServerQuery:
        self.is_valid()
        given = self.cleaned_data
        return ServerQuery(
            text=given.get("q", ""),
            status=given.get("status", ""),
            after=str(given.get("after") or ""),
            before=str(given.get("before") or ""),
        )
