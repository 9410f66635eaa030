"""The declared indicators that ship with the app, checked against the event types that apps record."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from lienmach.engines.indicators.declaration import Indicator, load
from lienmach.engines.indicators.schema import Assertion, EventSchema, FieldType, Register
from lienmach.kernel.evidence.envelope import Disclosure, disclosure_of
from lienmach.kernel.evidence.types import all_types

FIELD_TYPES: dict[Any, FieldType] = {
    str: FieldType.TEXT,
    int: FieldType.INT,
    bool: FieldType.BOOL,
    date: FieldType.DATE,
    datetime: FieldType.TIMESTAMP,
}
OTHER_FILES = ("disclosure.toml", "register.toml")


@dataclass(frozen=True)
class Threshold:
    """From a day on, a number needs at least so many firms behind it."""

    valid_from: date
    contributors: int
    basis: str


def event_schemas() -> list[EventSchema]:
    """Return every recorded event type with those of its fields that an indicator can use.

    Only public ones: a number is the same before and after its events are sealed, and nothing that can be
    erased is sealed.
    """
    return [
        EventSchema(
            declared.name,
            {
                name: FIELD_TYPES[kind]
                for name, info in declared.body.model_fields.items()
                if disclosure_of(info) is Disclosure.PUBLIC
                and (kind := _plain(info.annotation)) in FIELD_TYPES
            },
        )
        for declared in all_types()
    ]


def _plain(annotation: Any) -> Any:
    """The type of a field that may be absent."""
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        return kinds[0] if len(kinds) == 1 else None
    return annotation


@lru_cache(maxsize=1)
def indicators() -> tuple[Indicator, ...]:
    """Return the declared indicators, by id.

    Raises
    ------
    lienmach.engines.indicators.problems.DeclarationError
        With every problem of every file.
    """
    folder = files("lienmach.apps.targets").joinpath("indicators")
    sources = {
        file.name: file.read_text("utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".toml") and file.name not in OTHER_FILES
    }
    return tuple(sorted(load(sources, event_schemas()), key=lambda one: one.id))


def indicator_named(name: str) -> Indicator | None:
    """Return the declared indicator or None."""
    return next((one for one in indicators() if one.id == name), None)


@lru_cache(maxsize=1)
def register() -> Register:
    """Return which events say where a firm's evidence belongs."""
    data = tomllib.loads(_text("register.toml"))
    return Register(
        claims=tuple(Assertion(**one) for one in data["claim"]),
        locations=tuple(Assertion(**one) for one in data["location"]),
    )


@lru_cache(maxsize=1)
def thresholds() -> tuple[Threshold, ...]:
    """Return the disclosure thresholds, oldest first."""
    data = tomllib.loads(_text("disclosure.toml"))
    found = [Threshold(one["from"], one["contributors"], one["basis"]) for one in data["threshold"]]
    return tuple(sorted(found, key=lambda one: one.valid_from))


def threshold_on(day: date) -> Threshold:
    """Return the threshold that holds on a day; LookupError before the first."""
    for one in reversed(thresholds()):
        if one.valid_from <= day:
            return one
    raise LookupError(f"No disclosure threshold holds on {day}.")


def _text(name: str) -> str:
    return files("lienmach.apps.targets").joinpath("indicators", name).read_text("utf-8")
