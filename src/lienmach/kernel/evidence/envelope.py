"""The envelope: what every evidence event carries, whatever it is about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

ERASED = "$erased"
"""Key in an event's stored body that lists the groups erased from it; no field can be called so."""


class Origin(StrEnum):
    """Who vouches for an event. Numbers show the mix; a log shows only that nothing was changed since."""

    SELF_REPORTED = "self-reported"
    INSTRUMENT = "instrument"
    CONFIRMED = "confirmed"


class Disclosure(StrEnum):
    """Who may be shown a field: anybody, the partner of the transaction, or the organisation alone."""

    PUBLIC = "public"
    PARTNER = "partner"
    PRIVATE = "private"


class EventBody(BaseModel):
    """Base of every typed body. Immutable; unknown fields are refused.

    Later versions of a type only add fields, and added fields have a default, so that one class reads
    every version of its type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


def _field(disclosure: Disclosure, **kwargs: Any) -> Any:
    return Field(json_schema_extra={"disclosure": disclosure.value}, **kwargs)


def public(**kwargs: Any) -> Any:
    """Declare a body field that anybody may see."""
    return _field(Disclosure.PUBLIC, **kwargs)


def partner(**kwargs: Any) -> Any:
    """Declare a body field that the partner of the transaction may see too."""
    return _field(Disclosure.PARTNER, **kwargs)


def private(**kwargs: Any) -> Any:
    """Declare a body field for the organisation alone (also the default of an undeclared one)."""
    return _field(Disclosure.PRIVATE, **kwargs)


def disclosure_of(field: FieldInfo) -> Disclosure:
    """Return the disclosure group of a body field."""
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "disclosure" in extra:
        return Disclosure(str(extra["disclosure"]))
    return Disclosure.PRIVATE


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event as readers see it.

    Attributes
    ----------
    event_id
        UUIDv7.
    type, version
        `<app>.<noun>_<past participle>` and the version its author wrote.
    time, recorded_at
        When it happened; when we learnt of it. Both aware, UTC.
    organisation
        Whose log it belongs to.
    subject
        What it is about, as `<noun>:<identifier>`.
    actor
        A pseudonym, never a name.
    origin
        Who vouches for it.
    corrects, retract
        The event this one replaces; with `retract` it replaces it by nothing.
    body
        The typed body's fields that the reader may see.
    withheld
        Names of the fields the reader may not see, or that were erased.
    position
        Place in the platform's sequence, `None` while waiting in the outbox.
    """

    event_id: UUID
    type: str
    version: int
    time: datetime
    recorded_at: datetime
    organisation: UUID
    subject: str
    actor: str
    origin: Origin
    body: dict[str, Any]
    corrects: UUID | None = None
    retract: bool = False
    withheld: tuple[str, ...] = ()
    position: int | None = None
