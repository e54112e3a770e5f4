from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

from tests.factories import ProjectFactory, UserFactory, default_project

ROOT = Path(__file__).parent.parent.parent
KEY = "0123456789" * 6
MINIMUM = {"SECRET_KEY": KEY, "CLOUD_AUTH_URL": "https://iam.example/v3"}


@pytest.fixture
def people(emulator):
    """`demo` has one project; `several` has two; `codes` needs a passcode; `nobody` has none."""
    first = default_project()
    second = ProjectFactory(name="eu-de_test")
    UserFactory(name="several", projects=[first, second])
    UserFactory(name="codes", passcode="654321")
    UserFactory(name="nobody", projects=[])


@pytest.fixture
def read(monkeypatch):
    """The settings that an environment gives: `read(HTTPS="off")`; None leaves a variable out."""
    ours = {"PATH", "HOME", "PWD", "LANG", "TMPDIR"}

    def settings(**environment):
        for name in os.environ.keys() - ours:
            monkeypatch.delenv(name, raising=False)
        for name, value in (MINIMUM | environment).items():
            if value is not None:
                monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "console/settings.py"))

    return settings
