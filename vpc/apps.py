from __future__ import annotations

from django.apps import AppConfig


class VPCConfig(AppConfig):
    name = "vpc"
