from __future__ import annotations

import os
import secrets
import subprocess
import sys

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.console.conftest import KEY, ROOT

OTHER_KEY = "abcdefghij" * 6


# refused


@pytest.mark.parametrize("name", ["SECRET_KEY", "CLOUD_AUTH_URL"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_needed_must_be_there(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=f"{name} is not set"):
        read(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("HTTPS", "2"),
        ("TRUST_PROXY", "proxy.example"),
        ("CLOUD_AUTH_URL", "iam.example/v3"),
        ("CLOUD_AUTH_URL", "ftp://iam.example"),
        ("CLOUD_AUTH_URL", "https://"),
        ("CLOUD_AUTH_URL", "https://iam.example:port/v3"),
        ("CLOUD_AUTH_URL", "https://[broken"),
        ("CLOUD_AUTH_URL", "Embedded"),
        ("CLOUD_PROFILE", "aws"),
        ("CLOUD_INTERFACE", "private"),
        ("CLOUD_ENDPOINT_NETWORK", "neutron"),
        ("CLOUD_ENDPOINT_IDENTITY", "neutron"),
        ("CLOUD_ENDPOINT_COMPUTE", "neutron"),
        ("CLOUD_ENDPOINT_IMAGE", "neutron"),
        ("CLOUD_ENDPOINT_VPC", "neutron"),
        ("CLOUD_CA_BUNDLE", "/nowhere/ca.pem"),
        ("CLOUD_CONNECT_TIMEOUT", "soon"),
        ("CLOUD_CONNECT_TIMEOUT", "0"),
        ("CLOUD_READ_TIMEOUT", "nan"),
        ("CLOUD_READ_DEADLINE", "inf"),
        ("CLOUD_READ_RETRIES", "11"),
        ("CLOUD_WRITE_DEADLINE", "-1"),
        ("CLOUD_VIP_OWNERS", "acme:reserved,compute:nova"),
        ("CLOUD_VIP_OWNERS", "network:dhcp"),
        ("EMBEDDED_PROFILE", "both"),
        ("EMBEDDED_SERVERS", "many"),
        ("EMBEDDED_SERVERS", "1.5"),
        ("EMBEDDED_LATENCY_MS", "-1"),
        ("WEB_CONCURRENCY", "0"),
        ("SIGN_IN_ATTEMPTS_PER_USER", "0"),
        ("SIGN_IN_ATTEMPTS_PER_ADDRESS", "none"),
        ("SIGN_IN_WINDOW_MINUTES", "0"),
        ("SIGN_IN_WINDOW_MINUTES", "1000000000"),
        ("CSRF_TRUSTED_ORIGINS", "console.example.com"),
        ("CSRF_TRUSTED_ORIGINS", "https://ok.example,ftp://other.example"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://user:pw@db/console"),
        ("DATABASE_URL", "postgres://user:pw@db:port/console"),
        ("LOG_LEVEL", "LOUD"),
        ("STATIC_STORAGE", "storages.S3"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=f"^{name}"):
        read(**{name: value})


@pytest.mark.parametrize("key", ["guess-me", "0123456789" * 4 + "012345678", "abcd" * 20])
def test_a_key_that_is_easy_to_guess_is_refused_and_not_repeated(read, key):
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY is too easy to guess") as caught:
        read(SECRET_KEY=key)
    assert key not in str(caught.value)


def test_a_key_in_a_file_must_be_as_good(read, tmp_path):
    file = tmp_path / "key"
    file.write_text("guess-me\n", encoding="utf-8")
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY is too easy to guess"):
        read(SECRET_KEY=None, SECRET_KEY_FILE=str(file))


def test_the_shortest_key_that_is_taken(read):
    assert len(read(SECRET_KEY="0123456789" * 5)["SECRET_KEY"]) == 50


@pytest.mark.parametrize(
    "url", ["postgres://me:my-secret@db:port/x", "my-secret", "x://me:my-secret@h"]
)
def test_a_wrong_database_address_is_not_repeated(read, url):
    with pytest.raises(ImproperlyConfigured) as caught:
        read(DATABASE_URL=url)
    assert "my-secret" not in str(caught.value)


def test_several_workers_cannot_share_the_embedded_cloud(read):
    with pytest.raises(ImproperlyConfigured, match=r"^WEB_CONCURRENCY: .* one process"):
        read(CLOUD_AUTH_URL="embedded", WEB_CONCURRENCY="2")
    assert read(WEB_CONCURRENCY="2")["WEB_CONCURRENCY"] == 2


# files


def test_a_value_may_stand_in_a_file(read, tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{OTHER_KEY}\n", encoding="utf-8")
    assert read(SECRET_KEY=None, SECRET_KEY_FILE=str(file))["SECRET_KEY"] == OTHER_KEY
    assert read(SECRET_KEY="", SECRET_KEY_FILE=str(file))["SECRET_KEY"] == OTHER_KEY


def test_the_value_itself_comes_first(read, tmp_path):
    file = tmp_path / "key"
    file.write_text(OTHER_KEY, encoding="utf-8")
    assert read(SECRET_KEY=KEY, SECRET_KEY_FILE=str(file))["SECRET_KEY"] == KEY


def test_a_file_that_cannot_be_read_is_named(read, tmp_path):
    for file in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY_FILE: "):
            read(SECRET_KEY=None, SECRET_KEY_FILE=str(file))


def test_an_empty_file_is_no_value(read, tmp_path):
    file = tmp_path / "key"
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY is not set"):
        read(SECRET_KEY=None, SECRET_KEY_FILE=str(file))


# taken


@pytest.mark.parametrize("yes", ["1", "on", "TRUE", " yes "])
@pytest.mark.parametrize("no", ["0", "Off", "false", "NO"])
def test_yes_and_no_in_the_usual_spellings(read, yes, no):
    assert read(TRUST_PROXY=yes)["TRUST_PROXY"] is True
    assert read(TRUST_PROXY=no)["TRUST_PROXY"] is False


def test_an_empty_variable_is_none(read):
    settings = read(HTTPS="", ALLOWED_HOSTS="", CLOUD_READ_TIMEOUT="", LOG_LEVEL="")
    assert settings["HTTPS"] is True
    assert settings["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert settings["CLOUDS"][""].read_timeout == 8


def test_what_the_cloud_layer_is_told(read, tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    cloud = read(
        CLOUD_AUTH_URL="https://iam.example/v3/",
        CLOUD_PROFILE="otc",
        CLOUD_REGIONS="eu-de, eu-nl,",
        CLOUD_INTERFACE="internal",
        CLOUD_ENDPOINT_NETWORK="https://vpc.example/",
        CLOUD_CA_BUNDLE=str(bundle),
        CLOUD_READ_DEADLINE="5",
        CLOUD_READ_RETRIES="0",
        CLOUD_BMS_FLAVORS="physical.*",
        CLOUD_VIP_OWNERS="acme:reserved, acme:vip",
        CLOUD_READ_ONLY_ROLES="auditor",
    )["CLOUDS"][""]
    assert cloud.auth_url == "https://iam.example/v3"
    assert (cloud.profile, cloud.interface) == ("otc", "internal")
    assert cloud.regions == ("eu-de", "eu-nl")
    assert cloud.endpoints == {"network": "https://vpc.example"}
    assert cloud.verify == str(bundle)
    assert (cloud.read_deadline, cloud.write_deadline) == (5, 30)
    assert cloud.read_retries == 0
    assert cloud.bms_flavors == ("physical.*",)
    assert cloud.vip_owners == ("acme:reserved", "acme:vip")
    assert cloud.read_only_roles == {"auditor"}
    assert cloud.embedded is None


def test_the_demo_is_told_only_with_the_embedded_cloud(read):
    assert read()["DEMO"] is None
    assert read(CLOUD_AUTH_URL="embedded")["DEMO"]["username"] == "demo"


def test_the_embedded_cloud_is_as_large_as_asked(read):
    settings = read(CLOUD_AUTH_URL="embedded", EMBEDDED_SERVERS="60", EMBEDDED_PROFILE="openstack")
    cloud = settings["CLOUDS"][""].embedded()
    assert len(cloud.state.servers) >= 60
    assert cloud.state.profile == "openstack"
    assert settings["CLOUDS"][""].embedded() is cloud, "one for the whole process"


def test_all_that_is_written_lies_in_one_folder(read, tmp_path):
    settings = read(VAR_DIR=str(tmp_path))
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "console.sqlite3")
    assert settings["STATIC_ROOT"] == tmp_path / "static"
    assert read()["VAR_DIR"] == ROOT / "var"


def test_sqlite_waits_its_turn_and_postgresql_is_not_waited_for_long(read):
    sqlite = read()["DATABASES"]["default"]
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "WAL" in sqlite["OPTIONS"]["init_command"]
    postgresql = read(DATABASE_URL="postgres://me:pw@db.example:5433/console")["DATABASES"][
        "default"
    ]
    assert postgresql["ENGINE"] == "django.db.backends.postgresql"
    assert (postgresql["HOST"], postgresql["PORT"], postgresql["NAME"]) == (
        "db.example",
        5433,
        "console",
    )
    assert postgresql["OPTIONS"]["connect_timeout"] == 3
    assert postgresql["OPTIONS"]["tcp_user_timeout"] == 10_000


def test_what_the_databases_address_says_comes_first(read):
    database = read(DATABASE_URL="postgres://me@db/x?sslmode=require&connect_timeout=20")
    options = database["DATABASES"]["default"]["OPTIONS"]
    assert (options["sslmode"], options["connect_timeout"]) == ("require", 20)
    assert options["tcp_user_timeout"] == 10_000


def test_postgresql_takes_all_that_is_said_to_it(read, postgres):
    database = read(DATABASE_URL=postgres.url("postgres"))["DATABASES"]["default"]
    host, user = database["HOST"], database["USER"]
    with psycopg.connect(host=host, user=user, dbname="postgres", **database["OPTIONS"]) as it:
        assert it.execute("SELECT 1").fetchone() == (1,)


# security


def test_https_is_on_unless_switched_off(read):
    settings = read()
    for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        assert settings[name] is True, name
    assert settings["SECURE_HSTS_SECONDS"] >= 31536000
    off = read(HTTPS="off")
    assert off["SECURE_SSL_REDIRECT"] is off["SESSION_COOKIE_SECURE"] is False
    assert off["SECURE_HSTS_SECONDS"] == 0


def test_debug_is_off_unless_switched_on(read):
    assert read()["DEBUG"] is False


def test_the_proxys_word_on_https_counts_only_where_it_is_trusted(read):
    assert "SECURE_PROXY_SSL_HEADER" not in read()
    assert read(TRUST_PROXY="on")["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_every_cookie_is_closed_to_scripts_and_other_sites(read):
    settings = read()
    assert settings["SESSION_COOKIE_HTTPONLY"] is settings["CSRF_COOKIE_HTTPONLY"] is True
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_nothing_may_be_loaded_from_elsewhere(read):
    allowed = read()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert allowed["default-src"] == ["'self'"]
    assert {source for sources in allowed.values() for source in sources} == {"'self'", "'none'"}


def test_the_deployment_check_finds_nothing():
    answer = manage("check", "--deploy", "--fail-level", "INFO")
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


# the start


def environment(**more):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"SECRET_KEY": secrets.token_urlsafe(48), "CLOUD_AUTH_URL": "embedded"} | more


def run(*command, **more):
    return subprocess.run(
        [sys.executable, *command],
        env=environment(**more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def manage(*arguments, **more):
    return run("manage.py", *arguments, **more)


def test_a_wrong_value_stops_a_command_with_one_line():
    answer = manage("prepare", HTTPS="maybe")
    assert answer.returncode == 1
    assert answer.stderr == "HTTPS='maybe' is neither on nor off.\n"


@pytest.mark.parametrize(
    ("arguments", "wrong", "said"),
    [
        ([], {"HTTPS": "maybe"}, "HTTPS='maybe' is neither on nor off.\n"),
        ([], {"WEB_THREADS": "0"}, "WEB_THREADS='0' is not between 1 and 512.\n"),
        ([], {"PORT": "high"}, "PORT='high' is not a number.\n"),
        ([], {"WEB_CONCURRENCY": "3"}, "WEB_CONCURRENCY: the embedded cloud lives"),
        (["--workers", "2"], {}, "WEB_CONCURRENCY: the embedded cloud lives"),
        (["-w", "2"], {}, "WEB_CONCURRENCY: the embedded cloud lives"),
        ([], {"GUNICORN_CMD_ARGS": "--workers=2"}, "WEB_CONCURRENCY: the embedded cloud lives"),
    ],
)
def test_it_stops_the_server_with_one_line(arguments, wrong, said):
    answer = run("-m", "gunicorn", *arguments, "console.wsgi", **({"PORT": "0"} | wrong))
    assert answer.returncode == 1
    assert answer.stderr.startswith(said)
    assert answer.stderr.count("\n") == 1
    assert "listening" not in answer.stdout.lower()
