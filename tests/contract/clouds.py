"""The clouds that the suite runs against, each with a network, servers and people to act as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openstack.config.loader import OpenStackConfig

from console.cloud.auth import Identity
from console.cloud.client import CloudClient
from console.cloud.config import CloudConfig
from console.cloud.transport import Deadline, open_session
from tests.environment import GIVEN
from tests.factories import (
    FloatingIPFactory,
    ProjectFactory,
    ServerFactory,
    SubnetFactory,
    UserFactory,
    VPCFactory,
    default_project,
)

if TYPE_CHECKING:
    from keystoneauth1.session import Session

SECONDS = 60
PEOPLE = ("member", "reader", "stranger")


@dataclass
class Ground:
    """`people` are (domain, user, password). `stranger` works in another project. `network` and
    `shared` are ids or names; `shared` is a network that every project may use and another owns."""

    config: CloudConfig
    people: dict[str, tuple[str, str, str]]
    network: str
    shared: str
    _clients: dict[str, CloudClient] = field(default_factory=dict)

    def identity(self) -> Identity:
        return Identity(open_session(self.config), self.config, Deadline(SECONDS))

    def client(self, who: str = "member") -> CloudClient:
        """Signed in once; each call has a deadline of its own."""
        if who not in self._clients:
            self._clients[who] = self.open(open_session(self.config), who)
        client = self._clients[who]
        client.deadline = Deadline(SECONDS)
        return client

    def open(self, session: Session, who: str = "member") -> CloudClient:
        """Signs in anew, by that session."""
        domain, user, password = self.people[who]
        identity = Identity(session, self.config, Deadline(SECONDS))
        person, token = identity.sign_in(domain=domain, user=user, password=password)
        scope = identity.scope_to(token, identity.list_projects(token)[0].id)
        return CloudClient(
            session=session,
            user=person,
            scope=scope,
            region=scope.home_region(),
            config=self.config,
            deadline=Deadline(SECONDS),
        )


def emulated(config: CloudConfig) -> Ground:
    """Three servers, two free EIPs and a shared network of somebody else's, in an empty cloud."""
    default_project()
    subnet = SubnetFactory(name="vpc-demo", cidr="10.20.0.0/24", vpc=VPCFactory(name="vpc"))
    for _ in range(2):
        FloatingIPFactory()
    for name in ("web-1", "web-2", "web-3"):
        ServerFactory(name=name, subnet=subnet)
    other = ProjectFactory(name="other")
    shared = SubnetFactory(name="lan-shared", cidr="172.20.0.0/24", shared=True, project=other)
    people = {
        "member": UserFactory(name="contract-member"),
        "reader": UserFactory(name="contract-reader", roles="reader"),
        "stranger": UserFactory(name="contract-stranger", projects=[other]),
    }
    signs_in = {who: (one.domain, one.name, one.password) for who, one in people.items()}
    return Ground(config, signs_in, subnet.network_id, shared.network_id)


def is_given() -> bool:
    return "CONTRACT_NETWORK" in GIVEN


def real() -> Ground:
    """As the environment says, with the names that OpenStack's own tools read: `OS_CLOUD` and a
    clouds.yaml, or `OS_AUTH_URL` and so on. Further people are `CONTRACT_READER` and
    `CONTRACT_STRANGER` (user:password, same domain), the networks' names `CONTRACT_NETWORK` and
    `CONTRACT_SHARED_NETWORK`."""
    said = _of_clouds_yaml() if "OS_CLOUD" in GIVEN else GIVEN
    domain = said.get("OS_USER_DOMAIN_NAME") or "Default"
    member = (domain, said["OS_USERNAME"], said["OS_PASSWORD"])
    others: dict[str, tuple[str, str, str]] = {}
    for who in ("reader", "stranger"):
        user, _, password = GIVEN[f"CONTRACT_{who.upper()}"].partition(":")
        others[who] = domain, user, password
    config = CloudConfig(
        auth_url=said["OS_AUTH_URL"],
        profile="openstack",
        ca_bundle=said.get("OS_CACERT") or "",
        read_timeout=30,
        read_deadline=60,
        write_deadline=120,
    )
    networks = GIVEN["CONTRACT_NETWORK"], GIVEN["CONTRACT_SHARED_NETWORK"]
    return Ground(config, others | {"member": member}, *networks)


def _of_clouds_yaml() -> dict[str, str]:
    """What openstacksdk makes of it, as the variables that say the same."""
    file = GIVEN.get("OS_CLIENT_CONFIG_FILE")
    every = OpenStackConfig(load_envvars=False, config_files=[file] if file else None)
    one = every.get_one(GIVEN["OS_CLOUD"]).config
    auth = one["auth"]
    return {
        "OS_AUTH_URL": f"{auth['auth_url'].rstrip('/').removesuffix('/v3')}/v3",
        "OS_USERNAME": auth["username"],
        "OS_PASSWORD": auth["password"],
        "OS_USER_DOMAIN_NAME": auth.get("user_domain_name", ""),
        "OS_CACERT": one.get("cacert") or "",
    }
