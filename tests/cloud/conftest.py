"""A client of the cloud whose every service is one scripted server on loopback."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import pytest

from console.cloud.account import Project, Scope, Token, User
from console.cloud.auth import Identity
from console.cloud.client import CloudClient
from console.cloud.config import CloudConfig
from console.cloud.transport import Deadline, open_session
from tests.cloud.server import Server

SECRET = "gAAAAAB-the-token-that-nobody-may-see"


class Thing(msgspec.Struct, frozen=True):
    id: str
    size: int = 0


class Envelope(msgspec.Struct, frozen=True):
    thing: Thing


TOKEN = Token(text=SECRET, expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))


@pytest.fixture
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def other_server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def pauses():
    """The seconds that a client waited between its attempts, instead of waiting."""
    return []


@pytest.fixture
def patience():
    """Seconds that a client waits for an answer: long, for a busy machine. A file whose servers do
    not answer in time has a shorter one of its own."""
    return 10


@pytest.fixture
def config(server, patience):
    return CloudConfig(auth_url=f"{server.url}/v3", connect_timeout=5, read_timeout=patience)


@pytest.fixture
def connect(config, server, pauses):
    """Makes a client: `connect(seconds=1, catalog={...}, read_timeout=0.1)`."""
    opened = []

    def client(seconds=5, url=None, catalog=None, token=TOKEN, **changes):
        changed = replace(config, **changes)
        services = ("compute", "network", "vpc")
        catalog = catalog or {service: {"here": url or server.url} for service in services}
        session = open_session(changed)
        opened.append(session)
        return CloudClient(
            session=session,
            user=User(id="u", name="demo"),
            scope=Scope(token=token, project=Project(id="p", name="here_team"), catalog=catalog),
            region="here",
            config=changed,
            deadline=Deadline(seconds),
            sleep=pauses.append,
        )

    yield client
    for session in opened:
        session.session.close()


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def identity(config):
    session = open_session(config)
    yield Identity(session, config)
    session.session.close()
