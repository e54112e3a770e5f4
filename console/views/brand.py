from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from console.middleware import signed_out_ok

if TYPE_CHECKING:
    from django.http import HttpRequest

YEAR = 365 * 24 * 3600


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """For ever at the address that names this version; at any other it may change."""
    if request.GET.get("v") == settings.BRANDING.version:
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, no_cache=True)
    return response


@signed_out_ok
@require_GET
def brand_css(request: HttpRequest) -> HttpResponse:
    if not settings.BRANDING.css:
        raise Http404
    response = HttpResponse(settings.BRANDING.css, content_type="text/css; charset=utf-8")
    return _kept(request, response)


@signed_out_ok
@require_GET
def brand_logo(request: HttpRequest) -> HttpResponse:
    logo = settings.BRANDING.logo
    if logo is None:
        raise Http404
    response = HttpResponse(logo.content, content_type=logo.content_type)
    # Opened by itself, an SVG is a document: nothing in it runs or is loaded.
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return _kept(request, response)
