"""What the cloud and the records are at one moment, and the way back to that."""

from __future__ import annotations

from copy import copy

from django.db.models import QuerySet

from console.emulator.records import VIP_OWNER
from console.models import Lease, Operation, OperationEvent, OperationSubject, Submission
from tests.factories import state
from tests.record_making import rewrite

NAMES = {"vip-free", "renamed"}


class Ports:
    """All ports and EIPs as they are now."""

    def __init__(self):
        self.ports = {port.id: _copy(port) for port in state().ports.values()}
        self.eips = {eip.id: copy(eip) for eip in state().floating_ips.values()}

    @property
    def lists(self):
        """{address: its list, its name and whether it is a VIP}, by address so that a VIP made anew
        counts as the same; of an EIP, the address that has it. A name that a dialog makes up is
        left out."""
        address = {port.id: port.fixed_ips[0].ip_address for port in self.ports.values()}
        eips = {
            eip.floating_ip_address: eip.port_id and address[eip.port_id]
            for eip in self.eips.values()
        }
        return eips | {
            address[port.id]: [
                *((one.ip_address, one.mac_address == port.mac_address) for one in _pairs(port)),
                *({port.name} & NAMES),
                port.device_owner == VIP_OWNER,
            ]
            for port in self.ports.values()
        }

    def restore(self):
        for port in list(state().ports.values()):
            state().remove_port(port)
        for port in self.ports.values():
            state().add_port(_copy(port))
        state().floating_ips.update({eip.id: copy(eip) for eip in self.eips.values()})


class Records:
    """All operation records as they are now. Leases and sent forms are forgotten by `restore`."""

    def __init__(self):
        self._operations = {row["id"]: row for row in Operation.objects.values()}
        self._events = set(OperationEvent.objects.values_list("id", flat=True))
        self._subjects = set(OperationSubject.objects.values_list("id", flat=True))

    def restore(self):
        QuerySet.delete(OperationEvent.objects.exclude(id__in=self._events))
        QuerySet.delete(OperationSubject.objects.exclude(id__in=self._subjects))
        QuerySet.delete(Operation.objects.exclude(id__in=self._operations.keys()))
        for key, row in self._operations.items():
            rewrite(Operation.objects.filter(id=key), **row)
        Lease.objects.all().delete()
        Submission.objects.all().delete()

    @property
    def new(self):
        """Those that were made since."""
        return list(Operation.objects.exclude(id__in=self._operations.keys()).order_by("at"))


def _pairs(port):
    return port.allowed_address_pairs


def _copy(port):
    made = copy(port)
    made.allowed_address_pairs = list(_pairs(port))
    return made
