"""What Nova and Glance answer, as typed values: only the fields that are used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Container

Tone = Literal["good", "busy", "bad", "warn", "quiet"]

ID = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""What our own addresses are made of: an answer with another one cannot be understood."""

BMS_TAG = "__type_baremetal"
BMS_FLAVOR = "physical"


@dataclass(frozen=True)
class ServerState:
    """A status. `is_final` is false while the cloud is still working on it."""

    name: str
    tone: Tone
    is_final: bool = True

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return _(self.name)

    @property
    def is_up(self) -> bool:
        """Whether what runs on it can be reached."""
        return self.name in UP


UP = {"Running", "Setting the password", "Resize to be confirmed", "Migrating"}
STATES: dict[str, ServerState] = {
    "ACTIVE": ServerState(gettext_noop("Running"), "good"),
    "SHUTOFF": ServerState(gettext_noop("Stopped"), "quiet"),
    "BUILD": ServerState(gettext_noop("Creating"), "busy", is_final=False),
    "REBOOT": ServerState(gettext_noop("Restarting"), "busy", is_final=False),
    "HARD_REBOOT": ServerState(gettext_noop("Forcibly restarting"), "busy", is_final=False),
    "REBUILD": ServerState(gettext_noop("Rebuilding"), "busy", is_final=False),
    "RESIZE": ServerState(gettext_noop("Resizing"), "busy", is_final=False),
    "MIGRATING": ServerState(gettext_noop("Migrating"), "busy", is_final=False),
    "PASSWORD": ServerState(gettext_noop("Setting the password"), "busy", is_final=False),
    "VERIFY_RESIZE": ServerState(gettext_noop("Resize to be confirmed"), "warn"),
    "PAUSED": ServerState(gettext_noop("Paused"), "quiet"),
    "SUSPENDED": ServerState(gettext_noop("Suspended"), "quiet"),
    "RESCUE": ServerState(gettext_noop("In rescue mode"), "warn"),
    "SHELVED": ServerState(gettext_noop("Shelved"), "quiet"),
    "SHELVED_OFFLOADED": ServerState(gettext_noop("Shelved"), "quiet"),
    "SOFT_DELETED": ServerState(gettext_noop("Deleted"), "quiet"),
    "DELETED": ServerState(gettext_noop("Deleted"), "quiet"),
    "ERROR": ServerState(gettext_noop("Faulty"), "bad"),
}
UNKNOWN = ServerState(gettext_noop("Unknown"), "warn")

TASKS: dict[str, str] = {
    "powering-off": gettext_noop("Stopping"),
    "powering-on": gettext_noop("Starting"),
    "rebooting": gettext_noop("Restarting"),
    "reboot_started": gettext_noop("Restarting"),
    "reboot_pending": gettext_noop("Restarting"),
    "rebooting_hard": gettext_noop("Forcibly restarting"),
    "reboot_started_hard": gettext_noop("Forcibly restarting"),
    "reboot_pending_hard": gettext_noop("Forcibly restarting"),
    "rebuilding": gettext_noop("Rebuilding"),
    "scheduling": gettext_noop("Creating"),
    "deleting": gettext_noop("Deleting"),
}
"""What the console calls a task (cloud-api 2.2); any other keeps the state's own name."""

STATUSES = ("ACTIVE", "SHUTOFF", "BUILD", "REBOOT", "HARD_REBOOT", "ERROR")
"""Those that a list can be filtered by."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of `addresses`. An EIP is a further entry, `floating`, with its NIC's MAC."""

    addr: str
    kind: str = msgspec.field(name="OS-EXT-IPS:type", default="fixed")
    mac: str = msgspec.field(name="OS-EXT-IPS-MAC:mac_addr", default="")


class Flavor(msgspec.Struct, frozen=True, kw_only=True):
    """An id below microversion 2.47, the values themselves from it on."""

    id: str = ""
    original_name: str = ""
    vcpus: int | None = None
    ram: int | None = None
    disk: int | None = None

    @property
    def label(self) -> str:
        return self.original_name or self.id

    @property
    def size(self) -> str:
        """CPUs and memory in words, where the cloud tells."""
        if self.vcpus is None or self.ram is None:
            return ""
        gib = number_format(f"{self.ram / 1024:g}")
        memory = f"{gib} GiB" if self.ram >= 1024 else f"{self.ram} MiB"
        return f"{self.vcpus} vCPU · {memory}"


class ImageRef(msgspec.Struct, frozen=True):
    id: str = ""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    message: str = ""
    code: int = 0
    created: str = ""


class Server(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """A server. Only `id`, `name` and `status` are always there (cloud-api 2.1)."""

    id: ID
    name: str
    status: str
    task_state: str | None = msgspec.field(name="OS-EXT-STS:task_state", default=None)
    zone: str = msgspec.field(name="OS-EXT-AZ:availability_zone", default="")
    flavor: Flavor = Flavor()
    image: ImageRef | str | None = None
    addresses: dict[str, tuple[Address, ...]] = {}
    metadata: dict[str, str] = {}
    tags: tuple[str, ...] = ()
    key_name: str | None = None
    description: str | None = None
    created: str = ""
    updated: str = ""
    locked: bool = False
    fault: Fault | None = None

    @property
    def state(self) -> ServerState:
        state = STATES.get(self.status, UNKNOWN)
        if self.task_state is None or self.status == "ERROR":
            return state
        return ServerState(TASKS.get(self.task_state, state.name), "busy", is_final=False)

    @property
    def private_addresses(self) -> tuple[str, ...]:
        return self._addresses("fixed")

    def eips_of(self, mac: str) -> tuple[str, ...]:
        return tuple(
            entry.addr
            for entries in self.addresses.values()
            for entry in entries
            if entry.kind == "floating" and entry.mac.lower() == mac.lower()
        )

    def places_of(self, addresses: Container[str], mac: str) -> list[int]:
        """Where a NIC's addresses stand among the server's own: the primary NIC's come first. The
        MAC, where the cloud tells it, keeps NICs in networks with the same range apart."""
        entries = [entry for entries in self.addresses.values() for entry in entries]
        own = [entry for entry in entries if entry.kind == "fixed"]
        return [
            place
            for place, entry in enumerate(own)
            if entry.addr in addresses and entry.mac.lower() in ("", mac.lower())
        ]

    def has_address_like(self, part: str) -> bool:
        return any(
            part.lower() in entry.addr.lower()
            for entries in self.addresses.values()
            for entry in entries
        )

    @property
    def image_id(self) -> str:
        return self.image.id if isinstance(self.image, ImageRef) else ""

    @property
    def image_name(self) -> str:
        """The image's name where the server itself knows it (Open Telekom Cloud)."""
        return self.metadata.get("image_name", "")

    @property
    def own_tags(self) -> tuple[str, ...]:
        """The tags people gave it, without the one by which the cloud knows a BMS."""
        return tuple(tag for tag in self.tags if tag != BMS_TAG)

    def is_bare_metal(self) -> bool:
        """Whether this is a BMS on Open Telekom Cloud, where lists also hold virtual machines."""
        return BMS_TAG in self.tags or BMS_FLAVOR in self.flavor.id

    def _addresses(self, kind: str) -> tuple[str, ...]:
        return tuple(
            entry.addr
            for entries in self.addresses.values()
            for entry in entries
            if entry.kind == kind
        )


class Image(msgspec.Struct, frozen=True):
    id: str
    name: str | None = None
