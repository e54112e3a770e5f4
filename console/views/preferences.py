from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from django import forms
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from console import preferences
from console.forms import ConsoleForm
from console.middleware import project_not_needed
from console.navigation import own_path

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.types import ConsoleRequest

FOLDED = (("", ""), ("on", "on"), ("off", "off"))


class PreferencesForm(ConsoleForm):
    """Any of them; what is not sent stays."""

    theme = forms.ChoiceField(choices=preferences.THEMES, required=False)
    folded = forms.ChoiceField(choices=FOLDED, required=False)


@project_not_needed
@require_POST
def preferences_save(request: ConsoleRequest) -> HttpResponse:
    """Keep what was chosen, and back to the page where it was."""
    form = PreferencesForm(request.POST)
    wanted = preferences.of(request)
    if form.is_valid():
        if "theme" in form.data:
            wanted = msgspec.structs.replace(wanted, theme=form.cleaned_data["theme"])
        if form.cleaned_data["folded"]:
            folded = form.cleaned_data["folded"] == "on"
            wanted = msgspec.structs.replace(wanted, is_folded=folded)
        preferences.save(request, request.account, wanted)
    return redirect(own_path(request.POST.get("next", ""), "/"))
