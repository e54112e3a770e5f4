from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_GET

from console.htmx import render_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.types import ConsoleRequest


@require_GET
def home(request: ConsoleRequest) -> HttpResponse:
    return render_page(request, "console/home.html", {}, fragment="services")
