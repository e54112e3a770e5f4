"""Tokens: issue, check, show, revoke (1.3, 1.4, 1.5, 1.7)."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from console.emulator.catalog import catalog
from console.emulator.errors import UPDATE_TOKEN
from console.emulator.records import Caller, Domain, Project, Token, User
from console.emulator.times import micro_z
from console.emulator.wire import JSON, Refusal, Request, Response, Route, json_response

if TYPE_CHECKING:
    from console.emulator.state import State

LIFETIME = {"otc": 24 * 3600, "openstack": 4 * 3600}
RECEIPT_LIFETIME = 300
_OTC_TOKEN_BYTES = 2250  # 3 kB in base64, like the PKI tokens it stands for


def caller(request: Request) -> Caller:
    """Who sent the request; a missing, unknown, revoked or expired token is 401."""
    token = _valid(request.state, request.headers.get("x-auth-token", ""))
    if token is None:
        raise Refusal(401, UPDATE_TOKEN if request.state.otc else "")
    return Caller(token)


def _valid(state: State, value: str) -> Token | None:
    token = state.tokens.get(value)
    return token if token and token.expires > state.clock() and token.user.enabled else None


# sign in


def issue(request: Request) -> Response:
    state = request.state
    auth = request.json_object("auth")
    identity = auth.get("identity")
    if not isinstance(identity, dict) or not isinstance(identity.get("methods"), list):
        raise Refusal(400, "Expecting to find identity in auth. The request body is malformed.")
    parent: Token | None = None
    user: User | None = None
    proven: set[str] = set()
    for method in identity["methods"]:
        if method == "token":
            parent = _parent(state, identity)
            found, proven = parent.user, proven | set(parent.methods)
        else:
            found = _prove(state, str(method), identity)
        if user is not None and user is not found:
            raise Refusal(401)
        user = found
        proven.add(str(method))
    if user is None:
        raise Refusal(400, "Expecting to find methods in identity.")
    _second_factor(request, user, proven, parent)
    methods = tuple(identity["methods"])
    if parent and not state.otc:
        methods = tuple(dict.fromkeys((*methods, *parent.methods)))
    token = _store(state, user, methods, auth.get("scope"), parent)
    token.mfa = "totp" in proven
    shown = render(request, token, with_catalog=not request.first("nocatalog"))
    return json_response({"token": shown}, 201, X_Subject_Token=token.value, Vary="X-Auth-Token")


def _parent(state: State, identity: JSON) -> Token:
    inner = identity.get("token")
    token = _valid(state, str(inner.get("id", ""))) if isinstance(inner, dict) else None
    if token is None:
        raise Refusal(401)
    return token


def _prove(state: State, method: str, identity: JSON) -> User:
    """The user that `password` or `totp` proves. Nobody learns which part was wrong."""
    inner = identity.get(method)
    wanted = inner.get("user") if isinstance(inner, dict) else None
    if method not in ("password", "totp") or not isinstance(wanted, dict):
        raise Refusal(401)
    user = _find_user(state, wanted)
    if user is None or not user.enabled:
        raise Refusal(401)
    if method == "password" and wanted.get("password") != user.password:
        raise Refusal(401)
    if method == "totp" and (user.passcode is None or wanted.get("passcode") != user.passcode):
        if state.otc:
            text = "The TOTP passcode is wrong."
            error = {"code": 400, "message": text, "title": "Bad Request"}
            body = {"error": error, "error_code": "IAM.1061", "error_msg": text}
            raise Refusal(400, body=body)
        raise Refusal(401)
    return user


def _find_user(state: State, wanted: JSON) -> User | None:
    if "id" in wanted:
        return state.users.get(str(wanted["id"]))
    domain = _find_domain(state, wanted.get("domain"))
    for user in state.users.values():
        if user.name == wanted.get("name") and domain and user.domain_id == domain.id:
            return user
    return None


def _find_domain(state: State, wanted: Any) -> Domain | None:
    if not isinstance(wanted, dict):
        return None
    for domain in state.domains.values():
        if domain.id == wanted.get("id") or domain.name == wanted.get("name"):
            return domain
    return None


def _second_factor(request: Request, user: User, proven: set[str], parent: Token | None) -> None:
    """A user with a passcode needs both methods; vanilla remembers the first by a receipt (1.4)."""
    state = request.state
    if user.passcode is None or parent is not None:
        return
    receipt = state.receipts.get(request.headers.get("openstack-auth-receipt", ""))
    if receipt and receipt[0] == user.id and receipt[1] > state.clock():
        proven.add("password")
    if {"password", "totp"} <= proven:
        return
    if state.otc or "password" not in proven:
        raise Refusal(401)
    now = state.clock()
    value = "gAAAAAB" + secrets.token_urlsafe(80)
    state.receipts[value] = (user.id, now + RECEIPT_LIFETIME)
    body = {
        "receipt": {
            "methods": ["password"],
            "user": _user(state, user),
            "expires_at": micro_z(now + RECEIPT_LIFETIME),
            "issued_at": micro_z(now),
        },
        "required_auth_methods": [["password", "totp"]],
    }
    raise Refusal(401, body=body, headers={"Openstack-Auth-Receipt": value})


# scope


def _store(
    state: State, user: User, methods: tuple[str, ...], scope: Any, parent: Token | None
) -> Token:
    project, domain = _scope(state, user, scope)
    now = state.clock()
    if state.otc:
        value = "MII" + secrets.token_urlsafe(_OTC_TOKEN_BYTES)
    else:
        value = "gAAAAAB" + secrets.token_urlsafe(132)
    # Vanilla: a new scope is no new lease (1.5).
    expires = parent.expires if parent else now + LIFETIME[state.profile]
    roles = user.roles.get(project.id if project else domain.id if domain else "", ())
    audit = secrets.token_urlsafe(16)
    token = Token(value, user, methods, now, expires, project, domain, roles, audit)
    state.tokens[value] = token
    for old in [t for t in list(state.tokens.values())[:20] if t.expires <= now]:
        del state.tokens[old.value]
    return token


def _scope(state: State, user: User, scope: Any) -> tuple[Project | None, Domain | None]:
    """The project or the domain asked for; no role there is a 401, as for a wrong password."""
    if scope is None:
        if state.otc:  # "token for global services" (1.3)
            return None, state.domains[user.domain_id]
        default = state.projects.get(user.default_project_id or "")
        return (default if default and default.id in user.roles else None), None
    if scope == "unscoped" or (isinstance(scope, dict) and "unscoped" in scope):
        return None, None
    if not isinstance(scope, dict) or not {"project", "domain"} & scope.keys():
        raise Refusal(400, "Invalid input for field 'scope': the request body is malformed.")
    if "project" in scope:
        project = _find_project(state, user, scope["project"])
        if project is None or project.id not in user.roles:
            raise Refusal(401)
        return project, None
    domain = _find_domain(state, scope["domain"])
    if domain is None or not (
        domain.id in user.roles or (state.otc and domain.id == user.domain_id)
    ):
        raise Refusal(401)
    return None, domain


def _find_project(state: State, user: User, wanted: Any) -> Project | None:
    if not isinstance(wanted, dict):
        return None
    if "id" in wanted:
        return state.projects.get(str(wanted["id"]))
    domain = _find_domain(state, wanted.get("domain"))
    if domain is None and state.otc:
        domain = state.domains[user.domain_id]
    for project in state.projects.values():
        if domain and project.domain_id == domain.id and project.name == wanted.get("name"):
            return project
    return None


# show


def _user(state: State, user: User) -> JSON:
    return {
        "domain": _named(state.domains[user.domain_id]),
        "id": user.id,
        "name": user.name,
        "password_expires_at": "" if state.otc else None,
    }


def _named(thing: Domain) -> JSON:
    return {"id": thing.id, "name": thing.name}


def render(request: Request, token: Token, *, with_catalog: bool = True) -> JSON:
    state = request.state
    body: JSON = {
        "methods": list(token.methods),
        "user": _user(state, token.user),
        "expires_at": micro_z(token.expires),
        "issued_at": micro_z(token.issued),
    }
    if state.otc and token.mfa:
        body["mfa_authn_at"] = micro_z(token.issued)
    if not state.otc:
        body["audit_ids"] = [token.audit_id]
    if token.project:
        domain = state.domains[token.project.domain_id]
        body["project"] = {
            "domain": _named(domain),
            "id": token.project.id,
            "name": token.project.name,
        }
        if not state.otc:
            body["is_domain"] = False
    elif token.domain:
        body["domain"] = _named(token.domain)
    if token.project or token.domain:
        body["roles"] = [_role(state, name) for name in token.roles]
        if with_catalog:
            body["catalog"] = catalog(state, request.host_url, token.project)
    return body


def _role(state: State, name: str) -> JSON:
    """OTC's role ids are `0`: a client goes by the name (1.3)."""
    vanilla = hashlib.sha256(name.encode()).hexdigest()[:32]
    return {"id": "0" if state.otc else vanilla, "name": name}


# check and revoke


def _subject(request: Request) -> Token:
    asking = caller(request)
    subject = _valid(request.state, request.headers.get("x-subject-token", ""))
    if subject is None:
        raise Refusal(404, "Could not recognize Fernet token" if not request.state.otc else "")
    if subject.user is not asking.token.user and not asking.is_admin:
        raise Refusal(
            403, "You are not authorized to perform the requested action: identity:validate_token."
        )
    return subject


def show(request: Request) -> Response:
    token = _subject(request)
    shown = render(request, token, with_catalog=not request.first("nocatalog"))
    return json_response({"token": shown}, X_Subject_Token=token.value, Vary="X-Auth-Token")


def revoke(request: Request) -> Response:
    del request.state.tokens[_subject(request).value]
    return Response(204)


ROUTES = [
    Route("POST", "/v3/auth/tokens", issue),
    Route("GET", "/v3/auth/tokens", show),
    Route("HEAD", "/v3/auth/tokens", show),
    Route("DELETE", "/v3/auth/tokens", revoke),
]
