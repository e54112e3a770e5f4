"""Components that wrap other markup, and the few filters templates need.

Leaves (status, banner, empty state, ...) are plain includes in `templates/components/`; a tag
exists only where a component has a body. Every one is shown on the pattern page.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.template import Context
    from django.utils.safestring import SafeString

register = template.Library()


@cache
def _sprite() -> str:
    return static("img/icons.svg")


@register.simple_tag
@cache
def icon(name: str, label: str = "") -> SafeString:
    """An icon of `static/img/icons.svg`; `label` only where no text beside it says the same."""
    if label:
        return format_html(
            '<svg class="icon" width="16" height="16" role="img" aria-label="{}">'
            '<use href="{}#{}"/></svg>',
            label,
            _sprite(),
            name,
        )
    return format_html(
        '<svg class="icon" width="16" height="16" aria-hidden="true"><use href="{}#{}"/></svg>',
        _sprite(),
        name,
    )


TONES = {"success": "good", "error": "bad", "warning": "warn"}


@register.filter
def tone(level_tag: str) -> str:
    """The tone of a Django message: `message.level_tag|tone`."""
    return TONES.get(level_tag, "info")


@register.inclusion_tag("components/copy_button.html")
def copy_button(text: object, label: str) -> dict[str, object]:
    """`{% copy_button server.id "the server's ID" %}`"""
    return {"text": text, "label": label}


@register.simple_block_tag
def page_header(content: SafeString, title: str, description: str = "") -> str:
    """The page's h1. Its body is what stands to the right: buttons or nothing."""
    context = {"content": content, "title": title, "description": description}
    return render_to_string("components/page_header.html", context)


@register.simple_block_tag
def panel(content: SafeString, title: str = "", flush: bool = False, level: int = 2) -> str:
    """A white card. `flush` leaves out the inner space, for a table."""
    context = {"content": content, "title": title, "flush": flush, "heading": f"h{level}"}
    return render_to_string("components/panel.html", context)


@register.simple_block_tag
def menu(content: SafeString, label: str) -> str:
    """A drop-down. Its body is links and buttons, each of the class `menu-item`."""
    return render_to_string("components/menu.html", {"content": content, "label": label})


@register.simple_block_tag(takes_context=True)
def dialog(context: Context, content: SafeString, title: str, back: str, **options: Any) -> str:
    """A form with its buttons: in `<dialog id="modal">` for htmx, else a page of its own.

    The options are described in `templates/components/dialog.html`.
    """
    request = context.get("request")
    values = {
        "ok": _("OK"),
        "cancel": _("Cancel"),
        "action": request.get_full_path() if request else "",
        **options,
        "content": content,
        "title": title,
        "back": back,
        "in_dialog": bool(getattr(request, "htmx", False)),
        "csrf_token": context.get("csrf_token"),
    }
    return render_to_string("components/dialog.html", values)
