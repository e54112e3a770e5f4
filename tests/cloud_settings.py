"""The settings about the cloud, changed for one test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any


def change_cloud(settings: Any, **changes: Any) -> None:
    """`settings` is pytest-django's fixture; `changes` are fields of `CloudConfig`."""
    settings.CLOUDS = {name: replace(config, **changes) for name, config in settings.CLOUDS.items()}
