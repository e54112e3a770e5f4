"""What a page says, read the way a person reads it."""

from __future__ import annotations

from tests.pages import Element, Page


def facts(page: Page | Element) -> dict[str, str]:
    """{label: words} of all definition lists in it; the first where a label comes twice."""
    found: dict[str, str] = {}
    label = ""
    for element in (page if isinstance(page, Element) else page.root).walk():
        if element.tag == "dt":
            label = element.text
        elif element.tag == "dd":
            found.setdefault(label, element.text)
    return found


def fields(page: Page, action: str = "") -> dict[str, list[str]]:
    """What a browser would send of the page's POST form: hidden, checked, selected, typed.

    `action` is a part of the form's address, where the page has several (Log Out is one).
    """
    form = next(f for f in page.all("form") if f["method"] == "post" and action in f["action"])
    sent: dict[str, list[str]] = {}
    for field in form.walk():
        if not field["name"] or "disabled" in field.attributes:
            continue
        if field.tag == "select":
            options = [option for option in field.walk() if option.tag == "option"]
            chosen = [o["value"] for o in options if "selected" in o.attributes]
            sent.setdefault(field["name"], []).extend(chosen or [options[0]["value"]])
        elif field.tag == "textarea":
            sent.setdefault(field["name"], []).append(field.text)
        elif field.tag == "input" and (
            field["type"] not in {"checkbox", "radio"} or "checked" in field.attributes
        ):
            sent.setdefault(field["name"], []).append(field["value"])
    sent.pop("csrfmiddlewaretoken", None)
    return sent
