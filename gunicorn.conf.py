"""How the console is served. gunicorn reads this file by itself.

The settings are read here too: what is wrong with them then stops the start with one line.
"""

from __future__ import annotations

import signal
from typing import Any

from django.core.exceptions import ImproperlyConfigured

try:
    from console import env, settings

    host = env.text("HOST", "127.0.0.1")
    port = env.integer("PORT", 8000, most=65535)
    threads = env.integer("WEB_THREADS", 16, least=1, most=512)
except ImproperlyConfigured as error:
    raise SystemExit(str(error)) from None

bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
workers = settings.WEB_CONCURRENCY
worker_class = "gthread"
timeout = 60
# A restart must not kill a change half way: it has its deadline, its undo ten seconds more.
longest = max(cloud.write_deadline for cloud in settings.CLOUDS.values())
graceful_timeout = 5 if settings.EMBEDDED else int(longest) + 15
keepalive = 30
limit_request_line = 8190
loglevel = "warning"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """The number of workers may also come from gunicorn's command line."""
    if settings.EMBEDDED and server.cfg.workers > 1:
        raise SystemExit(settings.ONE_WORKER.format(server.cfg.workers))


def post_worker_init(worker: Any) -> None:
    """Ctrl-C reaches every process of the terminal. The master passes it on; a worker that got
    both signals at once could hang in its handler until it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def when_ready(server: Any) -> None:
    print("BMS Console:", *server.LISTENERS, flush=True)
    if settings.DEMO:
        words = "Demo cloud. Domain: {domain}, user name: {username}, password: {password}"
        print(words.format(**settings.DEMO), flush=True)
    print("Ctrl-C stops it.", flush=True)
