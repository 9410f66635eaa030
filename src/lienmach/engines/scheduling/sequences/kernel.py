"""Placing a list of operations, and annealing it: integers only, so that compiled and plain runs are equal.

The arrays are those of `board.Board`; the columns are named below. An operation goes behind everything that
was placed on its machine before. A person is taken by one operation after the other, too: among those who are
free, the one who became free last. Operations that stand behind each other on a furnace go in together when
they are of one kind, the furnace holds them, and either the later one is there in time or it is marked to be
waited for.

One file on purpose: what Numba keeps on disk is thrown away when the file of a function changes, but not when
a file changes that it calls into.
"""

from __future__ import annotations

from typing import Any

from lienmach.engines.scheduling.search.compiled import inlined, njit

NEVER = 1 << 40
"""An instant after the end of every calendar."""
WORST = 1 << 61
"""The value of a list that cannot be placed."""

# Columns of `ops`, by operation; ORDER and BUFFER by place. JOIN: to be waited for by the run before it;
# PLACED: 0 not yet, 1 done, 2 about to be.
(
    ORDER, PLACE, ALT, JOIN, START, END, HELD, READY, CREW, BATCH, NEXT, PLACED, HEAD, LATEST, RESUMABLE,
    LOAD, TARGET, ALT_FROM, PRE_FROM, SUC_FROM, BUFFER, MARK, BEST_ORDER, BEST_ALT, BEST_JOIN, HERE_ORDER,
    HERE_ALT, HERE_JOIN, SETUP_SECONDS, BIND, HERE_BIND, HERE_BATCH,
) = range(32)  # fmt: skip
OP_COLUMNS = 32
MACHINE, WORK, KIND, ALT_FAMILY, ALT_SETUP, CREW_FROM, CREW_TO, BATCHED = range(8)
RUN_TIME, SETUP_TIME, NEED_FROM, NEED_TO = range(4)
POOL, WHOLE, FOR_SETUP = range(3)
(
    UNLIMITED, FREE, FAMILY, TABLE, NEEDS_JOB, CALENDAR, CAPACITY, FIRST_FREE, FIRST_FAMILY, BLOCK_FROM,
    BLOCK_TO, BLOCK, LAST, NEWEST,
) = range(14)  # fmt: skip
MACHINE_COLUMNS = 14
BLOCK_START, BLOCK_END, BLOCK_FAMILY, BLOCK_SETUP = range(4)
SERVER_FREE, SERVER_FIRST_FREE, RESERVED_FROM, RESERVED_TO, TAKEN = range(5)
DUE, WEIGHT, DONE, FIRST_DONE, END_BY, HERE_DONE, HERE_END_BY = range(7)
TARGET_ROWS = 7
# Registers: SCALE is what a second of lateness counts against a second of setup; the others say themselves.
(
    RANDOM, STEPS, VALUE, BEST, SCALE, COUNT, STARTED, STAGE_MOVES, MOVES, LATE, SETUPS, FURNACES,
    LOW, HIGH,
) = range(14)  # fmt: skip
REGISTERS = 14

_NOISE = 4095


@inlined
def _rand(reg: Any, n: int) -> int:
    """A number from 0 to n - 1; n below 2^60."""
    a = reg[RANDOM] * 48271 % 2147483647
    b = a * 48271 % 2147483647
    reg[RANDOM] = b
    return ((a << 29) ^ b) % n


# -- closed time -------------------------------------------------------------------------------------------


@inlined
def _interval(cal_ptr: Any, windows: Any, c: int, t: int) -> int:
    """The first open interval that ends after `t`."""
    low, high = cal_ptr[c], cal_ptr[c + 1]
    while low < high:
        middle = (low + high) >> 1
        if windows[middle, 1] <= t:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _advance(cal_ptr: Any, windows: Any, c: int, t: int, work: int) -> int:
    if c < 0 or t >= NEVER:
        return t + work
    if work <= 0:
        return t
    low = _interval(cal_ptr, windows, c, t)
    last = cal_ptr[c + 1]
    if low == last:
        return NEVER
    start = max(t, windows[low, 0])
    if start + work <= windows[low, 1]:
        return start + work
    target = windows[low, 2] + (start - windows[low, 0]) + work
    high = last
    while low < high:
        middle = (low + high) >> 1
        if windows[middle, 2] + windows[middle, 1] - windows[middle, 0] < target:
            low = middle + 1
        else:
            high = middle
    if low == last:
        return NEVER
    return windows[low, 0] + target - windows[low, 2]


@inlined
def _open(cal_ptr: Any, windows: Any, c: int, t: int) -> int:
    """The first open instant at or after `t`."""
    if c < 0 or t >= NEVER:
        return t
    low = _interval(cal_ptr, windows, c, t)
    return NEVER if low == cal_ptr[c + 1] else max(t, windows[low, 0])


@inlined
def _begin(cal_ptr: Any, windows: Any, c: int, t: int, work: int, resumable: int) -> int:
    """When processing that is ready at `t` starts."""
    if c < 0 or work == 0 or t >= NEVER:
        return t
    low = _interval(cal_ptr, windows, c, t)
    last = cal_ptr[c + 1]
    if resumable:
        return NEVER if low == last else max(t, windows[low, 0])
    while low < last:
        start = max(t, windows[low, 0])
        if start + work <= windows[low, 1]:
            return start
        low += 1
    return NEVER


# -- people ------------------------------------------------------------------------------------------------


@inlined
def _server_ready(servers: Any, reserved: Any, s: int, t: int, until: int) -> int:
    """`t` if somebody can be held from `t` to `until`, else when to ask again."""
    if servers[s, SERVER_FREE] > t:
        return servers[s, SERVER_FREE]
    for k in range(servers[s, RESERVED_FROM], servers[s, RESERVED_TO]):
        if reserved[k, 0] < until and reserved[k, 1] > t and until > t:
            return reserved[k, 1]
    return t


@inlined
def _people_at(
    servers: Any, reserved: Any, pool_ptr: Any, needs: Any, k: int, t: int, ready: int, end: int
) -> int:
    """`t` if a need can be met from `t` on, else when to ask again."""
    pool = needs[k, POOL]
    missing_whole, missing = needs[k, WHOLE], needs[k, WHOLE] + needs[k, FOR_SETUP]
    if ready <= t:
        missing = missing_whole
    again = NEVER
    for s in range(pool_ptr[pool], pool_ptr[pool + 1]):
        if missing <= 0:
            break
        at = _server_ready(servers, reserved, s, t, end)
        if at <= t:
            missing_whole -= 1
            missing -= 1
        else:
            if at < again:
                again = at
            if missing > max(0, missing_whole):
                at = _server_ready(servers, reserved, s, t, ready)
                if at <= t:
                    missing -= 1
                elif at < again:
                    again = at
    return t if missing <= 0 and missing_whole <= 0 else again


@inlined
def _hold(
    servers: Any, reserved: Any, pool_ptr: Any, needs: Any, k: int, t: int, ready: int, end: int
) -> None:
    """Take the people of a need: who became free last; for the whole first, as they are held longer."""
    pool = needs[k, POOL]
    for part in range(2):
        count = needs[k, WHOLE] if part == 0 else needs[k, FOR_SETUP]
        until = end if part == 0 else ready
        if until <= t:
            continue
        for _ in range(count):
            best = -1
            for s in range(pool_ptr[pool], pool_ptr[pool + 1]):
                if _server_ready(servers, reserved, s, t, until) <= t and (
                    best < 0 or servers[s, SERVER_FREE] > servers[best, SERVER_FREE]
                ):
                    best = s
            if best >= 0:
                servers[best, SERVER_FREE] = until


# -- placing -----------------------------------------------------------------------------------------------


@inlined
def _setup_of(alts: Any, machines: Any, setups: Any, a: int, family: int) -> int:
    m = alts[a, MACHINE]
    table = machines[m, TABLE]
    if table < 0 or family < 0 or alts[a, ALT_FAMILY] < 0:
        return alts[a, ALT_SETUP]
    return alts[a, ALT_SETUP] + setups[table, family, alts[a, ALT_FAMILY]]


@njit
def place(
    ops: Any, alts: Any, crews: Any, needs: Any, pre: Any, suc: Any, machines: Any, blocks: Any, servers: Any,
    reserved: Any, pool_ptr: Any, targets: Any, cal_ptr: Any, windows: Any, setups: Any, noise: Any, reg: Any,
    limit: int,
) -> int:  # fmt: skip
    """Place the whole list; its value, or WORST as soon as that would be more than `limit`."""
    n = reg[COUNT]
    for m in range(len(machines)):
        machines[m, FREE] = machines[m, FIRST_FREE]
        machines[m, FAMILY] = machines[m, FIRST_FAMILY]
        machines[m, BLOCK] = machines[m, BLOCK_FROM]
        machines[m, LAST] = -1
        machines[m, NEWEST] = -1
    for s in range(len(servers)):
        servers[s, SERVER_FREE] = servers[s, SERVER_FIRST_FREE]
    late = 0
    for k in range(targets.shape[1]):
        targets[DONE, k] = targets[FIRST_DONE, k]
        targets[END_BY, k] = -1
        late += targets[WEIGHT, k] * max(0, targets[FIRST_DONE, k] - targets[DUE, k])
    for p in range(n - 1, -1, -1):
        i = ops[p, ORDER]
        ops[i, PLACED] = 0
        if reg[FURNACES]:
            m = alts[ops[i, ALT], MACHINE]
            ops[i, NEXT] = machines[m, LAST]
            machines[m, LAST] = i
    changed = 0
    scale = reg[SCALE]
    placed = 0
    for p in range(n):
        i = ops[p, ORDER]
        if ops[i, PLACED]:
            continue
        a = ops[i, ALT]
        m = alts[a, MACHINE]
        ready = ops[i, HEAD]
        bind = -1
        for k in range(ops[i, PRE_FROM], ops[i + 1, PRE_FROM]):
            if ops[pre[k, 0], END] + pre[k, 1] > ready:
                ready = ops[pre[k, 0], END] + pre[k, 1]
                bind = pre[k, 0]
        duration, resumable = alts[a, WORK], ops[i, RESUMABLE]
        ops[i, PLACED] = 2
        ops[i, BATCH] = i
        last_member = i
        if alts[a, BATCHED]:
            # Fill the furnace: with those that are to be waited for, and then with whoever is there in time.
            room = machines[m, CAPACITY] - ops[i, LOAD]
            at = max(ready, machines[m, FREE])
            j = ops[i, NEXT]
            while j >= 0 and room > 0:
                b = ops[j, ALT]
                if ops[j, PLACED] == 0:
                    if alts[b, KIND] != alts[a, KIND] or ops[j, LOAD] > room:
                        break
                    there = ops[j, HEAD]
                    for k in range(ops[j, PRE_FROM], ops[j + 1, PRE_FROM]):
                        if ops[pre[k, 0], PLACED] != 1:
                            there = NEVER
                            break
                        there = max(there, ops[pre[k, 0], END] + pre[k, 1])
                    if there >= NEVER or (there > at and ops[j, JOIN] == 0):
                        break
                    ready = max(ready, there)
                    at = max(at, there)
                    room -= ops[j, LOAD]
                    duration = max(duration, alts[b, WORK])
                    resumable = resumable & ops[j, RESUMABLE]
                    ops[j, PLACED] = 2
                    ops[j, BATCH] = i
                    last_member = j
                j = ops[j, NEXT]
        unlimited = machines[m, UNLIMITED]
        c = machines[m, CALENDAR]
        while True:
            free, family = machines[m, FREE], machines[m, FAMILY]
            setup = _setup_of(alts, machines, setups, a, family)
            begin = max(ready, free)
            crew = -1
            if alts[a, CREW_FROM] == alts[a, CREW_TO]:
                held = begin
                if setup:
                    if machines[m, NEEDS_JOB]:
                        held = _open(cal_ptr, windows, c, begin)
                        begin = _advance(cal_ptr, windows, c, held, setup)
                    else:
                        held = free
                        begin = max(ready, _advance(cal_ptr, windows, c, free, setup))
                set_up = begin
                start = _begin(cal_ptr, windows, c, begin, duration, resumable)
                end = _advance(cal_ptr, windows, c, start, duration)
            else:
                held = set_up = start = end = NEVER
                for w in range(alts[a, CREW_FROM], alts[a, CREW_TO]):
                    t = begin
                    h = r = s = e = NEVER
                    for _ in range(1000):
                        placed += 8
                        h = r = t
                        if setup:
                            h = _open(cal_ptr, windows, crews[w, SETUP_TIME], t)
                            r = _advance(cal_ptr, windows, crews[w, SETUP_TIME], h, setup)
                        s = _begin(cal_ptr, windows, crews[w, RUN_TIME], r, duration, resumable)
                        e = _advance(cal_ptr, windows, crews[w, RUN_TIME], s, duration)
                        if not setup:
                            h = r = s
                        if e >= end or e >= NEVER:
                            e = NEVER
                            break
                        again = h
                        for k in range(crews[w, NEED_FROM], crews[w, NEED_TO]):
                            again = max(again, _people_at(servers, reserved, pool_ptr, needs, k, h, r, e))
                        if again <= h:
                            break
                        t = again
                        e = NEVER
                    if e < end:
                        held, set_up, start, end, crew = h, r, s, e, w
            if end >= NEVER:
                reg[STEPS] += placed + (n >> 3) + 1
                return WORST
            b = machines[m, BLOCK]
            if unlimited or b == machines[m, BLOCK_TO]:
                break
            # What is frozen next keeps its time and its setup.
            after = alts[a, ALT_FAMILY] if alts[a, ALT_FAMILY] >= 0 else family
            needed = blocks[b, BLOCK_SETUP]
            table = machines[m, TABLE]
            if table >= 0 and after >= 0 and blocks[b, BLOCK_FAMILY] >= 0:
                needed += setups[table, after, blocks[b, BLOCK_FAMILY]]
            if _advance(cal_ptr, windows, c, end, needed) <= blocks[b, BLOCK_START]:
                break
            machines[m, FREE] = max(free, blocks[b, BLOCK_END])
            if blocks[b, BLOCK_FAMILY] >= 0:
                machines[m, FAMILY] = blocks[b, BLOCK_FAMILY]
            machines[m, BLOCK] = b + 1
        if not unlimited:
            if machines[m, NEWEST] >= 0 and start > ready:
                bind = machines[m, NEWEST]
            machines[m, NEWEST] = i
            machines[m, FREE] = end
            if alts[a, ALT_FAMILY] >= 0:
                machines[m, FAMILY] = alts[a, ALT_FAMILY]
        if crew >= 0:
            for k in range(crews[crew, NEED_FROM], crews[crew, NEED_TO]):
                _hold(servers, reserved, pool_ptr, needs, k, held, set_up, end)
        changed += setup
        placed += 1
        j = i
        while True:
            if ops[j, PLACED] == 2:
                ops[j, PLACED] = 1
                ops[j, BIND] = bind
                ops[j, HELD] = held
                ops[j, READY] = set_up if setup else -1
                ops[j, SETUP_SECONDS] = setup
                ops[j, START] = start
                ops[j, END] = end
                ops[j, CREW] = crew
                if end > ops[j, LATEST]:
                    reg[STEPS] += placed + (n >> 3) + 1
                    return WORST
                k = ops[j, TARGET]
                if k >= 0 and end > targets[DONE, k]:
                    late += targets[WEIGHT, k] * (
                        max(0, end - targets[DUE, k]) - max(0, targets[DONE, k] - targets[DUE, k])
                    )
                    targets[DONE, k] = end
                    targets[END_BY, k] = j
            if j == last_member:
                break
            j = ops[j, NEXT]
        if late * scale + changed > limit:
            reg[STEPS] += placed + (n >> 3) + 1
            return WORST
    reg[STEPS] += placed + (n >> 3) + 1
    reg[LATE] = late
    reg[SETUPS] = changed
    return late * scale + changed


# -- changing ----------------------------------------------------------------------------------------------


@inlined
def _reorder(ops: Any, reg: Any, low: int, high: int, chosen: int) -> None:
    """In places `low` to `high`, those marked go first (`chosen` 1) or last (0), otherwise in their order."""
    reg[LOW], reg[HIGH] = low, high
    free = low
    for wanted in range(2):
        for p in range(low, high + 1):
            i = ops[p, ORDER]
            if (ops[i, MARK] == chosen) == (wanted == 0):
                ops[free, BUFFER] = i
                free += 1
    for p in range(low, high + 1):
        i = ops[p, BUFFER]
        ops[p, ORDER] = i
        ops[i, PLACE] = p
        ops[i, MARK] = 0


@inlined
def _mark(ops: Any, alts: Any, reg: Any, i: int) -> None:
    """Mark an operation, or its whole batch, and say from where to where they stand."""
    ops[i, MARK] = 1
    reg[LOW] = reg[HIGH] = ops[i, PLACE]
    if alts[ops[i, ALT], BATCHED] and _rand(reg, 2):
        for p in range(reg[COUNT]):
            j = ops[p, ORDER]
            if ops[j, HERE_BATCH] == ops[i, HERE_BATCH]:
                ops[j, MARK] = 1
                reg[LOW], reg[HIGH] = min(reg[LOW], p), max(reg[HIGH], p)


@inlined
def _other_machine(ops: Any, alts: Any, reg: Any, i: int) -> None:
    """Another alternative for an operation, and the same machine for whoever is marked."""
    count = ops[i + 1, ALT_FROM] - ops[i, ALT_FROM]
    other = ops[i, ALT_FROM] + _rand(reg, count - 1)
    if other >= ops[i, ALT]:
        other += 1
    for p in range(reg[LOW], reg[HIGH] + 1):
        j = ops[p, ORDER]
        if ops[j, MARK]:
            for a in range(ops[j, ALT_FROM], ops[j + 1, ALT_FROM]):
                if alts[a, MACHINE] == alts[other, MACHINE]:
                    ops[j, ALT] = a


@inlined
def _unmark(ops: Any, reg: Any) -> None:
    for p in range(reg[LOW], reg[HIGH] + 1):
        ops[ops[p, ORDER], MARK] = 0


@inlined
def _earlier(ops: Any, pre: Any, reg: Any, p: int) -> None:
    """Move what is marked to place `p` and on; what has to be before it comes along."""
    for q in range(reg[HIGH], p - 1, -1):
        j = ops[q, ORDER]
        if ops[j, MARK]:
            for k in range(ops[j, PRE_FROM], ops[j + 1, PRE_FROM]):
                if p <= ops[pre[k, 0], PLACE]:
                    ops[pre[k, 0], MARK] = 1
    _reorder(ops, reg, min(p, reg[LOW]), reg[HIGH], 1)


@inlined
def _later(ops: Any, suc: Any, reg: Any, p: int) -> None:
    """Move what is marked to place `p` and before; what has to be behind it comes along."""
    for q in range(reg[LOW], p + 1):
        j = ops[q, ORDER]
        if ops[j, MARK]:
            for k in range(ops[j, SUC_FROM], ops[j + 1, SUC_FROM]):
                if ops[suc[k, 0], PLACE] <= p:
                    ops[suc[k, 0], MARK] = 1
    _reorder(ops, reg, reg[LOW], max(p, reg[HIGH]), 0)


CRITICAL = 1
"""How many of 8 changes take an operation that a late order waits for."""


@inlined
def _critical(ops: Any, alts: Any, targets: Any, reg: Any) -> int:
    """An operation on a late order's chain of causes that waits for its machine, or -1."""
    count = targets.shape[1]
    k = -1
    for _ in range(8):
        k = _rand(reg, count)
        if targets[HERE_DONE, k] > targets[DUE, k]:
            break
    if targets[HERE_DONE, k] <= targets[DUE, k]:
        return -1
    i = targets[HERE_END_BY, k]
    found = -1
    seen = 0
    while i >= 0:
        before = ops[i, HERE_BIND]
        if before >= 0 and alts[ops[before, ALT], MACHINE] == alts[ops[i, ALT], MACHINE]:
            seen += 1
            if _rand(reg, seen) == 0:
                found = i
        i = before
    return found


@inlined
def _change(ops: Any, alts: Any, pre: Any, suc: Any, targets: Any, reg: Any) -> None:
    """One random change of the list."""
    n = reg[COUNT]
    i = -1
    critical = _rand(reg, 8) < CRITICAL
    if critical:
        i = _critical(ops, alts, targets, reg)
    if i < 0:
        critical = False
        i = ops[_rand(reg, n), ORDER]
    reg[LOW] = reg[HIGH] = ops[i, PLACE]
    what = _rand(reg, 16)
    if what < 5 and ops[i + 1, ALT_FROM] - ops[i, ALT_FROM] > 1:
        _mark(ops, alts, reg, i)
        _other_machine(ops, alts, reg, i)
        if what < 2:
            _unmark(ops, reg)
            return
    elif what < 8 and alts[ops[i, ALT], BATCHED]:
        ops[i, JOIN] = 1 - ops[i, JOIN]
        if what < 6:
            return
        # Next to another of the same kind.
        kind = alts[ops[i, ALT], KIND]
        p = ops[i, PLACE]
        step = 1 if what == 6 else -1
        q = p + step
        while 0 <= q < n and alts[ops[ops[q, ORDER], ALT], KIND] != kind:
            q += step
        if 0 <= q < n:
            ops[i, JOIN] = ops[i, MARK] = 1
            if q > p:
                _later(ops, suc, reg, q)
            else:
                # It takes the place of that one, which then stands behind it and is to be waited for.
                ops[ops[q, ORDER], JOIN] = 1
                _earlier(ops, pre, reg, q)
            return
    else:
        _mark(ops, alts, reg, i)
    if ops[i, MARK] == 0:
        ops[i, MARK] = 1
    machine = alts[ops[i, ALT], MACHINE]
    step = 1 if _rand(reg, 8 if critical else 2) == 0 else -1
    passing = 1 + _rand(reg, 1 + _rand(reg, 6))
    p = reg[HIGH] if step > 0 else reg[LOW]
    q = p
    if what == 15:
        q = max(0, min(n - 1, p + step * (1 + _rand(reg, n))))
    else:
        while passing > 0 and 0 <= q + step < n:
            q += step
            if alts[ops[ops[q, ORDER], ALT], MACHINE] == machine:
                passing -= 1
    if step > 0:
        _later(ops, suc, reg, q)
    else:
        _earlier(ops, pre, reg, q)


@inlined
def _keep(ops: Any, reg: Any, order: int, alt: int, join: int) -> None:
    for p in range(reg[COUNT]):
        i = ops[p, ORDER]
        ops[p, order] = i
        ops[i, alt] = ops[i, ALT]
        ops[i, join] = ops[i, JOIN]


@inlined
def _stay(ops: Any, targets: Any, reg: Any) -> None:
    """The list that was just placed is where the search stands."""
    for p in range(reg[LOW], reg[HIGH] + 1):
        i = ops[p, ORDER]
        ops[p, HERE_ORDER] = i
        ops[i, HERE_ALT] = ops[i, ALT]
        ops[i, HERE_JOIN] = ops[i, JOIN]
    for i in range(len(ops)):
        ops[i, HERE_BIND] = ops[i, BIND]
        ops[i, HERE_BATCH] = ops[i, BATCH]
    for k in range(targets.shape[1]):
        targets[HERE_DONE, k] = targets[DONE, k]
        targets[HERE_END_BY, k] = targets[END_BY, k]


@inlined
def _put(ops: Any, low: int, high: int, order: int, alt: int, join: int) -> None:
    for p in range(low, high + 1):
        i = ops[p, order]
        ops[p, ORDER] = i
        ops[i, PLACE] = p
        ops[i, ALT] = ops[i, alt]
        ops[i, JOIN] = ops[i, join]


@njit
def run(
    ops: Any, alts: Any, crews: Any, needs: Any, pre: Any, suc: Any, machines: Any, blocks: Any, servers: Any,
    reserved: Any, pool_ptr: Any, targets: Any, cal_ptr: Any, windows: Any, setups: Any, noise: Any, reg: Any,
    steps: int,
) -> None:  # fmt: skip
    """Anneal from the list on the board for about so many steps; temperatures are in `noise`, by stage."""
    reg[STEPS] = 0
    reg[VALUE] = place(
        ops, alts, crews, needs, pre, suc, machines, blocks, servers, reserved, pool_ptr, targets, cal_ptr,
        windows, setups, noise, reg, WORST,
    )  # fmt: skip
    reg[LOW], reg[HIGH] = 0, reg[COUNT] - 1
    _stay(ops, targets, reg)
    if reg[VALUE] < reg[BEST]:
        reg[BEST] = reg[VALUE]
        _keep(ops, reg, BEST_ORDER, BEST_ALT, BEST_JOIN)
    stages = 64
    while reg[STEPS] < steps and reg[BEST] > 0:
        stage = min(stages - 1, reg[STEPS] * stages // steps)
        allowed = reg[VALUE] + (noise[0, _rand(reg, _NOISE + 1)] * noise[1, stage] >> 10)
        _change(ops, alts, pre, suc, targets, reg)
        value = place(
            ops, alts, crews, needs, pre, suc, machines, blocks, servers, reserved, pool_ptr, targets,
            cal_ptr, windows, setups, noise, reg, allowed,
        )  # fmt: skip
        reg[MOVES] += 1
        if value <= allowed:
            reg[VALUE] = value
            _stay(ops, targets, reg)
            if value < reg[BEST]:
                reg[BEST] = value
                _keep(ops, reg, BEST_ORDER, BEST_ALT, BEST_JOIN)
        else:
            _put(ops, reg[LOW], reg[HIGH], HERE_ORDER, HERE_ALT, HERE_JOIN)


@njit
def restore(ops: Any, reg: Any) -> None:
    """Put the best list back on the board."""
    _put(ops, 0, reg[COUNT] - 1, BEST_ORDER, BEST_ALT, BEST_JOIN)


@njit
def resume(ops: Any, reg: Any) -> None:
    """Put the list back at which the search stands."""
    _put(ops, 0, reg[COUNT] - 1, HERE_ORDER, HERE_ALT, HERE_JOIN)
