"""The console as a user starts it: by `scripts/run`, in processes of its own."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.pages import Page

ROOT = Path(__file__).parent.parent
RUN = "scripts/run"
PARALLEL = 12


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(var, port, **more):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"VAR_DIR": str(var), "PORT": str(port)} | more


def plain_files():
    """Static files without hashes in their names, uncompressed: collected in a moment."""
    return {"STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage"}


class Server:
    def __init__(self, var, **more):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        # A file takes all that it has to say; a pipe that nobody reads would hold it up.
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self.process = subprocess.Popen(
            [RUN],
            cwd=ROOT,
            env=environment(var, self.port, **more),
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._before = before.ru_utime + before.ru_stime
        self.wait()

    def wait(self):
        for _ in range(1200):
            try:
                return requests.get(f"{self.url}/healthz", timeout=5)
            except requests.ConnectionError:
                assert self.process.poll() is None, self._printed()
                time.sleep(0.05)
        raise AssertionError("it does not start")

    def stop(self):
        """Ctrl-C: the terminal sends it to every process. What was printed, and the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        code = self.process.wait(timeout=30)
        return self._printed(), code

    def _printed(self):
        with self._output as output:
            output.seek(0)
            return output.read()

    @property
    def cpu_seconds(self):
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime - self._before


class Browser(requests.Session):
    def __init__(self, server):
        super().__init__()
        self.server = server

    def open(self, path):
        return self.get(self.server.url + path, timeout=30)

    def submit(self, path, **fields):
        fields["csrfmiddlewaretoken"] = Page(self.open("/sign-in/")).hidden("csrfmiddlewaretoken")
        return self.post(self.server.url + path, fields, timeout=30)


def at_once(act):
    with ThreadPoolExecutor(PARALLEL) as threads:
        return list(threads.map(lambda _: act(), range(PARALLEL)))


def run(*command, var, **more):
    """Of a process of its own: its exit code, and what it printed."""
    more = {"SECRET_KEY": "0123456789" * 5, "CLOUD_AUTH_URL": "embedded"} | plain_files() | more
    answer = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(var, 0, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return answer.returncode, answer.stdout
