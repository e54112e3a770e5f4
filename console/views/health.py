from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import Error, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from console import session
from console.cloud.errors import CloudError
from console.middleware import signed_out_ok

if TYPE_CHECKING:
    from django.http import HttpRequest


@signed_out_ok
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up."""
    return JsonResponse({"status": "ok"})


@signed_out_ok
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database and the cloud's identity endpoint answer; 503 with the reason otherwise."""
    reasons = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        reasons["database"] = f"The database does not answer ({type(error).__name__})."
    try:
        session.identity().ping()
    except CloudError as error:
        reasons["cloud"] = error.message
    if reasons:
        return JsonResponse({"status": "not ready", "reasons": reasons}, status=503)
    return JsonResponse({"status": "ok"})
