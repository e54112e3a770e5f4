"""A PostgreSQL server of the test run's own: on a Unix socket, gone when the run has ended."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.environment import OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator

UNPRIVILEGED = "nobody"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB")
"""It need not survive a power failure."""


class Postgres:
    """A server that was started, with a folder of its own. `stop` and `start` may alternate."""

    def __init__(self) -> None:
        # TMPDIR may lie deeper than the 107 bytes that a socket's path may have.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        socket = ("listen_addresses=", f"unix_socket_directories={self.folder}")
        self._settings = [*socket, *QUICK]
        # PostgreSQL refuses to be run by root.
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            group = pwd.getpwnam(UNPRIVILEGED).pw_gid
            shutil.chown(self.folder, UNPRIVILEGED, group)
            self._user = {"user": UNPRIVILEGED, "group": group, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._initialize()
            self.start()
        except BaseException:
            self.remove()
            raise

    def _initialize(self) -> None:
        words = ["--auth=trust", "--encoding=UTF8", "--locale=C", f"--username={OWNER}"]
        subprocess.run(
            [_program("initdb"), "--no-sync", *words, "--pgdata", self.folder / "data"],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            **self._user,
        )

    def start(self) -> None:
        """Answers when this returns."""
        settings = [word for setting in self._settings for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            # It is told to stop when this process ends, however it ends; and Ctrl-C is for us.
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig=INT", _program("postgres"), "-D", "data", *settings],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._user,
            )
        for _ in range(600):
            if self._process.poll() is not None:
                break
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"PostgreSQL does not start:\n{(self.folder / 'log').read_text()}", False)

    def stop(self) -> None:
        """At once, whoever is connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=30)
            self._process = None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It still takes calls, for the kernel does that, and answers none."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(database), autocommit=True)

    def create_database(self, name: str) -> str:
        """Its address, as `DATABASE_URL` takes it."""
        with self.connect() as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self.url(name)

    def url(self, database: str) -> str:
        return f"postgres://{OWNER}@{quote(str(self.folder), safe='')}/{database}"


def _program(name: str) -> str:
    """Debian keeps the server's programs out of PATH, a folder for each version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.fail("The tests need PostgreSQL's server. Debian: apt-get install postgresql", False)
    return found


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this worker: started for the first test that asks."""
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty database for a console in a process of its own: one of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('database') / 'console.sqlite3'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create_database(f"console_{uuid.uuid4().hex}")
