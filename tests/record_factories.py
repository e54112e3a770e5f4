"""Factories that put operation records into the database, as they are kept after their end."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone
from factory.declarations import LazyFunction, RelatedFactory, Sequence
from factory.django import DjangoModelFactory

from console.models import Operation, OperationEvent, OperationState, OperationSubject
from tests.factories import default_project


class SubjectFactory(DjangoModelFactory[OperationSubject]):
    """What an operation was about: `SubjectFactory(operation=…, kind="vip", ref=…, label=…)`."""

    class Meta:
        model = OperationSubject

    kind = "vip"
    ref = LazyFunction(lambda: str(uuid4()))
    label = "10.20.1.10"


class EventFactory(DjangoModelFactory[OperationEvent]):
    class Meta:
        model = OperationEvent

    at = LazyFunction(timezone.now)
    state = OperationState.PLANNED


class OperationFactory(DjangoModelFactory[Operation]):
    """A bind that went well, in the project of `demo`."""

    class Meta:
        model = Operation
        skip_postgeneration_save = True

    run = LazyFunction(uuid4)
    at = LazyFunction(timezone.now)
    user_id = "0f" * 16
    user_name = "demo"
    domain_name = "acme"
    project_id = LazyFunction(lambda: default_project().id)
    project_name = "eu-de"
    region = "eu-de"
    name = "Bind to Server"
    target = "10.20.1.10"
    target_url = "/vpc/vpcs/"
    place = "net"
    changes = LazyFunction(
        lambda: [
            {
                "title": "NIC 10.20.0.31",
                "before": ["192.0.2.7"],
                "after": ["192.0.2.7", "1.1.1.1/0"],
            }
        ]
    )
    state = OperationState.DONE
    message = Sequence(lambda n: f"Virtual IP address is bound, number {n}.")
    request_ids = LazyFunction(lambda: [f"req-{uuid4()}"])
    milliseconds = 840
    event = RelatedFactory(EventFactory, factory_related_name="operation")


def operation_about(kind: str, ref: str, label: str = "", **more: object) -> Operation:
    """A record that is found by this thing."""
    operation = OperationFactory.create(**more)
    SubjectFactory.create(operation=operation, kind=kind, ref=ref, label=label)
    return operation
