"""The cloud on every request, cloud errors as pages, messages as toasts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_htmx.http import HttpResponseClientRedirect

from console import session
from console.cloud.errors import (
    BadAnswer,
    CloudError,
    CloudUnavailable,
    Conflict,
    Forbidden,
    NotFound,
    QuotaExceeded,
    Unauthorized,
)
from console.htmx import go_to, wants_fragment

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from console.session import Account
    from console.types import ConsoleRequest

log = logging.getLogger(__name__)

ENDED = gettext_noop("Your sign-in has ended. Log in to go on where you were.")
NOTHING_SENT = gettext_noop(
    "Your sign-in has ended. Nothing was changed by what you just sent: log in and send it again."
)

STATUS: dict[type[CloudError], int] = {
    BadAnswer: 502,
    CloudUnavailable: 503,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    QuotaExceeded: 409,
}


def signed_out_ok(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that works without a sign-in. All others are closed."""
    view.signed_out_ok = True  # type: ignore[attr-defined]
    return view


def open_while_debugging(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that works without a sign-in where DEBUG is on."""
    view.open_while_debugging = True  # type: ignore[attr-defined]
    return view


def without_toasts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view whose parts no messages may go with: they wait for another answer."""
    view.without_toasts = True  # type: ignore[attr-defined]
    return view


def project_not_needed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that works before a project is chosen."""
    view.project_not_needed = True  # type: ignore[attr-defined]
    return view


def attach_account(request: ConsoleRequest) -> Account | None:
    """Put the account and the client of a signed-in user on the request."""
    account = session.load(request)
    if account is not None:
        request.account = account
        if account.scope is not None:
            is_write = request.method == "POST"
            request.cloud = session.open_client(account, writing=is_write, anew=_anew(request))
    return account


def _anew(request: HttpRequest) -> bool:
    """Whether nothing that was kept is wanted: browsers say so when somebody reloads a page, and
    our own links with `anew`, which goes no further than to here."""
    query = request.GET.copy()
    if query.pop("anew", None):
        request.GET = query  # type: ignore[assignment]
        return True
    asked = request.headers.get("Cache-Control", "")
    return "no-cache" in asked or "max-age=0" in asked


class CloudMiddleware:
    """`request.account` and `request.cloud`; what a `CloudError` looks like to a person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        method = request.method
        if method == "HEAD":
            request.method = "GET"  # for the views; the server leaves the body out
        response = self.get_response(request)
        request.method = method
        if response.status_code == 405 and not response.content:
            response.content = render_to_string("405.html", request=request)
        if hasattr(request, "account") and "Cache-Control" not in response:
            # After a sign-out, Back must not show what was there.
            patch_cache_control(response, private=True, no_store=True)
        return response

    def process_view(
        self, request: ConsoleRequest, view: Callable[..., HttpResponse], *_: object
    ) -> HttpResponse | None:
        account = attach_account(request)
        if _is_open(view):
            return None
        if account is None:
            return ask_to_sign_in(request)
        if account.scope is None and not getattr(view, "project_not_needed", False):
            return go_to(request, f"{reverse('console:project_choose')}?{_way_back(request)}")
        return None

    def process_exception(self, request: ConsoleRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, CloudError):
            return None
        if isinstance(error, Unauthorized):
            session.forget(request)
            messages.warning(request, _(ENDED))
            return sign_in_redirect(request)
        # Not our own words: they are in the reader's language.
        said = error.message if error.is_from_cloud else ""
        facts = error.service, error.status, error.code, said, error.request_id
        log.warning("%s: %s", type(error).__name__, " ".join(str(one) for one in facts if one))
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 502)
        context = _words(request, error)
        is_part = wants_fragment(request)
        template = "components/error_toast.html" if is_part else "console/cloud_error.html"
        response = render(request, template, context, status=status)
        if error.retry_after is not None:
            response["Retry-After"] = str(error.retry_after)
        patch_vary_headers(response, ["HX-Request"])
        return response


def _is_open(view: Callable[..., HttpResponse]) -> bool:
    if settings.DEBUG and getattr(view, "open_while_debugging", False):
        return True
    return getattr(view, "signed_out_ok", False)


def _words(request: ConsoleRequest, error: CloudError) -> dict[str, Any]:
    """What the page and the toast of an error show."""
    headline = error.headline
    if isinstance(error, NotFound) and hasattr(request, "cloud"):
        project = request.cloud.scope.project.name
        headline = _("Not found in project {project}").format(project=project)
    return {
        "error": error,
        "headline": headline,
        "may_help": isinstance(error, CloudUnavailable | Conflict),  # to try again
    }


def ask_to_sign_in(request: ConsoleRequest) -> HttpResponse:
    """Says so where a sign-in has ended. Only who never had one sends neither a session's cookie
    nor anything from a page that is open."""
    if session.came_with_one(request) or request.htmx or request.method == "POST":
        session.forget(request)
        messages.warning(request, _(NOTHING_SENT) if request.method == "POST" else _(ENDED))
    return sign_in_redirect(request)


def sign_in_redirect(request: ConsoleRequest) -> HttpResponse:
    """To the sign-in page and, afterwards, back. For htmx the whole browser goes, never a part."""
    url = f"{reverse('console:sign_in')}?{_way_back(request)}"
    if request.htmx:
        response = cast("HttpResponse", HttpResponseClientRedirect(url))
        response.status_code = 401
        return response
    return go_to(request, url)


def _way_back(request: ConsoleRequest) -> str:
    """`next=` with the page the person sees: a fragment or a form may have another address."""
    path = request.get_full_path()
    if request.htmx:
        path = request.htmx.current_url_abs_path or reverse("console:home")
    elif request.method == "POST":
        path = referring_page(request) or path
    return urlencode({"next": path})


def referring_page(request: HttpRequest) -> str:
    """The page of ours that the form stood on; empty where the browser does not tell."""
    try:
        parts = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    ours = parts.scheme == request.scheme and parts.netloc == request.get_host()
    return parts._replace(scheme="", netloc="").geturl() if ours else ""


class ToastMiddleware:
    """Django's messages on answers that are only a part of a page (full pages show them anyway).

    Not on those that a script of ours looks at (`without_toasts`): it would show none of them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        htmx = getattr(request, "htmx", None)
        if (
            not htmx
            or getattr(request, "keeps_toasts", False)
            or "HX-Redirect" in response
            or response.status_code == 204
            or 300 <= response.status_code < 400
        ):
            return response
        waiting = messages.get_messages(request)
        if wants_fragment(cast("ConsoleRequest", request)) and waiting:
            context = {"messages": waiting}
            response.write(render_to_string("components/toasts_oob.html", context))
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> None:
        request.keeps_toasts = getattr(view, "without_toasts", False)  # type: ignore[attr-defined]
