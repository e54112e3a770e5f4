"""What operations are called in the records. Their names are kept in English and shown in the
reader's language; an undo has its own before it."""

from __future__ import annotations

from django.utils.translation import gettext as _

UNDO, REDO = "Undo ", "Redo "


def undo_name(name: str) -> str:
    """Of the undo of an operation of that name: an undo is done again, not undone twice."""
    if name.startswith(UNDO):
        return REDO + name.removeprefix(UNDO)
    return UNDO + name.removeprefix(REDO)


def shown(name: str) -> str:
    """The same in the language of who reads it. Whoever names an operation marks its name."""
    if name.startswith(UNDO):
        return _("Undo {name}").format(name=_(name.removeprefix(UNDO)))
    if name.startswith(REDO):
        return _("Redo {name}").format(name=_(name.removeprefix(REDO)))
    return _(name) if name else ""
