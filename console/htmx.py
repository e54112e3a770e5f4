"""The only helpers around htmx: which part of a page to answer with, and what to say at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, reswap, trigger_client_event

if TYPE_CHECKING:
    from console.types import ConsoleRequest


def wants_fragment(request: ConsoleRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: ConsoleRequest,
    template: str,
    context: dict[str, Any],
    *,
    fragment: str,
    status: int = 200,
) -> HttpResponse:
    """The page, or for htmx the named fragment of the same template."""
    name = f"{template}#{fragment}" if wants_fragment(request) else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def done(request: ConsoleRequest, event: str, to: str) -> HttpResponse:
    """After a form: other parts of the page hear `event`; a plain request is sent to `to`."""
    if not wants_fragment(request):
        return redirect(to)
    response = reswap(HttpResponse(), "none")
    return trigger_client_event(response, event, after="settle")


def go_to(request: ConsoleRequest, url: str) -> HttpResponse:
    """Send the whole browser elsewhere, also out of a fragment. `url` must be ours."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
