"""Signing in by the pages, as tests of the sign-in itself need it."""

from __future__ import annotations

from tests.factories import state

SIGN_IN = "/sign-in/"
HOME = "/"


def attempt(client, username="demo", follow=False, headers=None, **fields):
    fields = {"domain": "acme", "username": username, "password": f"{username}-password"} | fields
    return client.post(SIGN_IN, fields, follow=follow, headers=headers)


def project(name):
    return next(each for each in state().projects.values() if each.name == name)


def choose(client, name, **more):
    return client.post("/projects/", {"project": project(name).id, **more})
