from __future__ import annotations

import pytest

from tests.factories import ProjectFactory, UserFactory, default_project


@pytest.fixture
def people(emulator):
    """`demo` has one project; `several` has two; `codes` needs a passcode; `nobody` has none."""
    first = default_project()
    second = ProjectFactory(name="eu-de_test")
    UserFactory(name="several", projects=[first, second])
    UserFactory(name="codes", passcode="654321")
    UserFactory(name="nobody", projects=[])
