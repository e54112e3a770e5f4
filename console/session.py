"""The signed-in part of a session: kept on the server, encrypted, never in a cookie.

What is kept is one `Account`; a `CloudClient` is made from it for each request.
"""

from __future__ import annotations

import base64
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core import signing
from django.middleware.csrf import rotate_token
from django.utils import timezone

from console import shapes
from console.cloud.account import Project, Scope, Token, User
from console.cloud.auth import Identity
from console.cloud.client import CloudClient
from console.cloud.transport import Deadline, open_session

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse
    from keystoneauth1.session import Session

KEY = "account"
PLACE_COOKIE = "console_place"
PLACE_COOKIE_AGE = 365 * 24 * 3600


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. `scope` is None until a project is chosen."""

    user: User
    cloud: str = ""
    """Its name in `settings.CLOUDS`."""
    token: Token
    projects: tuple[Project, ...]
    scope: Scope | None = None
    region: str = ""
    left: tuple[Token, ...] = ()
    """Tokens of the projects worked in before: other tabs may still be using them."""

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All that a sign-out has to end."""
        scoped = (self.scope.token,) if self.scope else ()
        return (*self.left, *scoped, self.token)

    @property
    def expires_at(self) -> dt.datetime:
        return self.scope.token.expires_at if self.scope else self.token.expires_at

    @property
    def regions(self) -> tuple[str, ...]:
        return self.scope.regions if self.scope else ()


@cache
def shared_session(cloud: str) -> Session:
    """The connection pool of this process for the cloud of that name."""
    return open_session(settings.CLOUDS[cloud])


def identity(cloud: str, *, seconds: float | None = None) -> Identity:
    """Of the cloud of that name; `seconds` instead of the deadline of a page."""
    deadline = None if seconds is None else Deadline(seconds)
    return Identity(shared_session(cloud), settings.CLOUDS[cloud], deadline)


def default_cloud() -> str:
    """The name of the cloud that is meant where none is chosen."""
    return next(iter(settings.CLOUDS))


def open_client(account: Account, *, writing: bool, anew: bool = False) -> CloudClient:
    """A client for one request. One that may write gets the longer deadline, and reads anew what it
    plans on."""
    config = settings.CLOUDS[account.cloud]
    assert account.scope is not None  # noqa: S101 - the middleware lets nobody through without
    return CloudClient(
        session=shared_session(account.cloud),
        user=account.user,
        scope=account.scope,
        region=account.region,
        config=config,
        deadline=Deadline(config.write_deadline if writing else config.read_deadline),
        reads_anew=writing or anew,
    )


def begin(request: HttpRequest, account: Account) -> None:
    """A new session under a new key, and new form tokens: nothing that a stranger may have put
    into this browser before lives on."""
    forget(request)
    rotate_token(request)
    request.session.clear_expired()
    save(request, account)


def save(request: HttpRequest, account: Account) -> None:
    """Keep the account in the session, which then lives as long as its token does."""
    request.session[KEY] = _cipher().encrypt(msgspec.json.encode(account)).decode()
    request.session.set_expiry(max(1, int((account.expires_at - timezone.now()).total_seconds())))


def load(request: HttpRequest) -> Account | None:
    """The account, or None when nobody is signed in, the token has ended, the key is another or the
    cloud is none of the settings' any more.

    Looks only where a session cookie came in, so anonymous visitors cost no query.
    """
    if not came_with_one(request):
        return None
    sealed = request.session.get(KEY)
    if not isinstance(sealed, str):
        return None
    try:
        account = shapes.decode(_cipher().decrypt(sealed.encode()), Account)
    except (InvalidToken, msgspec.DecodeError):
        return None
    is_over = timezone.now() >= account.expires_at or account.cloud not in settings.CLOUDS
    return None if is_over else account


def forget(request: HttpRequest) -> None:
    if came_with_one(request):
        request.session.flush()


def came_with_one(request: HttpRequest) -> bool:
    """Whether the browser sent a session's cookie. A quoted one can hold any character; a key of
    ours only letters and digits."""
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "").isalnum()


def has_account(request: HttpRequest) -> bool:
    """Whether somebody signed in with this session; it may have ended since."""
    return came_with_one(request) and KEY in request.session


class Place(msgspec.Struct, frozen=True):
    """Where a user last worked: remembered by the browser across sign-ins, signed, no secret."""

    user_id: str
    domain: str
    project_id: str
    region: str
    cloud: str = ""


def remembered_place(request: HttpRequest) -> Place | None:
    try:
        text = request.COOKIES.get(PLACE_COOKIE, "")
        value = signing.loads(text, salt=PLACE_COOKIE, max_age=PLACE_COOKIE_AGE)
        return shapes.convert(value, Place)
    except (signing.BadSignature, msgspec.ValidationError):
        return None


def remember_place(response: HttpResponse, account: Account) -> None:
    if account.scope is None:
        return
    place = Place(
        user_id=account.user.id,
        domain=account.user.domain_name,
        project_id=account.scope.project.id,
        region=account.region,
        cloud=account.cloud,
    )
    response.set_cookie(
        PLACE_COOKIE,
        signing.dumps(msgspec.to_builtins(place), salt=PLACE_COOKIE),  # ASCII, whatever the names
        max_age=PLACE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@cache
def _cipher() -> MultiFernet:
    """Keys derived from SECRET_KEY and its fallbacks; the first one seals."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derive(secret)) for secret in secrets])


def _derive(secret: str) -> bytes:
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"console session")
    return base64.urlsafe_b64encode(kdf.derive(secret.encode()))
