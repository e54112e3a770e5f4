"""Refusals and warnings as values: a stable code, plain words, the way out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_noop

UNBIND = gettext_noop("Unbind from Server")
"""The control that does it, by its label."""
UNBIND_EIP = gettext_noop("Unbind from EIP")


class Code(StrEnum):
    """Stable names of the rules: for tests, logs and links into the documentation."""

    NOT_A_VIP = "not-a-vip"
    NO_VIP_ADDRESS = "no-vip-address"
    SYSTEM_OWNED = "system-owned"
    NOT_A_NIC = "not-a-nic"
    NO_ADDRESS = "no-address"
    OTHER_SUBNET = "other-subnet"
    TOO_MANY_NICS = "too-many-nics"
    TOO_MANY_VIPS = "too-many-vips"
    TOO_MANY_PAIRS = "too-many-pairs"
    ONE_NIC_FOR_IPV6 = "one-nic-for-ipv6"
    NO_PORT_SECURITY = "no-port-security"
    CHECK_NEEDED = "check-needed"
    NO_CHECK = "no-check"
    NOT_SELECTED = "not-selected"
    NO_ORPHAN = "no-orphan"
    MOVED_ON = "moved-on"
    STILL_BOUND = "still-bound"
    HAS_EIP = "has-eip"
    NO_EIP_FOR_IPV6 = "no-eip-for-ipv6"
    VIP_GONE = "vip-gone"
    EIP_GONE = "eip-gone"
    EIP_TAKEN = "eip-taken"
    EIP_CHANGING = "eip-changing"
    EIP_FROZEN = "eip-frozen"
    EIP_FAULTY = "eip-faulty"
    EIP_UNREACHABLE = "eip-unreachable"
    OTHER_EIP = "other-eip"
    NO_ROUTER = "no-router"
    LIST_NOT_EMPTY = "list-not-empty"
    NOT_CONFIRMED = "not-confirmed"
    MANY_VIPS = "many-vips"
    TWO_NICS = "two-nics"
    COMPLETES_OTHERS = "completes-others"
    OTHER_MAC = "other-mac"
    STILL_COVERED = "still-covered"
    NOT_BARE_METAL = "not-bare-metal"
    BEING_DELETED = "being-deleted"
    NOT_ANSWERING = "not-answering"
    BREAKS_BINDING = "breaks-binding"
    OPENS_NIC = "opens-nic"
    RENAMED = "renamed"
    IN_USE = "in-use"
    FIXED_OWNER = "fixed-owner"
    HAS_PAIRS = "has-pairs"


@dataclass(frozen=True)
class Notice:
    """`port_id` is the port it is about, so that a form can show it beside that choice."""

    code: Code
    message: str
    way_out: str
    port_id: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.way_out}"
