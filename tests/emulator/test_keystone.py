from __future__ import annotations

import pytest

from tests import factories
from tests.emulator.conftest import Caller, password
from tests.emulator.profiles import OPENSTACK, OTC
from tests.factories import ProjectFactory, ServerFactory, UserFactory

TOKENS = "/v3/auth/tokens"
GENERIC = {
    "error": {
        "code": 401,
        "message": "The request you have made requires authentication.",
        "title": "Unauthorized",
    }
}


def issue(anonymous, body, **headers):
    return anonymous("POST", TOKENS, body, **headers)


def test_a_password_gives_a_token_of_the_project(anonymous, profile):
    answer = issue(anonymous, password())
    token = answer.json["token"]
    assert answer.line == "201 CREATED"
    assert token["methods"] == ["password"]
    assert token["project"]["domain"]["name"] == "acme"
    assert token["user"]["name"] == "demo"
    assert {role["name"] for role in token["roles"]} >= (
        {"te_admin"} if profile == "otc" else {"reader", "member"}
    )
    assert Caller(anonymous.emulator, answer.headers["x-subject-token"]).get("/v3/auth/projects")


@OTC
def test_otc_gives_long_tokens_for_a_day(anonymous):
    answer = issue(anonymous, password())
    token = answer.json["token"]
    assert len(answer.headers["x-subject-token"]) > 2500
    assert answer.headers["x-subject-token"].startswith("MII")
    assert token["issued_at"] == "2027-01-15T08:00:00.000000Z"
    assert token["expires_at"] == "2027-01-16T08:00:00.000000Z"
    assert {role["id"] for role in token["roles"]} == {"0"}
    assert token["user"]["password_expires_at"] == ""


@OPENSTACK
def test_openstack_gives_fernet_tokens_for_four_hours(anonymous):
    answer = issue(anonymous, password())
    token = answer.json["token"]
    assert answer.headers["x-subject-token"].startswith("gAAAA")
    assert token["expires_at"] == "2027-01-15T12:00:00.000000Z"
    assert token["is_domain"] is False
    assert token["audit_ids"]
    assert token["user"]["password_expires_at"] is None


@OTC
def test_otc_catalogue_of_the_documents(anonymous):
    token = issue(anonymous, password()).json["token"]
    project = token["project"]["id"]
    urls = {e["type"]: e["endpoints"][0]["url"] for e in token["catalog"]}
    host = "https://cloud.example"
    assert urls == {
        "identity": f"{host}/v3",
        "compute": f"{host}/compute/v2.1/{project}",
        "ecs": f"{host}/ecs/v1/{project}",
        "bms": f"{host}/bms/v1/{project}",
        "network": f"{host}/network",
        "vpc": f"{host}/vpc/v1/{project}",
        "image": f"{host}/image",
    }
    endpoints = {e["type"]: e["endpoints"] for e in token["catalog"]}
    assert [e["interface"] for each in endpoints.values() for e in each] == ["public"] * 7
    assert endpoints["identity"][0]["region"] == "*"
    assert endpoints["compute"][0]["region_id"] == "eu-de"


@OPENSTACK
def test_openstack_catalogue_has_three_interfaces_and_no_project(anonymous):
    token = issue(anonymous, password()).json["token"]
    assert {e["type"] for e in token["catalog"]} == {
        "identity",
        "placement",
        "compute",
        "network",
        "image",
    }
    compute = next(e for e in token["catalog"] if e["type"] == "compute")
    assert {e["interface"] for e in compute["endpoints"]} == {"public", "internal", "admin"}
    assert compute["endpoints"][0]["url"] == "https://cloud.example/compute/v2.1"
    assert compute["endpoints"][0]["region"] == "RegionOne"


def test_nocatalog_leaves_it_out(anonymous):
    answer = anonymous("POST", f"{TOKENS}?nocatalog=1", password())
    assert "catalog" not in answer.json["token"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "nonsense"},
        {"user": "nobody"},
        {"domain": "elsewhere"},
        {"scope": {"project": {"id": "nonsense"}}},
        {"scope": {"project": {"name": "foreign", "domain": {"name": "acme"}}}},
        {"scope": {"domain": {"name": "elsewhere"}}},
    ],
)
def test_whatever_is_wrong_the_answer_is_one_401(anonymous, other_project, wrong):
    answer = issue(anonymous, password(**wrong))
    assert answer.line == "401 UNAUTHORIZED"
    assert answer.json == GENERIC
    assert answer.headers["www-authenticate"] == 'Keystone uri="https://cloud.example/v3"'


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"auth": 1}', b'{"auth": {"identity": {}}}'])
def test_a_body_that_is_no_sign_in_is_400(anonymous, body):
    answer = issue(anonymous, body)
    assert (answer.status, answer.json["error"]["code"]) == (400, 400)


def test_user_and_project_by_id(anonymous):
    user = next(iter(factories.state().users.values()))
    project = factories.default_project()
    who = {"id": user.id, "password": "demo-password"}
    body = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": who}},
            "scope": {"project": {"id": project.id}},
        }
    }
    assert issue(anonymous, body).json["token"]["project"]["id"] == project.id


@OTC
def test_without_scope_otc_gives_a_token_of_the_domain(anonymous):
    token = issue(anonymous, password(scope=None)).json["token"]
    assert token["domain"]["name"] == "acme"
    assert "project" not in token
    assert "compute" not in {entry["type"] for entry in token["catalog"]}


@OPENSTACK
@pytest.mark.parametrize("scope", [None, {"unscoped": {}}, "unscoped"])
def test_without_scope_openstack_gives_a_bare_token(anonymous, scope):
    token = issue(anonymous, password(scope=scope)).json["token"]
    assert not token.keys() & {"project", "domain", "roles", "catalog"}


@OTC
def test_with_both_scopes_the_project_wins(anonymous):
    project = factories.default_project()
    both = {"project": {"id": project.id}, "domain": {"name": "acme"}}
    assert "project" in issue(anonymous, password(scope=both)).json["token"]


@OTC
def test_the_domain_of_a_project_may_be_left_out(anonymous):
    scope = {"project": {"name": "eu-de_prod"}}
    assert issue(anonymous, password(scope=scope)).status == 201


def rescope(anonymous, token, project):
    identity = {"methods": ["token"], "token": {"id": token}}
    return issue(anonymous, {"auth": {"identity": identity, "scope": {"project": {"id": project}}}})


def test_a_token_is_scoped_anew_and_keeps_its_end(anonymous, clock, profile):
    second = ProjectFactory(name="second")
    UserFactory(name="both", projects=[factories.default_project(), second])
    first = issue(anonymous, password("both", scope=None))
    clock.advance(60)
    answer = rescope(anonymous, first.headers["x-subject-token"], second.id)
    assert answer.json["token"]["project"]["name"] == "second"
    assert answer.json["token"]["expires_at"] == first.json["token"]["expires_at"]
    methods = ["token"] if profile == "otc" else ["token", "password"]
    assert answer.json["token"]["methods"] == methods


def test_a_token_that_is_none_cannot_be_scoped(anonymous):
    assert rescope(anonymous, "nonsense", factories.default_project().id).json == GENERIC


# a second factor


def with_passcode(body, passcode, methods=("password", "totp")):
    who = {"name": "mfa", "domain": {"name": "acme"}, "passcode": passcode}
    body["auth"]["identity"]["methods"] = list(methods)
    body["auth"]["identity"]["totp"] = {"user": who}
    return body


@pytest.fixture
def mfa(emulator):
    return UserFactory(name="mfa", passcode="123456")


def test_both_methods_at_once(anonymous, mfa, profile):
    token = issue(anonymous, with_passcode(password("mfa"), "123456")).json["token"]
    assert token["methods"] == ["password", "totp"]
    assert ("mfa_authn_at" in token) is (profile == "otc")


@OTC
def test_otc_says_401_without_and_400_with_a_wrong_passcode(anonymous, mfa):
    assert issue(anonymous, password("mfa")).json == GENERIC
    answer = issue(anonymous, with_passcode(password("mfa"), "000000"))
    assert (answer.status, answer.json["error_code"]) == (400, "IAM.1061")
    assert answer.json["error"]["code"] == 400


@OTC
def test_a_wrong_password_hides_a_wrong_passcode(anonymous, mfa):
    assert issue(anonymous, with_passcode(password("mfa", "no"), "000000")).json == GENERIC


@OPENSTACK
def test_a_receipt_stands_for_the_password(anonymous, mfa, clock):
    first = issue(anonymous, password("mfa"))
    assert first.status == 401
    assert first.json["required_auth_methods"] == [["password", "totp"]]
    receipt = first.headers["openstack-auth-receipt"]
    body = with_passcode(password("mfa"), "123456", methods=["totp"])
    del body["auth"]["identity"]["password"]
    assert issue(anonymous, body).status == 401
    assert issue(anonymous, body, openstack_auth_receipt=receipt).status == 201
    clock.advance(301)
    assert issue(anonymous, body, openstack_auth_receipt=receipt).status == 401


@OPENSTACK
def test_openstack_says_401_to_a_wrong_passcode(anonymous, mfa):
    assert issue(anonymous, with_passcode(password("mfa"), "000000")).json == GENERIC


# checking and revoking


def test_a_token_is_shown_and_its_head(demo):
    answer = demo.get(TOKENS, x_subject_token=demo.token)
    assert answer.json["token"]["user"]["name"] == "demo"
    assert answer.headers["x-subject-token"] == demo.token
    head = demo("HEAD", TOKENS, x_subject_token=demo.token)
    assert (head.status, head.body) == (200, b"")


def test_a_revoked_token_is_refused(demo):
    assert demo("DELETE", TOKENS, x_subject_token=demo.token).status == 204
    assert demo.ports().status == 401


def test_an_unknown_subject_is_404(demo):
    answer = demo("DELETE", TOKENS, x_subject_token="nonsense")
    assert (answer.status, answer.json["error"]["code"]) == (404, 404)


def test_somebody_elses_token_is_not_shown(demo, other):
    assert demo.get(TOKENS, x_subject_token=other.token).status == 403


def test_a_token_ends_when_its_time_is_over(demo, clock, profile):
    clock.advance(4 * 3600 - 1)
    assert demo.ports().status == 200
    clock.advance(20 * 3600 + 1)
    assert demo.ports().status == 401


@OPENSTACK
@pytest.mark.parametrize("path", ["/network/v2.0/ports", "/compute/v2.1/servers"])
def test_bad_and_missing_tokens_answer_alike(anonymous, emulator, path):
    missing = anonymous.get(path)
    garbage = Caller(emulator, "garbage").get(path)
    expected = (
        b'{"error": {"code": 401, "title": "Unauthorized", '
        b'"message": "The request you have made requires authentication."}}'
    )
    assert missing.line == garbage.line == "401 Unauthorized"
    assert missing.body == garbage.body == expected
    assert missing.headers["www-authenticate"] == 'Keystone uri="https://cloud.example/v3"'
    assert "x-openstack-nova-api-version" not in missing.headers


@OTC
def test_otc_answers_401_in_the_shape_of_each_family(anonymous):
    project = factories.default_project().id
    vpc = anonymous.get(f"/vpc/v1/{project}/vpcs")
    assert (vpc.status, vpc.json["code"]) == (401, "VPC.0008")
    neutron = anonymous.get("/network/v2.0/ports")
    assert neutron.json == {
        "error_msg": "The token must be updated",
        "error_code": "APIGW.0301",
    }
    nova = anonymous.get(f"/compute/v2.1/{project}/servers")
    assert nova.json["unauthorized"]["code"] == 401


# projects, regions


def test_the_projects_that_a_user_may_choose(demo, other_project, profile):
    body = demo.get("/v3/auth/projects").json
    (project,) = body["projects"]
    assert project["id"] == demo.project_id
    assert project["enabled"] is True
    assert project["links"]["self"].endswith(f"/v3/projects/{project['id']}")
    assert body["links"]["self"] == "https://cloud.example/v3/auth/projects"
    assert ("tags" in project) is (profile == "openstack")
    user = next(u for u in factories.state().users.values() if u.name == "demo")
    assert demo.get(f"/v3/users/{user.id}/projects").json["projects"] == body["projects"]


def test_a_token_without_project_lists_them_too(anonymous):
    answer = issue(anonymous, password(scope=None))
    caller = Caller(anonymous.emulator, answer.headers["x-subject-token"])
    assert len(caller.get("/v3/auth/projects").json["projects"]) == 1


def test_somebody_elses_projects_are_403(demo, other):
    user = next(u for u in factories.state().users.values() if u.name == "other")
    assert demo.get(f"/v3/users/{user.id}/projects").status == 403


def test_all_projects_are_for_administrators(demo, admin, other_project):
    assert demo.get("/v3/projects").status == 403
    assert len(admin.get("/v3/projects").json["projects"]) == 2
    assert len(admin.get("/v3/projects?name=foreign").json["projects"]) == 1


@OTC
def test_a_token_of_the_domain_lists_its_projects_in_pages(anonymous, other_project):
    answer = issue(anonymous, password(scope={"domain": {"name": "acme"}}))
    caller = Caller(anonymous.emulator, answer.headers["x-subject-token"])
    assert len(caller.get("/v3/projects").json["projects"]) == 2
    page = caller.get("/v3/projects?page=2&per_page=1").json["projects"]
    assert [project["name"] for project in page] == ["foreign"]


def test_one_project(demo, other_project):
    assert demo.get(f"/v3/projects/{demo.project_id}").json["project"]["id"] == demo.project_id
    assert demo.get(f"/v3/projects/{other_project.id}").status == 403
    assert demo.get("/v3/projects/nonsense").status == 404


def test_regions_domains_and_catalogue(demo, profile):
    region = "eu-de" if profile == "otc" else "RegionOne"
    assert [r["id"] for r in demo.get("/v3/regions").json["regions"]] == [region]
    assert demo.get("/v3/auth/catalog").json["catalog"]
    domains = demo.get("/v3/auth/domains").json["domains"]
    assert [d["name"] for d in domains] == (["acme"] if profile == "otc" else [])


def test_a_disabled_user_is_out(anonymous, demo):
    ServerFactory()
    next(u for u in factories.state().users.values() if u.name == "demo").enabled = False
    assert issue(anonymous, password()).status == 401
    assert demo.ports().status == 401
