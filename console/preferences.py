"""How a user likes the console to look: kept with the user, and in the session while it lasts, so
that no page asks the database for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from django.utils.translation import gettext_noop

from console import session, shapes
from console.models import Preference

if TYPE_CHECKING:
    from django.http import HttpRequest

    from console.session import Account

KEY = "preferences"
THEMES = (
    ("", gettext_noop("System")),
    ("light", gettext_noop("Light")),
    ("dark", gettext_noop("Dark")),
)


class Preferences(msgspec.Struct, frozen=True):
    """`theme` is "light", "dark" or, as the system has it, empty. `is_folded`: the side navigation
    shows icons only. `language` is one of `settings.LANGUAGES` or, as the browser asks, empty."""

    theme: str = ""
    is_folded: bool = False
    language: str = ""


NAMES = Preferences.__struct_fields__


def load(request: HttpRequest, account: Account) -> None:
    """Into the session that has just begun."""
    row = Preference.objects.filter(cloud=account.cloud, user_id=account.user.id).first()
    if row is not None:
        _keep(request, Preferences(**{name: getattr(row, name) for name in NAMES}))


def of(request: HttpRequest) -> Preferences:
    """Of who is signed in; the defaults for everybody else, without a look at the database."""
    if not session.came_with_one(request):
        return Preferences()
    try:
        return shapes.convert(request.session.get(KEY, {}), Preferences)
    except msgspec.ValidationError:
        return Preferences()


def save(request: HttpRequest, account: Account, preferences: Preferences) -> None:
    Preference.objects.update_or_create(
        cloud=account.cloud,
        user_id=account.user.id,
        defaults=msgspec.to_builtins(preferences),
    )
    _keep(request, preferences)


def _keep(request: HttpRequest, preferences: Preferences) -> None:
    request.session[KEY] = msgspec.to_builtins(preferences)
