from __future__ import annotations

from django.apps import AppConfig


class BMSConfig(AppConfig):
    name = "bms"
