from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from console.middleware import signed_out_ok

if TYPE_CHECKING:
    from django.http import HttpRequest

FOREVER = cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
"""Their addresses change with what they are: `?v=` is `Branding.version`."""


@signed_out_ok
@require_GET
@FOREVER
def brand_css(request: HttpRequest) -> HttpResponse:
    if not settings.BRANDING.css:
        raise Http404
    return HttpResponse(settings.BRANDING.css, content_type="text/css; charset=utf-8")


@signed_out_ok
@require_GET
@FOREVER
def brand_logo(request: HttpRequest) -> HttpResponse:
    logo = settings.BRANDING.logo
    if logo is None:
        raise Http404
    response = HttpResponse(logo.content, content_type=logo.content_type)
    # Opened by itself, an SVG is a document: nothing in it runs or is loaded.
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
