"""What speaks against a binding, or should be thought over, on the part of the servers themselves.

`rules` and `warnings` know ports only. What Nova tells of the chosen servers, their kind and state,
is added to the plan here: in words too, with the way out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vpc.services.notices import Code, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bms.resources import Server
    from vpc.services.planning import Plan


def with_servers(plan: Plan, machines: Iterable[Server]) -> Plan:
    """The plan, refused where `machines`, which are no bare metal servers, were chosen too."""
    refusals = tuple(not_bare_metal(server) for server in machines)
    if refusals:
        return replace(plan, changes=(), warnings=(), refusals=(*refusals, *plan.refusals))
    return plan


def not_bare_metal(server: Server) -> Notice:
    return Notice(
        Code.NOT_BARE_METAL,
        f"{server.id} is a virtual machine, not a bare metal server.",
        "Choose a bare metal server.",
    )
