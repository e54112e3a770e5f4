"""The error bodies, one shape a family (1.9, 2.8, 3.12)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from console.emulator.wire import Refusal, Response

UNAUTHORIZED = "The request you have made requires authentication."
UPDATE_TOKEN = "The token must be updated"  # noqa: S105 - the phrase of 1.3

_NOVA_NAMES = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}
_NEUTRON_TYPES = {
    400: "HTTPBadRequest",
    403: "PolicyNotAuthorized",
    404: "HTTPNotFound",
    405: "HTTPMethodNotAllowed",
    409: "Conflict",
    412: "RevisionNumberConstraintFailed",
    429: "HTTPTooManyRequests",
    500: "HTTPInternalServerError",
    502: "HTTPBadGateway",
    503: "ServiceUnavailable",
    504: "HTTPGatewayTimeout",
}
_VPC_CODES = {400: "VPC.0007", 401: "VPC.0008", 403: "VPC.2701", 404: "VPC.0003", 409: "VPC.0512"}
_MESSAGES = {
    400: "The server could not comply with the request since it is either malformed or incorrect.",
    401: UNAUTHORIZED,
    403: "You are not authorized to perform the requested action.",
    404: "The resource could not be found.",
    405: "The method is not allowed for this resource.",
    409: "There was a conflict when trying to complete your request.",
    412: "A precondition of the request failed.",
    413: "Over limit.",
    429: "The throttling threshold has been reached.",
    500: "Request Failed: internal server error while processing your request.",
    502: "The proxy received an invalid response from the upstream server.",
    503: "The service is currently unavailable. Try again later.",
    504: "The upstream server did not answer in time.",
}


def render(family: str, profile: str, refusal: Refusal, auth_url: str = "") -> Response:
    """The answer for a refusal, in the words and the shape of `family`."""
    headers = {"Content-Type": "application/json", **refusal.headers}
    if refusal.body is not None:
        return Response(refusal.status, _dump(refusal.body), headers)
    message = refusal.message or _MESSAGES.get(refusal.status, _phrase(refusal.status))
    if refusal.status == 401:
        headers.setdefault("WWW-Authenticate", f'Keystone uri="{auth_url}"')
    if refusal.status == 401 and profile == "openstack" and family != "keystone":
        # The same middleware stands before every service, so it is its body and not the service's.
        body = {"error": {"code": 401, "title": "Unauthorized", "message": UNAUTHORIZED}}
        return Response(401, _dump(body), headers)
    return _FAMILIES[family](refusal, message, headers)


def _keystone(refusal: Refusal, message: str, headers: dict[str, str]) -> Response:
    status = refusal.status
    body = {"error": {"code": status, "message": message, "title": _phrase(status)}}
    return Response(status, _dump(body, compact=True) + b"\n", headers)


def _nova(refusal: Refusal, message: str, headers: dict[str, str]) -> Response:
    fault: dict[str, Any] = {"code": refusal.status, "message": message}
    if "Retry-After" in headers:
        fault["retryAfter"] = headers["Retry-After"]
    name = refusal.kind or _NOVA_NAMES.get(refusal.status, "computeFault")
    if name not in _NOVA_NAMES.values():
        name = _NOVA_NAMES.get(refusal.status, "computeFault")
    headers = {**headers, "Content-Type": "application/json; charset=UTF-8"}
    return Response(refusal.status, _dump({name: fault}), headers)


def _neutron(refusal: Refusal, message: str, headers: dict[str, str]) -> Response:
    if refusal.status in (401, 429):  # the profile otc: the gateway answers for Neutron (3.12)
        return _gateway(refusal, message, headers)
    kind = refusal.kind or _NEUTRON_TYPES.get(refusal.status, "HTTPInternalServerError")
    body = {"NeutronError": {"type": kind, "message": message, "detail": ""}}
    return Response(refusal.status, _dump(body), headers)


def _gateway(refusal: Refusal, message: str, headers: dict[str, str]) -> Response:
    code = "APIGW.0308" if refusal.status == 429 else "APIGW.0301"
    body = {"error_msg": message, "error_code": code}
    return Response(refusal.status, _dump(body), headers)


def _vpc(refusal: Refusal, message: str, headers: dict[str, str]) -> Response:
    code = refusal.kind if refusal.kind.startswith("VPC.") else _VPC_CODES.get(refusal.status)
    body = {"code": code or "VPC.0002", "message": message}
    return Response(refusal.status, _dump(body), headers)


def _glance(refusal: Refusal, message: str, headers: dict[str, str]) -> Response:
    title = f"{refusal.status} {_phrase(refusal.status)}"
    text = (
        f"<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n"
        f"  {message}<br /><br />\n\n\n </body>\n</html>"
    )
    headers = {**headers, "Content-Type": "text/html; charset=UTF-8"}
    return Response(refusal.status, text.encode(), headers)


_FAMILIES = {
    "keystone": _keystone,
    "nova": _nova,
    "neutron": _neutron,
    "vpc": _vpc,
    "glance": _glance,
}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _dump(body: object, *, compact: bool = False) -> bytes:
    separators = (",", ":") if compact else None
    return json.dumps(body, separators=separators).encode()
