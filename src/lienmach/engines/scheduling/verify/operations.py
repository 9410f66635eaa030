"""Rules that one operation, or two in sequence, can break by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from lienmach.engines.scheduling.problem import Commitment, Precedence
from lienmach.engines.scheduling.verify.report import Violation, ViolationKind
from lienmach.engines.scheduling.verify.view import Item, View


def placements(view: View) -> Iterator[Violation]:
    """Every operation once, on a machine that can do it."""
    known = {operation.id: job.id for job, operation in view.problem.operations()}
    for name in known:
        if name not in view.solution.by_operation:
            yield Violation(ViolationKind.PLACED, name, f"Operation {name} is not scheduled.")
    for placed in view.solution.operations:
        name = placed.operation
        if name not in known:
            yield Violation(ViolationKind.PLACED, name, f"Operation {name} is not part of the problem.")
        elif known[name] != placed.job:
            yield Violation(
                ViolationKind.PLACED,
                name,
                f"Operation {name} belongs to job {known[name]}, not {placed.job}.",
            )
        elif name not in view.items:
            yield Violation(
                ViolationKind.ELIGIBILITY, name, f"Operation {name} cannot be done on {placed.machine}."
            )


def commitments(view: View) -> Iterator[Violation]:
    """What is frozen or running stands where it stood."""
    for name, item in view.items.items():
        committed, placed = item.operation.committed, item.placed
        if committed is None:
            continue
        stays = placed.machine == committed.machine and placed.start == committed.start
        stays = stays and placed.operators == committed.operators
        if committed.kind is Commitment.FROZEN:
            stays = stays and placed.end == committed.end
        else:
            time = view.open_time(item, setup=False)
            left = time.between(view.problem.start, placed.end)
            early = placed.end > view.problem.start and time.between(placed.end - 1, placed.end) == 0
            stays = stays and left == committed.remaining and not early
            stays = stays and placed.end >= view.problem.start
        if not stays:
            yield Violation(
                ViolationKind.COMMITMENT,
                name,
                f"Operation {name} is {committed.kind} on {committed.machine} from {committed.start}, but "
                f"was placed on {placed.machine} {placed.start}..{placed.end}.",
            )


def durations(view: View) -> Iterator[Violation]:
    """The working time of operations outside batches."""
    for name, item in view.items.items():
        if item.committed or item.placed.batch is not None:
            continue
        yield from processing(view, name, item, item.mode.duration, item.operation.resumable)


def processing(view: View, name: str, item: Item, duration: int, resumable: bool) -> Iterator[Violation]:
    """Exactly the working time, in open time, and in one piece where it must be."""
    placed = item.placed
    time = view.open_time(item, setup=False)
    worked = time.between(placed.start, placed.end)
    place = f"Operation {name} on {placed.machine} {placed.start}..{placed.end}"
    if worked != duration:
        yield Violation(
            ViolationKind.DURATION, name, f"{place} gets {worked} working seconds, but needs {duration}."
        )
    elif duration == 0:
        if placed.start != placed.end:
            yield Violation(ViolationKind.DURATION, name, f"{place} takes time, but needs none.")
    elif not resumable and not time.in_one_interval(placed.start, placed.end):
        yield Violation(ViolationKind.CALENDAR, name, f"{place} pauses, but must not be interrupted.")
    elif not time.is_open(placed.start) or not time.is_open(placed.end - 1):
        yield Violation(ViolationKind.CALENDAR, name, f"{place} starts or ends in closed time.")


def dates(view: View) -> Iterator[Violation]:
    """Release, material and the plan's start."""
    for name, item in view.items.items():
        if item.committed:
            continue
        start = item.placed.start
        if item.placed.held_from < view.problem.start:
            yield Violation(ViolationKind.RELEASE, name, f"Operation {name} begins before the plan's start.")
        if start < item.job.release:
            yield Violation(
                ViolationKind.RELEASE,
                name,
                f"Operation {name} starts at {start}, before job {item.job.id}'s release {item.job.release}.",
            )
        for ready in item.operation.material:
            if start < ready.at:
                yield Violation(
                    ViolationKind.MATERIAL,
                    name,
                    f"Operation {name} starts at {start}, before its material is there ({ready.reason}: "
                    f"{ready.at}).",
                )


def precedences(view: View) -> Iterator[Violation]:
    """Waits between operations."""
    for precedence in view.problem.precedences:
        before, after = view.items.get(precedence.before), view.items.get(precedence.after)
        if before is None or after is None or (before.committed and after.committed):
            continue
        committed = after.operation.committed
        if committed is not None and committed.kind is Commitment.RUNNING:
            continue
        place = f"{precedence.before} -> {precedence.after}"
        wait = after.placed.start - before.placed.end
        if precedence.transfer_quantity is not None:
            yield from _transfer(view, before, after, precedence)
        elif wait < precedence.min_wait:
            yield Violation(
                ViolationKind.PRECEDENCE,
                precedence.after,
                f"{place}: the wait is {wait}, but must be at least {precedence.min_wait}.",
            )
        if precedence.max_wait is not None and wait > precedence.max_wait:
            yield Violation(
                ViolationKind.PRECEDENCE,
                precedence.after,
                f"{place}: the wait is {wait}, but must be at most {precedence.max_wait}.",
            )


def _transfer(view: View, before: Item, after: Item, precedence: Precedence) -> Iterator[Violation]:
    """With transfer batches: `after` starts after the first batch, and the last one comes before its end."""
    place = f"{precedence.before} -> {precedence.after}"
    quantity = precedence.transfer_quantity or 1
    done = before.placed.end + precedence.min_wait
    if not first_batch_there(view, before, after, precedence, after.placed.start):
        yield _too_early(place, after, f"the first {quantity} pieces are not there when it starts at")
    if loaded_together(before) or loaded_together(after):
        return
    pieces = after.operation.quantity
    last = -(-after.mode.duration * min(quantity, pieces) // pieces)
    worked = view.open_time(after, setup=False).between(done, after.placed.end)
    if worked < last or after.placed.end < done:
        yield _too_early(
            place, after, f"the last batch arrives at {done} and takes {last} working seconds; it starts at"
        )


def first_batch_there(view: View, before: Item, after: Item, precedence: Precedence, t: int) -> bool:
    """Whether the parts that `after` needs to begin have arrived at `t`."""
    quantity = precedence.transfer_quantity
    left_at = t - precedence.min_wait
    if quantity is None or loaded_together(before) or loaded_together(after):
        return left_at >= before.placed.end
    whole = before.mode.duration
    first = -(-whole * quantity // before.operation.quantity)
    left = view.open_time(before, setup=False).between(left_at, before.placed.end)
    return left_at >= before.placed.start and left <= whole - first


def _too_early(place: str, after: Item, why: str) -> Violation:
    return Violation(
        ViolationKind.PRECEDENCE, after.operation.id, f"{place}: {why} {after.placed.start}: too early."
    )


def loaded_together(item: Item) -> bool:
    """Whether pieces go in and come out as a whole: a recipe on a machine that loads several at once."""
    return item.operation.recipe is not None and item.machine.batch_capacity > 1
