"""What `allowed_address_pairs` may hold (3.7; FACTS, what pairs are refused)."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from console.emulator.records import Pair
from console.emulator.wire import Refusal

MAX_PAIRS = 10
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)


def parse(value: Any, own_mac: str, *, otc: bool) -> list[Pair]:
    """The pairs of a request. A MAC that is not sent is the port's own."""
    if not isinstance(value, list):
        raise _bad("Allowed address pairs must be a list.")
    if len(value) > MAX_PAIRS:
        text = f"The number of allowed address pair exceeds the maximum {MAX_PAIRS}."
        raise Refusal(400, text, "AllowedAddressPairExhausted")
    pairs: list[Pair] = []
    for entry in value:
        mac, address = _entry(entry, otc=otc)
        pair = Pair(address, mac or own_mac)
        if pair in pairs:
            text = "Request contains duplicate address pair: "
            text += f"mac_address {mac} ip_address {address}."
            raise Refusal(400, text, "DuplicateAddressPairInRequest")
        pairs.append(pair)
    return pairs


def _bad(text: str) -> Refusal:
    return Refusal(400, text, "HTTPBadRequest")


def _entry(entry: Any, *, otc: bool) -> tuple[str | None, str]:
    if not isinstance(entry, dict):
        raise _bad(f"Invalid data format for allowed address pair: '{entry}'")
    unknown = [key for key in entry if key not in ("ip_address", "mac_address")]
    if unknown:
        raise _bad(f"Unrecognized attribute(s) '{', '.join(unknown)}'")
    if "ip_address" not in entry:
        text = "AllowedAddressPair must contain ip_address"
        raise Refusal(400, text, "AllowedAddressPairsMissingIP")
    address, mac = entry["ip_address"], entry.get("mac_address")
    if mac is not None and not (isinstance(mac, str) and MAC.fullmatch(mac)):
        raise _bad(f"'{mac}' is not a valid MAC address")
    _check_address(address)
    if otc and address in ("0.0.0.0/0", "::/0"):
        raise _bad(f"Invalid input for allowed_address_pairs. Reason: '{address}' is not allowed.")
    return mac, address


def _check_address(address: Any) -> None:
    try:
        if isinstance(address, str) and "/" in address:
            ipaddress.ip_network(address, strict=False)
        elif isinstance(address, str):
            ipaddress.ip_address(address)
        else:
            raise ValueError
    except ValueError:
        kind = "subnet" if isinstance(address, str) and "/" in address else "address"
        raise _bad(f"'{address}' is not a valid IP {kind}") from None
