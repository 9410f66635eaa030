"""Kinds of messages: what an app can tell people, as words with places for parameters.

A message is kept as its kind and parameters, never as text: each reader gets it in their own language, and
a better wording reaches old messages too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

from lienmach.kernel.web import formatting

Words = str | Promise

_PLACE = re.compile(r"%\((\w+)\)s")


class UnknownKind(LookupError):
    """No installed app declares this kind of message."""


class WrongParameters(Exception):
    """The parameters of a message are not those that its kind's words have places for."""


@dataclass(frozen=True)
class Kind:
    """A declared kind: its lasting name and its words, with places written `%(name)s`."""

    name: str
    title: Words
    text: Words

    @property
    def places(self) -> frozenset[str]:
        """Names of the parameters that the words need."""
        return frozenset(_PLACE.findall(f"{self.title} {self.text}"))


_kinds: dict[str, Kind] = {}


def message_kind(name: str, *, title: Words, text: Words = "") -> Kind:
    """Declare a kind `<app>.<noun>_<past participle>`; `title` and `text` are lazy translations."""
    _kinds[name] = Kind(name, title, text)
    return _kinds[name]


def kind_named(name: str) -> Kind:
    """Return the declared kind `name` or raise `UnknownKind`."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"No installed app declares the message kind {name!r}.") from None


def all_kinds() -> list[Kind]:
    """Return every declared kind, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def kept(kind: Kind, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters as they are kept: text, whole numbers, and moments or days marked as such.

    Raises
    ------
    WrongParameters
        When one is missing, is not used by the words, or is of another type.
    """
    if set(parameters) != kind.places:
        raise WrongParameters(f"{kind.name} needs {sorted(kind.places)}, not {sorted(parameters)}.")
    return {name: _kept(kind, name, value) for name, value in parameters.items()}


def _kept(kind: Kind, name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise WrongParameters(
        f"{kind.name}: {name} is {type(value).__name__}: use text, a whole number, a day or a moment."
    )


def words(kind: str, parameters: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text of a kept message in the active language.

    A message whose app is no longer installed shows its kind's name rather than nothing.
    """
    try:
        declared = kind_named(kind)
    except UnknownKind:
        return kind, ""
    shown = {name: _shown(value) for name, value in parameters.items()}
    return str(declared.title) % shown, str(declared.text) % shown


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        if "moment" in value:
            return formatting.moment(datetime.fromisoformat(value["moment"]), zone=get_current_timezone())
        return formatting.day(date.fromisoformat(value["day"]))
    if isinstance(value, int):
        return formatting.number(value, language=formatting.language_of(get_language()))
    return str(value)
