"""The stage in a real OpenStack, set and read over bare HTTP: none of the console's own code."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

from tests.race.people import PATIENCE, signed_in
from tests.race.stage import ADDRESSES, VIP_OWNER, Seen, Stage

NAME = "race"
OURS = "192.0.2."
"""Entries of the stranger begin so."""


class RealStage(Stage):
    """Its VIPs are made in the network that `ground` names, its NICs are of servers that are there.

    `close` takes away what the race made, and nothing else.
    """

    def __init__(self, ground, servers=ADDRESSES, vips=ADDRESSES):
        client = ground.client()
        domain, user, password = ground.people["member"]
        self.account = {"domain": domain, "username": user, "password": password}
        self.session = signed_in(ground.config.auth_url, self.account, {"id": client.project_id})
        root = client.scope.catalog["network"][client.region].rstrip("/").removesuffix("/v2.0")
        self.url = f"{root}/v2.0/ports"
        networks = self._get(f"{root}/v2.0/networks")["networks"]
        named = next(one for one in networks if ground.network in (one["id"], one["name"]))
        self.network_id = named["id"]
        subnets = self._get(f"{root}/v2.0/subnets", network_id=self.network_id)["subnets"]
        self.subnet_id = next(one["id"] for one in subnets if one["ip_version"] == 4)
        self.servers = self._servers(servers)
        self.known = dict(self._make() for _ in range(vips))
        self.addresses = list(self.known)

    def _servers(self, number):
        ports = self._get(self.url, network_id=self.network_id)["ports"]
        nics = [one for one in ports if one["device_owner"].startswith("compute:")]
        nics.sort(key=lambda one: one["id"])
        assert len(nics) >= number, f"the network has {len(nics)} NICs of servers only"
        return [
            SimpleNamespace(
                id=nic["device_id"],
                ip_address=nic["fixed_ips"][0]["ip_address"],
                nic=SimpleNamespace(id=nic["id"]),
            )
            for nic in nics[:number]
        ]

    def _make(self):
        where = {"subnet_id": self.subnet_id}
        port = {"network_id": self.network_id, "name": NAME, "device_owner": VIP_OWNER}
        answer = self.session.post(
            self.url, json={"port": port | {"fixed_ips": [where]}}, timeout=PATIENCE
        )
        answer.raise_for_status()
        made = answer.json()["port"]
        return made["fixed_ips"][0]["ip_address"], made["id"]

    def ports(self):
        fields = ["id", "fixed_ips", "device_owner", "allowed_address_pairs"]
        found = self._get(self.url, network_id=self.network_id, fields=fields)["ports"]
        return [
            Seen(
                port["id"],
                port["fixed_ips"][0]["ip_address"] if port["fixed_ips"] else "",
                port["device_owner"],
                tuple(
                    (one["ip_address"], one["mac_address"]) for one in port["allowed_address_pairs"]
                ),
            )
            for port in found
        ]

    def close(self):
        for nic in self.seen_nics.values():
            kept = [one for one in nic.pairs if one[0] not in self.addresses]
            kept = [one for one in kept if not one[0].startswith(OURS)]
            pairs = [{"ip_address": address, "mac_address": mac} for address, mac in kept]
            if len(kept) < len(nic.pairs):
                body = {"port": {"allowed_address_pairs": pairs}}
                url = f"{self.url}/{nic.id}"
                self.session.put(url, json=body, timeout=PATIENCE).raise_for_status()
        for port in self.ports():
            if port.address in self.addresses:
                self.session.delete(f"{self.url}/{port.id}", timeout=PATIENCE).raise_for_status()

    def _get(self, url, **query):
        answer = self.session.get(url, params=query, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def set_in(ground):
    stage = RealStage(ground)
    try:
        yield stage
    finally:
        stage.close()
