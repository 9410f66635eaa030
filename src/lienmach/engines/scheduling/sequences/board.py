"""A shop and a list of its operations as arrays, for `kernel`, and back."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lienmach.engines.scheduling.calendar import ALWAYS_OPEN, Calendar
from lienmach.engines.scheduling.draft import Draft
from lienmach.engines.scheduling.floor import Booking, Floor, Placement
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.sequences import kernel
from lienmach.engines.scheduling.shop import Crew, Shop

Ints = NDArray[np.int64]

_TABLE = 4096
_STAGES = 64
_SCALE = 1000
"""Seconds of setup that a second of lateness is worth."""


class Board(NamedTuple):
    """A shop and a list, in the order in which `kernel` takes them. Columns: see `kernel`."""

    ops: Ints
    """One row per operation, and one more that ends the last one's entries."""
    alts: Ints
    crews: Ints
    needs: Ints
    """Per crew: pool, people for the whole, people for the setup."""
    pre: Ints
    """Operation before, wait; committed ones are part of HEAD."""
    suc: Ints
    machines: Ints
    blocks: Ints
    """Frozen time: start, end, family, setup."""
    servers: Ints
    """One row per person."""
    reserved: Ints
    """From when to when somebody is frozen."""
    pool_ptr: Ints
    targets: Ints
    """One column per target."""
    cal_ptr: Ints
    windows: Ints
    """Start, end, open seconds before."""
    setups: Ints
    noise: Ints
    """Exponential noise in 1/1024, and the temperatures."""
    reg: Ints


def _rows(rows: Sequence[Sequence[int]], width: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(-1, width)


class _Calendars:
    """Calendars by number, each only once; -1 is always open."""

    def __init__(self) -> None:
        self.number: dict[tuple[tuple[int, int], ...], int] = {}

    def __getitem__(self, time: Calendar) -> int:
        if time is ALWAYS_OPEN:
            return -1
        return self.number.setdefault(tuple(time.windows), len(self.number))

    def arrays(self) -> tuple[Ints, Ints]:
        rows, pointers = [], [0]
        for windows in self.number:
            total = 0
            for start, end in windows:
                rows.append((start, end, total))
                total += end - start
            pointers.append(len(rows))
        return np.array(pointers, dtype=np.int64), _rows(rows, 3)


def board_of(shop: Shop, objective: Objective, draft: Draft, seed: int) -> Board:
    """The shop as arrays, with a schedule's list as the start of the search."""
    floor = Floor(shop)
    calendars = _Calendars()
    machines, setups = _machines(shop, floor, calendars)
    blocks = _blocks(floor, machines)
    alts, crews, needs = _alternatives(shop, calendars)
    servers, reserved, pool_ptr = _people(shop, floor)
    ops, pre, suc = _operations(shop, floor)
    targets = _targets(shop, floor, objective, ops)
    cal_ptr, windows = calendars.arrays()
    reg = np.zeros(kernel.REGISTERS, dtype=np.int64)
    reg[kernel.RANDOM] = 1 + random.Random(seed).randrange(2_147_483_646)  # noqa: S311 - nothing secret
    reg[kernel.BEST] = kernel.WORST
    reg[kernel.SCALE] = _SCALE
    reg[kernel.FURNACES] = int(alts[:, kernel.BATCHED].any())
    _take(shop, ops, draft)
    reg[kernel.COUNT] = sum(operation.committed is None for operation in shop.operations)
    return Board(
        ops, alts, crews, needs, pre, suc, machines, blocks, servers, reserved, pool_ptr, targets, cal_ptr,
        windows, setups, _noise(), reg,
    )  # fmt: skip


def _machines(shop: Shop, floor: Floor, calendars: _Calendars) -> tuple[Ints, Ints]:
    tables = {id(table): table for table in shop.setup_table if table is not None}
    number = {key: k for k, key in enumerate(tables)}
    families = max(1, len(shop.family_index))
    setups = np.zeros((max(1, len(tables)), families, families), dtype=np.int64)
    for key, table in tables.items():
        setups[number[key]] = np.array(table, dtype=np.int64)
    machines = np.zeros((len(shop.machine_time), kernel.MACHINE_COLUMNS), dtype=np.int64)
    machines[:, kernel.UNLIMITED] = shop.unlimited
    machines[:, kernel.TABLE] = [-1 if table is None else number[id(table)] for table in shop.setup_table]
    machines[:, kernel.NEEDS_JOB] = shop.setup_needs_job
    machines[:, kernel.CALENDAR] = [calendars[time] for time in shop.machine_time]
    machines[:, kernel.CAPACITY] = shop.capacity
    machines[:, kernel.FIRST_FREE] = floor.free
    machines[:, kernel.FIRST_FAMILY] = floor.family
    return machines, setups


def _blocks(floor: Floor, machines: Ints) -> Ints:
    rows: list[tuple[int, int, int, int]] = []
    for machine, blocks in enumerate(floor.blocks):
        machines[machine, kernel.BLOCK_FROM] = len(rows)
        rows += [(block.start, block.end, block.family, block.setup) for block in blocks]
        machines[machine, kernel.BLOCK_TO] = len(rows)
    return _rows(rows, 4)


def _alternatives(shop: Shop, calendars: _Calendars) -> tuple[Ints, Ints, Ints]:
    crew_rows: list[tuple[int, int, int, int]] = []
    need_rows: list[tuple[int, int, int]] = []
    crews_of: list[tuple[int, int]] = []
    for kind in shop.kinds:
        first = len(crew_rows)
        for crew in kind.crews:
            begin = len(need_rows)
            whole, setup = dict(crew.whole), dict(crew.setup)
            need_rows += [(pool, whole.get(pool, 0), setup.get(pool, 0)) for pool, _ in crew.at_setup]
            crew_rows.append((calendars[crew.run_time], calendars[crew.setup_time], begin, len(need_rows)))
        crews_of.append((first, len(crew_rows)))
    alts = [
        (
            machine,
            duration,
            kind,
            shop.kinds[kind].family,
            shop.kinds[kind].setup,
            *crews_of[kind],
            int(shop.kinds[kind].recipe is not None),
        )
        for modes in shop.modes
        for machine, duration, kind in modes
    ]
    return _rows(alts, 8), _rows(crew_rows, 4), _rows(need_rows, 3)


def _people(shop: Shop, floor: Floor) -> tuple[Ints, Ints, Ints]:
    """Persons one by one; what is frozen is given to those who have nothing frozen then."""
    rows: list[list[int]] = []
    reserved: list[tuple[int, int]] = []
    pointers = [0]
    for pool, size in enumerate(shop.pool_size):
        free = [shop.start] * size
        busy = [end for end, count in sorted(floor.busy[pool], reverse=True) for _ in range(count)]
        free[: len(busy)] = busy[:size]
        holds: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for start, end, count in sorted(floor.reserved[pool]):
            idle = [s for s in range(size) if free[s] <= start and not (holds[s] and holds[s][-1][1] > start)]
            # Facts may ask for more people than there are.
            for s in (idle + [s for s in range(size) if s not in idle])[:count]:
                holds[s].append((start, end))
        for s in range(size):
            first = len(reserved)
            reserved += holds[s]
            rows.append([0, free[s], first, len(reserved), 0])
        pointers.append(len(rows))
    return _rows(rows, 5), _rows(reserved, 2), np.array(pointers, dtype=np.int64)


def _operations(shop: Shop, floor: Floor) -> tuple[Ints, Ints, Ints]:
    count = len(shop.operations)
    ops = np.zeros((count + 1, kernel.OP_COLUMNS), dtype=np.int64)
    pre: list[tuple[int, int]] = []
    suc: list[tuple[int, int]] = []
    alternatives = 0
    for i, operation in enumerate(shop.operations):
        ops[i, [kernel.ALT_FROM, kernel.PRE_FROM, kernel.SUC_FROM]] = alternatives, len(pre), len(suc)
        alternatives += len(shop.modes[i])
        head, latest = shop.earliest[i], kernel.NEVER
        for before, wait in shop.before[i]:
            booking = floor.booked[before]
            if booking is None:
                pre.append((before, wait))
            else:
                head = max(head, booking.placement.end + wait)
        for after, wait in shop.after[i]:
            committed = shop.operations[after].committed
            if committed is None:
                suc.append((after, wait))
            elif committed.end is not None:
                latest = min(latest, committed.start - wait)
        ops[i, kernel.HEAD], ops[i, kernel.LATEST] = head, latest
        ops[i, kernel.RESUMABLE], ops[i, kernel.LOAD] = operation.resumable, operation.load
    ops[count, [kernel.ALT_FROM, kernel.PRE_FROM, kernel.SUC_FROM]] = alternatives, len(pre), len(suc)
    return ops, _rows(pre, 2), _rows(suc, 2)


def _targets(shop: Shop, floor: Floor, objective: Objective, ops: Ints) -> Ints:
    columns: list[tuple[int, int, int, int]] = []
    number: dict[int, int] = {}
    for k, job in enumerate(shop.problem.jobs):
        if objective is Objective.MAKESPAN:
            number[k] = len(columns)
            columns.append((shop.start, 1, 0, shop.start))
        elif job.due is not None and job.weight > 0:
            number[k] = len(columns)
            columns.append((job.due, job.weight, 0, shop.start))
    targets = np.zeros((kernel.TARGET_ROWS, len(columns)), dtype=np.int64)
    targets[: kernel.END_BY] = _rows(columns, 4).T
    for i, job_number in enumerate(shop.job_of):
        k = number.get(job_number, -1)
        ops[i, kernel.TARGET] = k
        booking = floor.booked[i]
        if k >= 0 and booking is not None:
            end = booking.placement.end
            targets[kernel.FIRST_DONE, k] = max(int(targets[kernel.FIRST_DONE, k]), end)
    return targets


def _take(shop: Shop, ops: Ints, draft: Draft) -> None:
    """Write a schedule's list into the board."""
    rank = {i: position for position, i in enumerate(shop.topological)}
    items = []
    for i, booking in enumerate(draft.bookings):
        if booking is None or shop.operations[i].committed is not None:
            continue
        placement = booking.placement
        held = placement.setup_start if placement.crew is not None else placement.start
        items.append((held, placement.start, placement.end, rank[i], i))
        chosen = next(k for k, mode in enumerate(shop.modes[i]) if mode[0] == booking.machine)
        ops[i, kernel.ALT] = ops[i, kernel.ALT_FROM] + chosen
        ops[i, kernel.JOIN] = int(booking.batch >= 0)
    items.sort()
    for position, item in enumerate(items):
        ops[position, kernel.ORDER] = item[-1]
        ops[item[-1], kernel.PLACE] = position


def _noise() -> Ints:
    rng = random.Random(20_260_102)  # noqa: S311 - the same for everybody
    steps = [(i + 0.5) / _TABLE for i in range(_TABLE)]
    rng.shuffle(steps)
    return _rows([[round(-1024 * math.log(u)) for u in steps], [0] * _TABLE], _TABLE)


def set_temperatures(board: Board, hot: float, cold: float) -> None:
    """Let the next run cool from `hot` to `cold`, in units of the objective."""
    for stage in range(_STAGES):
        board.noise[1, stage] = round(_SCALE * hot * (cold / hot) ** (stage / (_STAGES - 1)))


def draft_of(shop: Shop, board: Board) -> Draft:
    """The schedule on the board, which has just been placed."""
    floor = Floor(shop)
    bookings: list[Booking | None] = list(floor.booked)
    rows = board.ops.tolist()
    members: dict[int, list[int]] = {}
    for i, operation in enumerate(shop.operations):
        if operation.committed is None:
            members.setdefault(rows[i][kernel.BATCH], []).append(i)
    batches = floor.batches
    for group in members.values():
        batch = -1
        if len(group) > 1:
            batch = batches
            batches += 1
        for i in group:
            machine, _, kind = shop.modes[i][rows[i][kernel.ALT] - rows[i][kernel.ALT_FROM]]
            crew = None
            if rows[i][kernel.CREW] >= 0:
                first = int(board.alts[rows[i][kernel.ALT], kernel.CREW_FROM])
                crew = shop.kinds[kind].crews[rows[i][kernel.CREW] - first]
            bookings[i] = Booking(machine, _placement(shop, machine, crew, rows[i]), batch)
    return Draft(bookings, [], 0)


def _placement(shop: Shop, machine: int, crew: Crew | None, row: list[int]) -> Placement:
    start, end = row[kernel.START], row[kernel.END]
    if row[kernel.READY] < 0:
        return Placement(end, start, start, start, crew)
    held, ready = row[kernel.HELD], row[kernel.READY]
    if crew is None:
        time = shop.machine_time[machine]
        seconds = time.work_between(held, ready)
        if not shop.setup_needs_job[machine]:
            # As late as it may be: nobody waits for the machine before.
            held = time.retreat(ready, row[kernel.SETUP_SECONDS])
            seconds = row[kernel.SETUP_SECONDS]
        ready = time.advance(held, seconds)
    return Placement(end, start, held, ready, crew)
