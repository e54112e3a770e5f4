"""What a project's token tells: where the services are, which family of cloud, who may write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.cloud.account import Project, Scope
from console.cloud.auth import Identity
from console.cloud.config import CloudConfig
from console.cloud.errors import BadAnswer, CloudError, ServiceMissing
from console.cloud.transport import open_session
from tests.cloud.conftest import TOKEN, Envelope
from tests.cloud.server import Answer
from tests.cloud.tokens import endpoint, service, token_answer

CONFIG = CloudConfig(auth_url="https://iam.example/v3")


def scope(catalog=None, name="eu-de_prod", roles=()):
    return Scope(
        token=TOKEN, project=Project(id="p", name=name), roles=roles, catalog=catalog or {}
    )


def scoped(identity, server, *services):
    """The scope that Keystone gives with this catalogue."""
    server.say(token_answer(catalog=list(services)))
    return identity.scope_to(TOKEN, "p")


@pytest.mark.parametrize(
    "published",
    [
        "https://vpc.example",
        "https://vpc.example/",
        "https://vpc.example/v2.0",
        "https://vpc.example/v2.0/",
    ],
)
def test_the_network_address_gets_its_version_however_it_is_published(identity, server, published):
    found = scoped(identity, server, service("network", endpoint(published)))
    assert found.endpoint("network", "eu-de", CONFIG) == "https://vpc.example/v2.0"


@pytest.mark.parametrize(
    ("published", "address"),
    [
        ("http://host:9696", "http://host:9696/v2.0"),
        ("http://host/networking", "http://host/networking/v2.0"),
        ("http://host/networking/v2.0/", "http://host/networking/v2.0"),
        ("http://v2.0", "http://v2.0/v2.0"),
    ],
)
def test_the_network_address_of_other_clouds(published, address):
    found = scope({"network": {"r": published}})
    assert found.endpoint("network", "r", CONFIG) == address


@pytest.mark.parametrize(
    "published", ["https://ims.example", "https://ims.example/v2", "https://ims.example/v2/"]
)
def test_the_image_address_gets_its_version(published):
    found = scope({"image": {"r": published}})
    assert found.endpoint("image", "r", CONFIG) == "https://ims.example/v2"


@pytest.mark.parametrize(
    "published", ["https://ecs.example/v2.1/p", "https://ecs.example/v2/p", "http://h:8774/v2.1"]
)
def test_the_compute_address_stays_as_it_is(published):
    assert scope({"compute": {"r": published}}).endpoint("compute", "r", CONFIG) == published
    assert scope({"compute": {"r": f"{published}/"}}).endpoint("compute", "r", CONFIG) == published


def test_each_region_has_its_own_address(identity, server):
    addresses = (endpoint("https://de", "eu-de"), endpoint("https://nl", "eu-nl"))
    found = scoped(identity, server, service("compute", *addresses))
    assert found.endpoint("compute", "eu-nl", CONFIG) == "https://nl"
    assert found.endpoint("compute", "eu-ch2", CONFIG) is None
    assert found.regions == ("eu-de", "eu-nl")


def test_a_service_of_all_regions_is_found_in_each(identity, server):
    found = scoped(
        identity,
        server,
        service("identity", endpoint("https://iam/v3", "*")),
        service("compute", endpoint("https://de", "eu-de")),
    )
    assert found.endpoint("identity", "eu-de", CONFIG) == "https://iam/v3"
    assert found.regions == ("eu-de",)


def test_an_endpoint_without_a_region_serves_all(identity, server):
    bare = {"interface": "public", "url": "https://one"}
    found = scoped(identity, server, service("compute", bare))
    assert found.endpoint("compute", "anywhere", CONFIG) == "https://one"


def test_a_region_id_alone_is_enough(identity, server):
    named = {"interface": "public", "region_id": "eu-de", "url": "https://de"}
    assert scoped(identity, server, service("compute", named)).regions == ("eu-de",)


def test_two_entries_of_one_type_are_joined(identity, server):
    found = scoped(
        identity,
        server,
        service("compute", endpoint("https://de", "eu-de")),
        service("compute", endpoint("https://nl", "eu-nl")),
    )
    assert found.regions == ("eu-de", "eu-nl")


def test_the_interface_of_the_settings_is_used(config, server):
    inside = replace(config, interface="internal")
    identity = Identity(open_session(inside), inside)
    addresses = [
        endpoint("https://out", interface="public"),
        endpoint("https://in", interface="internal"),
        endpoint("https://boss", interface="admin"),
    ]
    found = scoped(identity, server, service("compute", *addresses))
    assert found.endpoint("compute", "eu-de", CONFIG) == "https://in"


def test_an_address_of_the_settings_comes_before_the_catalogues(connect, server):
    server.otherwise = Answer(body={"thing": {"id": "a"}})
    client = connect(
        catalog={"network": {"here": "http://127.0.0.1:9"}}, endpoints={"network": server.url}
    )
    client.get("network", "/things", Envelope)
    assert server.calls[0].path == "/v2.0/things"


def test_an_address_of_the_settings_serves_a_service_that_the_catalogue_lacks():
    config = CloudConfig(auth_url="x", endpoints={"compute": "https://own/v2.1/"})
    assert scope().endpoint("compute", "r", config) == "https://own/v2.1"


@pytest.mark.parametrize(
    "services",
    [
        [],
        [service("network")],
        [service("network", endpoint(None))],
        [service("network", endpoint(""))],
        [service("network", endpoint("https://x", interface="admin"))],
        [{"type": "network"}],
    ],
    ids=["no service", "no endpoint", "null", "empty", "other interface", "no list"],
)
def test_a_service_without_an_address_is_not_there(identity, server, connect, services):
    found = scoped(identity, server, *services)
    assert "network" not in found.catalog
    with pytest.raises(ServiceMissing):
        connect(catalog=found.catalog or {"x": {}}).get("network", "/things", Envelope)


@pytest.mark.parametrize(
    ("services", "field"),
    [
        ([service("network", endpoint(7))], r"\$\[0\]\.endpoints\[0\]\.url"),
        ([service("network", endpoint("https://x", region=7))], r"endpoints\[0\]\.region"),
        ([service("network", "https://x")], r"\$\[0\]\.endpoints\[0\]"),
        ([{"endpoints": []}], "type"),
        ([service(None)], r"\$\[0\]\.type"),
        (["network"], r"\$\[0\]"),
    ],
)
def test_a_catalogue_of_the_wrong_shape_is_refused_by_its_fields_name(
    identity, server, services, field
):
    with pytest.raises(BadAnswer, match=field):
        scoped(identity, server, *services)


def test_a_token_without_a_catalogue_is_a_token(identity, server):
    server.say(token_answer(catalog=None))
    assert identity.scope_to(TOKEN, "p").catalog == {}


# --- profile, region, rights


@pytest.mark.parametrize(
    ("services", "profile"),
    [
        ({"compute", "network"}, "openstack"),
        ({"compute", "network", "vpc"}, "otc"),
        ({"compute", "bms"}, "otc"),
        ({"vpc2.0"}, "openstack"),
        (set(), "openstack"),
    ],
)
def test_the_catalogue_tells_the_family_of_the_cloud(services, profile):
    assert scope({name: {"r": "https://x"} for name in services}).profile(CONFIG) == profile


@pytest.mark.parametrize("profile", ["otc", "openstack"])
def test_the_settings_can_force_the_family(connect, profile):
    assert connect(profile=profile).profile == profile


def test_the_home_region_is_the_wanted_one_where_it_exists():
    found = scope({"compute": {"eu-de": "a", "eu-nl": "b"}})
    assert found.home_region("eu-nl") == "eu-nl"
    assert found.home_region("eu-xx") == "eu-de"


@pytest.mark.parametrize(
    ("project", "region"),
    [("eu-nl", "eu-nl"), ("eu-nl_prod_2", "eu-nl"), ("prod", "eu-de"), ("_x", "eu-de")],
)
def test_a_project_is_at_home_in_the_region_of_its_name(project, region):
    found = scope({"compute": {"eu-de": "a", "eu-nl": "b"}}, name=project)
    assert found.home_region() == region


@pytest.mark.parametrize(
    ("project", "configured", "region"),
    [("prod", ["eu-nl"], "eu-nl"), ("prod", ["nowhere"], "eu-de"), ("eu-de", ["eu-nl"], "eu-de")],
)
def test_a_region_of_the_settings_comes_after_the_projects_own(project, configured, region):
    found = scope({"compute": {"eu-de": "a", "eu-nl": "b"}}, name=project)
    assert found.home_region(configured=configured) == region


def test_without_regions_there_is_no_home_region():
    assert scope().home_region() == ""
    assert scope({"compute": {"*": "https://x"}}).home_region() == ""


def test_a_cloud_without_regions_is_reached_all_the_same():
    found = scope({"compute": {"*": "https://x"}})
    assert found.endpoint("compute", found.home_region(), CONFIG) == "https://x"


@pytest.mark.parametrize(
    ("roles", "can_write"),
    [
        ((), True),
        (("reader",), False),
        (("readonly", "reader"), False),
        (("reader", "member"), True),
        (("te_admin",), True),
    ],
)
def test_only_roles_that_all_read_only_cannot_write(roles, can_write):
    assert scope(roles=roles).can_write(CONFIG) is can_write


def test_the_settings_say_which_roles_only_read():
    config = CloudConfig(auth_url="x", read_only_roles=frozenset({"auditor"}))
    assert not scope(roles=("auditor",)).can_write(config)
    assert scope(roles=("reader",)).can_write(config)


def test_a_missing_service_is_a_cloud_error():
    assert issubclass(ServiceMissing, CloudError)
