"""The mount for a cloud in memory: requests go to a WSGI application instead of to a socket."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Environ = dict[str, Any]
    WSGIApp = Callable[[Environ, Callable[..., object]], Iterable[bytes]]


class WSGIAdapter(HTTPAdapter):
    """Hands requests to a WSGI application in this process instead of to a socket.

    The same bytes are made and parsed as over a wire. The application stands for a broken wire by
    raising the builtin `TimeoutError`, `ConnectionResetError` or `ConnectionRefusedError`.
    """

    def __init__(self, load: Callable[[], object]) -> None:
        super().__init__()
        self._load = load

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        answer: dict[str, Any] = {}

        def start_response(
            status: str, headers: list[tuple[str, str]], *_: object
        ) -> Callable[[bytes], None]:
            answer.update(status=status, headers=headers)
            return lambda _: None

        application = cast("WSGIApp", self._load())
        try:
            body = b"".join(application(_environ(request), start_response))
        except TimeoutError as error:
            raise requests.ReadTimeout(str(error), request=request) from error
        except ConnectionError as error:
            raise requests.ConnectionError(error, request=request) from error
        status, _, reason = answer["status"].partition(" ")
        raw = HTTPResponse(
            body=io.BytesIO(body),
            headers=answer["headers"],
            status=int(status),
            reason=reason,
            preload_content=False,
            request_method=request.method,
        )
        return self.build_response(request, raw)


def _environ(request: requests.PreparedRequest) -> Environ:
    address = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(address.path, "latin-1"),
        "QUERY_STRING": address.query,
        "SERVER_NAME": address.hostname,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": address.netloc,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    headers = cast("Mapping[str, str | bytes]", request.headers)
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = text
    return environ
