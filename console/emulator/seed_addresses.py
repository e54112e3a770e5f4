"""The demo cloud's EIPs, and the addresses of its subnets that no server and no VIP has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from console.emulator import build

if TYPE_CHECKING:
    from console.emulator.records import Port, Project, Subnet
    from console.emulator.state import State

# Long enough to be looked at after a start.
PENDING_SECONDS = 600
# The unused address of a range, counted from its first one; the small range has unused ones anyway.
UNUSED = 210
# The address of the load balancer, and of what is beside it in `otc`.
SYSTEM = 220
# The address of an agent of `openstack`.
DHCP = 230


def bound_eips(state: State, project: Project, vip: Port, nic: Port) -> None:
    first = build.add_floating_ip(state, project.id, vip, "203.0.113.17", alias="eip-db")
    first.bandwidth = replace(first.bandwidth, name="bw-db", size=100)
    build.add_floating_ip(state, project.id, nic, "203.0.113.44", alias="eip-web-1")
    for address, alias in ((50, "eip-free-1"), (51, "eip-free-2"), (52, "")):
        build.add_floating_ip(state, project.id, None, f"203.0.113.{address}", alias=alias)


def free_eips(state: State, first: Project, second: Project) -> None:
    """Different bandwidths, and some that cannot be bound; FREEZED is known to `otc` only."""
    for address, alias, size in ((60, "eip-large", 1000), (61, "eip-small", 1)):
        floating = build.add_floating_ip(state, first.id, None, f"203.0.113.{address}", alias=alias)
        floating.bandwidth = replace(floating.bandwidth, name=f"bw-{alias}", size=size)
    _shared_bandwidth(state, first)
    odd = [("FREEZED", "eip-frozen")] if state.otc else []
    for number, (status, alias) in enumerate([*odd, ("ERROR", "eip-broken")]):
        build.add_floating_ip(
            state, first.id, None, f"203.0.113.{70 + number}", alias=alias, status=status
        )
    build.add_floating_ip(
        state,
        first.id,
        None,
        "203.0.113.79",
        alias="eip-pending",
        busy_until=state.clock() + PENDING_SECONDS,
        busy_status="PENDING_UPDATE",
    )
    for number, alias in enumerate(("eip-lab-1", "eip-lab-2", "<b>eip</b> & co")):
        build.add_floating_ip(state, second.id, None, f"203.0.113.{80 + number}", alias=alias)


def _shared_bandwidth(state: State, project: Project) -> None:
    shared = None
    for address, alias in ((62, "eip-shared-1"), (63, "eip-shared-2")):
        floating = build.add_floating_ip(
            state, project.id, None, f"203.0.113.{address}", alias=alias, kind="5_mailbgp"
        )
        shared = shared or replace(
            floating.bandwidth, name="bw-shared", size=300, share_type="WHOLE"
        )
        floating.bandwidth = shared


def unused(state: State, project: Project, subnet: Subnet) -> None:
    """A private address that nothing uses: a port without owner (3.5)."""
    if subnet.cidr.num_addresses > UNUSED:
        address = str(subnet.cidr[UNUSED])
        build.add_port(state, subnet, address, project_id=project.id, name="unused")


def dhcp(state: State, subnet: Subnet) -> None:
    """In `otc` every range is made with one."""
    if not state.otc and subnet.ip_version == 4 and subnet.cidr.num_addresses > DHCP:
        address, device = str(subnet.cidr[DHCP]), f"dhcp-{subnet.network_id}"
        build.service_port(state, subnet, address, "network:dhcp", device)


def system(state: State, subnet: Subnet) -> None:
    """What the cloud's own services have in a range (3.5)."""
    owners = ["neutron:LOADBALANCERV2"]
    if state.otc:
        owners += ["network:nat_gateway", "network:endpoint_interface"]
    for number, owner in enumerate(owners, SYSTEM):
        device = f"{owner.partition(':')[2].lower()}-{state.new_uuid()}"
        build.service_port(state, subnet, str(subnet.cidr[number]), owner, device)
