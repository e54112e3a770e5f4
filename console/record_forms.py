from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.forms import ConsoleForm
from console.models import OperationState
from console.record_filter import RecordFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import _StrPromise


LATEST = "9999-12-31T23:59"
"""A browser would take later years, which Python does not know."""


class MinuteInput(forms.DateTimeInput):
    """A minute in UTC. `static/js/times.js` lets it be typed in the reader's own time, and says so
    in its label: `local_label`."""

    input_type = "datetime-local"

    def __init__(self, local_label: _StrPromise) -> None:
        # What a browser restores after a reload would be in that time, and taken for UTC.
        attrs = {"data-local-label": local_label, "autocomplete": "off", "max": LATEST}
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class OperationFilterForm(ConsoleForm):
    """What the address of a list of operation records says. A wrong value is named beside its field
    and not applied. `users` are those that may be chosen."""

    vip = forms.CharField(
        label=gettext_lazy("Virtual IP address"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("Address or ID, whole"),
    )
    server = forms.CharField(
        label=gettext_lazy("Server"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Name, also in part, or ID"),
    )
    user = forms.ChoiceField(required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Any state")), *OperationState.choices],
    )
    since = forms.DateTimeField(
        label=gettext_lazy("From (UTC)"),
        required=False,
        widget=MinuteInput(gettext_lazy("From (your time)")),
    )
    until = forms.DateTimeField(
        label=gettext_lazy("To (UTC)"),
        required=False,
        widget=MinuteInput(gettext_lazy("To (your time)")),
    )
    after = forms.UUIDField(required=False, widget=forms.HiddenInput)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, users: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who has no record (any more) may still be asked for: nothing matches then.
        names = sorted({*users, self.data.get("user", "")} - {""})
        choices = [("", _("Any user")), *((name, name) for name in names)]
        self.fields["user"] = forms.ChoiceField(label=_("User"), required=False, choices=choices)
        for field in self.fields.values():
            field.wanted = True  # type: ignore[attr-defined]

    def clean_vip(self) -> str:
        text: str = self.cleaned_data["vip"]
        if not text or is_id(text):
            return text.lower()
        try:
            return str(ip_address(text))
        except ValueError:
            words = _("This is neither an address nor an ID. Type it whole.")
            raise ValidationError(words) from None

    def clean_server(self) -> str:
        text: str = self.cleaned_data["server"]
        return text.lower() if is_id(text) else text

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            # Translators: "From" is the label of the field before.
            self.add_error("until", _("This is earlier than From."))
        return given

    def wanted(self) -> RecordFilter:
        self.is_valid()
        given = self.cleaned_data
        vip, server, until = given.get("vip", ""), given.get("server", ""), given.get("until")
        if until and not until.second:
            until += dt.timedelta(minutes=1)  # to the end of the minute that was typed
        return RecordFilter(
            vip_id=vip if is_id(vip) else "",
            vip_address="" if is_id(vip) else vip,
            server_id=server if is_id(server) else "",
            server_name="" if is_id(server) else server,
            user=given.get("user", ""),
            state=given.get("state", ""),
            since=given.get("since"),
            until=until,
            after=str(given.get("after") or ""),
            before=str(given.get("before") or ""),
        )


def is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
