"""Names as an enemy, or just a person from elsewhere, would give them."""

from __future__ import annotations

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
QUOTES = (
    "\"' onmouseover='alert(3)' x=\" autofocus onfocus=alert(4) `${alert(5)}` {{ 7*7 }} &amp; \\"
)
LONG = "a" * 255
RIGHT_TO_LEFT = "\u202eخادم قاعدة البيانات \u200f" * 5  # noqa: RUF001
EMOJI = "🚀 火箭 👩‍👩‍👧‍👦 " * 20

NAMES = {
    "script": SCRIPT,
    "quotes": QUOTES,
    "long": LONG,
    "right to left": RIGHT_TO_LEFT,
    "emoji": EMOJI,
}
