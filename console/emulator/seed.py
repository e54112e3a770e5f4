"""The demo cloud (product.md 5): who may sign in; what is there stands in `seed_content`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from console.emulator import build, seed_content
from console.emulator.app import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.emulator.records import Project
    from console.emulator.state import Profile, State

DEMO_DOMAIN = "acme"
DEMO_USER, DEMO_PASSWORD = "demo", "demo-password"
VIEWER_USER, VIEWER_PASSWORD = "viewer", "viewer-password"
MFA_USER, MFA_PASSWORD, MFA_PASSCODE = "mfa", "mfa-password", "123456"
SINGLE_USER, SINGLE_PASSWORD = "single", "single-password"
PROJECTS: dict[Profile, tuple[str, str]] = {
    "otc": ("eu-de_prod", "eu-de_test"),
    "openstack": ("prod", "test"),
}
# Object storage keeps its books in a project of this name; it turns up in listings (1.6).
MOS = "MOS"


def demo(
    profile: Profile = "otc",
    servers: int = 30,
    latency_ms: float = 0,
    clock: Callable[[], float] = time.time,
) -> Emulator:
    """A cloud with `servers` BMSs (never fewer than the named ones) in two projects."""
    emulator = Emulator(profile, latency_ms, clock)
    state = emulator.state
    state.eip_seconds = state.power_seconds
    first, second = _people(state)
    seed_content.fill(state, first, second, servers)
    return emulator


def _people(state: State) -> tuple[Project, Project]:
    domain = build.add_domain(state, DEMO_DOMAIN)
    first, second = (build.add_project(state, n, domain) for n in PROJECTS[state.profile])
    writer, reader = build.writer_roles(state), build.reader_roles(state)
    mos: dict[str, tuple[str, ...]] = {}
    if state.otc:
        mos = {build.add_project(state, MOS, domain).id: reader}
    build.add_user(
        state, DEMO_USER, DEMO_PASSWORD, domain, {first.id: writer, second.id: writer, **mos}
    )
    build.add_user(state, VIEWER_USER, VIEWER_PASSWORD, domain, {first.id: reader, **mos})
    build.add_user(state, MFA_USER, MFA_PASSWORD, domain, {first.id: writer, **mos}, MFA_PASSCODE)
    build.add_user(state, SINGLE_USER, SINGLE_PASSWORD, domain, {second.id: writer, **mos})
    return first, second
