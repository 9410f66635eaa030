"""The register of event types: every type an installed app records, its version and its typed body."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lienmach.kernel.evidence.envelope import Disclosure, EventBody, disclosure_of

Body = TypeVar("Body", bound=EventBody)

NAME = re.compile(r"^[a-z][a-z0-9]*\.[a-z][a-z0-9_]*_[a-z]+$")


class UnknownType(LookupError):
    """No installed app declares this event type."""


class BadDeclaration(Exception):
    """An event type is declared wrongly; the message says which and why."""


@dataclass(frozen=True)
class EventType:
    """A declared event type: its name, current version, and the class that reads every version of it."""

    name: str
    version: int
    body: type[EventBody]

    @property
    def description(self) -> str:
        """First line of the body's docstring: what has happened when this event is recorded."""
        return (self.body.__doc__ or "").strip().splitlines()[0]

    def fields_for(self, groups: frozenset[Disclosure]) -> frozenset[str]:
        """Return the names of the fields that readers of these disclosure groups may see."""
        return frozenset(
            name for name, info in self.body.model_fields.items() if disclosure_of(info) in groups
        )


_types: dict[str, EventType] = {}
_by_body: dict[type[EventBody], EventType] = {}


def event_type(name: str, *, version: int) -> Callable[[type[Body]], type[Body]]:
    """Declare the decorated body as event type `name` at `version`.

    Raises
    ------
    BadDeclaration
        For a name that is not `<app>.<noun>_<past participle>`, a body without a docstring, or a type
        declared twice.
    """

    def declare(body: type[Body]) -> type[Body]:
        if not NAME.match(name):
            raise BadDeclaration(f"Event type {name!r}: write it as <app>.<noun>_<past participle>.")
        if not (body.__doc__ or "").strip():
            raise BadDeclaration(f"Event type {name!r}: say in the docstring of its body what has happened.")
        known = _types.get(name)
        if known is not None and known.body.__qualname__ != body.__qualname__:
            raise BadDeclaration(f"Event type {name!r} is declared twice.")
        _types[name] = _by_body[body] = EventType(name, version, body)
        return body

    return declare


def type_named(name: str) -> EventType:
    """Return the declared type `name` or raise `UnknownType`."""
    try:
        return _types[name]
    except KeyError:
        raise UnknownType(f"No installed app declares the event type {name!r}.") from None


def type_of(body: EventBody) -> EventType:
    """Return the declared type whose body class is that of `body`."""
    try:
        return _by_body[type(body)]
    except KeyError:
        raise UnknownType(f"{type(body).__name__} is not declared with @event_type.") from None


def all_types() -> list[EventType]:
    """Return every declared type, by name."""
    return [_types[name] for name in sorted(_types)]
