"""Releasing a VIP: the one write that ends its port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.cloud.errors import BadAnswer, CloudError, NotFound
from vpc.api import NetworkAPI

if TYPE_CHECKING:
    from console.cloud.client import CloudClient
    from vpc.services.bindings import VirtualIP


def release_virtual_ip(cloud: CloudClient, vip: VirtualIP) -> None:
    """Delete the port as it was read: where it has a revision, one that rose meanwhile raises
    `Changed`. Then it is looked up, whatever was answered: a port that is gone is what was wanted.

    Raises `CloudError`; with `outcome_unknown` only when the look-up did not settle it.
    """
    api = NetworkAPI(cloud)
    failure: CloudError | None = None
    try:
        api.delete_port(vip.id, revision=vip.port.revision_number)
    except NotFound:
        pass
    except CloudError as error:
        if not error.outcome_unknown:
            raise
        failure = error
    try:
        api.get_port(vip.id)
    except NotFound:
        return
    except CloudError:
        if failure:
            raise failure from None
        return
    if failure is None:
        words = "The cloud answered that the port is deleted, but it still has it."
        raise BadAnswer(words, outcome_unknown=True)
    failure.outcome_unknown = False
    raise failure
