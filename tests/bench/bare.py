"""The calls that a safe change cannot do without, made bare with `requests` on one connection.

Read what is there, write, read back. Where ports have no revisions, each list after the first is
read once more just before it is written: nothing else keeps what others write meanwhile.
"""

from __future__ import annotations

import requests

CHECK_OFF = "1.1.1.1/0"


class Bare:
    def __init__(self, cloud_url, world):
        self.world = world
        self._url = f"{cloud_url}/network/v2.0"
        self._session = requests.Session()
        user = {"name": "demo", "domain": {"name": "acme"}, "password": "demo-password"}
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"id": world.project_id}}
        answer = self._session.post(
            f"{cloud_url}/v3/auth/tokens", json={"auth": {"identity": identity, "scope": scope}}
        )
        self._session.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]

    # --- the operations ---------------------------------------------------------------------------

    def assign(self):
        where = {"subnet_id": self.world.subnet_id, "ip_address": self.world.free_address}
        port = {"network_id": self.world.network_id, "fixed_ips": [where], "name": "vip"}
        if self.world.otc:
            port["device_owner"] = "neutron:VIP_PORT"
        self._assigned = self._send("POST", "ports", {"port": port})["port"]["id"]
        self._read(id=self._assigned)

    def release(self):
        self._read(network_id=self.world.network_id)
        self._send("DELETE", f"ports/{self._assigned}")
        self._read(id=self._assigned)

    def bind(self, number):
        ports = self._read(network_id=self.world.network_id)
        self._write([(port_id, add, ()) for port_id, add in self._entries(number)], ports)

    def unbind(self, number):
        ports = self._read(network_id=self.world.network_id)
        entries = reversed(self._entries(number))
        self._write([(port_id, (), remove) for port_id, remove in entries], ports)

    def bind_eip(self):
        self._eip(self.world.vip_id)

    def unbind_eip(self):
        self._eip(None)

    def name(self, name):
        self._read(id=self.world.vip_id)
        self._send("PUT", f"ports/{self.world.vip_id}", {"port": {"name": name}})
        self._read(id=self.world.vip_id)

    def check(self, on):
        ports = self._read(network_id=self.world.network_id)
        nic = self.world.nics[2].id
        add, remove = ((), (CHECK_OFF,)) if on else ((CHECK_OFF,), ())
        self._write([(nic, add, remove)], ports)

    # --- what they are made of --------------------------------------------------------------------

    def _entries(self, number):
        """[(port, its entries)] in the order in which they are added."""
        nics = self.world.nics[:number]
        if not self.world.otc:
            return [(nic.id, (self.world.vip_address,)) for nic in nics]
        checks = [(nic.id, (CHECK_OFF,)) for nic in nics]
        return [*checks, (self.world.vip_id, tuple(nic.ip_address for nic in nics))]

    def _write(self, changes, ports):
        for position, (port_id, add, remove) in enumerate(changes):
            if self.world.otc and position:
                ports |= self._read(id=port_id)
            listed = [pair["ip_address"] for pair in ports[port_id]["allowed_address_pairs"]]
            wanted = [one for one in listed if one not in remove] + list(add)
            body = {"port": {"allowed_address_pairs": [{"ip_address": one} for one in wanted]}}
            revision = ports[port_id].get("revision_number")
            guard = {} if revision is None else {"If-Match": f"revision_number={revision}"}
            self._send("PUT", f"ports/{port_id}", body, headers=guard)
        self._read(id=[port_id for port_id, _, _ in changes])

    def _eip(self, port_id):
        eip = f"floatingips/{self.world.eip_id}"
        self._send("GET", eip)
        self._send("PUT", eip, {"floatingip": {"port_id": port_id}})
        self._send("GET", eip)

    def _read(self, **query):
        ports = self._send("GET", "ports", params=query)["ports"]
        return {port["id"]: port for port in ports}

    def _send(self, method, path, body=None, **more):
        answer = self._session.request(method, f"{self._url}/{path}", json=body, timeout=60, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None
