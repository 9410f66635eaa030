"""A shop and a schedule as arrays, for `kernel`, and back.

What the arrays cannot say is left to other searches: people, batches, maximum waits, and frozen operations
that something movable stands in front of (`anneal.worthwhile`).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lienmach.engines.scheduling.calendar import ALWAYS_OPEN
from lienmach.engines.scheduling.draft import Draft
from lienmach.engines.scheduling.floor import Booking, Placement
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.search import kernel
from lienmach.engines.scheduling.shop import Shop

Ints = NDArray[np.int64]
Narrow = NDArray[np.int32]

_ROOM = 4
"""A calendar without a break counts as always open when it lasts so many times as long as the first plan."""
WATCHED = 160
"""Targets that are watched at once, at most."""
_TABLE = 4096
_STAGES = 64


class Board(NamedTuple):
    """A shop and a schedule of it, as `kernel` takes them; rows and columns are named there.

    Times are seconds after the shop's start.
    """

    ops: Ints
    """One column per operation, and one more that ends the last one's entries."""
    alts: Ints
    """One row per alternative."""
    pre: Ints
    """Operation before, wait."""
    suc: Ints
    """Operation after, wait."""
    finals: Ints
    """Operations that may be the end of their target."""
    machines: Ints
    targets: Ints
    """One column per target."""
    cal_ptr: Ints
    windows: Ints
    """Start, end, open seconds before."""
    setups: Ints
    """Table, family before, family after."""
    tails: Narrow
    """Per operation: to each watched target, and to the end of everything."""
    watch: Narrow
    weights: Ints
    watched: Ints
    """Weight and number of each watched target."""
    exits: Ints
    outlets: Ints
    reg: Ints
    noise: Ints
    """Gumbel and exponential noise in 1/1024, temperatures."""


def _ints(values: Sequence[object]) -> Ints:
    return np.array(values, dtype=np.int64)


def _pairs(rows: list[list[tuple[int, int]]]) -> Ints:
    return np.array([pair for row in rows for pair in row], dtype=np.int64).reshape(-1, 2)


def _pointers(rows: Sequence[Sequence[object]]) -> Ints:
    return np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))).astype(np.int64)


def board_of(shop: Shop, objective: Objective, draft: Draft, seed: int) -> Board:
    """The shop as arrays, with a schedule as the start of the search."""
    ops = np.zeros((kernel.OP_ROWS, len(shop.operations) + 1), dtype=np.int64)
    alts = _ints(
        [
            [machine, duration, shop.kinds[kind].family, shop.kinds[kind].setup, -1, -1]
            for modes in shop.modes
            for machine, duration, kind in modes
        ]
    )
    ops[kernel.ALT_FROM] = _pointers(shop.modes)
    ops[kernel.PRE_FROM] = _pointers(shop.before)
    ops[kernel.SUC_FROM] = _pointers(shop.after)
    ops[kernel.HEAD, :-1] = shop.earliest
    ops[kernel.HEAD, :-1] -= shop.start
    ops[kernel.RESUMABLE, :-1] = [operation.resumable for operation in shop.operations]
    ops[kernel.COLUMN] = -1
    target, due, weight = _targets(shop, objective)
    ops[kernel.TARGET, :-1] = target
    # Within a job only what nothing of the same job follows can be its end.
    finals = [
        i
        for i, k in enumerate(target)
        if k >= 0 and not any(shop.job_of[j] == shop.job_of[i] for j, _ in shop.after[i])
    ]
    machines, setups = _machines(shop)
    ends = [booking.placement.end for booking in draft.bookings if booking is not None]
    cal_ptr, windows, closes = _calendars(shop, machines, shop.start + _ROOM * (max(ends) - shop.start))
    any_setups = shop.mean_setup > 0 or any(kind.setup for kind in shop.kinds)
    reg = np.zeros(kernel.REGISTERS, dtype=np.int64)
    reg[kernel.COUNT] = len(shop.operations)
    reg[kernel.ANY_SETUPS] = any_setups
    reg[kernel.PLAIN] = not any_setups and not len(windows)
    rng = random.Random(seed)  # noqa: S311 - reproducible on purpose, nothing secret
    reg[kernel.RANDOM] = rng.randrange(1, 2147483647)
    reg[kernel.BEST] = kernel.NEVER << 20
    reg[kernel.CLOSES] = closes
    suc = _pairs(shop.after)
    columns = min(len(due), WATCHED) + 1
    board = Board(
        ops=ops,
        alts=alts,
        pre=_pairs(shop.before),
        suc=suc,
        finals=_ints(finals),
        machines=machines,
        targets=_ints([due, weight, [0] * len(due)]),
        cal_ptr=cal_ptr,
        windows=windows,
        setups=setups,
        tails=np.full((len(shop.operations), columns), kernel.NONE, dtype=np.int32),
        watch=np.zeros((kernel.WATCH_ROWS, columns), dtype=np.int32),
        weights=np.zeros(columns, dtype=np.int64),
        watched=np.zeros(columns, dtype=np.int64),
        exits=np.zeros((len(suc) + len(finals) + 1, 3), dtype=np.int64),
        outlets=np.zeros(len(machines) + 1, dtype=np.int64),
        reg=reg,
        noise=_noise(),
    )
    _take(shop, board, draft)
    _fix(shop, board, draft)
    begin(board)
    return board


def begin(board: Board) -> None:
    """Walk the whole schedule, make the whole shop the window, and watch what is late or nearest to it."""
    kernel.begin(*board)
    watch(board)


def watch(board: Board, since: int = 0) -> None:
    """Watch all targets, or those with least slack among the ones that end after `since`.

    The value on the board must be that of the whole schedule.
    """
    due, weight, done = board.targets
    slack = due - done
    most = board.tails.shape[1] - 1
    chosen = np.flatnonzero(done > since) if since or len(due) > most else np.arange(len(due))
    if len(chosen) > most:
        chosen = np.sort(chosen[np.argsort(slack[chosen], kind="stable")[:most]])
    count = len(chosen)
    board.reg[kernel.COLUMNS] = count
    board.watched[:count] = chosen
    board.weights[:count] = weight[chosen]
    board.watch[kernel.DUE_AT, :count] = due[chosen]
    board.watch[kernel.ENDS, :count] = np.minimum(done[chosen], kernel.FAR)
    column = np.full(len(due) + 1, -1, dtype=np.int64)
    column[chosen] = np.arange(count)
    board.ops[kernel.COLUMN, :-1] = column[board.ops[kernel.TARGET, :-1]]
    late = np.maximum(0, -slack[chosen])
    board.reg[kernel.REST] = board.reg[kernel.VALUE] - int((weight[chosen] * late).sum())
    board.reg[kernel.DIRTY] = board.reg[kernel.COUNT] - 1


def open_window(board: Board, first: int, until: int) -> None:
    """Confine the search to the places from `first` to before `until`; `begin` has walked the schedule."""
    ops = board.ops
    v = ops[kernel.ORDER, first]
    watch(board, int(ops[kernel.END, v] - ops[kernel.LENGTH, v]))
    kernel.open_window(*board, first, until)


def sort_by_start(board: Board) -> None:
    """Number the places by start, so that a window of places is a window of time."""
    ops = board.ops
    n = int(board.reg[kernel.COUNT])
    start = ops[kernel.END, :n] - ops[kernel.LENGTH, :n]
    # What ends in the same instant it begins stays before what waits for it: places keep their order.
    order = np.lexsort((ops[kernel.PLACE, :n], start))
    ops[kernel.ORDER, :n] = order
    ops[kernel.PLACE, order] = np.arange(n)


def _machines(shop: Shop) -> tuple[Ints, Ints]:
    """Machines, and the setup tables they share."""
    machines = np.zeros((len(shop.unlimited), kernel.MACHINE_COLUMNS), dtype=np.int64)
    machines[:, kernel.UNLIMITED] = shop.unlimited
    machines[:, kernel.FREE] = 0
    machines[:, kernel.FAMILY_AT] = shop.initial_family
    machines[:, kernel.NEEDS_JOB] = shop.setup_needs_job
    tables = {id(table): table for table in shop.setup_table if table is not None}
    number = {key: i for i, key in enumerate(tables)}
    families = max(1, len(shop.family_index))
    setups = np.zeros((max(1, len(tables)), families, families), dtype=np.int64)
    for key, table in tables.items():
        known = len(table)  # none, where matrices name no family that is used
        setups[number[key], :known, :known] = np.array(table, dtype=np.int64).reshape(known, known)
    machines[:, kernel.TABLE] = [-1 if table is None else number[id(table)] for table in shop.setup_table]
    return machines, setups


def _calendars(shop: Shop, machines: Ints, until: int) -> tuple[Ints, Ints, int]:
    """Calendars of the machines, each only once, without those that never close before `until`.

    The last number is when the first of those closes, after the shop's start.
    """
    calendars = {id(time): time for time in shop.machine_time if time is not ALWAYS_OPEN}
    open_through = [
        key
        for key, time in calendars.items()
        if len(time.windows) == 1 and time.windows[0][0] <= shop.start and time.windows[0][1] >= until
    ]
    closes = min((calendars[key].windows[0][1] - shop.start for key in open_through), default=kernel.NEVER)
    for key in open_through:
        del calendars[key]
    number = {key: i for i, key in enumerate(calendars)}
    machines[:, kernel.CALENDAR] = [number.get(id(time), -1) for time in shop.machine_time]
    rows = []
    for time in calendars.values():
        total = 0
        for start, end in time.windows:
            rows.append([start - shop.start, end - shop.start, total])
            total += end - start
    listed = [time.windows for time in calendars.values()]
    return _pointers(listed), np.array(rows, dtype=np.int64).reshape(-1, 3), closes


def _targets(shop: Shop, objective: Objective) -> tuple[list[int], list[int], list[int]]:
    """Target of each operation, and due date and weight of each target."""
    jobs = shop.problem.jobs
    if objective is Objective.MAKESPAN:
        # All orders are due at once; `anneal` moves that moment ahead of the best makespan so far.
        return list(shop.job_of), [0] * len(jobs), [1] * len(jobs)
    target_of: dict[int, int] = {}
    due: list[int] = []
    weight: list[int] = []
    for number, job in enumerate(jobs):
        if job.due is not None and job.weight > 0:
            target_of[number] = len(due)
            due.append(job.due - shop.start)
            weight.append(job.weight)
    return [target_of.get(job, -1) for job in shop.job_of], due, weight


def _take(shop: Shop, board: Board, draft: Draft) -> None:
    """Write a schedule's machines and sequences into the board."""
    n = len(shop.operations)
    bookings = [booking for booking in draft.bookings if booking is not None]
    rank = _ranks(shop)
    order = sorted(range(n), key=lambda i: (bookings[i].placement.start, bookings[i].placement.end, rank[i]))
    ops, machines = board.ops, board.machines
    ops[[kernel.BEFORE, kernel.AFTER]] = -1
    machines[:, kernel.FIRST] = -1
    newest = [-1] * len(machines)
    for position, i in enumerate(order):
        ops[kernel.ORDER, position] = i
        ops[kernel.PLACE, i] = position
        machine = bookings[i].machine
        chosen = next(k for k, mode in enumerate(shop.modes[i]) if mode[0] == machine)
        ops[kernel.ALT, i] = ops[kernel.ALT_FROM, i] + chosen
        if shop.unlimited[machine]:
            continue
        if newest[machine] < 0:
            machines[machine, kernel.FIRST] = i
        else:
            ops[kernel.BEFORE, i] = newest[machine]
            ops[kernel.AFTER, newest[machine]] = i
        newest[machine] = i


def _fix(shop: Shop, board: Board, draft: Draft) -> None:
    """Nail what is frozen or running to where it stands in the schedule."""
    ops = board.ops
    for i, (operation, booking) in enumerate(zip(shop.operations, draft.bookings, strict=True)):
        if operation.committed is None or booking is None:
            continue
        place = booking.placement
        ops[kernel.FIXED, i] = 1
        ops[kernel.HEAD, i] = place.start - shop.start
        ops[kernel.END, i] = place.end - shop.start
        ops[kernel.LENGTH, i] = place.end - place.start
        ops[kernel.BIND, i] = -1
        ops[kernel.SETUP, i] = place.setup_end - place.setup_start if place.has_setup else 0
        board.alts[ops[kernel.ALT, i], kernel.WORK] = place.end - place.start


def _ranks(shop: Shop) -> list[int]:
    rank = [0] * len(shop.operations)
    for position, i in enumerate(shop.topological):
        rank[i] = position
    return rank


def _noise() -> Ints:
    rng = random.Random(20_260_101)  # noqa: S311
    steps = [(i + 0.5) / _TABLE for i in range(_TABLE)]
    rng.shuffle(steps)
    gumbel = [round(-1024 * math.log(-math.log(u))) for u in steps]
    exponential = [round(-1024 * math.log(u)) for u in steps]
    return _ints([gumbel, exponential, [0] * _TABLE])


def set_temperatures(board: Board, hot: float, cold: float) -> None:
    """Let the next run cool from `hot` to `cold`, in units of the objective."""
    for stage in range(_STAGES):
        board.noise[2, stage] = round(1024 * hot * (cold / hot) ** (stage / (_STAGES - 1)))


def draft_of(shop: Shop, board: Board, first: Draft) -> Draft:
    """The schedule on the board, whose heads are up to date; what is fixed is booked as in the first one."""
    columns = board.ops.T.tolist()
    bookings: list[Booking | None] = []
    for i in range(len(shop.operations)):
        row = columns[i]
        if row[kernel.FIXED]:
            bookings.append(first.bookings[i])
            continue
        machine = int(board.alts[row[kernel.ALT], kernel.MACHINE])
        end = row[kernel.END] + shop.start
        start, seconds = end - row[kernel.LENGTH], row[kernel.SETUP]
        placement = Placement(end, start, start, start)
        if seconds:
            time = shop.machine_time[machine]
            setup_start = time.retreat(start, seconds)
            if shop.setup_needs_job[machine]:
                arrivals = [columns[j][kernel.END] + shop.start + wait for j, wait in shop.before[i]]
                before = row[kernel.BEFORE]
                free = columns[before][kernel.END] + shop.start if before >= 0 else shop.start
                setup_start = time.next_open(max(shop.earliest[i], free, *arrivals))
            placement = Placement(end, start, setup_start, time.advance(setup_start, seconds))
        bookings.append(Booking(machine, placement, -1))
    return Draft(bookings, [], 0)


def makespan_of(board: Board) -> int:
    """How long after the shop's start the last operation of the schedule on the board ends."""
    return int(board.ops[kernel.END, :-1].max())
