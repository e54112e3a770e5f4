"""People with browsers: each does one thing after the other, by the dialogs."""

from __future__ import annotations

import html as markup
import re
import time

import requests

from tests.race.journal import Answer, Entry

PATIENCE = 90
"""Seconds after which somebody says that it hangs."""
UNKNOWN = ("took effect is not known", "could neither be finished nor taken back")
TAB = "?tab=virtual-ips"


class Person:
    def __init__(self, url, stage, dice, journal):
        self.url, self.stage, self.dice, self.journal = url, stage, dice, journal
        self.browser = requests.Session()
        self.slowest = 0.0
        self.sign_in()

    def sign_in(self):
        page = self.get("/sign-in/").text
        token = {"csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken")}
        self.post("/sign-in/", self.stage.account | token).raise_for_status()

    def act(self):
        """One operation of a random kind on a random VIP; one that is gone is assigned anew."""
        address = self.dice.choice(self.stage.addresses)
        if not self.stage.exists(address):
            return self.assign(address)
        kind = self.dice.choices(("bind", "unbind", "release"), (9, 8, 2))[0]
        return getattr(self, kind)(address)

    def bind(self, address):
        vip = self.stage.vip(address)
        path = self.stage.dialog("bind", vip)
        page = self.get(path)
        free = [one for one in self.stage.servers if selectable(page.text, one.id)]
        chosen = self.dice.sample(free, min(len(free), self.dice.choice((1, 2, 2))))
        if not chosen:
            return self.unbind(address)
        fields = {"server": [one.id for one in chosen]}
        fields |= {f"nic-{one.id}": one.nic.id for one in chosen}
        effect = {(address, one.ip_address): True for one in chosen}
        return self._send("bind", path, page, fields, effect)

    def unbind(self, address):
        path = self.stage.dialog("unbind", self.stage.vip(address))
        page = self.get(path)
        bound = [one for one in self.stage.servers if f'value="{one.nic.id}"' in page.text]
        chosen = self.dice.sample(bound, min(len(bound), self.dice.choice((1, 1, 2))))
        if not chosen:
            return self.release(address)
        fields = {"nic": [one.nic.id for one in chosen]}
        if self.dice.random() < 0.5:
            fields["check_on"] = [nic for nic in fields["nic"] if f"check-on-{nic}" in page.text]
        effect = {(address, one.ip_address): False for one in chosen}
        return self._send("unbind", path, page, fields, effect)

    def release(self, address):
        vip = self.stage.vip(address)
        path = self.stage.dialog("release", vip)
        page = self.get(path)
        effect = {(address, one.ip_address): False for one in self.stage.servers}
        effect[address, ""] = False
        if 'name="key"' in page.text:
            self._send("release", path, page, {f"confirm-{vip}": address}, effect)

    def assign(self, address):
        page = self.get(self.stage.dialog("assign"))
        fields = {"mode": "manual", "ip_address": address}
        self._send("assign", page.url.removeprefix(self.url), page, fields, {(address, ""): True})

    def repair(self, address):
        """Finish what the VIP's row says was left half done. Whether there was anything."""
        path = self.stage.dialog("repair", self.stage.vip(address))
        page = self.get(path)
        if 'name="how"' not in page.text:
            return False
        named = ("key", "csrfmiddlewaretoken", "shown")
        fields = {name: hidden(page.text, name) for name in named}
        answer, words = answer_of(self.post(path, fields | {"how": "finish"}))
        assert answer is Answer.DONE, words
        return True

    def _send(self, what, path, page, fields, effect):
        if 'name="key"' not in page.text:
            return
        named = {name: hidden(page.text, name) for name in ("key", "csrfmiddlewaretoken")}
        began = time.monotonic()
        try:
            response = self.post(path, named | fields)
        except requests.RequestException as error:
            answer, words = Answer.UNKNOWN, repr(error)
        else:
            answer, words = answer_of(response)
        ended = time.monotonic()
        self.journal.add(Entry(what, effect, began, ended, answer, words))

    def look(self):
        """Open the tab."""
        self.get(self.stage.tab + TAB).raise_for_status()

    def get(self, path):
        for _ in range(3):
            try:
                return self.browser.get(self.url + path, timeout=PATIENCE)
            except requests.ConnectionError:  # the worker that had it was killed
                continue
        raise AssertionError("the console does not answer any more")

    def post(self, path, fields):
        began = time.monotonic()
        try:
            return self.browser.post(self.url + path, fields, timeout=PATIENCE)
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)


def answer_of(response):
    """What a person takes from the page that came back, and its words."""
    text = words_of(response.text)
    if response.history:
        toasts = re.findall(r'data-toast="good".*?</button>', response.text, re.DOTALL)
        is_guide = response.url.partition("?")[0].endswith("/guide/")  # it follows a bind
        words = " ".join(map(words_of, toasts)) or text[-500:]
        return Answer.DONE if toasts or is_guide else Answer.UNKNOWN, words
    if any(words in text for words in UNKNOWN) or response.status_code >= 500:
        return Answer.UNKNOWN, text[-500:]
    return Answer.NOT, text[-500:]


def words_of(part):
    return " ".join(markup.unescape(re.sub(r"<[^>]*>", " ", part)).split())


def hidden(page, name):
    found = re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no field {name}: {words_of(page)[:500]}"
    return found[-1]


def selectable(page, server):
    found = re.search(rf'id="bind-server-{server}"([^>]*)>', page)
    return found is not None and "disabled" not in found[1]


class Stranger:
    """Another program: it adds and removes entries of its own, with If-Match, and reads back.

    `session` is signed in to the cloud, `url` is where that has its ports.
    """

    def __init__(self, session, url, ports, dice):
        self.browser, self.url, self.ports, self.dice = session, url, ports, dice
        self.entries: dict[str, list[tuple[str, str]]] = {port.id: [] for port in ports}
        self.edits: list[tuple[str, float, float]] = []

    def act(self):
        port = self.dice.choice(self.ports)
        mine = self.entries[port.id]
        number = self.dice.randrange(1, 4)
        entry = (f"192.0.2.{number}", f"00:00:5e:00:01:{number:02x}")
        wanted = [one for one in mine if one != entry] if entry in mine else [*mine, entry]
        url = f"{self.url}/{port.id}"
        while True:
            began = time.monotonic()
            now = self.browser.get(url, timeout=PATIENCE).json()["port"]
            kept = [one for one in now["allowed_address_pairs"] if pair_of(one) != entry]
            mine_now = [{"ip_address": entry[0], "mac_address": entry[1]}] * (entry in wanted)
            answer = self.browser.put(
                url,
                json={"port": {"allowed_address_pairs": [*kept, *mine_now]}},
                headers={"If-Match": f"revision_number={now['revision_number']}"},
                timeout=PATIENCE,
            )
            if answer.status_code == 200:
                self.entries[port.id] = wanted
                self.edits.append((port.id, began, time.monotonic()))
                return
            if answer.status_code not in (409, 412):
                return  # it is full: ten entries are the most


def signed_in(auth_url, account, project):
    """A program's session of that user; `project` is as Keystone takes it."""
    session = requests.Session()
    domain = {"name": account["domain"]}
    user = {"name": account["username"], "domain": domain, "password": account["password"]}
    identity = {"methods": ["password"], "password": {"user": user}}
    asked = {"auth": {"identity": identity, "scope": {"project": project}}}
    answer = session.post(f"{auth_url}/auth/tokens", json=asked, timeout=PATIENCE)
    answer.raise_for_status()
    session.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]
    return session


def pair_of(entry):
    return entry["ip_address"], entry["mac_address"]
