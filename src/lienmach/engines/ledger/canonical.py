"""Canonical JSON (RFC 8785, JCS): one sequence of bytes for one value, whoever writes it.

`canonical` is the whole of RFC 8785. `exact` is what goes under a hash here: the same bytes, without floats,
because a quantity that went through binary fractions is no longer the quantity somebody wrote.
"""

import json
import math
from typing import Any

from .errors import Malformed

MAX_INTEGER = 2**53 - 1
_text = json.JSONEncoder(ensure_ascii=False).encode
_sorted = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value.

    Raises
    ------
    Malformed
        NaN, infinities, integers beyond 2^53-1, lone surrogates, keys that are not text, other types.
    """
    return _utf8("".join(_pieces(value)))


def exact(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value that holds no float and only ASCII keys.

    Raises
    ------
    Malformed
        As `canonical`, and for floats (write a decimal string) and other keys.
    """
    _check_exact(value)
    # For such values the standard encoder writes what RFC 8785 asks for, and it is written in C.
    return _utf8(_sorted(value))


def _check_exact(value: Any) -> None:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        _check_integer(value)
    elif kind is dict:
        for key, inner in value.items():
            if type(key) is not str or not key.isascii():
                raise Malformed(f"The key {key!r} is not ASCII text.")
            _check_exact(inner)
    elif kind is list:
        for inner in value:
            _check_exact(inner)
    elif kind is float:
        raise Malformed(f"{value!r} is a float: write the quantity as a decimal string.")
    else:
        raise Malformed(f"{kind.__name__} is not a JSON type.")


def _pieces(value: Any) -> list[str]:
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise Malformed("A key is not text.")
        members = [_text(key) + ":" + "".join(_pieces(value[key])) for key in sorted(value, key=_utf16_units)]
        return ["{", ",".join(members), "}"]
    if isinstance(value, list):
        return ["[", ",".join("".join(_pieces(inner)) for inner in value), "]"]
    if isinstance(value, float):
        return [_number(value)]
    if isinstance(value, int) and not isinstance(value, bool):
        _check_integer(value)
    elif not isinstance(value, str | bool) and value is not None:
        raise Malformed(f"{type(value).__name__} is not a JSON type.")
    return [_text(value)]


def _number(value: float) -> str:
    """A double as ECMAScript prints it: the shortest digits that read back, Python's rules rearranged."""
    if not math.isfinite(value):
        raise Malformed(f"{value!r} is not a JSON number.")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    scaled = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{sign}{scaled}e{point - 1:+d}"


def _check_integer(value: int) -> None:
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise Malformed(f"{value} is beyond 2^53-1: write it as a string.")


def _utf16_units(key: str) -> bytes:
    try:
        return key.encode("utf-16-be")
    except UnicodeEncodeError as error:
        raise Malformed(f"The key {key!r} is not Unicode text.") from error


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("A text holds a lone surrogate.") from error
