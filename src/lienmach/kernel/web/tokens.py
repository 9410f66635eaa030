"""The design tokens as data, read from the stylesheet: colours are written once, and charts follow them."""

import re
from functools import cache
from pathlib import Path

STYLESHEET = Path(__file__).parent / "static" / "web" / "lienmach.css"

_DECLARATION = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")


@cache
def stylesheet() -> str:
    """Return the stylesheet's text, for pages that open alone."""
    return STYLESHEET.read_text(encoding="utf-8")


@cache
def tokens(theme: str = "light") -> dict[str, str]:
    """Return the tokens of a theme, `light` or `dark`, name (without dashes) → value."""
    text = stylesheet()
    found = dict(_DECLARATION.findall(_block(text, ":root {")))
    if theme == "dark":
        found |= dict(_DECLARATION.findall(_block(text, ':root[data-theme="dark"] {')))
    elif theme != "light":
        raise ValueError(f"theme {theme!r} not understood; there are 'light' and 'dark'.")
    return found


def _block(text: str, opening: str) -> str:
    start = text.index(opening)
    return text[start : text.index("}", start)]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours `#rrggbb` (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
