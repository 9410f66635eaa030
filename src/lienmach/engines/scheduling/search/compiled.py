"""Numba where it is installed; otherwise the same functions in plain Python, with the same results.

Everything decorated here works on integers in NumPy arrays only, so that compiled and plain runs cannot
differ by rounding. What is compiled is kept on disk by Numba, so only the first run on a machine waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def _load() -> Any:
    try:
        import numba
    except ImportError:
        return None
    return None if vars(numba.config).get("DISABLE_JIT") else numba


_NUMBA = _load()

COMPILED = _NUMBA is not None
"""Whether the search runs compiled here."""


def njit(function: Function) -> Function:
    """The function compiled, or as it is."""
    return _compile(function, forceinline=False)


def inlined(function: Function) -> Function:
    """The same for a function that only compiled functions call: it becomes part of them.

    Handing over a tuple of many arrays costs more than most of these functions do.
    """
    return _compile(function, forceinline=True)


def _compile(function: Function, *, forceinline: bool) -> Function:
    if _NUMBA is None:
        return function
    options = {"cache": True, "boundscheck": False, "error_model": "numpy", "forceinline": forceinline}
    compiled: Function = _NUMBA.njit(**options)(function)
    return compiled
