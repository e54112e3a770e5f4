"""Changes that are one write each: assign, release, rename, use as VIP, bind or unbind an EIP.

Each knows how it is sent, how to look up whether it took effect, and how it reads before and after.
Changes of several ports' lists at once are `changes.PortChange`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from django.utils.translation import gettext as _
from msgspec.structs import replace

from console.cloud.errors import NotFound
from vpc.resources import VIP_OWNER, FloatingIP, Port
from vpc.services.changes import PortChange, mentioned, subject
from vpc.services.standing import Now, Standing

if TYPE_CHECKING:
    from vpc.api import NetworkAPI


class VIPCreation(msgspec.Struct, frozen=True, kw_only=True, tag="create"):
    """A new VIP. `name` must be this attempt's own: by it the port is found when no answer came.
    `port` is the port that was made, once it is known."""

    network_id: str
    subnet_id: str
    name: str
    ip_address: str = ""
    port: Port | None = None

    @property
    def subject(self) -> str:
        address = self.port.ip_address if self.port else self.ip_address
        return _("VIP {name}").format(name=address) if address else _("A new VIP")

    @property
    def before_lines(self) -> tuple[str, ...]:
        return ()

    @property
    def after_lines(self) -> tuple[str, ...]:
        if self.port:
            return (_address_words(self.port.ip_address), _port_words(self.port))
        if not self.ip_address:
            # Translators: A line of what is new: the address of a virtual IP address to be made.
            return (_("address chosen by the cloud"),)
        return (_address_words(self.ip_address),)

    @property
    def written(self) -> tuple[object, ...]:
        return "create", self.subnet_id, self.ip_address

    @property
    def ports(self) -> tuple[Port, ...]:
        return (self.port,) if self.port else ()

    def send(self, api: NetworkAPI) -> VIPCreation:
        port = api.create_vip_port(
            network_id=self.network_id,
            subnet_id=self.subnet_id,
            ip_address=self.ip_address or None,
            name=self.name,
        )
        return replace(self, port=port)

    def look(self, api: NetworkAPI) -> tuple[VIPCreation, Standing]:
        if self.port is not None:
            made: tuple[Port, ...] = api.list_ports(id=self.port.id)
        else:
            made = api.list_vip_ports(network_id=self.network_id, name=self.name)
        return self.known(made), self.standing(Now.of(made))

    def known(self, ports: tuple[Port, ...]) -> VIPCreation:
        return replace(self, port=self._among(Now.of(ports)) or self.port)

    def standing(self, now: Now) -> Standing:
        return Standing.AFTER if self._among(now) else Standing.BEFORE

    def _among(self, now: Now) -> Port | None:
        if self.port is not None:
            return now.ports.get(self.port.id)
        return next((port for port in now.ports.values() if self._is_it(port)), None)

    def _is_it(self, port: Port) -> bool:
        return port.name == self.name and self.ip_address in ("", port.ip_address)


class PortDeletion(msgspec.Struct, frozen=True, kw_only=True, tag="delete"):
    """The end of a VIP or of an unused address: its port, as it was read."""

    port: Port

    @property
    def subject(self) -> str:
        return subject(self.port)

    @property
    def before_lines(self) -> tuple[str, ...]:
        return (_address_words(self.port.ip_address), _port_words(self.port))

    @property
    def after_lines(self) -> tuple[str, ...]:
        return ()

    @property
    def written(self) -> tuple[object, ...]:
        return "delete", self.port.id

    @property
    def ports(self) -> tuple[Port, ...]:
        return (self.port,)

    def send(self, api: NetworkAPI) -> PortDeletion:
        with suppress(NotFound):  # gone is what was wanted
            api.delete_port(self.port.id, revision=self.port.revision_number)
        return self

    def look(self, api: NetworkAPI) -> tuple[PortDeletion, Standing]:
        return self, self.standing(Now.of(api.list_ports(id=self.port.id)))

    def standing(self, now: Now) -> Standing:
        return Standing.BEFORE if self.port.id in now.ports else Standing.AFTER


class PortRename(msgspec.Struct, frozen=True, kw_only=True, tag="rename"):
    """Another name for a port."""

    port: Port
    name: str

    @property
    def subject(self) -> str:
        return subject(self.port)

    @property
    def before_lines(self) -> tuple[str, ...]:
        return (_name_words(self.port.name),)

    @property
    def after_lines(self) -> tuple[str, ...]:
        return (_name_words(self.name),)

    @property
    def written(self) -> tuple[object, ...]:
        return "rename", self.port.id, self.name

    @property
    def ports(self) -> tuple[Port, ...]:
        return (self.port,)

    def send(self, api: NetworkAPI) -> PortRename:
        api.rename_port(self.port.id, self.name, revision=self.port.revision_number)
        return self

    def look(self, api: NetworkAPI) -> tuple[PortRename, Standing]:
        now = Now.of(api.list_ports(id=self.port.id))
        port = now.ports.get(self.port.id)
        if port and port.name not in (self.port.name, self.name):
            return self, Standing.BETWEEN  # written over at the same moment
        return self, self.standing(now)

    def standing(self, now: Now) -> Standing:
        port = now.ports.get(self.port.id)
        if port is None:
            return Standing.GONE
        # Any other name is somebody else's, given since: nothing of this change is left to do.
        return Standing.BEFORE if port.name == self.port.name else Standing.AFTER


class PortOwnership(msgspec.Struct, frozen=True, kw_only=True, tag="owner"):
    """Another `device_owner` for a port that no device holds: `VIP_OWNER` makes a VIP of it, ""
    makes it an address that nobody uses."""

    port: Port
    owner: str

    @property
    def subject(self) -> str:
        return subject(self.port)

    @property
    def before_lines(self) -> tuple[str, ...]:
        return (_owner_words(self.port.device_owner),)

    @property
    def after_lines(self) -> tuple[str, ...]:
        return (_owner_words(self.owner),)

    @property
    def written(self) -> tuple[object, ...]:
        return "owner", self.port.id, self.owner

    @property
    def ports(self) -> tuple[Port, ...]:
        return (self.port,)

    def send(self, api: NetworkAPI) -> PortOwnership:
        api.set_port_owner(self.port.id, self.owner, revision=self.port.revision_number)
        return self

    def look(self, api: NetworkAPI) -> tuple[PortOwnership, Standing]:
        now = Now.of(api.list_ports(id=self.port.id))
        port = now.ports.get(self.port.id)
        if port and port.device_owner not in (self.port.device_owner, self.owner):
            return self, Standing.BETWEEN  # written over at the same moment
        return self, self.standing(now)

    def standing(self, now: Now) -> Standing:
        port = now.ports.get(self.port.id)
        if port is None or port.device_owner not in (self.port.device_owner, self.owner):
            return Standing.GONE  # or something else uses it by now
        return Standing.AFTER if port.device_owner == self.owner else Standing.BEFORE


def _address_words(address: str) -> str:
    # Translators: Lines of what changes: what a port had, and what it will have.
    return _("address {address}").format(address=address) if address else _("address (none)")


def _port_words(port: Port) -> str:
    # Translators: {port} is an id.
    return _("port {port}").format(port=port.id)


def _name_words(name: str) -> str:
    return _("name {name}").format(name=name) if name else _("name (none)")


def _owner_words(owner: str) -> str:
    if owner == VIP_OWNER:
        return _("virtual IP address")
    return _("owner {owner}").format(owner=owner) if owner else _("unused address")


class EIPBinding(msgspec.Struct, frozen=True, kw_only=True, tag="eip"):
    """An EIP that goes to another port, or (`to` is None) to none. `eip` is as it was read;
    `was` is the port that it leaves, where that is known."""

    eip: FloatingIP
    to: Port | None
    was: Port | None = None

    @property
    def subject(self) -> str:
        return _("EIP {name}").format(name=self.eip.floating_ip_address)

    @property
    def before_lines(self) -> tuple[str, ...]:
        if not self.eip.port_id:
            return (_("not bound"),)
        if not self.was:
            return (_("bound to port {port}").format(port=self.eip.port_id),)
        return (_bound_words(self.was),)

    @property
    def after_lines(self) -> tuple[str, ...]:
        return (_bound_words(self.to) if self.to else _("not bound"),)

    @property
    def written(self) -> tuple[object, ...]:
        return "eip", self.eip.id, self.to.id if self.to else None

    @property
    def ports(self) -> tuple[Port, ...]:
        return tuple(port for port in (self.to, self.was) if port is not None)

    def send(self, api: NetworkAPI) -> EIPBinding:
        to = self.to.id if self.to else None
        api.bind_floating_ip(self.eip.id, to, revision=self.eip.revision_number)
        return self

    def look(self, api: NetworkAPI) -> tuple[EIPBinding, Standing]:
        return self, self.standing(Now.of((), api.list_floating_ips(id=self.eip.id)))

    def standing(self, now: Now) -> Standing:
        eip = (now.eips or {}).get(self.eip.id)
        if eip is None:
            return Standing.GONE
        if (eip.port_id or None) == (self.to.id if self.to else None):
            return Standing.AFTER
        same = (eip.port_id or None) == (self.eip.port_id or None)
        return Standing.BEFORE if same else Standing.GONE


def _bound_words(port: Port) -> str:
    # Translators: {port} is "virtual IP address 10.0.0.4" or "NIC 10.0.0.1".
    return _("bound to {port}").format(port=mentioned(port))


SingleChange = VIPCreation | PortDeletion | PortRename | PortOwnership | EIPBinding
Change = PortChange | SingleChange
