"""The words of `locale/` as the console reads them: each `.po` made into the `.mo` beside it."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings


def compile_catalogs() -> None:
    """Make those that are missing or older than their words. Two processes may do so at once."""
    for folder in settings.LOCALE_PATHS:
        for words in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            compiled = words.with_suffix(".mo")
            if not compiled.exists() or compiled.stat().st_mtime < words.stat().st_mtime:
                compile_catalog(words, compiled)


def compile_catalog(words: Path, compiled: Path) -> None:
    """One of them, without what is fuzzy."""
    with words.open("rb") as file:
        catalog = read_po(file)
    aside = compiled.with_name(f"{compiled.name}.{os.getpid()}")
    with aside.open("wb") as file:
        write_mo(file, catalog)
    aside.replace(compiled)
