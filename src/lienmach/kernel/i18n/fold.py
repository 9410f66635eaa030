"""Keys by which Vietnamese text is compared: without marks, or without regard to where the tone mark stands.

>>> fold("Phường Thủ Dầu Một") == fold("phuong thu dau mot")
True
>>> tone_key("Hoà") == tone_key("Hòa") != tone_key("Hoá")
True
"""

import re
import unicodedata

_TONES = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "4", "\u0323": "5"}
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """Return text for searching: lower case, no diacritics, đ as d, single spaces. NFC and NFD give the
    same."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _SPACES.sub(" ", bare).strip()


def tone_key(text: str) -> str:
    """Return text for matching names: letters keep their shape, each word's tone goes to its end.

    `Hoà` and `Hòa` have one key; `Hoà` and `Hoá` do not, nor do `ô` and `o`.
    """
    return " ".join(_word_key(word) for word in unicodedata.normalize("NFD", text.casefold()).split())


def _word_key(word: str) -> str:
    tones = "".join(_TONES[letter] for letter in word if letter in _TONES)
    letters = "".join(letter for letter in word if letter not in _TONES)
    return unicodedata.normalize("NFC", letters) + tones
