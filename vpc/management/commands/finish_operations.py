"""Looks at operations that were left open, and closes those that a look at the cloud can close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from msgspec.structs import replace

from console import leases, operations, session
from console.cloud.errors import CloudError, Forbidden, NotFound, Unauthorized
from console.management import signing_in
from console.models import UNSETTLED_STATES, Operation
from console.session import Account
from vpc.services.settling import look_again

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from console.cloud.client import CloudClient

EMBEDDED = (
    "The embedded cloud lives in the memory of the console's own process, so no other can look at "
    "it. Its operations are settled at the next visit of the Virtual IP Address tab."
)


class Command(BaseCommand):
    help = (
        "Closes operations that a stopped console left open, by reading what the cloud has now. "
        "What is half done is left as it is, marked as in need of repair. Writes nothing to the "
        f"cloud. {signing_in.SOURCES}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        signing_in.add_arguments(parser)

    def handle(self, *, cloud: str, domain: str, user: str, **_: Any) -> None:
        leases.clear_ended()
        found = Operation.objects.filter(state__in=UNSETTLED_STATES).order_by("at")
        waiting = [one for one in found if not operations.is_under_way(one)]
        if not waiting:
            self.stdout.write("No operation is open.")
            return
        if settings.EMBEDDED:
            raise CommandError(f"{len(waiting)} open. {EMBEDDED}")
        if not user:
            raise CommandError(f"{len(waiting)} open. Say with --user who may look at the cloud.")
        person, token = signing_in.sign_in(cloud, domain, user)
        account = Account(user=person, cloud=cloud, token=token, projects=())
        if left := self._settle_all(waiting, account):
            raise CommandError(f"{left} could not be closed: see above.")

    def _settle_all(self, waiting: list[Operation], account: Account) -> int:
        """How many stay open."""
        for operation in waiting:
            problem = self._settle(operation, account)
            words = f"{operation.at:%Y-%m-%dT%H:%M:%SZ} {operation.name} {operation.target}"
            told = problem or operation.message
            self.stdout.write(f"{words}: {operation.get_state_display()}. {told}")
        ids = [operation.id for operation in waiting]
        return Operation.objects.filter(id__in=ids, state__in=UNSETTLED_STATES).count()

    def _settle(self, operation: Operation, account: Account) -> str:
        """What kept it from being looked up; nothing where it was."""
        try:
            client = _client(operation, account)
        except (Unauthorized, Forbidden, NotFound):
            return f"{account.user.name} may not enter its project, {operation.project_name}."
        except CloudError as error:
            return f"{error.headline}: {error.message}"
        try:
            look_again(client, operation)
        except CloudError as error:
            return f"{error.headline}: {error.message}"
        return ""


def _client(operation: Operation, account: Account) -> CloudClient:
    """One for each operation: each has its own deadline."""
    scope = session.identity(account.cloud).scope_to(account.token, operation.project_id)
    account = replace(account, projects=(scope.project,), scope=scope, region=operation.region)
    return session.open_client(account, writing=False)
