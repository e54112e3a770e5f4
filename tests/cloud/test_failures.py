"""Connections that fail, and what is then known about a write."""

from __future__ import annotations

import datetime as dt
import ssl
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from console.cloud.errors import (
    BadAnswer,
    CloudError,
    CloudTimeout,
    CloudUnavailable,
    ServiceMissing,
)
from tests.cloud.conftest import Envelope
from tests.cloud.server import Answer, Server

GOOD = {"thing": {"id": "a"}}
WRITES = {
    "POST": lambda client: client.post("network", "/things", Envelope, json={}),
    "PUT": lambda client: client.put("network", "/things/a", Envelope, json={}),
    "DELETE": lambda client: client.delete("network", "/things/a"),
}


@pytest.fixture
def patience():
    return 0.3


def failure(client, method="PUT"):
    with pytest.raises(CloudError) as caught:
        WRITES[method](client)
    return caught.value


BROKEN = {
    "reset": (Answer(reset=True), CloudUnavailable),
    "no answer": (Answer(delay=1), CloudTimeout),
    "closed": (Answer(raw=b""), CloudUnavailable),
    "cut head": (Answer(raw=b"HTTP/1.1 2"), CloudUnavailable),
    "no HTTP": (Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), CloudUnavailable),
    "senseless status": (Answer(raw=b"HTTP/1.1 abc OK\r\n\r\n"), CloudUnavailable),
    "two lengths": (
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nabcde"),
        CloudUnavailable,
    ),
    "endless head": (Answer(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000), CloudUnavailable),
    "too many headers": (
        Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
        CloudUnavailable,
    ),
    "cut body": (Answer(body=GOOD, cut=7), CloudUnavailable),
    "cut chunks": (Answer(body=GOOD, cut=7, chunked=True), CloudUnavailable),
    "senseless chunk": (
        Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"),
        CloudUnavailable,
    ),
    "cut packed body": (Answer(body=GOOD, cut=12, zipped=True), CloudUnavailable),
    "not packed": (
        Answer(body=b'{"thing": 1}', headers={"Content-Encoding": "gzip"}),
        BadAnswer,
    ),
    "cut refusal": (Answer(400, {"message": "x" * 99}, cut=20), CloudUnavailable),
}


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize(("answer", "kind"), BROKEN.values(), ids=BROKEN.keys())
def test_a_write_that_was_sent_and_not_answered_has_an_unknown_outcome(
    client, server, answer, kind, method
):
    server.otherwise = answer
    error = failure(client, method)
    assert type(error) is kind
    assert error.outcome_unknown
    assert error.service == "network"
    assert len(server.calls) == 1


@pytest.mark.parametrize("more", [{"cut": 5}, {"drip": 1}], ids=["cut", "slow"])
def test_an_answer_that_broke_off_keeps_its_request_id(client, server, more):
    server.otherwise = Answer(body=GOOD, headers={"x-openstack-request-id": "req-3"}, **more)
    assert failure(client).request_id == "req-3"
    assert client.request_ids == ("req-3",)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"<html>", b"null", b'{"thing": null}', b"[" * 99_999, b"\xff"]
)
def test_a_write_answered_with_nonsense_has_an_unknown_outcome(client, server, body):
    server.otherwise = Answer(body=body)
    error = failure(client)
    assert type(error) is BadAnswer
    assert error.outcome_unknown


@pytest.mark.parametrize("status", [408, 500, 501, 502, 503, 504])
def test_a_write_that_broke_the_cloud_has_an_unknown_outcome(client, server, status):
    server.otherwise = Answer(status)
    assert failure(client).outcome_unknown


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 409, 412, 413, 422, 429])
def test_a_write_that_was_refused_has_a_known_outcome(client, server, status):
    server.otherwise = Answer(status)
    assert not failure(client).outcome_unknown


@pytest.mark.parametrize("answer", [answer for answer, _ in BROKEN.values()], ids=BROKEN.keys())
def test_a_read_has_no_outcome_that_could_be_unknown(client, server, answer):
    server.otherwise = answer
    with pytest.raises(CloudError) as caught:
        client.get("network", "/things/a", Envelope)
    assert not caught.value.outcome_unknown


def test_a_write_to_where_nobody_listens_was_not_made(client, server):
    server.stop()
    error = failure(client)
    assert type(error) is CloudUnavailable
    assert error.message == "Could not connect to the network service."
    assert not error.outcome_unknown


@pytest.mark.parametrize("path", ["/refused", "/resolve", "/Connection refused"])
def test_words_in_an_address_do_not_make_a_broken_connection_a_refused_one(connect, server, path):
    server.otherwise = Answer(reset=True)
    error = failure(connect(url=f"{server.url}{path}"))
    assert error.message == "The network service broke the connection."
    assert error.outcome_unknown


def test_a_host_that_has_no_address(connect):
    error = failure(connect(url="http://nowhere.invalid"))
    assert type(error) is CloudUnavailable
    assert error.message == "Could not connect to the network service."
    assert not error.outcome_unknown


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "/network",
        "ftp://127.0.0.1",
        "http://",
        "http:///network",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://exa mple/",
        "http://" + "a" * 300 + "/",
        "http://..",
        "javascript:alert(1)",
        "\x00",
    ],
)
def test_an_address_that_is_none_is_said_to_be_none(connect, url):
    error = failure(connect(url=url))
    assert isinstance(error, BadAnswer | CloudUnavailable)
    assert not error.outcome_unknown


def test_a_service_that_the_catalogue_lacks(connect, server):
    client = connect(catalog={"compute": {"here": server.url}})
    error = failure(client)
    assert type(error) is ServiceMissing
    assert "'network' in region here" in error.message
    assert not error.outcome_unknown


def test_a_service_that_is_elsewhere_only(connect, server):
    client = connect(catalog={"network": {"there": server.url}})
    assert type(failure(client)) is ServiceMissing
    assert not client.offers("network")


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cloud.example")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "cloud.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return str(path)


@pytest.fixture
def secure_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server(tls=context)
    yield server
    server.stop()


def test_a_certificate_that_is_not_trusted(connect, secure_server):
    error = failure(connect(url=secure_server.url))
    assert type(error) is CloudUnavailable
    assert error.message == "The certificate of the network service is not trusted."
    assert not error.outcome_unknown
    assert secure_server.calls == []


def test_a_certificate_of_a_bundle_of_our_own_is_trusted(connect, secure_server, certificate):
    secure_server.otherwise = Answer(body=GOOD)
    client = connect(url=secure_server.url, ca_bundle=certificate)
    assert client.get("network", "/things/a", Envelope).thing.id == "a"


def test_a_secure_answer_that_drips_is_cut_off_at_the_deadline(connect, secure_server, certificate):
    secure_server.otherwise = Answer(body=GOOD, drip=0.05, drip_head=0.005)
    client = connect(seconds=0.5, url=secure_server.url, ca_bundle=certificate)
    with pytest.raises(CloudTimeout):
        client.get("network", "/things/a", Envelope)
    assert client.deadline.remaining == 0
    assert len(secure_server.calls) == 1


def test_a_secure_connection_that_breaks_has_an_unknown_outcome(
    connect, secure_server, certificate
):
    secure_server.otherwise = Answer(raw=b"")
    error = failure(connect(url=secure_server.url, ca_bundle=certificate))
    assert error.outcome_unknown


def test_a_server_that_speaks_no_tls(connect, server):
    error = failure(connect(url=server.url.replace("http:", "https:")))
    assert type(error) is CloudUnavailable
    assert "certificate" not in error.message
