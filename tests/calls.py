"""What the cloud's call log tells."""

from __future__ import annotations


def depth(calls):
    """The longest chain of calls of which each began after the one before it had ended."""
    deepest = 0
    chain: list[tuple[float, int]] = []
    for call in sorted(calls, key=lambda call: call.started):
        waited = max((level for ended, level in chain if ended <= call.started), default=0)
        chain.append((call.ended, waited + 1))
        deepest = max(deepest, waited + 1)
    return deepest
