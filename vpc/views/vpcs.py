from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from console.htmx import render_page
from vpc.services import topology

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from console.types import ConsoleRequest


@require_GET
def vpc_list(request: ConsoleRequest) -> HttpResponse:
    context = {
        "vpcs": topology.vpc_list(request.cloud),
        "trail": [(_("Virtual Private Cloud"), None)],
    }
    return render_page(request, "vpc/vpc_list.html", context, fragment="table")


@require_GET
def vpc_detail(request: ConsoleRequest, vpc_id: UUID) -> HttpResponse:
    details = topology.vpc_details(request.cloud, str(vpc_id))
    context = {
        "details": details,
        "trail": [
            (_("Virtual Private Cloud"), reverse("vpc:vpc_list")),
            (details.vpc.name or details.vpc.id, None),
        ],
    }
    return render_page(request, "vpc/vpc_detail.html", context, fragment="details")
