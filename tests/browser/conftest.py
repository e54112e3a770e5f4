"""One Chromium for all browser tests, a new context for each, and what no page may do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect, sync_playwright

from console.emulator import seed
from tests import factories
from tests.browser import chromium
from tests.browser.tab import Tab
from tests.cloud_settings import change_cloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from console.emulator.app import Emulator

FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=10_000)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Every test here is a browser test, and one worker runs them all: it has the browser."""
    item.add_marker(pytest.mark.browser)
    item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """While it runs this thread has an event loop, where Django refuses its ORM unless told."""
    found = chromium.find()
    if found is None:
        pytest.fail(chromium.MISSING, False)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=found, args=chromium.ARGUMENTS)
            yield started
            started.close()


@pytest.fixture
def demo(emulator: Emulator, profile: Any, settings: Any) -> Emulator:
    """The furnished cloud of the demo instead of an empty one."""
    cloud = seed.demo(profile)
    change_cloud(settings, embedded=lambda: cloud)
    factories.use(cloud)
    return cloud


@pytest.fixture
def open_tab(
    request: pytest.FixtureRequest,
    browser: Browser,
    emulator: Any,
    live_server: Any,
    sign_in: Callable[..., Any],
) -> Iterator[Callable[..., Tab]]:
    """A new tab in a context of its own, signed in as `user` (None: nobody).

    The session comes from Django's test client, so that only the tests of the sign-in go through
    its page. Further arguments are those of Playwright's `new_context`.
    """
    tabs: list[Tab] = []

    def open_one(user: str | None = "demo", javascript: bool = True, **options: Any) -> Tab:
        options.setdefault("viewport", {"width": 1440, "height": 900})
        context = browser.new_context(
            base_url=live_server.url, java_script_enabled=javascript, **options
        )
        if user is not None:
            name = django_settings.SESSION_COOKIE_NAME
            value = sign_in(user).cookies[name].value
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        tabs.append(Tab(context.new_page()))
        return tabs[-1]

    yield open_one
    problems = [problem for tab in tabs for problem in tab.problems]
    for number, tab in enumerate(tabs):
        if problems or request.node.stash.get(FAILED, False):
            _keep(tab, f"{request.node.name}-{number}")
        tab.is_at_rest()
        tab.page.context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def tab(open_tab: Callable[..., Tab]) -> Tab:
    """A signed-in tab of the usual size."""
    return open_tab()


def _keep(tab: Tab, name: str) -> None:
    folder = Path(django_settings.VAR_DIR) / "test-screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / re.sub(r"[^\w.-]+", "-", name)[:120]
    picture, html = path.with_suffix(".png"), path.with_suffix(".html")
    html.write_text(tab.page.content())
    tab.page.screenshot(path=picture)
    print(f"{tab.page.url}\n{picture}\n{html}")  # noqa: T201
