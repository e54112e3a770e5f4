"""Scoped tokens that the embedded cloud would not give by itself."""

from __future__ import annotations

import copy
import json

from console import session
from console.emulator.faults import Fault
from tests.factories import emulator


def scoped_answer(user, *, regions=("eu-de",), without="", skip=0):
    """A fault: the next call for a project's token is answered with a catalogue of `regions` that
    has no service of the type `without`."""
    cloud = emulator()
    auth = {
        "identity": {
            "methods": ["password"],
            "password": {
                "user": {"name": user, "domain": {"name": "acme"}, "password": f"{user}-password"}
            },
        },
        "scope": {"project": {"id": next(iter(cloud.state.projects))}},
    }
    answer = session.shared_session("").session.post(
        "https://embedded.cloud.invalid/v3/auth/tokens", json={"auth": auth}
    )
    body = copy.deepcopy(answer.json())
    body["token"]["catalog"] = [s for s in body["token"]["catalog"] if s["type"] != without]
    for service in body["token"]["catalog"]:
        service["endpoints"] = [
            endpoint | {"region": each, "region_id": each}
            for endpoint in service["endpoints"]
            for each in regions
        ]
    cloud.log.clear()
    return Fault(
        "POST",
        "/v3/auth/tokens",
        "status",
        status=201,
        skip=skip,
        body=json.dumps(body),
        headers={
            "Content-Type": "application/json",
            "X-Subject-Token": answer.headers["X-Subject-Token"],
        },
    )
