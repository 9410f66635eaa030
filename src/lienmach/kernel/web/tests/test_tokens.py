"""The colours can be read, in both themes, and the two places of the dark ones agree."""

import re

import pytest

from lienmach.kernel.web.tokens import _DECLARATION, contrast, stylesheet, tokens

MEANINGS = ("good", "watch", "bad", "idle", "information")
GROUNDS = ("ground", "surface", "sunken")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(theme):
    """WCAG 2.2 AA asks 4.5:1 of text, on every ground it may stand on."""
    colour = tokens(theme)
    pairs = [(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS]
    pairs += [("accent", ground) for ground in GROUNDS]
    pairs += [
        (meaning, ground) for meaning in MEANINGS for ground in ("surface", "ground", f"{meaning}-tint")
    ]
    pairs += [("ink", f"{meaning}-tint") for meaning in MEANINGS]
    pairs += [
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("accent-strong", "accent-tint"),
        ("ink", "accent-tint"),
    ]
    pairs += [("idle", "idle-hatch"), ("ink-2", "shade")]
    low = {pair: round(contrast(colour[pair[0]], colour[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_can_be_seen(theme):
    """WCAG 2.2 AA asks 3:1 of what shows where an input or the focus is."""
    colour = tokens(theme)
    for edge in ("line-strong", "focus"):
        for ground in GROUNDS:
            assert contrast(colour[edge], colour[ground]) >= 3, (edge, ground)


def test_both_dark_themes_are_the_same():
    """The system's wish and the person's choice look alike."""
    css = stylesheet()
    wished = css[css.index(':root:not([data-theme="light"]) {') :]
    wished = dict(_DECLARATION.findall(wished[: wished.index("}")]))
    chosen = css[css.index(':root[data-theme="dark"] {') :]
    chosen = dict(_DECLARATION.findall(chosen[: chosen.index("}")]))
    assert wished == chosen


def test_every_token_used_exists():
    """A misspelt token falls back to nothing without a word."""
    css = stylesheet()
    assert set(re.findall(r"var\(--([a-z0-9-]+)\)", css)) - set(tokens()) == set()


def test_colours_stand_in_the_tokens_only():
    """Outside the tokens and the print sheet only black and white of QR codes and shades are named."""
    css = stylesheet()
    body = css[css.index("/* ---- base") : css.index("/* ---- print")]
    assert set(re.findall(r": [^;{]*(#[0-9a-fA-F]{3,8})\b", body)) <= {"#ffffff"}


def test_nothing_is_fetched_from_elsewhere():
    assert not re.search(r"@import|url\(", stylesheet())


def test_lines_leave_room_for_stacked_marks():
    """Below 1.45 the marks of Ế and ộ touch the line above; labels in the Gantt are cut to one line."""
    heights = [float(value) for value in re.findall(r"line-height:\s*([0-9.]+)", stylesheet())]
    assert [height for height in heights if height < 1.45] in ([], [1.2])
