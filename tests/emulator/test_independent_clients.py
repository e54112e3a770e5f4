"""Clients that were not written with the emulator: openstacksdk and the openstack command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from console.emulator import seed
from console.emulator.server import serve
from tests import factories

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import openstack
    from openstack import exceptions

pytestmark = [
    pytest.mark.clients,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
    pytest.mark.usefixtures("socket_enabled"),
]

COMMAND = Path(sys.executable).with_name("openstack")


@pytest.fixture
def emulator(profile):
    cloud = seed.demo(profile)
    factories.use(cloud)
    return cloud


@pytest.fixture
def url(emulator):
    with serve(emulator) as handle:
        yield f"{handle.url}/v3"


@pytest.fixture
def account(emulator, url):
    """The settings of a client; no region in `otc`, where identity's is `*`."""
    region = {} if emulator.state.otc else {"region_name": "RegionOne"}
    return {
        "auth_url": url,
        "username": seed.DEMO_USER,
        "password": seed.DEMO_PASSWORD,
        "user_domain_name": seed.DEMO_DOMAIN,
        "project_name": seed.PROJECTS[emulator.state.profile][0],
        "project_domain_name": seed.DEMO_DOMAIN,
        **region,
    }


# openstacksdk


@pytest.fixture
def connect(account):
    made = []

    def open_connection(**changes):
        made.append(openstack.connection.Connection(**account | changes))
        return made[-1]

    yield open_connection
    for connection in made:
        connection.close()


def test_the_sdk_lists(connect, profile):
    cloud = connect()
    servers = {server.name: server for server in cloud.compute.servers()}
    assert len(servers) == (33 if profile == "otc" else 30)
    assert servers["db-stopping"].task_state == "powering-off"
    assert servers["db-1"].addresses
    ports = list(cloud.network.ports(device_id=servers["web-1"].id))
    assert len(ports) == 2
    addresses = {ip.floating_ip_address: ip for ip in cloud.network.ips()}
    assert addresses["203.0.113.17"].fixed_ip_address == "10.20.0.100"
    assert cloud.network.find_port("vip-db").device_owner == "neutron:VIP_PORT"
    assert [r.name for r in cloud.network.routers()]
    assert cloud.network.find_network("0a2228f2-7f8a-45f1-8e09-9039e1d09975").is_router_external
    assert list(cloud.image.images())


def test_the_sdk_pages(connect, profile):
    cloud = connect()
    names = [server.name for server in cloud.compute.servers(details=False, limit=7)]
    assert len(names) == len(set(names)) == (33 if profile == "otc" else 30)
    ids = [port.id for port in cloud.network.ports(limit=10)]
    assert ids == sorted(set(ids))
    assert len(ids) > 30


def test_the_sdk_makes_a_vip_and_binds_it(connect, emulator):
    cloud = connect()
    nic = next(iter(cloud.network.ports(device_id=cloud.compute.find_server("db-1").id)))
    subnet = nic.fixed_ips[0]["subnet_id"]
    vip = cloud.network.create_port(
        name="vip-sdk",
        network_id=nic.network_id,
        device_owner="neutron:VIP_PORT",
        fixed_ips=[{"subnet_id": subnet, "ip_address": "10.20.0.77"}],
    )
    assert vip.status == "DOWN"
    kept = nic.allowed_address_pairs
    changed = cloud.network.update_port(
        nic, allowed_address_pairs=[*kept, {"ip_address": "10.20.0.77"}]
    )
    assert "10.20.0.77" in emulator.state.pairs_of(nic.id)
    assert changed.allowed_address_pairs[-1]["mac_address"] == nic.mac_address
    cloud.network.update_port(changed, allowed_address_pairs=[])
    assert emulator.state.pairs_of(nic.id) == []
    cloud.network.delete_port(vip, ignore_missing=False)
    assert cloud.network.find_port("vip-sdk") is None


def test_the_sdk_switches_a_server(connect, emulator):
    cloud = connect()
    server = cloud.compute.find_server("db-1")
    cloud.compute.stop_server(server)
    assert cloud.compute.get_server(server.id).task_state == "powering-off"
    with pytest.raises(exceptions.ConflictException):
        cloud.compute.start_server(server)


def test_the_sdk_sees_the_errors(connect, profile):
    cloud = connect()
    network = cloud.network.find_port("vip-free").network_id
    eleven = [{"ip_address": f"1.2.3.{number}"} for number in range(11)]
    with pytest.raises(exceptions.BadRequestException, match="exceeds the maximum 10"):
        cloud.network.update_port(cloud.network.find_port("vip-free"), allowed_address_pairs=eleven)
    with pytest.raises(exceptions.ConflictException, match="already allocated"):
        cloud.network.create_port(network_id=network, fixed_ips=[{"ip_address": "10.20.0.100"}])
    with pytest.raises(exceptions.NotFoundException, match="could not be found"):
        cloud.network.get_port("00000000-0000-0000-0000-000000000000")
    with pytest.raises(exceptions.SDKException, match="401"):
        connect(password="wrong").authorize()
    reader = connect(username=seed.VIEWER_USER, password=seed.VIEWER_PASSWORD)
    with pytest.raises(exceptions.ForbiddenException, match="disallowed by policy"):
        reader.network.create_port(network_id=network)


def test_the_sdk_uses_the_revision(connect, emulator):
    if emulator.state.otc:
        pytest.skip("otc has no revisions")
    cloud = connect()
    first, second = (cloud.network.find_port("vip-free") for _ in range(2))
    cloud.network.update_port(first, name="vip-changed", if_revision=1)
    with pytest.raises(exceptions.HttpException, match="current revision is 2"):
        cloud.network.update_port(second, name="vip-again", if_revision=1)


# the command line


@pytest.fixture
def run(account):
    settings = {f"OS_{name.upper()}": value for name, value in account.items()}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}

    def openstack_command(*arguments, **changes):
        changed = {f"OS_{name.upper()}": value for name, value in changes.items()}
        environment = clean | settings | changed | {"PYTHONWARNINGS": "ignore"}
        return subprocess.run(
            [COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=60
        )

    return openstack_command


def told(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_the_command_line_lists(run, profile):
    servers = told(run("server", "list", "-f", "json"))
    assert len(servers) == (33 if profile == "otc" else 30)
    db = next(server for server in servers if server["Name"] == "db-1")
    assert db["Status"] == "ACTIVE"
    assert "10.20.0.2" in str(db["Networks"])
    ports = told(run("port", "list", "--device-owner", "neutron:VIP_PORT", "-f", "json"))
    assert {"vip-db", "vip-free"} <= {port["Name"] for port in ports}
    floating = told(run("floating", "ip", "list", "-f", "json"))
    assert {"203.0.113.17", "203.0.113.44"} <= {ip["Floating IP Address"] for ip in floating}


def test_the_command_line_makes_a_port_and_sets_pairs(run, emulator):
    network = next(p.network_id for p in emulator.state.ports.values() if p.name == "vip-free")
    address = "ip-address=10.20.0.88"
    made = told(
        run("port", "create", "--network", network, "--fixed-ip", address, "vip-cli", "-f", "json")
    )
    assert made["fixed_ips"][0]["ip_address"] == "10.20.0.88"
    pair = "ip-address=10.20.0.2"
    told(run("port", "set", "--allowed-address", pair, "vip-cli"))
    assert emulator.state.pairs_of(made["id"]) == ["10.20.0.2"]
    told(run("port", "set", "--no-allowed-address", "vip-cli"))
    assert emulator.state.pairs_of(made["id"]) == []


def test_the_command_line_sees_the_errors(run, emulator):
    network = next(p.network_id for p in emulator.state.ports.values() if p.name == "vip-free")
    eleven = [f"--allowed-address=ip-address=1.2.3.{number}" for number in range(11)]
    refusals = {
        "exceeds the maximum 10": run("port", "set", *eleven, "vip-free"),
        "already allocated": run(
            "port", "create", "--network", network, "--fixed-ip", "ip-address=10.20.0.100", "x"
        ),
        "No Port found for nosuch": run("port", "show", "nosuch"),
        "HTTP 401": run("port", "list", password="wrong"),
        "disallowed by policy": run(
            "port",
            "set",
            "--name",
            "mine",
            "vip-free",
            username=seed.VIEWER_USER,
            password=seed.VIEWER_PASSWORD,
        ),
    }
    for words, done in refusals.items():
        assert done.returncode != 0
        assert words in done.stderr
