"""What every page shows around its content: service groups, project and region, the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from console import preferences

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import ResolverMatch

READ_ONLY_REASON = gettext_noop(
    "Your role in this project only allows viewing. Ask a project administrator for a role that "
    "may change servers and networks."
)


@dataclass(frozen=True)
class Item:
    """`prefix` is how the names of its pages begin, where its namespace has others too."""

    label: str
    view: str
    icon: str
    namespace: str
    prefix: str = ""

    @property
    def url(self) -> str:
        return reverse(self.view)

    def has(self, match: ResolverMatch | None) -> bool:
        """Whether that page is one of its own."""
        if match is None or match.namespace != self.namespace:
            return False
        return (match.url_name or "").startswith(self.prefix)


@dataclass(frozen=True)
class Group:
    label: str
    items: tuple[Item, ...]


GROUPS = (
    Group(
        gettext_noop("Computing"),
        (Item(gettext_noop("Bare Metal Server"), "bms:server_list", "server", "bms"),),
    ),
    Group(
        gettext_noop("Network"),
        (Item(gettext_noop("Virtual Private Cloud"), "vpc:vpc_list", "network", "vpc"),),
    ),
    Group(
        gettext_noop("Management"),
        (
            Item(
                gettext_noop("Operation records"),
                "console:operation_list",
                "history",
                "console",
                "operation_",
            ),
        ),
    ),
)


def context(request: HttpRequest) -> dict[str, Any]:
    account = getattr(request, "account", None)
    cloud = getattr(request, "cloud", None)
    shown: dict[str, Any] = {"account": account, "embedded": settings.EMBEDDED, "navigation": []}
    shown["portal"] = settings.BRANDING
    shown["themes"] = preferences.THEMES
    shown["preferences"] = preferences.of(request) if account else preferences.Preferences()
    if account is not None and len(settings.CLOUDS) > 1:
        shown["cloud_name"] = account.cloud
    if account is None or cloud is None:
        return shown
    return shown | {
        "navigation": [
            {
                "label": _(group.label),
                "items": [
                    {
                        "label": _(item.label),
                        "url": item.url,
                        "icon": item.icon,
                        "is_current": item.has(request.resolver_match),
                    }
                    for item in group.items
                ],
            }
            for group in GROUPS
        ],
        "project": account.scope.project,
        "projects": account.projects,
        "region": account.region,
        "regions": account.regions,
        "can_write": cloud.can_write,
        "read_only_reason": "" if cloud.can_write else _(READ_ONLY_REASON),
    }


def own_path(path: str, default: str) -> str:
    """`path` if it leads to a page of ours, else `default`. Never to another host."""
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return path
    return default


def start_of_service(path: str) -> str:
    """The first page of the service that `path` belongs to: ids in it mean nothing in another
    project."""
    try:
        match = resolve(path.split("?")[0])
    except Resolver404:
        return reverse("console:home")
    for group in GROUPS:
        for item in group.items:
            if item.has(match):
                return item.url
    return reverse("console:home")
