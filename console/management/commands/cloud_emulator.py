from __future__ import annotations

import contextlib
import signal
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from console.emulator import seed
from console.emulator.server import serve

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

    from console.emulator.state import State

HOST = "127.0.0.1"

WELCOME = """\
The embedded cloud ({profile}, {servers} servers) listens on {url}

  auth URL   {url}/v3
  domain     {domain}, region {region}, projects {projects}
  users      {demo} / {demo_password}: reads and writes, both projects
             {viewer} / {viewer_password}: reads, the first project
             {mfa} / {mfa_password}, passcode {passcode}: the first project
             {single} / {single_password}: reads and writes, the second project

With the openstack command line:

  export OS_AUTH_URL={url}/v3 OS_IDENTITY_API_VERSION=3
  export OS_USERNAME={demo} OS_PASSWORD={demo_password} OS_USER_DOMAIN_NAME={domain}
  export OS_PROJECT_NAME={project} OS_PROJECT_DOMAIN_NAME={domain}{region_name}
  openstack server list

Stop it with Ctrl-C."""


# Identity has the region `*` in OTC's catalogue, so the command line must not be told one.
REGION = {"otc": "", "openstack": " OS_REGION_NAME=RegionOne"}


def number_up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) > most:
            raise ArgumentTypeError(f"{text} is no number from 0 to {most}")
        return int(text)

    return number


def welcome(state: State, url: str) -> str:
    projects = seed.PROJECTS[state.profile]
    return WELCOME.format(
        profile=state.profile,
        servers=len(state.servers),
        url=url,
        domain=seed.DEMO_DOMAIN,
        region=state.region,
        region_name=REGION[state.profile],
        project=projects[0],
        projects=", ".join(projects),
        demo=seed.DEMO_USER,
        demo_password=seed.DEMO_PASSWORD,
        viewer=seed.VIEWER_USER,
        viewer_password=seed.VIEWER_PASSWORD,
        mfa=seed.MFA_USER,
        mfa_password=seed.MFA_PASSWORD,
        passcode=seed.MFA_PASSCODE,
        single=seed.SINGLE_USER,
        single_password=seed.SINGLE_PASSWORD,
    )


class Command(BaseCommand):
    help = "Serve the embedded cloud on loopback, for other clients. Nothing is stored."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=number_up_to(65535), default=9000)
        parser.add_argument("--profile", choices=("otc", "openstack"), default="otc")
        parser.add_argument("--servers", type=number_up_to(100_000), default=30)
        parser.add_argument(
            "--latency", type=number_up_to(60_000), default=0, help="milliseconds a call"
        )
        parser.add_argument(
            "--overlap",
            type=number_up_to(60_000),
            default=0,
            metavar="MS",
            help="milliseconds that each PUT of a port is held open, so that writes overlap",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        emulator = seed.demo(options["profile"], options["servers"], options["latency"])
        emulator.overlap_ms = options["overlap"]
        try:
            handle = serve(emulator, HOST, options["port"])
        except OSError as error:
            message = f"Port {options['port']} on {HOST} cannot be used: {error.strerror}."
            raise CommandError(message) from None
        self.stdout.write(welcome(emulator.state, handle.url))
        self.stdout.flush()
        # Said outright: a shell that starts it in the background lets Ctrl-C be ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            handle.run()
        handle.stop()
        self.stdout.write("Stopped.")
