"""Image names: a slow catalogue that hardly changes, so it is kept for a while and says its age."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils import timezone

from bms.api import BareMetalAPI
from console.cloud.errors import CloudError, Unauthorized

if TYPE_CHECKING:
    import datetime as dt

    from bms.resources import Server
    from console.cloud.client import CloudClient

SECONDS = 600


@dataclass(frozen=True)
class ImageNames:
    """`read_at` is None when they could not be read; ids are shown then."""

    names: dict[str, str] = field(default_factory=dict)
    read_at: dt.datetime | None = None

    def of(self, server: Server) -> str:
        return server.image_name or self.names.get(server.image_id, server.image_id)


def image_names(cloud: CloudClient) -> ImageNames:
    """Raises nothing but `Unauthorized`: a page can do without names. Open Telekom Cloud writes an
    image's name into its servers, so nothing is asked there."""
    if cloud.profile == "otc" or not cloud.offers("image"):
        return ImageNames()
    key = f"image-names:{cloud.project_id}:{cloud.region}"
    kept: ImageNames | None = cache.get(key)
    if kept is not None:
        return kept
    try:
        images = BareMetalAPI(cloud).list_images()
    except Unauthorized:
        raise
    except CloudError:
        return ImageNames()
    read = ImageNames({image.id: image.name or image.id for image in images}, timezone.now())
    cache.set(key, read, SECONDS)
    return read
