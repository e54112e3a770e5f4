"""The console as it is served, and besides it writes down each call to the cloud: one line of JSON
in the file that `NOTES` names, and one for each new connection.

Only what calls a page makes is found out with it; times are taken of the console as it is.
"""

from __future__ import annotations

import json
import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

KEPT = ("Accept", "OpenStack-API-Version", "X-OpenStack-Nova-API-Version")

application = import_module("console.wsgi").application
notes = Path(os.environ["NOTES"]).open("a", buffering=1)  # noqa: SIM115
_send, _connect = HTTPAdapter.send, HTTPConnection.connect


def _noted_send(self: Any, request: Any, *args: Any, **options: Any) -> Any:
    started = time.monotonic()
    answer = _send(self, request, *args, **options)
    headers = {name: request.headers[name] for name in KEPT if name in request.headers}
    call = {"method": request.method, "url": request.url, "headers": headers}
    # To the head of the answer; the body is read by whoever asked.
    line = {"call": call, "started": started, "ended": time.monotonic()}
    notes.write(json.dumps(line) + "\n")
    return answer


def _noted_connect(self: Any) -> None:
    _connect(self)
    notes.write(json.dumps({"connection": f"{self.host}:{self.port}"}) + "\n")


HTTPAdapter.send = _noted_send  # type: ignore[method-assign]
HTTPConnection.connect = _noted_connect  # type: ignore[method-assign]
