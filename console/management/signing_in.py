"""Signing in from a terminal, for commands that look into the cloud."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management.base import CommandError

from console import env, session
from console.cloud.errors import CloudError, Unauthorized

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from console.cloud.account import Token, User

SOURCES = "The password is taken from CLOUD_PASSWORD or CLOUD_PASSWORD_FILE, or asked for."
NOT_SIGNED_IN = (
    "{} of domain {} could not sign in: the password or one of these is wrong, or a passcode is "
    "needed. Nothing was looked at."
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--domain", default="Default", help="the user's domain")
    parser.add_argument(
        "--cloud",
        default=session.default_cloud(),
        choices=list(settings.CLOUDS),
        help="which one, where OS_CLOUD names several; the first one, if not",
    )
    parser.add_argument("--user", default="", help="who reads the cloud; a reader is enough")


def sign_in(cloud: str, domain: str, user: str) -> tuple[User, Token]:
    """Raises `CommandError` with what kept it."""
    password = env.text("CLOUD_PASSWORD") or getpass.getpass(f"Password of {user}: ")
    try:
        return session.identity(cloud).sign_in(domain=domain, user=user, password=password)
    except Unauthorized:
        raise CommandError(NOT_SIGNED_IN.format(user, domain)) from None
    except CloudError as error:
        raise CommandError(f"{error.headline}: {error.message}") from error
