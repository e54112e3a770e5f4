from __future__ import annotations

import pytest

from console.cloud.errors import NotFound, Unauthorized
from vpc.api import NetworkAPI


@pytest.mark.parametrize("wrong", ["domain", "user", "password"])
def test_a_wrong_sign_in_does_not_say_what_is_wrong(ground, wrong):
    domain, user, password = ground.people["member"]
    given = {"domain": domain, "user": user, "password": password} | {wrong: "nonsense"}

    with pytest.raises(Unauthorized) as refusal:
        ground.identity().sign_in(**given)

    assert refusal.value.status == 401
    assert "nonsense" not in refusal.value.message


def test_projects_and_the_token_of_one(ground):
    domain, user, password = ground.people["member"]
    identity = ground.identity()

    person, token = identity.sign_in(domain=domain, user=user, password=password)
    projects = identity.list_projects(token)
    scope = identity.scope_to(token, projects[0].id)

    assert (person.name, person.domain_name) == (user, domain)
    assert scope.project == projects[0]
    assert scope.token.expires_at.tzinfo is not None
    assert {"compute", "network", "image"} <= scope.catalog.keys()


def test_a_project_of_others_cannot_be_entered(ground):
    domain, user, password = ground.people["stranger"]
    identity = ground.identity()
    _, token = identity.sign_in(domain=domain, user=user, password=password)

    with pytest.raises(Unauthorized):
        identity.scope_to(token, ground.client().project_id)


def test_a_stranger_sees_nothing(ground, vip):
    api = NetworkAPI(ground.client("stranger"))

    assert api.list_ports(id=vip.id) == ()
    with pytest.raises(NotFound):
        api.get_port(vip.id)
    with pytest.raises(NotFound):
        api.set_address_pairs(vip.id, [])
    with pytest.raises(NotFound):
        api.delete_port(vip.id)
