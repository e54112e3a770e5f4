"""Signing in to Keystone, choosing a project and signing out, against the embedded cloud."""

from __future__ import annotations

import datetime as dt

import pytest

from console import session
from console.cloud.auth import Identity
from console.cloud.errors import CloudTimeout, CloudUnavailable, NotFound, Unauthorized
from console.emulator.faults import Fault
from tests.factories import ProjectFactory, UserFactory, default_project
from vpc.api import NetworkAPI

pytestmark = pytest.mark.parametrize("profile", ["otc", "openstack"])


@pytest.fixture
def identity(emulator, settings):
    return Identity(session.shared_session(""), settings.CLOUDS[""])


@pytest.fixture
def token(identity):
    return identity.sign_in(domain="acme", user="demo", password="demo-password")[1]


def refusal(identity, domain="acme", user="demo", password="demo-password", passcode=""):
    with pytest.raises(Unauthorized) as caught:
        identity.sign_in(domain=domain, user=user, password=password, passcode=passcode)
    return caught.value


def test_a_sign_in_gives_the_user_and_a_token_that_ends(identity):
    user, token = identity.sign_in(domain="acme", user="demo", password="demo-password")
    assert (user.name, user.domain_name) == ("demo", "acme")
    assert token.text
    assert token.expires_at.tzinfo is dt.UTC
    assert token.expires_at > dt.datetime.now(dt.UTC)


def test_no_part_of_the_credentials_is_betrayed(identity):
    wrong = [
        refusal(identity, password="nonsense"),
        refusal(identity, user="nobody"),
        refusal(identity, domain="nowhere"),
        refusal(identity, domain="", user="", password=""),
    ]
    told = {(error.message, error.code, error.status, error.retry_after) for error in wrong}
    assert len(told) == 1


@pytest.mark.parametrize("text", ["' OR 1=1 --", "ünïcödé ☃", "a\x00b", "x" * 5000, '"}]}', "\n"])
def test_hostile_credentials_are_only_wrong_ones(identity, text):
    for part in ("domain", "user", "password"):
        assert refusal(identity, **{part: text})


def test_an_account_with_a_passcode_is_let_in_with_it(identity):
    UserFactory(name="mfa", passcode="123456")
    user, _ = identity.sign_in(
        domain="acme", user="mfa", password="mfa-password", passcode="123456"
    )
    assert user.name == "mfa"


@pytest.mark.parametrize(
    ("password", "passcode"),
    [("mfa-password", ""), ("mfa-password", "654321"), ("nonsense", "123456"), ("nonsense", "")],
    ids=["passcode missing", "passcode wrong", "password wrong", "both wrong"],
)
def test_an_account_with_a_passcode_is_refused_without_the_right_one(identity, password, passcode):
    UserFactory(name="mfa", passcode="123456")
    assert refusal(identity, user="mfa", password=password, passcode=passcode)


def test_the_projects_are_those_of_the_user_by_name(identity):
    for name in ("zebra", "Alpha"):
        ProjectFactory(name=name)
    mine = [ProjectFactory(name=name) for name in ("beta", "Aleph", "alpine")]
    UserFactory(name="ann", projects=mine)
    _, token = identity.sign_in(domain="acme", user="ann", password="ann-password")
    names = [project.name for project in identity.list_projects(token)]
    assert names == ["Aleph", "alpine", "beta"]


def test_the_bookkeeping_of_object_storage_is_no_project(identity):
    UserFactory(name="ann", projects=[ProjectFactory(name="MOS"), ProjectFactory(name="MOSAIC")])
    _, token = identity.sign_in(domain="acme", user="ann", password="ann-password")
    assert [project.name for project in identity.list_projects(token)] == ["MOSAIC"]


def test_a_user_without_a_project_has_none(identity):
    UserFactory(name="lonely", projects=[])
    _, token = identity.sign_in(domain="acme", user="lonely", password="lonely-password")
    assert identity.list_projects(token) == ()


def test_a_token_is_scoped_to_a_project(identity, token):
    project = default_project()
    scope = identity.scope_to(token, project.id)
    assert (scope.project.id, scope.project.name) == (project.id, project.name)
    assert scope.token.text != token.text
    assert scope.roles
    assert {"compute", "network", "image"} <= scope.catalog.keys()


def test_one_sign_in_opens_several_projects(identity):
    first, second = ProjectFactory(), ProjectFactory()
    UserFactory(name="ann", projects=[first, second])
    _, token = identity.sign_in(domain="acme", user="ann", password="ann-password")
    scopes = [identity.scope_to(token, project.id) for project in (first, second)]
    assert [scope.project.id for scope in scopes] == [first.id, second.id]


def test_a_passcode_is_asked_for_once(identity):
    """The project's token is bought with the first token, not with the password again."""
    UserFactory(name="mfa", passcode="123456")
    _, token = identity.sign_in(
        domain="acme", user="mfa", password="mfa-password", passcode="123456"
    )
    assert identity.scope_to(token, default_project().id).token.text


def test_no_way_leads_into_another_ones_project(identity, token):
    foreign = ProjectFactory()
    with pytest.raises(Unauthorized):
        identity.scope_to(token, foreign.id)
    with pytest.raises(Unauthorized):
        identity.scope_to(token, "no-such-project")


def test_the_profile_follows_from_the_token(cloud, profile):
    assert cloud.profile == profile


def test_a_reader_is_known_by_the_roles(open_cloud):
    UserFactory(name="viewer", roles="reader")
    assert open_cloud().can_write
    assert not open_cloud("viewer").can_write


def test_a_revoked_token_opens_nothing(identity, token, cloud):
    identity.revoke(token)
    with pytest.raises(Unauthorized):
        identity.list_projects(token)
    with pytest.raises(Unauthorized):
        identity.scope_to(token, default_project().id)


def test_a_revoked_projects_token_ends_the_work(identity, cloud):
    assert NetworkAPI(cloud).list_ports() == ()
    identity.revoke(cloud.scope.token)
    with pytest.raises(Unauthorized):
        NetworkAPI(cloud).list_ports()


def test_revoking_twice_is_refused_in_a_way_that_can_be_told(identity, token):
    identity.revoke(token)
    with pytest.raises((Unauthorized, NotFound)):
        identity.revoke(token)


def test_keystone_answers_a_ping_without_any_token(identity, emulator):
    assert identity.ping() is None
    assert [call.path for call in emulator.log] == ["/v3"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [("refused", CloudUnavailable), ("timeout", CloudTimeout), ("status", CloudUnavailable)],
)
def test_a_ping_says_when_keystone_does_not_answer(identity, emulator, kind, error):
    emulator.faults.add(Fault("GET", r"^/v3$", kind, status=503))
    with pytest.raises(error):
        identity.ping()


def test_a_sign_in_is_never_sent_twice(identity, emulator):
    """Accounts are locked after a few wrong passwords."""
    emulator.faults.add(Fault("POST", "/v3/auth/tokens", "reset", times=None))
    with pytest.raises(CloudUnavailable):
        identity.sign_in(domain="acme", user="demo", password="demo-password")
    assert len(emulator.log) == 1
