"""Glance, as much as it takes to show the names of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.emulator.times import zulu
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from console.emulator.records import Image

_PAGE = 25
_MAX_PAGE = 1000


def _view(image: Image) -> JSON:
    return {
        "id": image.id,
        "name": image.name,
        "status": "active",
        "visibility": image.visibility,
        "protected": False,
        "disk_format": "raw",
        "container_format": "bare",
        "min_disk": image.min_disk,
        "min_ram": 0,
        "size": 65536,
        "virtual_size": None,
        "checksum": None,
        "owner": image.owner,
        "os_hidden": False,
        "os_hash_algo": "sha512",
        "os_hash_value": "",
        "stores": "disk",
        "tags": [],
        "created_at": zulu(image.created),
        "updated_at": zulu(image.created),
        "self": f"/v2/images/{image.id}",
        "file": f"/v2/images/{image.id}/file",
        "schema": "/v2/schemas/image",
        **image.properties,
    }


def list_images(request: Request) -> Response:
    """A page of 25 unless told, and `next` while there is more."""
    wanted = request.first("limit")
    if wanted and not wanted.isdecimal():
        raise Refusal(400, "limit param must be an integer")
    limit = min(int(wanted), _MAX_PAGE) if wanted else _PAGE
    images = [
        image
        for image in request.state.images.values()
        if (image.visibility == "public" or image.owner == request.who().project_id)
        and request.first("name", image.name) == image.name
        and request.first("visibility", image.visibility) in ("all", image.visibility)
    ]
    if marker := request.first("marker"):
        ids = [image.id for image in images]
        if marker not in ids:
            raise Refusal(400, f"Invalid marker. Image {marker} could not be found.")
        images = images[ids.index(marker) + 1 :]
    page = images[:limit]
    body: JSON = {"images": [_view(image) for image in page], "schema": "/v2/schemas/images"}
    body["first"] = "/v2/images"
    if len(images) > limit and page:
        size = f"limit={limit}&" if wanted else ""
        body["next"] = f"/v2/images?{size}marker={page[-1].id}"
    return json_response(body)


def show_image(request: Request, image_id: str) -> Response:
    image = request.state.images.get(image_id)
    if image is None or not (
        image.visibility == "public" or image.owner == request.who().project_id
    ):
        raise Refusal(404, f"No image found with ID {image_id}")
    return json_response(_view(image))


ROUTES = [
    Route("GET", "/v2/images", list_images),
    Route("GET", "/v2/images/{image_id}", show_image),
]
