"""Keystone's answers, as cloud-api 1.3 draws them."""

from __future__ import annotations

from tests.cloud.server import Answer

PROJECT = {"id": "8f2c", "name": "eu-de_prod", "domain": {"id": "d41d", "name": "acme"}}


def endpoint(url, region="eu-de", interface="public"):
    return {"interface": interface, "region": region, "region_id": region, "url": url}


def service(kind, *endpoints):
    return {"type": kind, "name": kind, "id": f"id-{kind}", "endpoints": list(endpoints)}


def token_body(**changes):
    """The body of a project's token. A change to `None` leaves the member out."""
    token = {
        "methods": ["password"],
        "issued_at": "2026-03-02T08:15:04.211000Z",
        "expires_at": "2026-03-03T08:15:04.211000Z",
        "user": {
            "id": "0f6b",
            "name": "ops-user",
            "password_expires_at": "",
            "domain": {"id": "d41d", "name": "acme"},
        },
        "project": PROJECT,
        "roles": [{"id": "0", "name": "te_admin"}, {"id": "0", "name": "op_gated_vpc"}],
        "catalog": [service("network", endpoint("https://vpc.eu-de.example"))],
        **changes,
    }
    return {"token": {key: value for key, value in token.items() if value is not None}}


def token_answer(text="token", status=201, body=None, **changes):
    body = token_body(**changes) if body is None else body
    headers = {} if text is None else {"X-Subject-Token": text}
    return Answer(status, body, headers)
