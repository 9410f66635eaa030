"""One English string has one translation: Django joins the catalogues, and the first one wins everywhere."""

from collections import defaultdict
from pathlib import Path

import pytest

read_po = pytest.importorskip("babel.messages.pofile", reason="Babel is a development tool").read_po

PACKAGE = Path(__file__).parents[3]


def test_one_translation_for_one_string():
    """Two translations of one string would depend on the order of the apps; pgettext tells meanings apart."""
    said = defaultdict(lambda: defaultdict(list))
    for path in sorted(PACKAGE.glob("**/locale/vi/LC_MESSAGES/django.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="vi"):
                if message.id and message.string and not isinstance(message.string, tuple):
                    said[message.context, message.id][message.string].append(path.parts[-5])
    torn = {ids: dict(strings) for ids, strings in said.items() if len(strings) > 1}
    assert not torn
