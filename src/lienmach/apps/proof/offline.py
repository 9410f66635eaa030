"""The verification page as one file: no network, opened from a disk, put together from `verifier/`.

Its own content security policy names the hashes of its script and style and forbids everything else, any
connection included.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from lienmach import __version__

FOLDER = Path(__file__).parent / "verifier"
SCRIPTS = ("encoding.js", "formats.js", "checks.js", "words.js", "page.js")
NAME = "lienmach-verify.html"


@cache
def single_file() -> bytes:
    """Return the page."""
    script = '"use strict";\n(() => {\n' + "\n".join(_text(name) for name in SCRIPTS) + "})();\n"
    style = _text("page.css")
    page = _text("page.html")
    parts = {
        "script_hash": _hash(script),
        "style_hash": _hash(style),
        "version": __version__,
        "style": style,
        "script": script,
    }
    for name, part in parts.items():
        page = page.replace(f"{{{{ {name} }}}}", part, 1)
    return page.encode()


def single_file_hash() -> str:
    """Return the page's SHA-256 in hex, to be compared with the one we print."""
    return sha256(single_file()).hexdigest()


def _text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode("ascii")
