"""Image names: a slow catalogue that hardly changes, so it is kept for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bms.api import BareMetalAPI
from console.kept import Kept

if TYPE_CHECKING:
    from bms.resources import Server
    from console.cloud.client import CloudClient


@dataclass(frozen=True)
class ImageNames:
    """Ids are shown for those that could not be read."""

    names: dict[str, str] = field(default_factory=dict)

    def of(self, server: Server) -> str:
        return server.image_name or self.names.get(server.image_id, server.image_id)


class ImageCalls:
    """The read begins at once, if one is needed: Open Telekom Cloud writes an image's name into its
    servers."""

    def __init__(self, cloud: CloudClient) -> None:
        is_needed = cloud.profile != "otc" and cloud.offers("image")
        self._images = Kept(cloud, BareMetalAPI(cloud).list_images) if is_needed else None

    def names(self) -> ImageNames:
        """Raises nothing but `Unauthorized`: a page can do without names."""
        images = self._images.otherwise((), []) if self._images else ()
        return ImageNames({image.id: image.name or image.id for image in images})
