from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from bms import api as bms_api
from console import session
from console.catalogs import compile_catalogs
from console.cloud.auth import Identity
from console.cloud.client import CloudClient, _threads
from console.cloud.transport import Deadline
from console.emulator.app import Emulator
from tests import factories
from tests.cloud_settings import change_cloud
from tests.contract import clouds
from tests.pages import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

collect_ignore_glob = [] if clouds.is_given() else ["*_on_openstack.py"]
"""They need a real one."""
HTMX = {"HX-Request": "true"}


def pytest_configure() -> None:
    compile_catalogs()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_modify_db_settings: None,
) -> None:
    """A server of our own, or a file: SQLite in memory locks whole tables at once when the live
    server's threads meet."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.postgresql":
        database["HOST"] = str(request.getfixturevalue("postgres").folder)
        return
    path = tmp_path_factory.mktemp("database") / "test.sqlite3"
    database.setdefault("TEST", {})["NAME"] = str(path)


@pytest.fixture
def profile() -> Literal["otc", "openstack"]:
    """Which family of cloud the test meets: parametrize it where both matter."""
    return "otc"


@pytest.fixture
def emulator(profile: Literal["otc", "openstack"], settings: Any) -> Iterator[Emulator]:
    """A fresh, empty cloud in this process. Factories fill it; the console talks to it."""
    cloud = Emulator(profile=profile)
    change_cloud(settings, embedded=lambda: cloud)
    for kept in caches.all(initialized_only=True):
        kept.clear()
    bms_api._without_tags.clear()
    session.shared_session.cache_clear()
    factories.use(cloud)
    yield cloud
    session.shared_session.cache_clear()


@pytest.fixture
def open_cloud(emulator: Emulator, settings: Any) -> Callable[..., CloudClient]:
    """Signs a user in, without the web part: `open_cloud(user="viewer")`."""

    def sign_in(user: str = "demo", password: str = "", seconds: float = 30) -> CloudClient:
        factories.default_project()
        identity = Identity(session.shared_session(""), settings.CLOUDS[""])
        signed_in_user, token = identity.sign_in(
            domain="acme", user=user, password=password or f"{user}-password"
        )
        scope = identity.scope_to(token, identity.list_projects(token)[0].id)
        return CloudClient(
            session=session.shared_session(""),
            user=signed_in_user,
            scope=scope,
            region=scope.home_region(),
            config=settings.CLOUDS[""],
            deadline=Deadline(seconds),
            sleep=lambda _: None,
        )

    return sign_in


@pytest.fixture
def cloud(open_cloud: Callable[..., CloudClient]) -> CloudClient:
    return open_cloud()


class PatientClient(Client):
    """Waits after each answer for what its page had begun and did not need any more: a late call
    would stand in the emulator's log of the next request, and meet its faults."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        end = time.monotonic() + 2  # some tests hold a call on purpose
        while _threads._idle_semaphore._value < len(_threads._threads) and time.monotonic() < end:
            time.sleep(0.001)
        return response


@pytest.fixture
def client() -> Client:
    return PatientClient()


@pytest.fixture
def sign_in(client: Client, db: None, emulator: Emulator) -> Callable[..., Client]:
    """Signs a user in through the page."""

    def enter(user: str = "demo", password: str = "") -> Client:
        factories.default_project()
        fields = {"domain": "acme", "username": user, "password": password or f"{user}-password"}
        response = client.post(reverse("console:sign_in"), fields)
        assert response.status_code == 302, response.content.decode()
        emulator.log.clear()
        return client

    return enter


@pytest.fixture
def signed_in(sign_in: Callable[..., Client]) -> Client:
    return sign_in()


@pytest.fixture
def visit(signed_in: Client) -> Callable[..., Page]:
    """Opens a page as the signed-in user and checks what every page must be."""

    def get(url: str, *, status: int = 200, htmx: bool = False, **headers: str) -> Page:
        sent = (HTMX | headers) if htmx else headers
        response = signed_in.get(url, headers=sent)
        assert response.status_code == status, response.content.decode()[:2000]
        return Page(response, full=not htmx)

    return get


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many cases the enumerated fault tests went through, and what each race came to."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    properties = [one for report in reports for one in report.user_properties]
    counts: Counter[str] = Counter()
    for name, value in properties:
        if "cases" in name:
            counts[name] += value
        elif name == "race":
            terminalreporter.write_line(f"race, {value}")
    for name, number in counts.items():
        terminalreporter.write_line(f"{name}: {number}")
