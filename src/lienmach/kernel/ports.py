"""Ports: questions one app may ask of another without importing it.

A port is a Protocol defined here and filled by at most one app when the platform starts. Asking a port
that nobody fills raises `NotAvailable`, which the asker answers with words, never with a guess.
"""

from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from lienmach.kernel.scope import AreaScope, Scope

Port = TypeVar("Port")


class NotAvailable(Exception):
    """No installed app answers this question."""


class AlreadyFilled(Exception):
    """Two apps claim to answer the same question."""


_filled: dict[type, Any] = {}


def fill(port: type[Port], answer: Port) -> None:
    """Let `answer` stand behind `port`. Called by the app registry at start-up."""
    if port in _filled and _filled[port] is not answer:
        raise AlreadyFilled(f"The port {port.__name__} is filled twice: {_filled[port]!r} and {answer!r}.")
    _filled[port] = answer


def ask(port: type[Port]) -> Port:
    """Return what fills `port`.

    Raises
    ------
    NotAvailable
        When no installed app fills it.
    """
    if port not in _filled:
        raise NotAvailable(f"No installed app answers {port.__name__}.")
    return cast(Port, _filled[port])


class EnterpriseRegister(Protocol):
    """Who stands in the register of an area: filled by the register of enterprises."""

    def registered(self, scope: AreaScope) -> int:
        """Return how many enterprises stand in the area's register on the scope's day."""
        ...

    def organisations(self, scope: AreaScope) -> frozenset[UUID]:
        """Return the organisations that claimed an enterprise of the area."""
        ...


class ProofPages(Protocol):
    """Where the proof of an event can be looked at: filled by the app of proofs."""

    def of_member(self, scope: Scope, organisation: str, event: UUID) -> str:
        """Return where a member of the organisation with this slug sees the proof; empty if not allowed."""
        ...

    def of_anybody(self, event: UUID) -> str:
        """Return the address at which anybody sees an event's place in its log, and no content."""
        ...

    def check(self) -> str:
        """Return where anybody checks a proof file."""
        ...
