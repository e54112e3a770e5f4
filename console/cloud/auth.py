"""Signing in to Keystone, choosing a project, signing out.

A user's password is used once: it buys an unscoped token, and that buys a token for each project
(rescoping, cloud-api 1.5), so that a one-time passcode is asked for once only. The scope is left
out of the first request rather than sent as "unscoped": Open Telekom Cloud documents only that.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from keystoneauth1 import exceptions as ksa
from keystoneauth1.identity import v3

from console import shapes
from console.cloud.account import Project, Scope, Token, User
from console.cloud.errors import BadAnswer, Unauthorized
from console.cloud.transport import Deadline
from console.cloud.wire import check, decode, request_id_of, talking_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests
    from keystoneauth1.session import Session

    from console.cloud.config import CloudConfig

NO_TOKEN = gettext_noop("Keystone's answer has not the shape of a token: {error}.")
NO_PROJECT = gettext_noop(
    "Keystone's answer has not the shape of a project's token with its catalogue: {error}."
)

HIDDEN_PROJECTS = {"MOS"}
"""Object storage's bookkeeping turns up in listings and can hold no server (cloud-api 1.6)."""


class _ProjectList(msgspec.Struct, frozen=True):
    class Entry(msgspec.Struct, frozen=True):
        id: str
        name: str
        enabled: bool = True
        is_domain: bool = False

    projects: tuple[Entry, ...]


class _Service(msgspec.Struct, frozen=True):
    class Endpoint(msgspec.Struct, frozen=True):
        interface: str
        url: str | None
        region: str | None = None
        region_id: str | None = None

    type: str
    endpoints: tuple[Endpoint, ...] = ()


class Identity:
    """The calls to Keystone that happen before there is a project to work in.

    One object serves one request of a browser: all its calls share one deadline.
    """

    def __init__(
        self, session: Session, config: CloudConfig, deadline: Deadline | None = None
    ) -> None:
        self._checked: Any = _CheckedSession(session)
        self._config = config
        self._url = config.endpoints.get("identity", config.auth_url)
        self._deadline = deadline or Deadline(config.read_deadline)

    def sign_in(
        self, *, domain: str, user: str, password: str, passcode: str = ""
    ) -> tuple[User, Token]:
        """Raises `Unauthorized` for any wrong credential, and says nothing about which."""
        methods: list[v3.AuthMethod] = [
            v3.PasswordMethod(username=user, user_domain_name=domain, password=password)
        ]
        if passcode:
            methods.append(v3.TOTPMethod(username=user, user_domain_name=domain, passcode=passcode))
        access = self._authenticate(v3.Auth(self._url, auth_methods=methods))
        with _otherwise(NO_TOKEN):
            person = {
                "id": access.user_id,
                "name": access.username,
                "domain_name": access.user_domain_name,
            }
            return shapes.convert(person, User), _token(access)

    def list_projects(self, token: Token) -> tuple[Project, ...]:
        """The projects the user may work in, by name."""
        response = self._call("GET", "/auth/projects", {"X-Auth-Token": token.text})
        answer = decode(
            _ProjectList,
            response.content,
            service="identity",
            request_id=request_id_of(response.headers),
        )
        chosen = [
            Project(id=project.id, name=project.name)
            for project in answer.projects
            if project.enabled and not project.is_domain and project.name not in HIDDEN_PROJECTS
        ]
        return tuple(sorted(chosen, key=lambda project: project.name.casefold()))

    def scope_to(self, token: Token, project_id: str) -> Scope:
        """A token for one project. Raises `Unauthorized` where the user has no role in it."""
        methods: list[v3.AuthMethod] = [v3.TokenMethod(token=token.text)]
        auth = v3.Auth(self._url, auth_methods=methods, project_id=project_id)
        access = self._authenticate(auth)
        with _otherwise(NO_PROJECT):
            project = {"id": access.project_id, "name": access.project_name}
            return Scope(
                token=_token(access),
                project=shapes.convert(project, Project),
                roles=shapes.convert(access.role_names, tuple[str, ...]),
                catalog=_catalog(access, self._config.interface),
            )

    def revoke(self, token: Token) -> None:
        """End a token now rather than when it runs out."""
        headers = {"X-Auth-Token": token.text, "X-Subject-Token": token.text}
        self._call("DELETE", "/auth/tokens", headers)

    def ping(self) -> None:
        """Raises a `CloudError` unless Keystone answers."""
        self._call("GET", "", {})

    def _call(self, method: str, path: str, headers: dict[str, str]) -> requests.Response:
        with talking_to("identity", self._deadline):
            url = f"{self._url}{path}"
            response: requests.Response = self._checked.request(method, url, headers=headers)
            return response

    def _authenticate(self, auth: v3.Auth) -> Any:
        with talking_to("identity", self._deadline), _otherwise(NO_TOKEN):
            try:
                return auth.get_auth_ref(self._checked)
            except ksa.InvalidResponse as error:
                raise ValueError("no JSON with a token in it") from error


class _CheckedSession:
    """As much of a session as keystoneauth's plug-ins use, with refusals read by us: its own
    reading of them stumbles over every body that is not Keystone's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def post(self, url: str, **options: Any) -> requests.Response:
        return self.request("POST", url, **options)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        quiet = {"authenticated": False, "raise_exc": False, "redirect": False, "log": False}
        response: requests.Response = self._session.request(url, method, **(options | quiet))
        if response.status_code == 401 and "Openstack-Auth-Receipt" in response.headers:
            words = _("This account needs a one-time passcode.")
            raise Unauthorized(words, service="identity", status=401)
        check(response.status_code, response.headers, response.content, service="identity")
        return response


@contextmanager
def _otherwise(told: str) -> Iterator[None]:
    """keystoneauth takes a body's shape for granted and stumbles over any other: then `told`."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        words = _(told).format(error=repr(error))
        raise BadAnswer(words, service="identity") from error
    except RecursionError as error:
        words = _("Keystone's answer is nested too deeply.")
        raise BadAnswer(words, service="identity") from error


def _token(access: Any) -> Token:
    text: str = access.auth_token
    if not (text.isascii() and text.isprintable() and text):
        # It is sent in a header; and no error may quote it.
        raise ValueError("X-Subject-Token")
    expires: dt.datetime = access.expires
    return Token(text=text, expires_at=expires.astimezone(dt.UTC))


def _catalog(access: Any, interface: str) -> dict[str, dict[str, str]]:
    """{service type: {region: URL}} of one interface, the part of a catalogue that is used."""
    services = shapes.convert(access.service_catalog.catalog or (), tuple[_Service, ...])
    catalog: dict[str, dict[str, str]] = {}
    for service in services:
        for endpoint in service.endpoints:
            if endpoint.interface == interface and endpoint.url:
                region = endpoint.region or endpoint.region_id or "*"
                catalog.setdefault(service.type, {})[region] = endpoint.url
    return catalog
