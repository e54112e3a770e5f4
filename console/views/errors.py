"""What a person sees when no view of ours could answer: a page, or for htmx a toast on the page
that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render  # noqa: TID251 - error pages have no fragment
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console.htmx import wants_fragment
from console.middleware import attach_account, referring_page, signed_out_ok
from console.navigation import own_path

if TYPE_CHECKING:
    from console.types import ConsoleRequest

TOASTS = {
    "400.html": (
        400,
        gettext_noop("This request cannot be understood"),
        gettext_noop("Nothing was changed."),
    ),
    "403.html": (403, gettext_noop("You may not do this"), gettext_noop("Nothing was changed.")),
    "403_csrf.html": (
        403,
        gettext_noop("This page is too old"),
        gettext_noop("Nothing was changed. Reload it and try again."),
    ),
    "404.html": (
        404,
        gettext_noop("This is not there"),
        gettext_noop("What you asked for does not exist or is gone."),
    ),
    "500.html": (
        500,
        gettext_noop("Something went wrong"),
        gettext_noop("The console itself failed. Look at the present state before you try again."),
    ),
}


def bad_request(request: ConsoleRequest, exception: Exception) -> HttpResponse:
    return _toast(request, "400.html") or _bare("400.html")


def forbidden(request: ConsoleRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "403.html")


def not_found(request: ConsoleRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "404.html")


def server_error(request: ConsoleRequest) -> HttpResponse:
    return _toast(request, "500.html") or _bare("500.html")


@signed_out_ok
def csrf_failed(request: ConsoleRequest, reason: str = "") -> HttpResponse:
    return _answer(request, "403_csrf.html", back=own_path(referring_page(request), ""))


def _answer(request: ConsoleRequest, template: str, **context: str) -> HttpResponse:
    attach_account(request)
    status = TOASTS[template][0]
    return _toast(request, template) or render(request, template, context, status=status)


def _bare(template: str) -> HttpResponse:
    """A page that asks nothing of the request: that may be what failed."""
    text = render_to_string(template, {"portal": settings.BRANDING})
    return HttpResponse(text, status=TOASTS[template][0])


def _toast(request: ConsoleRequest, template: str) -> HttpResponse | None:
    """None where the answer is to be a page. Some errors come before `htmx` is on the request."""
    if not hasattr(request, "htmx") or not wants_fragment(request):
        return None
    status, title, text = TOASTS[template]
    context = {"tone": "bad", "title": _(title), "text": _(text)}
    return HttpResponse(render_to_string("components/toast.html", context), status=status)
