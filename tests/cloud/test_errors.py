"""What the cloud's refusals become: class, code, words, request id (cloud-api 1.9, 2.8, 3.12)."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest

from console.cloud import errors
from tests.cloud.conftest import Envelope
from tests.cloud.server import Answer

PROXY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
NEUTRON = {"NeutronError": {"type": "PortNotFound", "message": "No port p.", "detail": ""}}


def refusal(client, server, **answer):
    server.say(**answer)
    with pytest.raises(errors.CloudError) as caught:
        client.put("network", "/things/1", Envelope, json={})
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "words"),
    [
        (
            401,
            {"error": {"code": 401, "message": "Sign in again.", "title": "Unauthorized"}},
            errors.Unauthorized,
            "Unauthorized",
            "Sign in again.",
        ),
        (
            404,
            {"itemNotFound": {"code": 404, "message": "Instance x could not be found."}},
            errors.NotFound,
            "itemNotFound",
            "Instance x could not be found.",
        ),
        (404, NEUTRON, errors.NotFound, "PortNotFound", "No port p."),
        (
            404,
            {"code": "VPC.0504", "message": "EIP not found."},
            errors.NotFound,
            "VPC.0504",
            "EIP not found.",
        ),
        (
            400,
            {"error": {"code": "BMS.0018", "message": "Bad parameter."}},
            errors.BadRequest,
            "BMS.0018",
            "Bad parameter.",
        ),
        (
            403,
            {"error_msg": "No backend.", "error_code": "APIGW.0301"},
            errors.Forbidden,
            "APIGW.0301",
            "No backend.",
        ),
    ],
    ids=["keystone", "nova", "neutron", "vpc", "bms", "gateway"],
)
def test_the_six_error_bodies_keep_the_clouds_own_words(
    client, server, status, body, kind, code, words
):
    error = refusal(
        client, server, status=status, body=body, headers={"x-openstack-request-id": "req-7"}
    )
    assert type(error) is kind
    assert (error.code, error.message, error.status) == (code, words, status)
    assert (error.request_id, error.service) == ("req-7", "network")
    assert str(error) == words


@pytest.mark.parametrize(
    "header", ["X-Openstack-Request-Id", "x-compute-request-id", "X-Request-Id"]
)
def test_the_request_id_is_found_in_every_header_that_clouds_use(client, server, header):
    error = refusal(client, server, status=409, headers={header: "req-9"})
    assert error.request_id == "req-9"


def test_neutrons_detail_follows_its_message(client, server):
    body = {"NeutronError": {"type": "X", "message": "Refused.", "detail": "Two of them."}}
    assert refusal(client, server, status=409, body=body).message == "Refused. Two of them."


def test_a_neutron_error_that_is_only_a_text_is_kept(client, server):
    error = refusal(client, server, status=400, body={"NeutronError": "Unrecognized attribute"})
    assert (error.code, error.message) == ("", "Unrecognized attribute")


@pytest.mark.parametrize(
    "body",
    [
        PROXY_PAGE,
        b"",
        b"[]",
        b"null",
        b"{}",
        b"7",
        b'"text"',
        b'[{"message": "in a list"}]',
        b"\xff\xfe\x00{",
        b'{"message": "\xff\xfe"}',
        b'{"NeutronError": null}',
        b'{"NeutronError": [1, 2]}',
        b'{"error": {"message": {"deep": 1}, "code": [1]}}',
        b'{"message": null, "code": null}',
        b'{"error_msg": 5, "error_code": 5}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"message": NaN}',
    ],
)
def test_a_body_without_words_is_not_shown_and_breaks_nothing(client, server, body):
    error = refusal(client, server, status=418, body=body)
    assert type(error) is errors.BadRequest
    assert error.message == "HTTP 418 without a reason."


def test_a_huge_message_is_cut(client, server):
    error = refusal(client, server, status=400, body={"message": "x" * 2_000_000})
    assert error.message == "x" * 1000


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthorized),
        (402, errors.BadRequest),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.BadRequest),
        (406, errors.BadRequest),
        (408, errors.CloudTimeout),
        (409, errors.Conflict),
        (412, errors.Changed),
        (413, errors.BadRequest),
        (422, errors.BadRequest),
        (429, errors.TooManyCalls),
        (500, errors.CloudFault),
        (501, errors.CloudUnavailable),
        (502, errors.CloudUnavailable),
        (503, errors.CloudUnavailable),
        (504, errors.CloudTimeout),
        (599, errors.CloudUnavailable),
    ],
)
def test_each_status_has_its_class(client, server, status, kind):
    assert type(refusal(client, server, status=status, body=PROXY_PAGE)) is kind


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (500, "VPC.0701", errors.Conflict),
        (409, "VPC.0703", errors.QuotaExceeded),
        (409, "VPC.0521", errors.QuotaExceeded),
        (409, "VPC.0532", errors.QuotaExceeded),
        (409, "VPC.0512", errors.Conflict),
        (400, "IAM.1061", errors.Unauthorized),
    ],
)
def test_the_vpc_and_identity_codes_say_more_than_the_status(client, server, status, code, kind):
    body = {"code": code, "message": "No."}
    assert type(refusal(client, server, status=status, body=body)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((f"BMS.{number:04}", errors.QuotaExceeded) for number in range(25, 32)),
        ("BMS.0024", errors.BadRequest),
        ("BMS.0032", errors.BadRequest),
        ("BMS.0033", errors.Forbidden),
        ("BMS.0288", errors.Forbidden),
        ("BMS.0040", errors.NotFound),
        ("BMS.0212", errors.CloudUnavailable),
    ],
)
def test_bms_answers_400_to_everything_and_its_code_decides(client, server, code, kind):
    body = {"error": {"code": code, "message": "No."}}
    assert type(refusal(client, server, status=400, body=body)) is kind


@pytest.mark.parametrize(
    ("status", "type_", "kind"),
    [
        (409, "OverQuota", errors.QuotaExceeded),
        (409, "IpAddressGenerationFailure", errors.QuotaExceeded),
        (409, "IpAddressAlreadyAllocated", errors.Conflict),
        (409, "PortInUse", errors.Conflict),
        (412, "RevisionNumberConstraintFailed", errors.Changed),
        (400, "InvalidIpForSubnet", errors.BadRequest),
        (403, "PolicyNotAuthorized", errors.Forbidden),
    ],
)
def test_neutrons_types(client, server, status, type_, kind):
    body = {"NeutronError": {"type": type_, "message": "No.", "detail": ""}}
    error = refusal(client, server, status=status, body=body)
    assert (type(error), error.code) == (kind, type_)


def test_an_address_in_use_is_a_known_outcome_though_the_vpc_api_says_500(client, server):
    body = {"code": "VPC.0701", "message": "IP already in use."}
    assert not refusal(client, server, status=500, body=body).outcome_unknown


@pytest.mark.parametrize("status", [413, 429, 503])
def test_retry_after_in_seconds(client, server, status):
    assert refusal(client, server, status=status, headers={"Retry-After": "7"}).retry_after == 7


def test_retry_after_as_a_date(client, server):
    until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
    headers = {"Retry-After": format_datetime(until, usegmt=True)}
    assert refusal(client, server, status=429, headers=headers).retry_after in (29, 30)


def test_retry_after_in_the_past_means_now(client, server):
    headers = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert refusal(client, server, status=429, headers=headers).retry_after == 0


@pytest.mark.parametrize(
    "value", ["soon", "", "-5", "1.5", "²", "9" * 5000, "Wed, 99 Foo 2015", "1e3", "0x10"]
)
def test_a_senseless_retry_after_is_none(client, server, value):
    error = refusal(client, server, status=429, headers={"Retry-After": value})
    assert error.retry_after is None


def test_a_redirect_is_no_answer(client, server):
    error = refusal(client, server, status=302, headers={"Location": "/elsewhere"})
    assert type(error) is errors.BadAnswer
    assert error.status == 302


def test_every_class_has_its_own_headline():
    kinds = [errors.CloudError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert len(kinds) >= 12
    assert len({kind.headline for kind in kinds}) == len(kinds)


def test_the_words_of_a_read_are_kept_too(client, server):
    server.say(Answer(404, NEUTRON))
    with pytest.raises(errors.NotFound, match=r"No port p\."):
        client.get("network", "/things/1", Envelope)


def test_every_class_says_what_to_do_next():
    def kinds(kind):
        return {kind}.union(*map(kinds, kind.__subclasses__()))

    for kind in kinds(errors.CloudError):
        way_out = kind("no").way_out
        assert way_out.endswith("."), kind
        may_pass = issubclass(kind, errors.CloudUnavailable)
        assert way_out.startswith("Try again in a moment") == may_pass, kind
