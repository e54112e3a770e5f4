from __future__ import annotations

from functools import partial
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from console import session
from console.cloud.errors import CloudError
from console.cloud.transport import Deadline
from console.middleware import signed_out_ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

READY_SECONDS = 2
"""Whoever asks `/readyz` waits no longer than this, whatever hangs."""

NO_ANSWER = f"No answer within {READY_SECONDS} seconds."
_waiting = BoundedSemaphore(16)
"""How many questions may be open: one that hangs keeps its thread, and probes come all day."""


@signed_out_ok
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up."""
    return JsonResponse({"status": "ok"})


@signed_out_ok
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database and the cloud's identity endpoint answer; 503 with the reasons otherwise.
    Both are asked at once, so what is wrong with either is told."""
    deadline = Deadline(READY_SECONDS)
    asked = {"database": _ask(_database)}
    for name in settings.CLOUDS:
        asked[f"cloud {name}".strip()] = _ask(partial(_cloud, name))
    answers = {name: _answer(answer, deadline) for name, answer in asked.items()}
    if reasons := {name: reason for name, reason in answers.items() if reason}:
        return JsonResponse({"status": "not ready", "reasons": reasons}, status=503)
    return JsonResponse({"status": "ok"})


def _database() -> str:
    """Why it is of no use now; empty when it answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return f"The database does not answer ({type(error).__name__})."
    finally:
        connection.close()
    return ""


def _cloud(name: str) -> str:
    try:
        session.identity(name, seconds=READY_SECONDS).ping()
    except CloudError as error:
        return error.message
    return ""


def _ask(question: Callable[[], str]) -> SimpleQueue[str]:
    """Ask on a thread of its own. A driver or a look-up of a name that hangs can be left behind
    there, and does not hold up the end of the process either."""
    answer: SimpleQueue[str] = SimpleQueue()

    def ask() -> None:
        try:
            answer.put(question())
        finally:
            _waiting.release()

    if _waiting.acquire(blocking=False):
        Thread(target=ask, daemon=True, name="readyz").start()
    else:
        answer.put(NO_ANSWER)
    return answer


def _answer(answer: SimpleQueue[str], deadline: Deadline) -> str:
    try:
        return answer.get(timeout=deadline.remaining)
    except Empty:
        return NO_ANSWER
