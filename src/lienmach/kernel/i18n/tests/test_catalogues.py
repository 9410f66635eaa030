"""The catalogues: complete in Vietnamese, and safe to fill in."""

import re
from pathlib import Path

import pytest

read_po = pytest.importorskip("babel.messages.pofile", reason="Babel is a development tool").read_po

PACKAGE = Path(__file__).parents[3]
CATALOGUES = sorted(PACKAGE.glob("**/locale/vi/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|%[sd]|\{[a-z_0-9]*\}")


def messages(path):
    """Every message of a catalogue as (msgid, plural or None, translations)."""
    with path.open("rb") as stream:
        for message in read_po(stream, locale="vi"):
            if not message.id:
                continue
            many = isinstance(message.id, tuple)
            ids = message.id if many else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            yield ids, strings, message


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(PACKAGE).parts[1])
def test_placeholders_survive_translation(path):
    """A translation that loses or invents a placeholder breaks the page it stands on."""
    wrong = []
    for ids, strings, _message in messages(path):
        wanted = {frozenset(PLACEHOLDER.findall(text)) for text in ids}
        allowed = frozenset().union(*wanted)
        for said in filter(None, strings):
            found = frozenset(PLACEHOLDER.findall(said))
            # A plural has one form in Vietnamese, which may say the number where the singular says "one".
            if not (found <= allowed and (found in wanted or len(ids) > 1)):
                wrong.append((ids[0], said))
    assert not wrong


@pytest.mark.parametrize("part", ["web", "i18n"])
def test_vietnamese_is_complete(part):
    """Nothing of the page furniture and of log-in is left in English."""
    path = PACKAGE / "kernel" / part / "locale" / "vi" / "LC_MESSAGES" / "django.po"
    missing = [ids[0] for ids, strings, message in messages(path) if message.fuzzy or not all(strings)]
    assert not missing


def test_words_of_libraries_are_still_theirs():
    """A string that changed upstream would appear in English without anybody noticing."""
    import allauth
    import django

    upstream = set()
    for package, folders in (
        (django, ("conf", "contrib/auth", "contrib/humanize")),
        (allauth, (".",)),
    ):
        for folder in folders:
            path = Path(package.__file__).parent / folder / "locale/en/LC_MESSAGES/django.po"
            with path.open("rb") as stream:
                upstream |= {(message.context, message.id) for message in read_po(stream) if message.id}
    singular = {(context, words[0] if isinstance(words, tuple) else words) for context, words in upstream}
    ours = PACKAGE / "kernel" / "i18n" / "locale" / "vi" / "LC_MESSAGES" / "django.po"
    gone = [ids[0] for ids, _strings, message in messages(ours) if (message.context, ids[0]) not in singular]
    assert not gone
