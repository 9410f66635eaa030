"""Whether a leaf, its openings and the columns of its event agree, all at once.

The leaf is written again from the event's columns and the commitments of its openings, the openings from the
event's columns; when every byte is the same there is nothing to find. Nearly every leaf of a sound log is of
that kind, so an audit takes the long way, which names what differs, only for the others.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from typing import Any

from lienmach.engines.ledger.commitments import PREFIX
from lienmach.kernel.evidence.log.pages import LeafRow

_PARTNER, _PRIVATE, _PUBLIC = "partner", "private", "public"
# Integers as bytes, so that 1, true and 1.0 are three different things.
_read = json.JSONDecoder(parse_int=str.encode).decode


def agrees(row: LeafRow, openings: Mapping[str, tuple[bytes, bytes]], author: str, organisation: str) -> bool:
    """Say whether everything about a leaf of a hosted author is as it was written.

    False means only that it has to be looked at closely: an erased group, a device's leaf, damage.
    """
    if len(openings) != 3 or row.type is None or row.organisation != organisation:
        return False
    try:
        (salt_t, partner), (salt_r, private), (salt_u, public) = (
            openings[_PARTNER],
            openings[_PRIVATE],
            openings[_PUBLIC],
        )
        time, at = row.time, row.time.ljust(26, "0") if "." in row.time else row.time + ".000000"  # type: ignore[union-attr,arg-type]
        recorded: str = row.recorded_at  # type: ignore[assignment]
        leaf = (
            f'{{"a":{{"k":"{author}"}},"c":{{"partner":"{sha256(PREFIX + salt_t + partner).hexdigest()}",'
            f'"private":"{sha256(PREFIX + salt_r + private).hexdigest()}",'
            f'"public":"{sha256(PREFIX + salt_u + public).hexdigest()}"}},"e":"{row.leaf_of}",'
            f'"k":"{row.type}","t":"{at[:10]}T{at[11:23]}Z","v":1}}'
        )
        if leaf.encode() != row.data or not len(salt_t) == len(salt_r) == len(salt_u) == 32:
            return False
        corrects = "" if row.corrects is None else f',"corrects":"{row.corrects}"'
        retract = ',"retract":true' if row.retract else ""
        tail = (
            f'{corrects},"origin":"{row.origin}","recorded_at":"{_moment(recorded)}"{retract},'
            f'"time":"{_moment(time)}","version":{row.version}}}'  # type: ignore[arg-type]
        )
        head = f'{{"actor":{quoted(row.actor)},"body":'  # type: ignore[arg-type]
        subject = f',"subject":{quoted(row.subject)}}}'  # type: ignore[arg-type]
        public_text, partner_text, private_text = public.decode(), partner.decode(), private.decode()
        if not (
            public_text.endswith(tail)
            and public_text.startswith('{"body":')
            and partner_text.endswith(subject)
            and partner_text.startswith('{"body":')
            and private_text.startswith(head)
        ):
            return False
        stored, one, two, three = _read(
            f"[{row.body},{public_text[8 : -len(tail)]},{partner_text[8 : -len(subject)]},"
            f"{private_text[len(head) : -1]}]"
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        return False
    return bool(stored == {**one, **two, **three})


def _moment(text: str) -> str:
    if len(text) == 26:
        return f"{text[:10]}T{text[11:]}+00:00"
    whole, _, fraction = text.partition(".")
    return f"{whole[:10]}T{whole[11:]}.{fraction.ljust(6, '0')}+00:00"


def strictly(value: Any) -> Any:
    """Return a JSON value so that equal means equal in JSON: true is not 1, and 1.0 is what 1 is."""
    if isinstance(value, dict):
        return {name: strictly(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [strictly(inner) for inner in value]
    return (type(value).__name__, value) if isinstance(value, bool) else value
