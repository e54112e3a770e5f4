"""The portal's own look: its name, its logo and its accent colour, from the settings.

Of one colour the shades are made that the light and the dark theme need, so that text in it, and on
it, can be read whatever colour it is (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

RGB = tuple[int, int, int]

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
LIGHT_GROUNDS = (WHITE, (244, 246, 249), (247, 249, 251), (238, 242, 250))
DARK_GROUNDS = ((22, 29, 39), (14, 19, 26), (26, 34, 46), (32, 43, 58))
"""What text in the accent stands on, beside its own soft shade: `--surface`, `--page`,
`--surface-soft` and `--surface-hover` of static/css/tokens.css."""
TEXT_CONTRAST = 4.6
"""WCAG asks for 4.5; the rest is for rounding."""
MOST_LOGO_BYTES = 200 * 1024
LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}


@dataclass(frozen=True)
class Logo:
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Branding:
    """`accent` is empty where the console's own is meant, `logo` None likewise."""

    name: str
    accent: str = ""
    logo: Logo | None = None

    @cached_property
    def version(self) -> str:
        """Changes with what a browser may have kept."""
        logo = (self.logo.content_type.encode(), self.logo.content) if self.logo else ()
        return sha256(b"\n".join((self.css.encode(), *logo))).hexdigest()[:12]

    @cached_property
    def css(self) -> str:
        """What replaces the tokens of the accent."""
        return accent_css(self.accent) if self.accent else ""


def read_logo(path: str) -> Logo | None:
    """Raises `ImproperlyConfigured` where the file can be none."""
    if not path:
        return None
    content_type = LOGO_TYPES.get(Path(path).suffix.lower())
    if content_type is None:
        raise ImproperlyConfigured(f"PORTAL_LOGO: {path} is none of {', '.join(LOGO_TYPES)}.")
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ImproperlyConfigured(f"PORTAL_LOGO: {path} cannot be read ({error}).") from error
    if len(content) > MOST_LOGO_BYTES:
        raise ImproperlyConfigured(f"PORTAL_LOGO: {path} is larger than 200 KiB.")
    return Logo(content, content_type)


def accent_css(accent: str) -> str:
    """`accent` as `#rrggbb`."""
    colour = parse(accent)
    soft_light, soft_dark = mixed(colour, WHITE, 0.9), mixed(colour, DARK_GROUNDS[0], 0.75)
    fill = readable(colour, (WHITE,), BLACK)
    on_light, on_dark = (*LIGHT_GROUNDS, soft_light), (*DARK_GROUNDS, soft_dark)
    tokens = {
        "accent": (readable(colour, on_light, BLACK), readable(colour, on_dark, WHITE)),
        "accent-fill": (fill, fill),
        "accent-fill-hover": (mixed(fill, BLACK, 0.15), mixed(fill, BLACK, 0.15)),
        "accent-soft": (soft_light, soft_dark),
    }
    lines = [
        f"  --{name}: light-dark({text_of(light)}, {text_of(dark)});"
        for name, (light, dark) in tokens.items()
    ]
    return "\n".join([":root {", *lines, "}", ""])


def readable(colour: RGB, grounds: tuple[RGB, ...], towards: RGB) -> RGB:
    """The colour, as far towards black or white as text needs on each of these grounds."""
    for step in range(101):
        shade = mixed(colour, towards, step / 100)
        if all(contrast(shade, ground) >= TEXT_CONTRAST for ground in grounds):
            return shade
    return towards


def contrast(one: RGB, other: RGB) -> float:
    """From 1 to 21, as WCAG defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: RGB, other: RGB, part: float) -> RGB:
    """`part` of the other one in it."""
    red, green, blue = (
        round(mine + (theirs - mine) * part) for mine, theirs in zip(colour, other, strict=True)
    )
    return red, green, blue


def parse(text: str) -> RGB:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def text_of(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _luminance(colour: RGB) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
