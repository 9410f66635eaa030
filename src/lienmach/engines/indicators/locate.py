"""Finds the line of a key in a TOML text, because the standard parser keeps no positions."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*\[\[?\s*([\w.\-\"]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([\w\-\"]+(?:\.[\w\-\"]+)*)\s*=")


def line_of(text: str, path: str) -> int:
    """The 1-based line on which the longest known prefix of a dotted path stands; 0 when none does."""
    best, best_length = 0, 0
    table: list[str] = []
    wanted = [part for part in re.split(r"[.\[\]]", path) if part and not part.isdigit()]
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header.group(1).replace('"', "").split(".")
            here = table
        elif key := _KEY.match(line):
            here = table + key.group(1).replace('"', "").split(".")
        else:
            continue
        if len(here) > best_length and here == wanted[: len(here)]:
            best, best_length = number, len(here)
    return best
