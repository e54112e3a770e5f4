"""The spellings of a moment that the services use."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def micro_z(moment: float) -> str:
    """Keystone: `2026-03-02T08:15:04.211000Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=50_000)
def zulu(moment: float) -> str:
    """Nova, and Neutron of `openstack`: `2026-11-22T10:57:24Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=50_000)
def bare(moment: float) -> str:
    """Neutron and VPC of `otc`: no `Z` (3.2, 3.6)."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=50_000)
def micro(moment: float) -> str:
    """Nova's `OS-SRV-USG:*`: microseconds without `Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
