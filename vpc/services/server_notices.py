"""What speaks against a binding, or should be thought over, on the part of the servers themselves.

`rules` and `warnings` know ports only. What Nova tells of the chosen servers, their kind and state,
is added to the plan here: in words too, with the way out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vpc.services.notices import Code, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bms.resources import Server
    from vpc.services.planning import Plan

NOT_ANSWERING = frozenset(
    ("SHUTOFF", "ERROR", "PAUSED", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED", "SOFT_DELETED")
)


def with_servers(plan: Plan, servers: Iterable[Server], machines: Iterable[Server]) -> Plan:
    """The plan with what is known of the chosen `servers`, and refused where `machines`, which are
    no bare metal servers, were chosen too."""
    refusals = tuple(not_bare_metal(server) for server in machines)
    if refusals:
        return replace(plan, changes=(), warnings=(), refusals=(*refusals, *plan.refusals))
    if not plan.changes:
        return plan
    return replace(plan, warnings=(*plan.warnings, *state_warnings(servers)))


def not_bare_metal(server: Server) -> Notice:
    return Notice(
        Code.NOT_BARE_METAL,
        _("{server} is a virtual machine, not a bare metal server.").format(server=server.id),
        _("Choose a bare metal server."),
    )


def state_warnings(servers: Iterable[Server]) -> Iterator[Notice]:
    """Of servers that cannot answer. A task that is under way says where it leads to: a stopped
    server that is starting is none of them."""
    for server in servers:
        if server.task_state == "deleting":
            yield Notice(
                Code.BEING_DELETED,
                _(
                    "{server} is being deleted. The binding is made all the same, and with the "
                    "server its NIC goes: an orphaned entry may be left over."
                ).format(server=server.id),
                _("Choose another server."),
            )
        elif server.status in NOT_ANSWERING and server.state.is_final:
            yield Notice(
                Code.NOT_ANSWERING,
                # Translators: {state} is a server's state as lists show it, such as "Stopped".
                _(
                    "{server} is {state}. The binding is made all the same, but it cannot answer "
                    "until it runs."
                ).format(server=server.id, state=server.state.label),
                _("See that it runs before it is needed, or choose another server."),
            )
