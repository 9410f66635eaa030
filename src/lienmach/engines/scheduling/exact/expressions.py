"""Types of what CP-SAT's models are written in.

Its own unions admit NumPy scalars, with which no operator has a type.
"""

from __future__ import annotations

from typing import Any

Expression = Any
"""An integer variable, a sum of them, or an integer."""
Literal = Any
"""A Boolean variable, its negation, or 0 or 1."""
