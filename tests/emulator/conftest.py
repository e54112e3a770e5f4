"""A caller of the embedded cloud that knows no client of ours: WSGI in, an answer out."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from console.emulator import seed
from console.emulator.app import Emulator
from tests import factories
from tests.factories import ProjectFactory, UserFactory

START = 1_800_000_000.0


class Clock:
    """Stands still until a test moves it."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds


@dataclass
class Answer:
    status: int
    line: str
    headers: dict[str, str]
    body: bytes

    @cached_property
    def json(self):
        return json.loads(self.body)

    @property
    def kind(self):
        return self.json["NeutronError"]["type"]

    @property
    def message(self):
        (inner,) = self.json.values()
        return inner["message"]


class Caller:
    def __init__(self, emulator, token="", project_id=""):
        self.emulator = emulator
        self.token = token
        self.project_id = project_id
        middle = f"/{project_id}" if emulator.state.otc else ""
        self.compute = f"/compute/v2.1{middle}"

    def __call__(self, method, path, body=None, **headers):
        path, _, query = path.partition("?")
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "cloud.example",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(raw),
        }
        if self.token:
            environ["HTTP_X_AUTH_TOKEN"] = self.token
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        sent: dict[str, Any] = {}

        def start_response(status, pairs):
            sent.update(line=status, headers={key.lower(): value for key, value in pairs})

        chunks = self.emulator(environ, start_response)
        status = int(sent["line"].split()[0])
        return Answer(status, sent["line"], sent["headers"], b"".join(chunks))

    def get(self, path, **headers):
        return self("GET", path, **headers)

    def nova(self, path, version="2.1"):
        return self("GET", self.compute + path, x_openstack_nova_api_version=version)

    def act(self, server, body):
        return self("POST", f"{self.compute}/servers/{server.id}/action", body)

    def ports(self, query=""):
        return self("GET", f"/network/v2.0/ports{query}")

    def port(self, port):
        return self.ports(f"/{port.id}").json["port"]

    def create_port(self, **wanted):
        return self("POST", "/network/v2.0/ports", {"port": wanted})

    def update_port(self, port, if_match="", **changes):
        headers = {"if_match": if_match} if if_match else {}
        return self("PUT", f"/network/v2.0/ports/{port.id}", {"port": changes}, **headers)

    def pairs(self, port, *addresses, **more):
        pairs = [{"ip_address": address} for address in addresses]
        return self.update_port(port, allowed_address_pairs=pairs, **more)

    def delete_port(self, port):
        return self("DELETE", f"/network/v2.0/ports/{port.id}")

    def bind_floating_ip(self, floating, port):
        body = {"floatingip": {"port_id": port.id if port else None}}
        return self("PUT", f"/network/v2.0/floatingips/{floating.id}", body)


def password(user="demo", secret=None, scope="default", domain=seed.DEMO_DOMAIN, **more):
    """The body of a sign-in."""
    who = {"name": user, "domain": {"name": domain}, "password": secret or f"{user}-password"}
    auth = {"identity": {"methods": ["password"], "password": {"user": who}}}
    if scope == "default":
        name = seed.PROJECTS[factories.state().profile][0]
        scope = {"project": {"name": name, "domain": {"name": domain}}}
    if scope is not None:
        auth["scope"] = scope
    return {"auth": auth | more}


def sign_in(emulator, user="demo", project=None):
    scope = {"project": {"id": (project or factories.default_project()).id}}
    answer = Caller(emulator)("POST", "/v3/auth/tokens", password(user, scope=scope))
    assert answer.status == 201, answer.body
    return Caller(emulator, answer.headers["x-subject-token"], scope["project"]["id"])


@pytest.fixture(params=["otc", "openstack"])
def profile(request):
    return request.param


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def emulator(profile, clock):
    cloud = Emulator(profile, clock=clock)
    factories.use(cloud)
    return cloud


@pytest.fixture
def anonymous(emulator):
    return Caller(emulator)


@pytest.fixture
def demo(emulator):
    """A writer of the default project."""
    return sign_in(emulator)


@pytest.fixture
def viewer(emulator):
    """A reader of the default project."""
    UserFactory(name="viewer", roles="reader")
    return sign_in(emulator, "viewer")


@pytest.fixture
def other_project(emulator):
    return ProjectFactory(name="foreign")


@pytest.fixture
def other(emulator, other_project):
    """A writer of another project."""
    UserFactory(name="other", projects=[other_project])
    return sign_in(emulator, "other", other_project)


@pytest.fixture
def admin(emulator):
    UserFactory(name="admin", roles=("admin",))
    return sign_in(emulator, "admin")
