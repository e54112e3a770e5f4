from __future__ import annotations

from django import forms

from bms.resources import STATUS_CHOICES
from bms.services.listing import ServerQuery
from console.forms import ConsoleForm

STATUSES = [(status, f"{label} ({status})") for status, label in STATUS_CHOICES]
"""With the cloud's own word: it picks out by that, not by tasks such as "Stopping"."""


class ServerFilterForm(ConsoleForm):
    """What a list page's address says. A wrong value is named beside its field and not applied."""

    q = forms.CharField(
        label="Search by name, ID or private IP address", required=False, max_length=255
    )
    status = forms.ChoiceField(required=False, choices=[("", "Any cloud status"), *STATUSES])
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
