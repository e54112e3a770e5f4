"""Networks to plan in: a few builders for plain tests, and nasty ones for hypothesis."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from hypothesis import strategies as st

from vpc.resources import CHECK_OFF, VIP_OWNER, AddressPair, FixedIP, Port

SUBNET, OTHER_SUBNET, SUBNET_V6 = "subnet-a", "subnet-b", "subnet-six"
PROFILES = ("otc", "openstack")


def mac(number):
    return f"fa:16:3e:00:00:{number:02x}"


def pair(address, mac_address=None):
    return AddressPair(address, mac_address)


def subnet_of(address):
    return SUBNET_V6 if ":" in address else OTHER_SUBNET if "10.0.1." in address else SUBNET


def make_port(port_id, *addresses, pairs=(), **attributes):
    own = attributes.pop("mac_address", mac(sum(port_id.encode()) % 256))
    return Port(
        id=port_id,
        network_id="net",
        mac_address=own,
        fixed_ips=tuple(FixedIP(subnet_of(address), address) for address in addresses),
        allowed_address_pairs=tuple(
            one if isinstance(one, AddressPair) else pair(one, own) for one in pairs
        ),
        **attributes,
    )


def nic(number, *addresses, server="", **attributes):
    """NIC n of server n at 10.0.0.n, unless told."""
    attributes.setdefault("device_owner", "compute:az-1")
    attributes.setdefault("device_id", server or f"server-{number}")
    return make_port(f"nic-{number:02}", *(addresses or (f"10.0.0.{number}",)), **attributes)


def vip(number=100, *addresses, **attributes):
    """VIP n at 10.0.0.n, unless told."""
    attributes.setdefault("device_owner", VIP_OWNER)
    return make_port(f"vip-{number:03}", *(addresses or (f"10.0.0.{number}",)), **attributes)


def texts(pairs):
    return [one.ip_address for one in pairs]


def applied(ports, changes):
    """The ports after the cloud took these changes: it fills in the port's own MAC."""
    after = {change.port.id: change.after for change in changes}
    return tuple(
        msgspec.structs.replace(
            port,
            allowed_address_pairs=tuple(
                one if one.mac_address else pair(one.ip_address, port.mac_address)
                for one in after.get(port.id, port.allowed_address_pairs)
            ),
        )
        for port in ports
    )


def by_id(ports):
    return {port.id: port for port in ports}


def pairs_of(ports):
    return {port.id: port.allowed_address_pairs for port in ports}


# --- for hypothesis -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A network and a choice in it."""

    profile: str
    ports: tuple[Port, ...]
    vip: Port
    nics: tuple[Port, ...]
    check_on: frozenset[str] = frozenset()
    orphans: frozenset[str] = frozenset()


V4 = [f"10.0.0.{n}" for n in (2, 3, 4, 5, 6, 7, 100, 101)]
V4_ELSEWHERE = ["10.0.1.2", "10.0.1.3"]
V6 = ["fd00::2", "fd00::3", "fd00::64", "fd00::65"]
FOREIGN_MACS = ["00:00:5e:00:01:0a", "FA:16:3E:AA:BB:CC"]
NETWORKS = [*[CHECK_OFF] * 6, "10.0.0.0/24", "10.0.0.100/31", "0.0.0.0/0", "fd00::/64", "::/0"]


def spellings(address):
    """The ways to write an address that mean the same."""
    if ":" not in address:
        return [address, f"{address}/32"]
    return [address, address.upper(), address.replace("::", ":0:0:0:0:0:0:"), f"{address}/128"]


ADDRESSES = [
    text for address in [*V4, *V4, *V4_ELSEWHERE, *V6, "192.0.2.9"] for text in spellings(address)
]


def entries(own):
    """An entry of a list: anything at all, mostly an address that matters here."""
    macs = [own, own, own, own.upper(), None, *FOREIGN_MACS]
    return st.builds(pair, st.sampled_from([*ADDRESSES, *NETWORKS]), st.sampled_from(macs))


def lists(own):
    # A cloud holds an entry once for each MAC, and never more than ten.
    return st.lists(
        entries(own),
        max_size=10,
        unique_by=lambda one: (one.ip_address, (one.mac_address or own).lower()),
    )


@st.composite
def networks(draw):
    """NICs, detached and system ports and VIPs of one network; no two have one address."""
    v4, v6 = draw(st.permutations(V4)), draw(st.permutations(V6))
    elsewhere = list(V4_ELSEWHERE)
    ports = []
    for number in range(draw(st.integers(1, 6))):
        addresses = [v4[number]]
        addresses += [v6.pop()] if len(v6) > 2 and draw(st.booleans()) else []
        addresses += [elsewhere.pop()] if elsewhere and draw(st.booleans()) else []
        strange = draw(st.sampled_from([*[None] * 9, "detached", "system", "homeless"]))
        own = mac(number)
        ports.append(
            nic(
                number,
                *([] if strange == "homeless" else draw(st.permutations(addresses))),
                server=f"server-{draw(st.integers(0, 9))}",
                mac_address=own,
                pairs=draw(lists(own)),
                device_owner="network:dhcp" if strange == "system" else "compute:az-1",
                port_security_enabled=draw(st.sampled_from([True, True, None, False])),
            )
        )
        if strange in ("detached", "homeless"):
            kept = {"device_id": ""} if strange == "detached" else {"fixed_ips": ()}
            ports[-1] = msgspec.structs.replace(ports[-1], **kept)
    for number, address in enumerate([v4[-1], v4[-2], v6[-1]][: draw(st.integers(1, 3))]):
        own = mac(100 + number)
        owner = draw(st.sampled_from([*[""] * 9, "database"]))
        ports.append(vip(number, address, mac_address=own, pairs=draw(lists(own)), device_id=owner))
    return tuple(draw(st.permutations(ports)))


@st.composite
def cases(draw, profile=None):
    ports = draw(networks())
    vips = sorted((port for port in ports if port.is_vip), key=lambda port: port.id)
    others = sorted((port for port in ports if not port.is_vip), key=lambda port: port.id)
    nics = draw(st.lists(st.sampled_from(others), min_size=1, max_size=4, unique_by=lambda p: p.id))
    ids = [one.id for one in nics]
    everything = [port.id for port in others] + [*V4, *V6, "192.0.2.9", "192.0.2.9/32"]
    return Case(
        profile or draw(st.sampled_from(PROFILES)),
        ports,
        draw(st.sampled_from(vips)),
        tuple(nics),
        frozenset(draw(st.lists(st.sampled_from(ids), max_size=2))),
        frozenset(draw(st.lists(st.sampled_from(everything), max_size=3))),
    )
