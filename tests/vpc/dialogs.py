"""Filling in and sending the dialogs the way a browser does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.factories import state
from tests.pages import Page
from tests.reading import fields

if TYPE_CHECKING:
    from django.test import Client

HTMX = {"HX-Request": "true", "HX-Target": "modal", "HX-Current-URL": "http://testserver/vpc/vpcs/"}


class Dialog:
    """An opened dialog: `entries` is what its form would send, until it is changed."""

    def __init__(self, client: Client, url: str, *, htmx: bool = False) -> None:
        self.client, self.url = client, url
        self.headers = HTMX if htmx else {}
        response = client.get(url, headers=self.headers)
        if response.status_code == 302:  # the page with the form's key in its address
            self.url = response["Location"]
            response = client.get(self.url, headers=self.headers)
        assert response.status_code == 200, response.content.decode()[:2000]
        self.page = Page(response, full=not htmx)
        path = url.partition("?")[0]
        has_form = any(path in form["action"] for form in self.page.all("form"))
        self.entries: dict[str, Any] = fields(self.page, path) if has_form else {}

    def send(self, **changes):
        """Press OK. A change of None leaves the entry out. The answer is not followed."""
        if changes or "shown" not in self.entries:
            self.choose(**changes)
        return self.client.post(self.url, self.entries, headers=self.headers)

    def choose(self, **changes) -> None:
        """Change entries, and see what that would change, where the dialog shows it."""
        for name, value in changes.items():
            self.entries.pop(name, None)
            if value is not None:
                self.entries[name] = value
        if self.headers and self.page.all("section", id="bind-preview"):
            self.look()

    def look(self) -> Page:
        """See what will change, as the dialog does by itself whenever a choice changes."""
        headers = self.headers | {"HX-Target": "bind-preview"}
        entries = self.entries | {"action": "preview"}
        answer = self.client.post(self.url, entries, headers=headers)
        part = Page(answer, full=False)
        shown = part.all("input", type="hidden", name="shown")
        self.entries.pop("shown", None)
        if shown:
            self.entries["shown"] = shown[0]["value"]
        return part

    def answer(self, **changes) -> Page:
        """The same, where the dialog or another page is expected to come back at once."""
        response = self.send(**changes)
        assert response.status_code != 302, response["Location"]
        return Page(response, full=not self.headers)

    def done(self, **changes) -> Page:
        """The same, where it is expected to be carried out: the page one is sent to."""
        response = self.send(**changes)
        assert response.status_code == 302, Page(response).text[:2000]
        return Page(self.client.get(response["Location"]))


def choose(*servers, **nics):
    """Entries of Bind to Server for these servers, through the first NIC unless told."""
    found = {"server": [server.id for server in servers]}
    return found | {f"nic-{server.id}": server.nic.id for server in servers} | nics


def lists():
    """{port id: its list} of all ports, as the cloud has them."""
    return {
        port.id: [(pair.ip_address, pair.mac_address) for pair in port.allowed_address_pairs]
        for port in state().ports.values()
    }
