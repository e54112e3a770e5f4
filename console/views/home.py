from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from console.htmx import render_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.types import ConsoleRequest


@require_GET
def home(request: ConsoleRequest) -> HttpResponse:
    return render_page(request, "console/home.html", {}, fragment="services")


@require_GET
def high_availability(request: ConsoleRequest) -> HttpResponse:
    """What is to be done, in the cloud and inside the servers, and why."""
    trail = [(_("Home"), reverse("console:home")), (_("High availability"), None)]
    return render_page(
        request, "console/high_availability.html", {"trail": trail}, fragment="guide"
    )
