"""Operations in a test, as a console that was stopped in the middle leaves them."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone

from console import leases
from console.models import Lease, Operation, OperationEvent, OperationSubject
from vpc.services.operations import Place, perform


class Stopped(BaseException):
    """The process ends here: nothing after it is carried out."""


def stop(*_):
    raise Stopped


def place_of(subnet):
    return Place(subnet.network_id, f"/vpc/networks/{subnet.network_id}/subnets/{subnet.id}/")


def perform_now(cloud, goal, **options):
    return perform(cloud, goal, run=uuid4(), **options)


def let_time_pass(seconds=3600):
    """All leases and all that was recorded so far are that much older."""
    ago = dt.timedelta(seconds=seconds)
    for lease in Lease.objects.all():
        Lease.objects.filter(key=lease.key).update(expires_at=lease.expires_at - ago)
    for event in OperationEvent.objects.all():
        OperationEvent.objects.filter(pk=event.pk).update(at=event.at - ago)
    for operation in Operation.objects.all():
        rewrite(Operation.objects.filter(pk=operation.pk), at=operation.at - ago)


def rewrite(operations, **values):
    """Other values in the database than the console would ever write there."""
    QuerySet.update(operations, **values)


def forget_all():
    """As if nothing had ever been recorded."""
    for model in (OperationEvent, OperationSubject, Operation):
        QuerySet.delete(model.objects.all())


def lease_again(operation):
    """As if whoever carries it out were still at it."""
    now = timezone.now()
    Lease.objects.create(
        key="port:somebody",
        holder=operation.run,
        taken_at=now,
        expires_at=now + dt.timedelta(seconds=leases.lifetime()),
    )
