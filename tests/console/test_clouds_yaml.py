"""OS_CLOUD: the cloud is one of a clouds.yaml."""

from __future__ import annotations

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured

SECRET = "my-secret"
LAB = {
    "auth": {"auth_url": "http://keystone.lab:5000/v3/", "username": "me", "password": SECRET},
    "region_name": "lab-1",
    "interface": "internal",
    "network_endpoint_override": "http://neutron.lab:9696",
}
OTC = {
    "auth": {"auth_url": "https://iam.example"},
    "regions": ["eu-de", {"name": "eu-nl", "values": {}}],
    "endpoint_type": "publicURL",
}


@pytest.fixture
def clouds(read, tmp_path):
    """The clouds of the settings, by name: `clouds("lab,otc", CLOUD_REGIONS="x")`."""

    def settings(names, text=None, **environment):
        file = tmp_path / "clouds.yaml"
        default = yaml.safe_dump({"clouds": {"lab": LAB, "otc": OTC}})
        file.write_text(default if text is None else text, encoding="utf-8")
        given = {"CLOUD_AUTH_URL": None, "OS_CLIENT_CONFIG_FILE": str(file), "OS_CLOUD": names}
        return read(**given | environment)["CLOUDS"]

    return settings


@pytest.fixture
def cloud(clouds):
    """The only one."""

    def settings(name, text=None, **environment):
        [found] = clouds(name, text, **environment).values()
        return found

    return settings


def test_what_it_says_of_a_cloud_is_taken(cloud):
    found = cloud("lab")
    assert found.auth_url == "http://keystone.lab:5000/v3"
    assert found.regions == ("lab-1",)
    assert found.interface == "internal"
    assert found.endpoints == {"network": "http://neutron.lab:9696"}
    assert found.embedded is None


def test_regions_in_both_spellings_and_an_address_without_a_version(cloud):
    found = cloud("otc")
    assert found.auth_url == "https://iam.example/v3"
    assert found.regions == ("eu-de", "eu-nl")
    assert found.interface == "public"


def test_certificates_to_trust(cloud, tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    text = yaml.safe_dump({"clouds": {"lab": LAB | {"cacert": str(bundle)}}})
    assert cloud("lab", text).verify == str(bundle)


def test_variables_that_are_set_go_before_it(cloud):
    found = cloud("lab", CLOUD_REGIONS="lab-2", CLOUD_ENDPOINT_NETWORK="http://other:9696")
    assert found.regions == ("lab-2",)
    assert found.endpoints == {"network": "http://other:9696"}


def test_with_an_address_given_nothing_of_it_is_taken(cloud):
    found = cloud("lab", CLOUD_AUTH_URL="https://iam.example/v3")
    assert found.auth_url == "https://iam.example/v3"
    assert found.regions == ()
    assert found.endpoints == {}


def test_nothing_of_one_start_is_left_for_the_next(cloud, read):
    cloud("lab")
    assert read()["CLOUDS"][""].endpoints == {}


def test_it_is_found_where_the_tools_look(read, monkeypatch, tmp_path):
    folder = tmp_path / ".config/openstack"
    folder.mkdir(parents=True)
    (folder / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"lab": LAB}}))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert read(CLOUD_AUTH_URL=None, OS_CLOUD="lab")["CLOUDS"]["lab"].regions == ("lab-1",)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("prod", None, "'prod' is not in .* which has: lab, otc"),
        ("lab", "", "which has: none"),
        ("lab", "- just\n- a list", "which has: none"),
        ("lab", f"clouds: {{lab: {{auth: {{password: {SECRET}", "cannot be read"),
        ("lab", "clouds: {lab: {profile: otc}}", "auth.auth_url is missing. What vendor 'otc' is"),
        ("lab", "clouds: {lab: {auth: x}}", "auth.auth_url is missing"),
        ("lab", "clouds: {lab: {auth: {auth_url: 'https://x'}, verify: false}}", "verify is not"),
        ("lab", "clouds: {lab: {auth: {auth_url: 'https://x'}, regions: x}}", "regions is not"),
    ],
)
def test_what_cannot_be_used_is_refused(cloud, name, text, words):
    with pytest.raises(ImproperlyConfigured, match=rf"^OS_CLOUD.*{words}") as caught:
        cloud(name, text)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "clouds: {lab: {auth: {auth_url: 'ftp://x'}}}",
        "clouds: {lab: {auth: {auth_url: 'https://x'}, interface: none}}",
        "clouds: {lab: {auth: {auth_url: 'https://x'}, cacert: /nowhere}}",
    ],
)
def test_its_values_are_checked_like_the_variables(cloud, text):
    with pytest.raises(ImproperlyConfigured, match=r"^CLOUD_"):
        cloud("lab", text)


def test_a_file_that_is_not_there(cloud, tmp_path):
    with pytest.raises(ImproperlyConfigured, match=r"^OS_CLOUD.*no file"):
        cloud("lab", OS_CLIENT_CONFIG_FILE=str(tmp_path / "other.yaml"))


def test_several_are_offered_in_that_order(clouds):
    found = clouds("otc, lab", CLOUD_READ_DEADLINE="5")
    assert list(found) == ["otc", "lab"]
    assert found["otc"].endpoints == {}
    assert found["lab"].endpoints == {"network": "http://neutron.lab:9696"}
    assert {one.read_deadline for one in found.values()} == {5}


@pytest.mark.parametrize(
    ("name", "value"), [("CLOUD_REGIONS", "eu-de"), ("CLOUD_ENDPOINT_VPC", "https://x")]
)
def test_with_several_what_is_one_clouds_own_is_said_in_the_file(clouds, name, value):
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} is set, but OS_CLOUD names several"):
        clouds("otc,lab", **{name: value})
