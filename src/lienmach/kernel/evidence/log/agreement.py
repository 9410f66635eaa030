"""Whether a leaf, its openings and the columns of its event agree, all at once.

The leaf is written again from the event's columns and the commitments of its openings, the openings from the
event's columns; when every byte is the same there is nothing to find. Nearly every leaf of a sound log is of
that kind, so an audit takes the long way, which names what differs, only for the others.
"""

import json
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from typing import Any

from lienmach.engines.ledger.commitments import PREFIX
from lienmach.kernel.evidence.log.pages import Openings, text_of

_BODY = b'{"body":'
_RETRACT = ',"retract":true'
# Integers as bytes, so that 1, true and 1.0 are three different things.
_read = json.JSONDecoder(parse_int=str.encode).raw_decode


def agrees(row: tuple[Any, ...], openings: Openings, author: str, organisation: Any) -> bool:
    """Say whether everything about a leaf of a hosted author is as it was written.

    `row` is a `LeafRow`, plain. False means only that it has to be looked at closely: an erased group, a
    device's leaf, damage.
    """
    (_place, leaf_of, data, _event, kind, version, time, recorded, whose, subject, actor, origin, corrects,
     retract, body) = row  # fmt: skip
    if len(openings) != 3 or kind is None or whose != organisation:
        return False
    try:
        salt_t, partner = openings["partner"]
        salt_r, private = openings["private"]
        salt_u, public = openings["public"]
        if len(time) != 26:
            time = _full(time)
        if len(recorded) != 26:
            recorded = _full(recorded)
        leaf = (
            f'{{"a":{{"k":"{author}"}},"c":{{"partner":"{sha256(PREFIX + salt_t + partner).hexdigest()}",'
            f'"private":"{sha256(PREFIX + salt_r + private).hexdigest()}",'
            f'"public":"{sha256(PREFIX + salt_u + public).hexdigest()}"}},"e":"{text_of(leaf_of)}",'
            f'"k":"{kind}","t":"{time[:10]}T{time[11:23]}Z","v":1}}'
        )
        if leaf.encode() != data or not len(salt_t) == len(salt_r) == len(salt_u) == 32:
            return False
        more = "" if corrects is None else f',"corrects":"{text_of(corrects)}"'
        tail = (
            f'{more},"origin":"{origin}","recorded_at":"{recorded[:10]}T{recorded[11:]}+00:00"'
            f'{_RETRACT if retract else ""},"time":"{time[:10]}T{time[11:]}+00:00","version":{version}}}'
        ).encode()
        head = f'{{"actor":{quoted(actor)},"body":'.encode()
        end = f',"subject":{quoted(subject)}}}'.encode()
        if not (
            public.endswith(tail)
            and public.startswith(_BODY)
            and partner.endswith(end)
            and partner.startswith(_BODY)
            and private.startswith(head)
        ):
            return False
        texts = b"%b,%b,%b" % (public[8 : -len(tail)], partner[8 : -len(end)], private[len(head) : -1])
        stored, one, two, three = _read(f"[{body},{texts.decode()}]")[0]
    except (KeyError, ValueError, TypeError, AttributeError):
        return False
    return bool(stored == {**one, **two, **three})


def _full(text: str) -> str:
    """Return a time with all six digits, as SQLite leaves them out when they are zero."""
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(6, '0')}"


def strictly(value: Any) -> Any:
    """Return a JSON value so that equal means equal in JSON: true is not 1, and 1.0 is what 1 is."""
    if isinstance(value, dict):
        return {name: strictly(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [strictly(inner) for inner in value]
    return (type(value).__name__, value) if isinstance(value, bool) else value
