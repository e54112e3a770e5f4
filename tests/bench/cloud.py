"""The emulator in a process of its own, so that its work is neither the console's nor ours."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass

from console.emulator import build as emulated
from console.emulator.app import Emulator
from console.emulator.server import serve
from tests import factories

SERVERS = 30
VIPS = 8


@dataclass(frozen=True)
class NIC:
    id: str
    server_id: str
    ip_address: str
    device_owner: str


@dataclass(frozen=True)
class World:
    """One subnet with servers and VIPs, one free EIP; ids and addresses."""

    otc: bool
    project_id: str
    network_id: str
    subnet_id: str
    vip_id: str
    vip_address: str
    nics: tuple[NIC, ...]
    eip_id: str
    free_address: str = "10.20.7.200"


def build(number):
    subnet = factories.SubnetFactory(name="subnet-db", cidr="10.20.0.0/21")
    servers = [factories.ServerFactory(name=f"db-{n}", subnet=subnet) for n in range(number)]
    vips = [factories.VirtualIPFactory(subnet=subnet) for _ in range(VIPS)]
    for server, vip in zip(servers[4:], vips[1:], strict=False):
        vip.port.allowed_address_pairs.clear()
        emulated.bind(factories.state(), vip.port, server.nic.port)
    ports = [server.nic.port for server in servers]
    return World(
        otc=factories.state().otc,
        project_id=ports[0].project_id,
        network_id=subnet.network_id,
        subnet_id=subnet.id,
        vip_id=vips[0].id,
        vip_address=vips[0].ip_address,
        nics=tuple(
            NIC(port.id, port.device_id, port.fixed_ips[0].ip_address, port.device_owner)
            for port in ports
        ),
        eip_id=factories.FloatingIPFactory().id,
    )


def _run(pipe, profile, servers):
    emulator = Emulator(profile=profile)
    factories.use(emulator)
    factories.default_project()
    with serve(emulator) as cloud:
        pipe.send((cloud.url, build(servers)))
        while command := pipe.recv():
            what, *values = command
            if what == "latency":
                emulator.latency_ms = values[0]
            elif what == "clear":
                emulator.log.clear()
            pipe.send(list(emulator.log))


class Cloud:
    """A context manager. `calls` are those since `clear`."""

    def __init__(self, profile, servers=SERVERS):
        self._arguments = profile, servers

    def __enter__(self):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(theirs, *self._arguments), daemon=True)
        self._process.start()
        self.url, self.world = self._pipe.recv()
        return self

    def __exit__(self, *_):
        self._pipe.send(None)
        self._process.join(10)

    def latency(self, milliseconds):
        self._ask("latency", milliseconds)

    def clear(self):
        self._ask("clear")

    @property
    def calls(self):
        return self._ask("calls")

    def _ask(self, *command):
        self._pipe.send(command)
        return self._pipe.recv()
