"""Problems and solutions as JSON documents, there and back without loss.

The documents are plain: one key per field of the dataclasses in `problem` and `solution`, fields at their
default left out, enumerations by value. `schema` names the kind and the version. Unknown keys are refused,
with their place, because a misspelt key that is silently ignored makes a wrong plan.
"""

from __future__ import annotations

import json
import types
import typing
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.solution import Solution

PROBLEM_SCHEMA = "lienmach.scheduling.problem/1"
SOLUTION_SCHEMA = "lienmach.scheduling.solution/1"

T = TypeVar("T")


class DocumentError(ValueError):
    """A document is not what its schema says; the message names the place in it."""


def problem_to_json(problem: Problem) -> str:
    """A problem as canonical JSON: the same problem gives the same text."""
    return _dump(PROBLEM_SCHEMA, problem)


def problem_from_json(text: str) -> Problem:
    """Read a problem.

    Raises
    ------
    DocumentError
        When the text is not such a document, or a value breaks a rule.
    ProblemError
        When the parts do not fit together.
    """
    return _load(PROBLEM_SCHEMA, Problem, text)


def solution_to_json(solution: Solution) -> str:
    """A solution as canonical JSON."""
    return _dump(SOLUTION_SCHEMA, solution)


def solution_from_json(text: str) -> Solution:
    """Read a solution; raises `DocumentError` when the text is not one."""
    return _load(SOLUTION_SCHEMA, Solution, text)


def plain(value: Any) -> Any:
    """A dataclass of this engine as dictionaries, lists, strings and numbers."""
    if is_dataclass(value):
        result = {}
        for declared in _public_fields(value.__class__):
            content = getattr(value, declared.name)
            if content != _default(declared):
                result[declared.name] = plain(content)
        return result
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def _dump(schema: str, value: object) -> str:
    return json.dumps({"schema": schema, **plain(value)}, ensure_ascii=False, separators=(",", ":"))


def _load(schema: str, kind: type[T], text: str) -> T:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"Line {error.lineno}, column {error.colno}: not JSON ({error.msg}).") from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        found = document.get("schema") if isinstance(document, dict) else type(document).__name__
        raise DocumentError(f"The document's \"schema\" must be '{schema}', not {found!r}.")
    document.pop("schema")
    return typing.cast(T, _build(kind, document, "$"))


def _build(annotation: Any, value: Any, place: str) -> Any:
    origin = typing.get_origin(annotation)
    if origin is types.UnionType or origin is typing.Union:
        if value is None:
            return None
        (annotation,) = (arg for arg in typing.get_args(annotation) if arg is not type(None))
        return _build(annotation, value, place)
    if origin is tuple:
        return _build_tuple(typing.get_args(annotation), value, place)
    if is_dataclass(annotation):
        return _build_dataclass(typing.cast(type, annotation), value, place)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        allowed = [member.value for member in annotation]
        if value not in allowed:
            raise DocumentError(f"{place}: must be one of {', '.join(allowed)}, not {value!r}.")
        return annotation(value)
    # bool is an int in Python, but `"duration": true` is a mistake
    if not isinstance(value, annotation) or (annotation is int and isinstance(value, bool)):
        raise DocumentError(f"{place}: must be {annotation.__name__}, not {value!r}.")
    return value


def _build_tuple(arguments: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise DocumentError(f"{place}: must be a list, not {value!r}.")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_build(arguments[0], item, f"{place}[{i}]") for i, item in enumerate(value))
    if len(value) != len(arguments):
        raise DocumentError(f"{place}: must have {len(arguments)} entries, not {len(value)}.")
    return tuple(
        _build(kind, item, f"{place}[{i}]")
        for i, (kind, item) in enumerate(zip(arguments, value, strict=True))
    )


def _build_dataclass(kind: type, value: Any, place: str) -> Any:
    if not isinstance(value, dict):
        raise DocumentError(f"{place}: must be an object, not {value!r}.")
    hints = _hints(kind)
    declared = {item.name: item for item in _public_fields(kind)}
    for key in value:
        if key not in declared:
            raise DocumentError(f"{place}.{key}: unknown key; known are {', '.join(sorted(declared))}.")
    for name, item in declared.items():
        if name not in value and _default(item) is MISSING:
            raise DocumentError(f"{place}.{name}: is missing.")
    arguments = {key: _build(hints[key], item, f"{place}.{key}") for key, item in value.items()}
    try:
        return kind(**arguments)
    except ValueError as error:
        if kind is Problem:
            raise
        raise DocumentError(f"{place}: {error}") from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _public_fields(kind: type) -> tuple[Field[Any], ...]:
    return tuple(item for item in fields(kind) if item.init)


def _default(declared: Field[Any]) -> Any:
    return declared.default
