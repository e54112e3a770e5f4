"""The language of a page: what its user has chosen, else what the browser asks for.

Words are marked with gettext and come from `locale/`. What is read or planned on a thread of the
cloud client is worded there, so the client hands the language on (`CloudClient.start`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.cache import patch_vary_headers

from console import preferences, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

SECONDS_KEPT = 365 * 24 * 60 * 60


class LanguageMiddleware:
    """Every page in one of `settings.LANGUAGES`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = preferences.of(request).language or _asked_for(request)
        with translation.override(language):
            response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.setdefault("Content-Language", language)
            patch_vary_headers(response, ["Accept-Language"])
        return response


def _asked_for(request: HttpRequest) -> str:
    """By this browser; before a sign-in, what was chosen in it goes before that."""
    if session.has_account(request):
        asked = HttpRequest()
        asked.META["HTTP_ACCEPT_LANGUAGE"] = request.headers.get("Accept-Language", "")
        return translation.get_language_from_request(asked)
    return translation.get_language_from_request(request)


def remember(response: HttpResponse, language: str) -> None:
    """In this browser too, for the pages before a sign-in; empty: what the browser asks for."""
    name = settings.LANGUAGE_COOKIE_NAME
    if not language:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name,
        language,
        max_age=SECONDS_KEPT,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
