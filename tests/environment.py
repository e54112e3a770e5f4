"""The environment of the test run. A pytest plugin, so that it stands before settings are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

OWNER = "console"
FOREIGN = (
    "DEBUG",
    "PORT",
    "SECRET_KEY_FILE",
    "TRUST_PROXY",
    "WEB_CONCURRENCY",
    "WEB_THREADS",
    "VAR_DIR",
    "HOST",
    "SECRET_KEY_FALLBACKS",
)
PREFIXES = ("CLOUD_", "EMBEDDED_", "SIGN_IN_", "OS_", "PG")
# The cloud that the contract suite may meet; nothing else does.
GIVEN = {name: value for name, value in os.environ.items() if name.startswith(("OS_", "CONTRACT_"))}
for name in [name for name in os.environ if name in FOREIGN or name.startswith(PREFIXES)]:
    del os.environ[name]
# Where the tests' database really is, tests/conftest.py says when the first of them needs it. Never
# in memory: a live server that starts before would share one connection among its threads.
DATABASES = {
    "sqlite": "sqlite:///never-opened.sqlite3",
    "postgresql": f"postgres://{OWNER}@/console",
}
database = os.environ.get("TEST_DATABASE") or "sqlite"
if database not in DATABASES:
    raise pytest.UsageError(f"TEST_DATABASE={database!r} is not one of {', '.join(DATABASES)}.")
os.environ.update(
    DJANGO_SETTINGS_MODULE="console.settings",
    SECRET_KEY="only-for-tests-and-as-long-as-a-real-one-has-to-be",
    CLOUD_AUTH_URL="embedded",
    HTTPS="off",
    DATABASE_URL=DATABASES[database],
    STATIC_STORAGE="django.contrib.staticfiles.storage.StaticFilesStorage",
    LOG_LEVEL="ERROR",
    ALLOWED_HOSTS="127.0.0.1,localhost,testserver",
)
# WhiteNoise warns where this folder is missing, and a warning fails a test.
Path(__file__).parent.parent.joinpath("var", "static").mkdir(parents=True, exist_ok=True)
