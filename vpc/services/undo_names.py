"""What an undo is called in the records."""

from __future__ import annotations

UNDO, REDO = "Undo ", "Redo "


def undo_name(name: str) -> str:
    """Of the undo of an operation of that name: an undo is done again, not undone twice."""
    if name.startswith(UNDO):
        return REDO + name.removeprefix(UNDO)
    return UNDO + name.removeprefix(REDO)
