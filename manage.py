#!/usr/bin/env python
from __future__ import annotations

import os
import secrets
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    if sys.argv[1:2] == ["cloud_emulator"]:
        # It serves a cloud, not the console: it must start without the console's settings.
        os.environ.setdefault("SECRET_KEY", secrets.token_hex())
        os.environ.setdefault("CLOUD_AUTH_URL", "embedded")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
