"""What all Neutron lists share: filters, `fields`, order, pages (3.6; FACTS, Neutron)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from console.emulator.times import bare, zulu
from console.emulator.wire import JSON, Refusal, Request, Response, json_response

Predicate = Callable[[Any], bool]
# Makes, from the request and the values of a filter, what tells whether a thing matches.
Filter = Callable[[Request, list[str]], Predicate]
View = Callable[[Request, Any], JSON]

_PAGING = {"fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir", "verbose"}
_OTC_MAX_LIMIT = 2000


def equals(attribute: str) -> Filter:
    """A repeated filter is an or. Neutron takes 1 and 0 for true and false."""

    def build(_: Request, values: list[str]) -> Predicate:
        wanted = {_text(value) for value in values}
        if wanted <= {"0", "1"}:
            wanted |= {"true" if value == "1" else "false" for value in wanted}
        return lambda thing: _text(getattr(thing, attribute)) in wanted

    return build


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text.lower() if text in ("True", "False") else text


def has_tags(*, every: bool, negate: bool) -> Filter:
    def build(_: Request, values: list[str]) -> Predicate:
        wanted = {tag for value in values for tag in value.split(",")}

        def matches(thing: Any) -> bool:
            found = wanted <= set(thing.tags) if every else not wanted.isdisjoint(thing.tags)
            return found is not negate

        return matches

    return build


TAG_FILTERS: dict[str, Filter] = {
    "tags": has_tags(every=True, negate=False),
    "tags-any": has_tags(every=False, negate=False),
    "not-tags": has_tags(every=True, negate=True),
    "not-tags-any": has_tags(every=False, negate=True),
}


@dataclass(frozen=True)
class Collection:
    """One kind of thing: how it is called, shown, filtered and ordered."""

    name: str
    plural: str
    view: View
    label: str = ""
    attributes: Sequence[str] = ()
    filters: dict[str, Filter] = field(default_factory=dict)

    def not_found(self, thing_id: str) -> Refusal:
        label = self.label or self.name.capitalize()
        if self.name.startswith("security_group"):
            text = f"{label[0]}{label[1:]} {thing_id} does not exist"
            return Refusal(404, text, label.title().replace(" ", "") + "NotFound")
        kind = label.replace(" ", "") + "NotFound"
        return Refusal(404, f"{label} {thing_id} could not be found.", kind)

    def filter_for(self, name: str) -> Filter | None:
        if name in self.filters:
            return self.filters[name]
        if name == "tenant_id":
            return equals("project_id")
        common = ("id", "name", "project_id", "description", "revision_number")
        if name in common or name in self.attributes:
            return equals(name)
        return TAG_FILTERS.get(name)


def common_view(request: Request, thing: Any) -> JSON:
    """The members that end every Neutron object; OTC shows none but the times."""
    if request.state.otc:
        return {"created_at": bare(thing.created), "updated_at": bare(thing.updated)}
    return {
        "description": thing.description,
        "tags": thing.tags,
        "created_at": zulu(thing.created),
        "updated_at": zulu(thing.updated),
        "revision_number": thing.revision_number,
    }


def answer(request: Request, collection: Collection, thing: Any, status: int = 200) -> Response:
    """One thing, cut to `fields` when the request asks so."""
    view = _cut(request, collection.view(request, thing))
    return json_response({collection.name: view}, status)


def _cut(request: Request, view: JSON) -> JSON:
    wanted = request.every("fields")
    return {key: view[key] for key in view if key in wanted} if wanted else view


def listing(request: Request, collection: Collection, things: list[Any]) -> Response:
    visible = things
    for matches in _predicates(request, collection):
        things = [thing for thing in things if matches(thing)]
    page, links = _page(request, collection, things, visible)
    body: JSON = {collection.plural: [_cut(request, collection.view(request, t)) for t in page]}
    if links:
        body[f"{collection.plural}_links"] = links
    return json_response(body)


def _predicates(request: Request, collection: Collection) -> list[Predicate]:
    names = dict.fromkeys(name for name, _ in request.query if name not in _PAGING)
    filters = {name: collection.filter_for(name) for name in names}
    unknown = [name for name in names if filters[name] is None]
    if unknown and not request.state.otc:  # OTC's documents are silent: it does not look at them
        raise Refusal(400, f"{unknown} is invalid attribute for filtering", "HTTPBadRequest")
    return [build(request, request.every(name)) for name, build in filters.items() if build]


# pages


def _limit(request: Request) -> int | None:
    wanted = request.first("limit")
    try:
        limit = int(wanted) if wanted else 0
    except ValueError:
        limit = -1
    if limit < 0:
        text = f"Bad limit request: Limit must be an integer 0 or greater and not '{wanted}'."
        raise Refusal(400, text, "BadRequest")
    if request.state.otc:
        return min(limit or _OTC_MAX_LIMIT, _OTC_MAX_LIMIT)
    return limit or None


def _order(request: Request, collection: Collection) -> list[tuple[str, bool]]:
    """Pairs of attribute and "descending"; the id always decides at last."""
    keys, directions = request.every("sort_key"), request.every("sort_dir")
    if len(directions) not in (0, len(keys)):
        text = "The number of sort_keys and sort_dirs must be same"
        raise Refusal(400, text, "HTTPBadRequest")
    unknown = [key for key in keys if collection.filter_for(key) is None]
    if unknown:
        text = f"{unknown} is invalid attribute for sort_keys"
        raise Refusal(400, text, "HTTPBadRequest")
    directions = directions or ["asc"] * len(keys)
    pairs = [
        ("project_id" if key == "tenant_id" else key, direction == "desc")
        for key, direction in zip(keys, directions, strict=True)
    ]
    return pairs if any(key == "id" for key, _ in pairs) else [*pairs, ("id", False)]


def _rank(key: str, thing: Any) -> tuple[int, float, str]:
    value = getattr(thing, key, "")
    if isinstance(value, int) and not isinstance(value, bool):
        return 0, value, ""
    return 1, 0, _text(value)


def _page(
    request: Request, collection: Collection, things: list[Any], visible: list[Any]
) -> tuple[list[Any], list[JSON]]:
    limit = _limit(request)
    backwards = request.first("page_reverse").lower() in ("true", "1")
    marker_id = request.first("marker")
    marker = next((t for t in visible if t.id == marker_id), None) if marker_id else None
    if marker_id and marker is None:
        if request.state.otc:
            raise Refusal(400, f"Marker {marker_id} could not be found.", "HTTPBadRequest")
        raise collection.not_found(marker_id)
    if marker and not any(thing is marker for thing in things):
        things = [*things, marker]  # only to find its place
    things = sorted(things, key=attrgetter("id"))
    order = _order(request, collection)
    for key, descending in reversed(order if order != [("id", False)] else []):
        things.sort(key=partial(_rank, key), reverse=descending)
    if backwards:
        things.reverse()
    start = next((n for n, thing in enumerate(things, 1) if thing is marker), 0)
    page = things[start : start + limit] if limit else things[start:]
    more = limit is not None and start + limit < len(things)
    if backwards:
        page.reverse()
    if request.state.otc:
        before, after = (more, start > 0) if backwards else (start > 0, more)
    else:  # Neutron goes by the length of the page alone
        full = limit is not None and len(page) >= limit
        before = limit is not None and not (backwards and not full)
        after = limit is not None and not (not backwards and not full)
    return page, _links(request, page, before=before, after=after)


def _links(request: Request, page: list[Any], *, before: bool, after: bool) -> list[JSON]:
    if not page:
        return []
    kept = [(k, v) for k, v in request.query if k not in ("marker", "page_reverse")]
    url = request.host_url + request.path
    links = []
    if after:
        query = urlencode([*kept, ("marker", page[-1].id)])
        links.append({"rel": "next", "href": f"{url}?{query}"})
    if before:
        query = urlencode([*kept, ("marker", page[0].id), ("page_reverse", "True")])
        links.append({"rel": "previous", "href": f"{url}?{query}"})
    return links
