"""The register of tasks: what jobs can do. Apps declare theirs in `tasks.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

Function = Callable[..., dict[str, Any]]


class Running(Protocol):
    """What a task sees of its own job."""

    attempt: int
    """Which try this is, counted from 1."""

    def report(self, progress: float | None, message: str) -> bool:
        """Show how far the work is (0 to 1, or unknown). Returns False when somebody asked to stop.

        May be called as often as the task likes: it writes at most every 0.3 s, and the last report before
        the end. Call it outside of transactions, or nobody sees it before they end.
        """


class TryLater(Exception):
    """Raised by a task whose means are away for now: the same job is tried again `after` a while.

    When the task's attempts are used up the job fails with `reason`.
    """

    def __init__(self, reason: str, *, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


class UnknownTask(LookupError):
    """No installed app declares this task."""


@dataclass(frozen=True)
class Task:
    """A declared task and its function, called as `function(scope, running, **arguments)`."""

    name: str
    function: Function
    lease_s: int
    attempts: int


_tasks: dict[str, Task] = {}


def task(name: str, *, lease_s: int = 60, attempts: int = 3) -> Callable[[Function], Function]:
    """Declare the decorated function as task `<app>.<noun>_<verb>`.

    It is called as `function(scope, running, **arguments)` in a process of its own, with a `SystemScope`,
    and returns a JSON object. It may run more than once (a worker can die after the work and before the
    note of it), so it must be repeatable. Any exception but `TryLater` ends the job as failed.

    Parameters
    ----------
    lease_s
        Seconds without a sign of life from its worker after which another worker takes the job over.
    attempts
        How often it is tried when its process dies or it raises `TryLater`.
    """

    def declare(function: Function) -> Function:
        _tasks[name] = Task(name, function, lease_s, attempts)
        return function

    return declare


def task_named(name: str) -> Task:
    """Return the declared task `name` or raise `UnknownTask`."""
    try:
        return _tasks[name]
    except KeyError:
        raise UnknownTask(f"No installed app declares the task {name!r}.") from None


def all_tasks() -> list[Task]:
    """Return every declared task, by name."""
    return [_tasks[name] for name in sorted(_tasks)]
