"""Consoles in processes of their own, on one database and one cloud."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from tests.running import ROOT, free_port

CONSOLE = "console.wsgi"
NAIVE = "tests.race.naive"


class Console:
    """gunicorn with `workers` processes. `stop` it."""

    def __init__(self, environment, *, workers, app=CONSOLE):
        port = free_port()
        self._log = Path(environment["VAR_DIR"], f"{port}.log").open("wb")  # noqa: SIM115
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", app],
            cwd=ROOT,
            env=environment | {"PORT": str(port), "WEB_CONCURRENCY": str(workers)},
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            start_new_session=True,
        )
        self._wait()

    def _wait(self):
        for _ in range(600):
            try:
                requests.get(f"{self.url}/healthz", timeout=5)
            except requests.RequestException:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise AssertionError(f"it does not start: {Path(self._log.name).read_text()}")

    @property
    def workers(self):
        """Ids of its worker processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in children.read_text().split()]

    def kill_a_worker(self):
        """As the kernel does it when memory is short: nothing is told to anybody."""
        os.kill(self.workers[0], signal.SIGKILL)

    def stop(self):
        self._log.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=10)


def environment_of(database_url, cloud_url, var):
    return os.environ | {
        "CLOUD_AUTH_URL": f"{cloud_url}/v3",
        "DATABASE_URL": database_url,
        "VAR_DIR": str(var),
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "LOG_LEVEL": "ERROR",
    }


def in_console(environment, code):
    """What `code` prints in a process of the console's."""
    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()
