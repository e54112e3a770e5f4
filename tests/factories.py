"""Factories that put things into an embedded cloud, made on first need.

    factories.use(emulator)                        # the `emulator` fixture does it
    server = ServerFactory(name="db-1")            # a BMS with one NIC that `demo` may see
    vip = VirtualIPFactory(bound_to=server.nics)   # bound the way of the cloud's profile

They write the state and not the API: a test can also make what the cloud would refuse.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import factory
from factory.declarations import LazyAttribute, Sequence

from console.emulator import build, seed
from console.emulator.addresses import allocate
from console.emulator.records import FixedIP, Pair, Router

_current: ContextVar[list[Any]] = ContextVar("emulator")


def use(emulator) -> None:
    """Everything made from now on goes into this emulator; `demo` may sign in to it at once."""
    _current.set([emulator, {}])
    default_project()


def emulator():
    return _current.get()[0]


def state():
    return emulator().state


def _default(name, make):
    """What a factory needs and was not given: one of each a cloud."""
    defaults = _current.get()[1]
    return defaults[name] if name in defaults else defaults.setdefault(name, make())


# records: the cloud's own where they say enough

VPCRecord = Router


@dataclass
class UserRecord:
    id: str
    name: str
    password: str
    domain: str
    passcode: str | None = None


@dataclass
class SubnetRecord:
    id: str
    name: str
    network_id: str
    cidr: str
    gateway_ip: str
    vpc_id: str | None
    project_id: str
    ipv6: SubnetRecord | None = None


@dataclass
class PortRecord:
    id: str
    name: str
    ip_address: str
    network_id: str
    subnet_id: str

    @property
    def port(self):
        """The record in the emulator's state, as it is now."""
        return state().ports[self.id]

    @property
    def pairs(self) -> list[str]:
        return [pair.ip_address for pair in self.port.allowed_address_pairs]


@dataclass
class ServerRecord:
    id: str
    name: str
    nics: list[PortRecord] = field(default_factory=list)

    @property
    def server(self):
        return state().servers[self.id]

    @property
    def nic(self) -> PortRecord:
        return self.nics[0]

    @property
    def ip_address(self) -> str:
        return self.nics[0].ip_address


@dataclass
class FloatingIPRecord:
    id: str
    ip_address: str
    port_id: str | None

    @property
    def floating_ip(self):
        return state().floating_ips[self.id]


def _port_record(port) -> PortRecord:
    first = port.fixed_ips[0] if port.fixed_ips else FixedIP("", "")
    return PortRecord(port.id, port.name, first.ip_address, port.network_id, first.subnet_id)


# who


def _named(table, name):
    return next((thing for thing in table.values() if thing.name == name), None)


def _project():
    name = seed.PROJECTS[state().profile][0]
    return _named(state().projects, name) or ProjectFactory(name=name)


def default_project():
    """The project that `demo` may write in, with that user."""
    project = _project()
    if _named(state().users, seed.DEMO_USER) is None:
        UserFactory(name=seed.DEMO_USER, password=seed.DEMO_PASSWORD)
    return project


class _Factory(factory.Factory):  # type: ignore[name-defined,misc]
    """Building is creating: there is nothing to save later."""

    class Meta:
        model = object  # each `_create` returns a record

    if TYPE_CHECKING:

        def __new__(cls, **wanted: Any) -> Any: ...

    @classmethod
    def _build(cls, model_class, *args, **kwargs):
        return cls._create(model_class, *args, **kwargs)


class ProjectFactory(_Factory):
    name = Sequence(lambda n: f"project-{n}")

    @classmethod
    def _create(cls, model_class, name):
        domain = _named(state().domains, seed.DEMO_DOMAIN)
        domain = domain or build.add_domain(state(), seed.DEMO_DOMAIN)
        return build.add_project(state(), name, domain)


class UserFactory(_Factory):
    """`roles` are "writer" (as it is by itself), "reader", or names of roles."""

    name = Sequence(lambda n: f"user-{n}")
    password = LazyAttribute(lambda user: f"{user.name}-password")

    @classmethod
    def _create(cls, model_class, name, password, roles="writer", projects=None, passcode=None):
        named = {"writer": build.writer_roles, "reader": build.reader_roles}
        if isinstance(roles, str):
            roles = named[roles](state())
        projects = [_project()] if projects is None else projects
        domain = state().domains[_project().domain_id]
        by_project = {project.id: tuple(roles) for project in projects}
        user = build.add_user(state(), name, password, domain, by_project, passcode)
        return UserRecord(user.id, name, password, domain.name, passcode)


# networks


class VPCFactory(_Factory):
    """`reachable=False`: no external gateway, so that no EIP can be bound."""

    name = Sequence(lambda n: f"vpc-{n}")
    cidr = "10.20.0.0/16"

    @classmethod
    def _create(cls, model_class, name, cidr, project=None, reachable=True):
        project = project or default_project()
        return build.add_vpc(state(), project.id, name, cidr, reachable=reachable)


class NetworkFactory(_Factory):
    """A network that may be shared and needs no VPC (`vpc=None`)."""

    name = Sequence(lambda n: f"net-{n}")

    @classmethod
    def _create(cls, model_class, name, project=None, vpc=None, shared=False):
        project = project or default_project()
        return build.add_network(state(), project.id, name, vpc, shared=shared)


class SubnetFactory(_Factory):
    """A subnet in a network of its own, in the default VPC unless told.

    `vpc=None` is a network without router; `network` adds a range to a network that is there;
    `ipv6_cidr` adds a second range, so that the network is dual stack.
    """

    name = Sequence(lambda n: f"subnet-{n}")
    cidr = None

    @classmethod
    def _create(
        cls,
        model_class,
        name,
        cidr=None,
        vpc="default",
        network=None,
        project=None,
        ip_version=4,
        ipv6_cidr=None,
        shared=False,
    ):
        if vpc == "default":
            vpc = None if shared else _default("vpc", lambda: VPCFactory(name="vpc-main"))
        cidr = cidr or ("2001:db8:20::/64" if ip_version == 6 else _next_cidr())
        if network is None:
            network = NetworkFactory(name=name, project=project, vpc=vpc, shared=shared)
        subnet = cls._add(name, cidr, vpc, network)
        if ipv6_cidr:
            subnet.ipv6 = cls._add(f"{name}-ipv6", ipv6_cidr, vpc, network)
        return subnet

    @classmethod
    def _add(cls, name, cidr, vpc, network):
        network = state().networks[network.id]
        subnet = build.add_subnet(state(), network, cidr, name, vpc)
        vpc_id = vpc.id if vpc else None
        where = network.id, cidr, subnet.gateway_ip or ""
        return SubnetRecord(subnet.id, name, *where, vpc_id, network.project_id)


def _next_cidr() -> str:
    taken = {str(subnet.cidr) for subnet in state().subnets.values()}
    return next(block for n in range(256) if (block := f"10.20.{n}.0/24") not in taken)


def default_subnet():
    return _default("subnet", lambda: SubnetFactory(name="subnet-main"))


class SecurityGroupFactory(_Factory):
    name = Sequence(lambda n: f"sg-{n}")

    @classmethod
    def _create(cls, model_class, name, project=None, description=""):
        project = project or default_project()
        return state().add_group(project.id, name, description)


class ServerFactory(_Factory):
    """A BMS with `nics` NICs in `subnet` (or one in each of `subnets`), each a second younger.

    A `task_state` given here stays; `bare_metal=False` is a virtual machine of `otc`.
    """

    name = Sequence(lambda n: f"bms-{n:04d}")

    @classmethod
    def _create(
        cls,
        model_class,
        name,
        project=None,
        subnet=None,
        subnets=None,
        nics=1,
        ip_address=None,
        task_state=None,
        tags=(),
        security_groups=None,
        flavor=None,
        **attributes,
    ):
        project = project or default_project()
        if flavor is not None:
            attributes["flavor"] = build.add_flavor(state(), flavor, 4, 16384, 100)
        someone = (user.id for user in state().users.values() if project.id in user.roles)
        attributes.setdefault("user_id", next(someone, ""))
        newest = max((each.created for each in state().servers.values()), default=0)
        attributes.setdefault("created", max(state().clock(), newest + 1))
        server = build.add_server(state(), project.id, name, **attributes)
        if task_state is not None:
            server.now = replace(server.now, task_state=task_state)
        server.tags += tags
        record = ServerRecord(server.id, name)
        for number, each in enumerate(subnets or [subnet or default_subnet()] * nics):
            address = ip_address if number == 0 else None
            nic = NICFactory(server=record, subnet=each, ip_address=address)
            if security_groups is not None:
                nic.port.security_groups = [group.id for group in security_groups]
        return record


class NICFactory(_Factory):
    """A further NIC of `server`; the record of the server knows it."""

    @classmethod
    def _create(cls, model_class, server=None, subnet=None, ip_address=None, pairs=()):
        server = server or ServerFactory(nics=0)
        subnet = state().subnets[(subnet or default_subnet()).id]
        port = build.add_nic(state(), state().servers[server.id], subnet, ip_address)
        port.allowed_address_pairs = [Pair(address, port.mac_address) for address in pairs]
        record = _port_record(port)
        server.nics.append(record)
        return record


class PortFactory(_Factory):
    """Any port. Pairs are addresses or `{"ip_address": …, "mac_address": …}`."""

    @classmethod
    def _create(
        cls,
        model_class,
        subnet=None,
        ip_address=None,
        fixed_ips=None,
        allowed_address_pairs=(),
        project=None,
        security_groups=None,
        **attributes,
    ):
        subnet = state().subnets[(subnet or default_subnet()).id]
        if fixed_ips is not None:
            fixed_ips = allocate(state(), subnet.network_id, fixed_ips)
        port = build.add_port(
            state(),
            subnet,
            ip_address,
            fixed_ips=fixed_ips,
            project_id=project.id if project else "",
            groups=[g.id for g in security_groups] if security_groups is not None else None,
            **attributes,
        )
        for each in allowed_address_pairs:
            pair = {"ip_address": each} if isinstance(each, str) else each
            mac = pair.get("mac_address", port.mac_address)
            port.allowed_address_pairs.append(Pair(pair["ip_address"], mac))
        return _port_record(port)


class VirtualIPFactory(_Factory):
    """A VIP, bound to NICs the way of the profile; `half_bound_to` is half of that (otc)."""

    name = Sequence(lambda n: f"vip-{n}")

    @classmethod
    def _create(
        cls, model_class, name, subnet=None, ip_address=None, bound_to=(), half_bound_to=(), **more
    ):
        if subnet is None and [*bound_to, *half_bound_to]:
            subnet = state().subnets[[*bound_to, *half_bound_to][0].subnet_id]
        subnet = state().subnets[(subnet or default_subnet()).id]
        vip = build.add_vip(state(), subnet, ip_address, name)
        if "device_id" in more:
            state().set_device(vip, more.pop("device_id"))
        if more.get("project") is not None:
            vip.project_id = more["project"].id
        for nic in bound_to:
            build.bind(state(), vip, state().ports[nic.id])
        for nic in half_bound_to:
            build.bind(state(), vip, state().ports[nic.id], half=True)
        return _port_record(vip)


class FloatingIPFactory(_Factory):
    """An EIP, free or bound to `port`; `otc` shows `alias`, `bandwidth` (its members), `status`."""

    alias = Sequence(lambda n: f"eip-{n}")

    @classmethod
    def _create(cls, model_class, port=None, ip_address=None, project=None, bandwidth=None, **more):
        project = project or default_project()
        bound = state().ports[port.id] if port else None
        floating = build.add_floating_ip(state(), project.id, bound, ip_address, **more)
        floating.bandwidth = replace(floating.bandwidth, **(bandwidth or {}))
        return FloatingIPRecord(floating.id, floating.floating_ip_address, floating.port_id)
