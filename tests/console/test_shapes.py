from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from console import shapes
from tests.running import ROOT

MANY_AT_ONCE = """
import sys, threading
import msgspec
from console import shapes

sys.setswitchinterval(1e-6)
for _ in range(100):
    class Inner(msgspec.Struct, frozen=True):
        number: int
        words: "list[dict[str, int]]" = []
        more: "tuple[str, ...]" = ()

    class Outer(msgspec.Struct, frozen=True):
        inner: "Inner"
        others: "tuple[Inner, ...]" = ()
        names: "dict[str, str] | None" = None

    def read():
        together.wait()
        assert shapes.decode(b'{"inner": {"number": 1}}', Outer).inner.number == 1

    def take():
        together.wait()
        assert shapes.convert([{"inner": {"number": 2}}], tuple[Outer, ...])[0].inner.number == 2

    together = threading.Barrier(4)
    threads = [threading.Thread(target=one) for one in (read, take, read, take)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_a_type_first_used_by_many_threads_at_once():
    """In a process of its own: what goes wrong here ends it."""
    answer = subprocess.run(
        [sys.executable, "-c", MANY_AT_ONCE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (answer.returncode, answer.stderr) == (0, "")


def test_what_does_not_fit_is_told():
    with pytest.raises(msgspec.ValidationError, match=r"\[0\]"):
        shapes.convert(["a"], tuple[int, ...])
    with pytest.raises(msgspec.ValidationError, match="Expected `int`"):
        shapes.decode(b'"a"', int)
