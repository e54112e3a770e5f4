"""What every page must be, whatever it shows."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
WBR = "\0"
"""Where a line may break: no gap between what stands beside it."""
UNLABELLED_TYPES = {"hidden", "submit", "button"}


class Element:
    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def walk(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    @property
    def text(self) -> str:
        if self.tag == "wbr":
            return WBR
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return re.sub(r"\s+", " ", " ".join(parts)).replace(f" {WBR} ", "").strip()

    def inside(self, tag: str) -> bool:
        parent = self.parent
        while parent is not None:
            if parent.tag == tag:
                return True
            parent = parent.parent
        return False


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._here = Element("root", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._here)
        self._here.children.append(element)
        if tag not in VOID:
            self._here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._here.children.append(Element(tag, {k: v or "" for k, v in attrs}, self._here))

    def handle_endtag(self, tag: str) -> None:
        here: Element | None = self._here
        while here is not None and here.tag != tag:
            here = here.parent
        if here is not None and here.parent is not None:
            self._here = here.parent

    def handle_data(self, data: str) -> None:
        if self._here.tag not in {"script", "style"}:
            self._here.children.append(data)


class Page:
    """An HTML answer. Making one fails on what no page may have (`full=False` for a fragment)."""

    def __init__(self, response: HttpResponse | Any, *, full: bool = True) -> None:
        self.response = response
        self.html = response.content.decode()
        builder = _Builder()
        builder.feed(self.html)
        self.root = builder.root
        self._check_everywhere()
        if full:
            self._check_whole_page()

    # --- finding things ---------------------------------------------------------------------------

    def all(self, tag: str, **attributes: str) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.root.walk()
            if element.tag == tag and all(element[name] == v for name, v in wanted.items())
        ]

    @property
    def text(self) -> str:
        """The page's words, without markup."""
        return self.root.text

    @property
    def h1(self) -> str:
        return self.all("h1")[0].text

    @property
    def title(self) -> str:
        return self.all("title")[0].text

    def link(self, label: str) -> Element:
        """The one link whose words are or begin with `label`; fails where there is none."""
        links = [link for link in self.all("a") if link.text == label]
        links = links or [link for link in self.all("a") if link.text.startswith(label)]
        assert links, f"no link {label!r} among {[link.text for link in self.all('a')]}"
        return links[0]

    def button(self, label: str) -> Element:
        buttons = [button for button in self.all("button") if button.text == label]
        assert buttons, f"no button {label!r} among {[b.text for b in self.all('button')]}"
        return buttons[0]

    def has(self, label: str, tag: str = "a") -> bool:
        return any(element.text == label for element in self.all(tag))

    def rows(self) -> list[dict[str, str]]:
        """The rows of the first table: {column heading: words}."""
        tables = self.all("table")
        if not tables:
            return []
        headings = [
            cell["abbr"] or cell.text
            for cell in tables[0].walk()
            if cell.tag == "th" and not cell.inside("tbody")
        ]
        found = []
        for row in tables[0].walk():
            if row.tag == "tr" and row.inside("tbody"):
                cells = [
                    c.text for c in row.children if isinstance(c, Element) and c.tag in {"td", "th"}
                ]
                found.append(dict(zip(headings, cells, strict=False)))
        return found

    def hidden(self, name: str) -> str:
        """The value of a hidden field, of what is around the content only where that has none."""
        found = self.all("input", type="hidden", name=name)
        return next((one for one in found if one.inside("main")), found[0])["value"]

    # --- what no page may have --------------------------------------------------------------------

    def _check_everywhere(self) -> None:
        ids = [element["id"] for element in self.root.walk() if element["id"]]
        repeated = {name for name in ids if ids.count(name) > 1}
        assert not repeated, f"repeated ids {repeated}"
        labels = {label["for"] for label in self.all("label")}
        for element in self.root.walk():
            inline = [
                name for name in element.attributes if name.startswith("on") or name == "style"
            ]
            assert not inline, f"inline {inline} on <{element.tag}>"
            assert not any(name.startswith("hx-on") for name in element.attributes), element.tag
            if element.tag == "style" or (element.tag == "script" and not element["src"]):
                assert element["type"] == "application/json", f"inline <{element.tag}>"
            if element.tag == "form":
                assert element["action"], "a form without action"
            if element.tag == "a":
                assert element["href"] not in {"#", ""}, f"a link to nowhere: {element.text!r}"
            if element.tag in {"input", "select", "textarea"}:
                self._check_labelled(element, labels)

    def _check_labelled(self, element: Element, labels: set[str]) -> None:
        if element["type"] in UNLABELLED_TYPES:
            return
        labelled = (
            element["aria-label"]
            or element["aria-labelledby"]
            or element["id"] in labels
            or element.inside("label")
        )
        assert labelled, f"a field without label: {element.attributes}"

    def _check_whole_page(self) -> None:
        assert len(self.all("h1")) == 1, f"{len(self.all('h1'))} h1"
        assert self.title, "no title"
        assert self.all("html")[0]["lang"], "no language"
        assert len(self.all("main")) == 1, "no main"
        policy = self.response.headers.get("Content-Security-Policy", "")
        assert "default-src 'self'" in policy, "no policy"
        assert "unsafe" not in policy, policy
