"""The German words are all there, none of them doubtful, and fit the English ones."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
WORDS = Path("locale/de/LC_MESSAGES/django.po")
SEEN = ("manage.py", "pyproject.toml", "console", "bms", "vpc", "templates", "locale", "scripts")
PLACE = re.compile(r"\{\w*\}|%\(\w+\)[sd]|<[^>]+>")


def read(path):
    with path.open("rb") as file:
        return {key(one): one for one in read_po(file) if one.id}


def key(message):
    return message.context, message.id


@pytest.fixture(scope="module")
def words():
    return read(ROOT / WORDS)


def test_each_word_of_code_and_templates_is_in_the_catalog(words, tmp_path):
    for name in SEEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")

    subprocess.run(["scripts/messages"], cwd=tmp_path, check=True)

    found = read(tmp_path / WORDS)
    assert len(found) > 500
    assert sorted(found.keys() - words.keys(), key=str) == [], "run `make messages`, translate"
    assert sorted(words.keys() - found.keys(), key=str) == [], "run `make messages`"


def test_each_is_translated_and_none_is_fuzzy(words):
    missing = [one.id for one in words.values() if not all(strings(one))]

    assert missing == []
    assert [one.id for one in words.values() if one.fuzzy] == []


def test_each_keeps_what_is_filled_in_and_the_markup(words):
    wrong = [
        one.id
        for one in words.values()
        if {frozenset(PLACE.findall(text)) for text in strings(one)}
        - {frozenset(PLACE.findall(text)) for text in ids(one)}
    ]

    assert wrong == []


def test_gettext_itself_finds_no_fault():
    subprocess.run(["msgfmt", "--check", "--output-file=/dev/null", ROOT / WORDS], check=True)


def strings(message):
    return message.string if message.pluralizable else (message.string,)


def ids(message):
    return message.id if message.pluralizable else (message.id,)
