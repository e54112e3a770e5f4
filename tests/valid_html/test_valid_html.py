"""The Nu checker finds nothing wrong with the HTML of any page, dialog or part."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from django.urls import reverse

from console.emulator.faults import Fault
from tests.factories import SubnetFactory, UserFactory
from tests.record_factories import OperationFactory
from tests.tour import DIALOGS, FRAGMENTS, PAGES, RECORDS, furnish

JAR = Path(".venv/vnu/node_modules/vnu-jar/build/dist/vnu.jar")
HTMX = {"HX-Request": "true"}
AROUND = '<!DOCTYPE html><html lang="en"><head><title>Part</title></head><body>{}</body></html>'
OURS = r"Attribute .hx-[a-z-]+. not allowed on element .*"
"""htmx's attributes are ours to use, and no part of HTML."""


class Shelf:
    """Pages in files, looked at all at once: the checker takes a second to start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name, response, *, part=False):
        text = response.content.decode()
        assert text.strip(), name
        (self._folder / f"{name}.html").write_text(AROUND.format(text) if part else text)

    def complaints(self):
        files = sorted(self._folder.glob("*.html"))
        assert files
        done = subprocess.run(
            ["java", "-Xmx512m", "-jar", JAR, "--format", "json", "--stdout", "--exit-zero-always",
             "--filterpattern", OURS, *files],
            capture_output=True, check=True, text=True, timeout=300,
        )  # fmt: skip
        return [
            f"{Path(one['url']).stem}: {one['message']} {one.get('extract', '')!r}"
            for one in json.loads(done.stdout)["messages"]
            if one["type"] == "error"
        ]


@pytest.fixture
def shelf(tmp_path):
    assert JAR.exists(), "scripts/vnu installs it"
    return Shelf(tmp_path)


@pytest.mark.parametrize("profile", ["otc", "openstack"])
@pytest.mark.parametrize("name", ["", "<b>&\"'"])
def test_pages_and_their_parts(emulator, sign_in, shelf, name):
    tour = furnish(name=name, records=True)
    client = sign_in()
    for page in (*PAGES, *RECORDS):
        shelf.add(page, client.get(tour.urls[page]))
    for page in (*PAGES, *RECORDS, *FRAGMENTS):
        shelf.add(f"{page}-part", client.get(tour.urls[page], headers=HTMX), part=True)
    for url in (
        "console:home",
        "console:high_availability",
        "console:patterns",
        "console:project_choose",
        "vpc:patterns",
    ):
        shelf.add(url.replace(":", "-"), client.get(reverse(url)))

    assert shelf.complaints() == []


@pytest.mark.parametrize("state", ["planned", "done", "needs repair"])
def test_what_a_submit_has_come_to(emulator, sign_in, shelf, state):
    client = sign_in()
    user = client.get(reverse("console:home")).wsgi_request.account.user
    record = OperationFactory.create(user_id=user.id, state=state)
    run = reverse("console:operation_run", args=[record.run])
    for name, headers in (("page", {}), ("part", HTMX)):
        response = client.get(run, headers=headers)
        assert record.target in response.content.decode()
        shelf.add(f"run-{name}", response, part=name == "part")

    assert shelf.complaints() == []


def test_refused_and_wrong_forms(emulator, sign_in, shelf):
    tour = furnish()
    client = sign_in()
    for name in DIALOGS:
        url = tour.dialog(name)
        shelf.add(f"{name}-sent", client.post(url, {}, follow=True))

    assert shelf.complaints() == []


def test_empty_faulty_and_read_only_pages(emulator, sign_in, shelf, client):
    empty = SubnetFactory()
    url = reverse("vpc:subnet_detail", args=[empty.network_id, empty.id])
    sign_in()
    for tab in ("summary", "virtual-ips", "servers"):
        shelf.add(f"empty-{tab}", client.get(f"{url}?tab={tab}"))
    shelf.add("empty-servers", client.get(reverse("bms:server_list")))
    shelf.add("not-found", client.get("/nowhere/"))
    tour = furnish()
    client.post(reverse("console:sign_out"))
    shelf.add("signed-out", client.get(reverse("console:sign_in")))
    sign_in(UserFactory(roles="reader").name)
    for name in ("subnet_virtual_ips", "server_nics", "virtual_ip_detail", "virtual_ip_bind"):
        shelf.add(f"reader-{name}", client.get(tour.urls[name]))
    emulator.faults.add(Fault("GET", "/ports", "status", status=500, times=None))
    for name in ("subnet_virtual_ips", "server_nics", "virtual_ip_detail"):
        shelf.add(f"faulty-{name}", client.get(tour.urls[name]))
        shelf.add(f"faulty-{name}-part", client.get(tour.urls[name], headers=HTMX), part=True)

    assert shelf.complaints() == []
