"""Version documents: what independent clients fetch before anything else, without a token."""

from __future__ import annotations

from console.emulator.wire import JSON, Request, Response, Route, json_response

MAX_MICROVERSION = {"otc": (2, 60), "openstack": (2, 103)}
KEYSTONE_MINOR = {"otc": "v3.8", "openstack": "v3.14"}


def dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _self(url: str) -> list[JSON]:
    return [{"rel": "self", "href": url}]


def _media(service: str, version: str) -> list[JSON]:
    kind = f"application/vnd.openstack.{service}-{version}+json"
    return [{"base": "application/json", "type": kind}]


def _identity(request: Request) -> JSON:
    return {
        "id": KEYSTONE_MINOR[request.state.profile],
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": _self(f"{request.host_url}/v3/"),
        "media-types": _media("identity", "v3"),
    }


def identity_root(request: Request) -> Response:
    return json_response({"versions": {"values": [_identity(request)]}}, 300)


def identity(request: Request) -> Response:
    return json_response({"version": _identity(request)})


def _compute(request: Request) -> JSON:
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": dotted(MAX_MICROVERSION[request.state.profile]),
        "min_version": "2.1",
        "updated": "2013-07-23T11:33:21Z",
        "links": _self(f"{request.service_url}/v2.1/"),
    }


def compute_root(request: Request) -> Response:
    return json_response({"versions": [_compute(request)]})


def compute(request: Request) -> Response:
    version = _compute(request)
    version["links"].append(
        {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"}
    )
    media = {"base": "application/json"}
    media["type"] = "application/vnd.openstack.compute+json;version=2.1"
    return json_response({"version": {**version, "media-types": [media]}})


def network_root(request: Request) -> Response:
    version = {
        "id": "v2.0",
        "status": "CURRENT",
        "links": _self(f"{request.service_url}/v2.0/"),
    }
    return json_response({"versions": [version]})


def network(request: Request) -> Response:
    names = ("network", "subnet", "port", "router", "floatingip", "security-group", "quota")
    resources = [
        {
            "links": _self(f"{request.service_url}/v2.0/{name}s"),
            "name": name.replace("-", "_"),
            "collection": f"{name}s",
        }
        for name in names
    ]
    return json_response({"resources": resources})


def image_root(request: Request) -> Response:
    versions = [
        {"id": f"v2.{minor}", "status": status, "links": _self(f"{request.service_url}/v2/")}
        for minor, status in ((17, "CURRENT"), (16, "SUPPORTED"), (0, "SUPPORTED"))
    ]
    return json_response({"versions": versions}, 300)


IDENTITY = [Route("GET", "/", identity_root), Route("GET", "/v3", identity)]
COMPUTE = [Route("GET", "/", compute_root), Route("GET", "/v2.1", compute)]
NETWORK = [Route("GET", "/", network_root), Route("GET", "/v2.0", network)]
IMAGE = [Route("GET", "/", image_root), Route("GET", "/versions", image_root)]
