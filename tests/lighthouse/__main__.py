"""`make lighthouse`: what Lighthouse says of the pages of the mission, desktop and phone. Ends with
code 1 where a page misses what it is to reach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from tests.browser import chromium
from tests.demo import browser, demo, log_in, walk_to_subnet
from tests.running import ROOT

COMMAND = ROOT / ".venv" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
WANTED = {"accessibility": 100, "best-practices": 100, "performance": 98}


@dataclass(frozen=True)
class Looked:
    """Points of 100 by category, and what they were lost for."""

    points: dict[str, int]
    faults: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return all(self.points[name] >= least for name, least in WANTED.items())


def pages(url):
    """{name: address}, and the cookie that opens them."""
    with browser() as started:
        page = started.new_page(base_url=url, locale="en")
        found = {"Log In": f"{url}/sign-in/"}
        log_in(page)
        found["Home"] = page.url
        found["Bare Metal Server"] = f"{url}/bms/servers/"
        page.goto("/bms/servers/")
        page.get_by_role("link", name="db-1", exact=True).click()
        page.wait_for_load_state("networkidle")
        found["Details"] = page.url
        walk_to_subnet(page)
        found["Virtual IP Address"] = page.url
        page.locator("#vips tbody th a").first.click()
        page.wait_for_url("**/virtual-ips/**")
        found["A virtual IP address"] = page.url
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    return found, cookies


def look(url, cookies, preset):
    headers = json.dumps({"Cookie": cookies}) if cookies else "{}"
    flags = " ".join(["--headless=new", *chromium.ARGUMENTS])
    options = ["--preset=desktop"] if preset == "desktop" else []
    command = [
        COMMAND, url, "--quiet", "--output=json", f"--only-categories={','.join(WANTED)}",
        f"--chrome-flags={flags}", f"--extra-headers={headers}", *options,
    ]  # fmt: skip
    report = _report(command)
    categories = report["categories"]
    faults = [
        f"{audit['id']}: {audit['title']} {audit.get('displayValue', '')}"
        for name in WANTED
        for reference in categories[name]["auditRefs"]
        if reference["weight"]
        and (audit := report["audits"][reference["id"]])["score"] not in (None, 1)
    ]
    return Looked({name: round(100 * categories[name]["score"]) for name in WANTED}, tuple(faults))


def _report(command):
    """Now and then Chromium ends before Lighthouse has seen the page: that says nothing of it."""
    for last in (False, False, True):
        done = subprocess.run(
            command, capture_output=True, check=False, text=True, timeout=300,
            env=os.environ | {"CHROME_PATH": chromium.find() or ""},
        )  # fmt: skip
        if done.returncode == 0:
            break
        said = done.stderr.strip().splitlines()
        print(f"    Lighthouse itself failed: {said[-1] if said else done.returncode}", flush=True)
        if last:
            sys.exit(1)
    return json.loads(done.stdout)


def main():
    bad = False
    with demo() as url:
        found, cookies = pages(url)
        for name, address in found.items():
            for preset in ("desktop", "phone"):
                # Signed in, the sign-in page would send us away.
                looked = look(address, "" if name == "Log In" else cookies, preset)
                points = ", ".join(f"{what} {points}" for what, points in looked.points.items())
                print(f"{name} ({preset}): {points}", flush=True)
                for fault in looked.faults:
                    print(f"    {fault}")
                bad = bad or not looked.is_good
    sys.exit(bad)


if __name__ == "__main__":
    main()
