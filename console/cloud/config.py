"""What the client of the cloud must be told: one frozen value, built by the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ProfileName = Literal["auto", "otc", "openstack"]

EMBEDDED_URL = "https://embedded.cloud.invalid"
"""Where the embedded cloud is mounted. https, because requests drops query parameters for unknown
schemes; `.invalid`, so that nothing can ever leave the machine should the mount be missing."""


@dataclass(frozen=True, kw_only=True)
class CloudConfig:
    """Times are seconds. `regions` are offered at sign-in where there are several. A read is tried
    again at most `read_retries` times; a write never is.
    `vip_owners` are what ports that reserve an address have as `device_owner` beside Open Telekom
    Cloud's own word for it."""

    auth_url: str
    profile: ProfileName = "auto"
    regions: tuple[str, ...] = ()
    interface: str = "public"
    endpoints: Mapping[str, str] = field(default_factory=dict)
    ca_bundle: str = ""
    connect_timeout: float = 3.05
    read_timeout: float = 8.0
    read_retries: int = 2
    read_deadline: float = 10.0
    write_deadline: float = 30.0
    bms_flavors: tuple[str, ...] = ()
    vip_owners: tuple[str, ...] = ()
    read_only_roles: frozenset[str] = frozenset({"reader", "readonly"})
    embedded: Callable[[], object] | None = None

    @property
    def verify(self) -> str | bool:
        return self.ca_bundle or True
