from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from django import forms
from django.conf import settings
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from console import languages, preferences
from console.forms import ConsoleForm
from console.middleware import signed_out_ok
from console.navigation import own_path

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.preferences import Preferences
    from console.types import ConsoleRequest

FOLDED = (("", ""), ("on", "on"), ("off", "off"))


class PreferencesForm(ConsoleForm):
    """Any of them; what is not sent stays."""

    theme = forms.ChoiceField(choices=preferences.THEMES, required=False)
    folded = forms.ChoiceField(choices=FOLDED, required=False)
    language = forms.ChoiceField(choices=[("", ""), *settings.LANGUAGES], required=False)

    def chosen(self, before: Preferences) -> Preferences:
        """Of a valid one."""
        data = self.cleaned_data
        given: dict[str, Any] = {
            name: data[name] for name in ("theme", "language") if name in self.data
        }
        if data["folded"]:
            given["is_folded"] = data["folded"] == "on"
        return msgspec.structs.replace(before, **given)


@signed_out_ok
@require_POST
def preferences_save(request: ConsoleRequest) -> HttpResponse:
    """Keep what was chosen, and back to the page where it was. Who is not signed in chooses the
    language of this browser only."""
    form = PreferencesForm(request.POST)
    response = redirect(own_path(request.POST.get("next", ""), "/"))
    if not form.is_valid():
        return response
    chosen = form.chosen(preferences.of(request))
    if hasattr(request, "account"):
        preferences.save(request, request.account, chosen)
    if "language" in form.data:
        languages.remember(response, chosen.language)
    return response
