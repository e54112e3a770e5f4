"""Whether a cloud offers what the console needs, and what it will do without."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from msgspec.structs import replace

from bms.api import BareMetalAPI
from console import session
from console.cloud.errors import CloudError, Forbidden, NotFound, ServiceMissing
from console.management import signing_in
from console.session import Account
from vpc.api import NetworkAPI

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from console.cloud.client import CloudClient

NEEDED = "nothing works without it"
EMPTY = "-"
NOT_ACCEPTABLE = 406
HEAD = ("call", "status", "ms", "what is missing -> what the console does without it")
NO_REVISIONS = (
    "The ports have no revisions: each list is read again just before it is written, and what "
    "another program writes in that moment is replaced."
)
OLD_NOVA = "Nova does not know microversion {}: {}."
WITHOUT_VERSION = {
    "otc": "servers come without tags, so BMSs are told by metadata and flavor",
    "openstack": "flavors are shown by their id",
}
ONLY_VIEWING = "This user has no role that may change anything: the console shows all and says why."
OF_OTHERS = (
    "Networks of other projects: {}. Only their owner, or an administrator, may bind virtual IP "
    "addresses there."
)


@dataclass(frozen=True)
class Check:
    """`without` is what becomes of the console where the call fails."""

    name: str
    call: Callable[[], Any]
    without: str


def checks(cloud: CloudClient, found: Mapping[str, Any]) -> Iterator[Check]:
    """Every reading call of the console, once. `found` has what those before gave, by their names:
    one thing of a list is read too where the list has any."""
    servers, network = BareMetalAPI(cloud), NetworkAPI(cloud)
    no_vpc = "subnets are shown without their VPC"
    yield Check("servers", lambda: servers.list_servers(limit=1), NEEDED)
    for server in found["servers"].items[:1] if found["servers"] else ():
        yield Check("one server", partial(servers.get_server, server.id), NEEDED)
    yield Check("images", servers.list_images, "images are shown by their id")
    yield Check("ports", network.list_vip_ports, NEEDED)
    yield Check("networks", network.list_networks, NEEDED)
    for one in found["networks"][:1]:
        yield Check("one network", partial(network.get_network, one.id), NEEDED)
    yield Check("subnets", network.list_subnets, NEEDED)
    yield Check("VPCs", network.list_vpcs, no_vpc)
    for vpc in found["VPCs"][:1]:
        yield Check("one VPC", partial(network.get_vpc, vpc.id), "a VPC has no page of its own")
    yield Check("gateways", network.list_gateway_ports, no_vpc)
    yield Check("routers", network.list_routers, "an EIP may be refused only by the cloud")
    yield Check("EIPs", network.list_floating_ips, "no EIPs are shown, none can be bound")
    if cloud.profile == "otc":
        yield Check(
            "EIPs' bandwidth", network.list_public_ips, "EIPs have no bandwidth and no name"
        )
    yield Check("security groups", network.list_security_groups, "they are shown by their id")


class Command(BaseCommand):
    help = (
        "Signs in to the cloud and makes each reading call of the console once: what it answers, "
        "how long it takes, and what the console does without it. Changes nothing. "
        f"{signing_in.SOURCES}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        signing_in.add_arguments(parser)
        parser.add_argument("--project", default="", help="its name or id; the first one, if not")

    def handle(self, *, cloud: str, domain: str, user: str, project: str, **_: Any) -> None:
        if not user:
            raise CommandError("Say with --user who looks at the cloud.")
        with _quiet():
            person, token = signing_in.sign_in(cloud, domain, user)
            account = Account(user=person, cloud=cloud, token=token, projects=())
            try:
                client = _client(account, project)
            except CloudError as error:
                raise CommandError(f"{error.headline}: {error.message}") from error
            tried: list[Tried] = []
            found: dict[str, Any] = {}
            for check in checks(client, found):
                tried.append(_try(client, check))
                found[check.name] = tried[-1].value
        words = f"{client.scope.project.name}, region {client.region or EMPTY}"
        self.stdout.write(f"{person.name} in project {words}: {client.profile}")
        self.stdout.write(_table([HEAD, *(one.row for one in tried)]))
        for remark in _remarks(client, found):
            self.stdout.write(remark)
        if failed := [one.check.name for one in tried if one.error and one.is_needed]:
            raise CommandError(f"The console cannot work here: no {', no '.join(failed)}.")


@contextmanager
def _quiet() -> Iterator[None]:
    """The table says it all; a log of the calls would only stand in its way."""
    log = logging.getLogger("console.cloud")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)


def _client(account: Account, project: str) -> CloudClient:
    """In the project of that name or id; without one, in the first."""
    identity = session.identity(account.cloud)
    projects = identity.list_projects(account.token)
    found = [one for one in projects if not project or project in (one.id, one.name)]
    if not found:
        names = ", ".join(one.name for one in projects) or "none at all"
        raise CommandError(f"There is no such project. The user may enter: {names}.")
    scope = identity.scope_to(account.token, found[0].id)
    region = scope.home_region(configured=settings.CLOUDS[account.cloud].regions)
    account = replace(account, projects=projects, scope=scope, region=region)
    return session.open_client(account, writing=False)


@dataclass(frozen=True)
class Tried:
    """`status` is that of the last call that was made, `milliseconds` of all of them."""

    check: Check
    status: str
    milliseconds: int
    value: Any = ()
    error: CloudError | None = None

    @property
    def is_needed(self) -> bool:
        return self.check.without == NEEDED

    @property
    def row(self) -> tuple[str, str, str, str]:
        return self.check.name, self.status, str(self.milliseconds), self._missing

    @property
    def _missing(self) -> str:
        if self.error is None:
            return ""
        return f"{_lack(self.error)} -> {self.check.without}"


def _lack(error: CloudError) -> str:
    """What the cloud or the user lacks, as far as the error tells; else the cloud's own words."""
    if isinstance(error, ServiceMissing):
        return "service: none in the catalogue"
    if isinstance(error, Forbidden):
        return f"role: {error.message}"
    if isinstance(error, NotFound):
        return f"extension: {error.message}"
    return f"version: {error.message}" if error.status == NOT_ACCEPTABLE else error.message


def _try(cloud: CloudClient, check: Check) -> Tried:
    cloud.deadline.at_least(cloud.config.read_deadline)  # each has a page's time for itself
    known, began = len(cloud.calls), monotonic()
    value: Any = ()
    problem = None
    try:
        value = check.call()
    except CloudError as error:
        problem = error
    made = cloud.calls[known:]
    status = str(made[-1].status or "no answer") if made else EMPTY
    return Tried(check, status, round(1000 * (monotonic() - began)), value, problem)


def _remarks(cloud: CloudClient, found: Mapping[str, Any]) -> Iterator[str]:
    """What is no failure, and yet something to know."""
    if not cloud.can_write:
        yield ONLY_VIEWING
    if version := BareMetalAPI(cloud).missing_version:
        yield OLD_NOVA.format(version, WITHOUT_VERSION[cloud.profile])
    if any(port.revision_number is None for port in found["ports"]):
        yield NO_REVISIONS
    others = [
        one.name or one.id
        for one in found["networks"]
        if one.project_id and one.project_id != cloud.project_id and not one.is_external
    ]
    if others:
        yield OF_OTHERS.format(", ".join(others))


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)
