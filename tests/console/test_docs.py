"""README.md tells of what there is, and of nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parent.parent.parent
READERS = {
    "text",
    "matching",
    "required",
    "secret",
    "flag",
    "number",
    "integer",
    "choice",
    "words",
    "url",
    "origins",
    "owners",
} | {"existing_path"}


@pytest.fixture(scope="module")
def readme():
    return (ROOT / "README.md").read_text(encoding="utf-8")


def variables_read():
    """Every name that is given to a helper of `env`, and the shell script's own."""
    found = set()
    for path in ("console/settings.py", "gunicorn.conf.py"):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and is_reader(node.func):
                found |= names_of(node.args[0])
    return found


def is_reader(function):
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "env"
        and function.attr in READERS
    )


def names_of(argument):
    if isinstance(argument, ast.Constant):
        return {argument.value}
    from console.settings import SERVICES  # noqa: PLC0415

    prefix = argument.values[0].value  # f"CLOUD_ENDPOINT_{…}"
    return {f"{prefix}{service.upper()}" for service in SERVICES}


def settings_table(readme):
    [section] = re.findall(r"^## Settings\n(.*?)(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    rows = [row for row in section.splitlines() if row.startswith("| `")]
    return {row.split("`")[1]: row for row in rows}


def test_every_setting_is_in_the_table(readme):
    assert variables_read() - settings_table(readme).keys() == set()


def test_every_setting_of_the_table_is_read(readme):
    assert settings_table(readme).keys() - variables_read() == set()


def test_no_variable_is_read_past_the_helpers():
    for path in ("console/settings.py", "gunicorn.conf.py"):
        assert "os.environ" not in (ROOT / path).read_text(encoding="utf-8"), path


def test_every_row_of_the_table_says_what_it_means(readme):
    for name, row in settings_table(readme).items():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 3, name
        assert len(cells[2]) > 2, name


def documents():
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_make_target_that_is_named_exists(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = re.findall(r"`make ([a-z-]+)|^ *make ([a-z-]+)", read(document), re.MULTILINE)
    assert {one or other for one, other in named} - targets == set()


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_command_that_is_named_exists(document):
    named = re.findall(r"manage\.py ([a-z_]+)", read(document))
    assert set(named) - get_commands().keys() == set()


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", read(document)):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_the_two_commands_stand_in_the_readme(readme):
    assert "make run" in readme
    assert "make test" in readme


def read(document):
    return document.read_text(encoding="utf-8")
