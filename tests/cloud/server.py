"""A server on loopback that answers as it is told: also late, slowly, in parts, or not at all."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import socketserver
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any


@dataclass
class Answer:
    """`body` is sent as it is when it is bytes, as JSON otherwise.

    `delay` seconds pass before the first byte; `drip` seconds between the bytes of the body and
    `drip_head` between those of the head. `cut` ends the connection after so many bytes of the
    body, `raw` is sent instead of everything, `reset` resets the connection without any answer.
    """

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    drip: float = 0
    drip_head: float = 0
    cut: int | None = None
    chunked: bool = False
    zipped: bool = False
    close: bool = False
    reset: bool = False
    raw: bytes | None = None

    @property
    def content(self) -> bytes:
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return gzip.compress(content) if self.zipped else content

    @property
    def head(self) -> bytes:
        headers = {"Content-Type": "application/json", **self.headers}
        if self.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif self.status != 204:
            headers["Content-Length"] = str(len(self.content))
        if self.zipped:
            headers["Content-Encoding"] = "gzip"
        if self.close:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {self.status} OK", *(f"{k}: {v}" for k, v in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass
class Call:
    method: str
    path: str
    headers: Any
    body: bytes


class Server(socketserver.ThreadingTCPServer):
    """Gives the answers of `script` one after the other, then `otherwise` to every call."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: deque[Answer] = deque()
        self.otherwise = Answer()
        self.calls: list[Call] = []
        self.connections = 0
        self.meeting: threading.Barrier | None = None
        self.ended = threading.Event()
        self.left = threading.Event()  # a client hung up before it had everything
        self._tls = tls
        self._open: list[socket.socket] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def say(self, *answers, **answer):
        """What comes next: answers, or one described by keywords."""
        self.script.extend(answers or [Answer(**answer)])

    def get_request(self):
        connection, address = super().get_request()
        self.connections += 1
        if self._tls:
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        self._open.append(connection)
        return connection, address

    def handle_error(self, *_):
        """A client that goes away is part of the play."""

    def stop(self):
        self.ended.set()
        self.shutdown()
        self.server_close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = 0

    def log_message(self, *_):
        pass

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.calls.append(Call(self.command, self.path, self.headers, body))
        if self.server.meeting:
            self.server.meeting.wait(5)
        answer = self.server.script.popleft() if self.server.script else self.server.otherwise
        self.server.ended.wait(answer.delay)
        if answer.reset:
            self._reset()
        elif answer.raw is not None:
            self.wfile.write(answer.raw)
            self._hang_up()
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def _send(self, answer: Answer):
        content = answer.content
        whole = content if answer.cut is None else content[: answer.cut]
        if answer.drip_head:
            self._drip(answer.head, answer.drip_head)
        elif not (answer.chunked or answer.drip):
            self.wfile.write(answer.head + whole)
            whole = b""
        else:
            self.wfile.write(answer.head)
        if answer.chunked:
            self._send_chunks(whole, answer)
        elif answer.drip:
            self._drip(whole, answer.drip)
        else:
            self.wfile.write(whole)
        if answer.cut is not None or answer.close:
            self._hang_up()

    def _send_chunks(self, whole: bytes, answer: Answer):
        for start in range(0, len(whole), 7):
            part = whole[start : start + 7]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.server.ended.wait(answer.drip)
        if answer.cut is None:
            self.wfile.write(b"0\r\n\r\n")

    def _drip(self, content: bytes, seconds: float):
        for byte in content:
            if self.server.ended.wait(seconds):
                return
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                self.server.left.set()
                raise

    def _hang_up(self):
        self.close_connection = True

    def _reset(self):
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
