"""The search itself: take one operation out of the schedule, look at every place it could go to, choose.

A schedule is a machine for each operation and a sequence for each machine. Its graph gives every operation a
head (when it can start) and, per target (an order with a due date, or the end of everything), a tail (how
long after the operation's end the target is still busy because of it). With an operation taken out, the value
of the schedule with the operation anywhere is head + duration + tail, exact for each of its places without
building any of them, when there are no calendars. One of the places is drawn, better ones more likely
(Boltzmann's distribution at a falling temperature); then heads are walked again from there, exactly, with
calendars. A place that turns out worse than it looked is refused by the same temperature.

Only integers, so that compiled and plain runs give the same bytes. The arrays are those of `graph.Board`; the
columns are named below, and what belongs to nobody stands in `reg`.

One file on purpose: what Numba keeps on disk is thrown away when the file of a function changes, but not when
a file changes that it calls into.
"""

from __future__ import annotations

from typing import Any

from lienmach.engines.scheduling.search.compiled import inlined, njit

NEVER = 1 << 40
"""An instant after the end of every calendar."""
NONE = -(1 << 30)
"""The tail of an operation that a target does not wait for."""

# Registers, in `reg`: DIRTY is the last place whose tails are out of date; STEPS what was done since `run`
# began; BEST… the best schedule so far; SETUP_PRICE what a second of setup counts; LEAVE whether an operation
# may not stay where it was; INEXACT whether tails are estimates only; PATH the longest path through a place;
# TIE how much that counts between places of equal value, in 1/1024.
(
    RANDOM,
    DIRTY,
    STEPS,
    VALUE,
    SETUPS,
    BEST,
    BEST_SETUPS,
    SETUP_PRICE,
    MOVES,
    LEAVE,
    COUNT,
    ANY_SETUPS,
    INEXACT,
    FOUND_ALT,
    FOUND_BEFORE,
    FOUND_AFTER,
    FOUND_VALUE,
    PATH,
    TIE,
) = range(19)
REGISTERS = 19
# Columns of `ops`: ORDER and BUFFER by place, the others by operation; BIND is what the start waited for.
(
    ORDER,
    PLACE,
    ALT,
    BEFORE,
    AFTER,
    START,
    END,
    SETUP,
    FAMILY,
    BIND,
    TARGET,
    HEAD,
    RESUMABLE,
    FIXED,
    ALT_FROM,
    PRE_FROM,
    SUC_FROM,
    MARK,
    BUFFER,
    BEST_ORDER,
    BEST_ALT,
    BEST_BEFORE,
    BEST_AFTER,
) = range(23)
OP_COLUMNS = 23
MACHINE, WORK, ALT_FAMILY, ALT_SETUP = range(4)
UNLIMITED, FREE, FAMILY_AT, TABLE, NEEDS_JOB, CALENDAR, FIRST, BEST_FIRST = range(8)
MACHINE_COLUMNS = 8
DUE, WEIGHT, DONE = range(3)

_NOISE = 4095


@inlined
def _rand(reg: Any, n: int) -> int:
    """A number from 0 to n - 1; n below 2^60."""
    a = reg[RANDOM] * 48271 % 2147483647
    b = a * 48271 % 2147483647
    reg[RANDOM] = b
    return ((a << 29) ^ b) % n


@inlined
def _advance(cal_ptr: Any, windows: Any, c: int, t: int, work: int) -> int:
    if c < 0:
        return t + work
    if work <= 0:
        return t
    low, high = cal_ptr[c], cal_ptr[c + 1]
    last = high
    while low < high:
        middle = (low + high) >> 1
        if windows[middle, 1] <= t:
            low = middle + 1
        else:
            high = middle
    if low == last:
        return NEVER
    start = max(t, windows[low, 0])
    if start + work <= windows[low, 1]:
        return start + work
    target = windows[low, 2] + (start - windows[low, 0]) + work
    first, high = low, last
    while low < high:
        middle = (low + high) >> 1
        if windows[middle, 2] + windows[middle, 1] - windows[middle, 0] < target:
            low = middle + 1
        else:
            high = middle
    if low == last or low < first:
        return NEVER
    return windows[low, 0] + target - windows[low, 2]


@inlined
def _begin(cal_ptr: Any, windows: Any, c: int, t: int, work: int, resumable: int) -> int:
    """When processing that is ready at `t` starts."""
    if c < 0 or work == 0:
        return t
    low, high = cal_ptr[c], cal_ptr[c + 1]
    last = high
    while low < high:
        middle = (low + high) >> 1
        if windows[middle, 1] <= t:
            low = middle + 1
        else:
            high = middle
    while low < last:
        start = max(t, windows[low, 0])
        if resumable or start + work <= windows[low, 1]:
            return start
        low += 1
    return NEVER


@inlined
def _setup(alts: Any, machines: Any, setups: Any, m: int, a: int, family: int) -> int:
    """Setup of alternative `a` on machine `m` after `family`."""
    seconds = alts[a, ALT_SETUP]
    g = alts[a, ALT_FAMILY]
    if machines[m, TABLE] >= 0 and family >= 0 and g >= 0:
        seconds += setups[machines[m, TABLE], family, g]
    return seconds


@njit
def forward(
    ops: Any,
    alts: Any,
    pre: Any,
    machines: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    reg: Any,
    first: int,
    skip: int,
) -> None:
    """Heads of the operations from place `first` of the order on; `skip` is out of the schedule (or -1)."""
    n = reg[COUNT]
    for i in range(first, n):
        v = ops[i, ORDER]
        if v == skip:
            continue
        a = ops[v, ALT]
        m = alts[a, MACHINE]
        t, b = ops[v, HEAD], -1
        for e in range(ops[v, PRE_FROM], ops[v + 1, PRE_FROM]):
            u = pre[e, 0]
            x = ops[u, END] + pre[e, 1]
            if x > t:
                t, b = x, u
        c = machines[m, CALENDAR]
        work = alts[a, WORK]
        family = alts[a, ALT_FAMILY]
        seconds = 0
        if not machines[m, UNLIMITED]:
            u = ops[v, BEFORE]
            if u >= 0:
                free, f = ops[u, END], ops[u, FAMILY]
            else:
                free, f = machines[m, FREE], machines[m, FAMILY_AT]
            seconds = _setup(alts, machines, setups, m, a, f)
            if machines[m, NEEDS_JOB] and seconds > 0:
                if free >= t:
                    b = u
                t = _advance(cal_ptr, windows, c, max(t, free), seconds)
            else:
                if seconds > 0:
                    free = _advance(cal_ptr, windows, c, free, seconds)
                if free >= t:
                    t, b = free, u
            if family < 0:
                family = f
        ops[v, FAMILY] = family
        ops[v, SETUP] = seconds
        ops[v, BIND] = b
        if c < 0:
            ops[v, START] = t
            ops[v, END] = t + work
        else:
            t = _begin(cal_ptr, windows, c, t, work, ops[v, RESUMABLE])
            ops[v, START] = t
            ops[v, END] = _advance(cal_ptr, windows, c, t, work)
    reg[STEPS] += 12 * (n - first)


@njit
def _tails(ops: Any, suc: Any, tails: Any, reg: Any, last: int, skip: int) -> None:
    """Tails of the operations from place `last` of the order down."""
    width = tails.shape[1]
    for i in range(last, -1, -1):
        v = ops[i, ORDER]
        if v == skip:
            continue
        for k in range(width):
            tails[v, k] = NONE
        tails[v, width - 1] = 0
        if ops[v, TARGET] >= 0:
            tails[v, ops[v, TARGET]] = 0
        for e in range(ops[v, SUC_FROM], ops[v + 1, SUC_FROM]):
            u = suc[e, 0]
            if u == skip:
                continue
            x = suc[e, 1] + ops[u, END] - ops[u, START]
            for k in range(width):
                y = tails[u, k] + x
                if y > tails[v, k]:
                    tails[v, k] = y
        u = ops[v, AFTER]
        if u >= 0:
            x = ops[u, SETUP] + ops[u, END] - ops[u, START]
            for k in range(width):
                y = tails[u, k] + x
                if y > tails[v, k]:
                    tails[v, k] = y
    reg[STEPS] += (last + 1) * (16 + width // 3)


@njit
def measure(ops: Any, last: Any, targets: Any, reg: Any) -> int:
    """Value of the schedule without its setups; ends of the targets go to row DONE."""
    for k in range(targets.shape[1]):
        targets[DONE, k] = 0
    for e in range(last.shape[0]):
        v = last[e]
        k = ops[v, TARGET]
        if ops[v, END] > targets[DONE, k]:
            targets[DONE, k] = ops[v, END]
    value = 0
    for k in range(targets.shape[1]):
        if targets[DONE, k] > targets[DUE, k]:
            value += targets[WEIGHT, k] * (targets[DONE, k] - targets[DUE, k])
    reg[STEPS] += last.shape[0]
    return value


@njit
def _all_setups(ops: Any, reg: Any) -> int:
    total = 0
    for v in range(reg[COUNT]):
        total += ops[v, SETUP]
    return total


@njit
def _unlink(ops: Any, v: int) -> None:
    x, y = ops[v, BEFORE], ops[v, AFTER]
    if x >= 0:
        ops[x, AFTER] = y
    if y >= 0:
        ops[y, BEFORE] = x
    ops[v, BEFORE] = -1
    ops[v, AFTER] = -1


@njit
def _link(ops: Any, alts: Any, machines: Any, v: int, a: int, x: int, y: int) -> None:
    """Put `v` by alternative `a` between `x` and `y` (either may be -1)."""
    ops[v, ALT] = a
    m = alts[a, MACHINE]
    ops[v, BEFORE] = x
    ops[v, AFTER] = y
    if machines[m, UNLIMITED]:
        return
    if x >= 0:
        ops[x, AFTER] = v
    else:
        machines[m, FIRST] = v
    if y >= 0:
        ops[y, BEFORE] = v


@njit
def _take_out(ops: Any, alts: Any, machines: Any, v: int) -> None:
    m = alts[ops[v, ALT], MACHINE]
    if not machines[m, UNLIMITED] and ops[v, BEFORE] < 0:
        machines[m, FIRST] = ops[v, AFTER]
    _unlink(ops, v)


@njit
def _reorder(ops: Any, pre: Any, suc: Any, reg: Any, v: int, x: int, y: int) -> None:
    """Give `v` a place in the topological order after `x` and before `y`."""
    low, high = -1, reg[COUNT]
    if x >= 0:
        low = ops[x, PLACE]
    if y >= 0:
        high = ops[y, PLACE]
    for e in range(ops[v, PRE_FROM], ops[v + 1, PRE_FROM]):
        low = max(low, ops[pre[e, 0], PLACE])
    for e in range(ops[v, SUC_FROM], ops[v + 1, SUC_FROM]):
        high = min(high, ops[suc[e, 0], PLACE])
    here = ops[v, PLACE]
    if low < high:
        if here < low:
            for i in range(here, low):
                ops[i, ORDER] = ops[i + 1, ORDER]
                ops[ops[i, ORDER], PLACE] = i
            ops[low, ORDER] = v
            ops[v, PLACE] = low
        elif here > high:
            for i in range(here, high, -1):
                ops[i, ORDER] = ops[i - 1, ORDER]
                ops[ops[i, ORDER], PLACE] = i
            ops[high, ORDER] = v
            ops[v, PLACE] = high
        return
    # Between `high` and `low` what must come after `v` and what must come before are mixed: part them.
    begin, end = min(high, here), max(low, here)
    kept, moved = begin, 0
    for i in range(begin, end + 1):
        u = ops[i, ORDER]
        if u == v:
            continue
        late = u == y
        if not late and i >= high:
            p = ops[u, BEFORE]
            late = p >= 0 and ops[p, MARK] == 1
            if not late:
                for e in range(ops[u, PRE_FROM], ops[u + 1, PRE_FROM]):
                    if pre[e, 0] == v or ops[pre[e, 0], MARK] == 1:
                        late = True
                        break
        if late:
            ops[u, MARK] = 1
            ops[moved, BUFFER] = u
            moved += 1
        else:
            ops[kept, ORDER] = u
            ops[u, PLACE] = kept
            kept += 1
    ops[kept, ORDER] = v
    ops[v, PLACE] = kept
    for i in range(moved):
        u = ops[i, BUFFER]
        ops[u, MARK] = 0
        ops[kept + 1 + i, ORDER] = u
        ops[u, PLACE] = kept + 1 + i
    reg[STEPS] += 6 * (end - begin)


@njit
def _put(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    last: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    reg: Any,
    v: int,
    a: int,
    x: int,
    y: int,
) -> None:
    """Put `v` back into the schedule and walk what comes after it."""
    _reorder(ops, pre, suc, reg, v, x, y)
    _link(ops, alts, machines, v, a, x, y)
    forward(ops, alts, pre, machines, cal_ptr, windows, setups, reg, ops[v, PLACE], -1)
    reg[VALUE] = measure(ops, last, targets, reg)
    if reg[ANY_SETUPS]:
        reg[SETUPS] = _all_setups(ops, reg)


@njit
def _pick(ops: Any, last: Any, targets: Any, reg: Any) -> int:
    """An operation on the longest path to a late target, or -1 when none is late."""
    total = 0
    for k in range(targets.shape[1]):
        if targets[DONE, k] > targets[DUE, k]:
            total += targets[WEIGHT, k] * (targets[DONE, k] - targets[DUE, k])
    if total == 0:
        return -1
    left = _rand(reg, total)
    chosen = 0
    for k in range(targets.shape[1]):
        if targets[DONE, k] > targets[DUE, k]:
            left -= targets[WEIGHT, k] * (targets[DONE, k] - targets[DUE, k])
            if left < 0:
                chosen = k
                break
    v = -1
    for e in range(last.shape[0]):
        u = last[e]
        if ops[u, TARGET] == chosen and ops[u, END] == targets[DONE, chosen]:
            v = u
            break
    length = 0
    u = v
    while u >= 0:
        if not ops[u, FIXED]:
            length += 1
        u = ops[u, BIND]
    if length == 0:
        return -1
    left = _rand(reg, length)
    u = v
    while u >= 0:
        if not ops[u, FIXED]:
            if left == 0:
                return u
            left -= 1
        u = ops[u, BIND]
    return v


@njit
def _pick_setup(ops: Any, reg: Any) -> int:
    """An operation that costs a setup, or follows on one that does; -1 when tries fail."""
    n = reg[COUNT]
    for _ in range(8):
        v = _rand(reg, n)
        if ops[v, SETUP] > 0:
            if ops[v, BEFORE] >= 0 and _rand(reg, 2) == 0:
                v = ops[v, BEFORE]
            if not ops[v, FIXED]:
                return v
    return -1


@inlined
def _price(
    ops: Any,
    alts: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    own: Any,
    reg: Any,
    v: int,
    a: int,
    x: int,
    y: int,
    ready: int,
) -> int:
    """Value of the schedule with `v` by alternative `a` between `x` and `y`."""
    m = alts[a, MACHINE]
    c = machines[m, CALENDAR]
    width = tails.shape[1]
    t = ready
    extra = 0
    seconds, again = 0, 0
    if not machines[m, UNLIMITED]:
        if x >= 0:
            free, f = ops[x, END], ops[x, FAMILY]
        else:
            free, f = machines[m, FREE], machines[m, FAMILY_AT]
        seconds = _setup(alts, machines, setups, m, a, f)
        if machines[m, NEEDS_JOB]:
            t = max(t, free)
            if seconds > 0:
                t = _advance(cal_ptr, windows, c, t, seconds)
        else:
            if seconds > 0:
                free = _advance(cal_ptr, windows, c, free, seconds)
            t = max(t, free)
        extra = seconds
        if y >= 0:
            g = alts[a, ALT_FAMILY]
            again = _setup(alts, machines, setups, m, ops[y, ALT], g if g >= 0 else f)
            extra += again - _setup(alts, machines, setups, m, ops[y, ALT], f)
    work = alts[a, WORK]
    t = _begin(cal_ptr, windows, c, t, work, ops[v, RESUMABLE])
    t = _advance(cal_ptr, windows, c, t, work)
    if t >= NEVER:
        return NEVER
    value = extra * reg[SETUP_PRICE]
    reg[PATH] = t + own[width - 1]
    if y >= 0:
        x1 = again + ops[y, END] - ops[y, START]
        reg[PATH] = t + max(own[width - 1], tails[y, width - 1] + x1)
        for k in range(width - 1):
            q = max(own[k], tails[y, k] + x1)
            over = max(targets[DONE, k], t + q) - targets[DUE, k]
            if over > 0:
                value += targets[WEIGHT, k] * over
    else:
        for k in range(width - 1):
            over = max(targets[DONE, k], t + own[k]) - targets[DUE, k]
            if over > 0:
                value += targets[WEIGHT, k] * over
    reg[STEPS] += 20 + width // 2
    return value


@njit
def _choose(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    own: Any,
    reg: Any,
    noise: Any,
    v: int,
    old: int,
    old_x: int,
    temperature: int,
) -> None:
    """Draw a place for `v`; the answer goes to the registers FOUND_…."""
    width = tails.shape[1]
    ready, earliest = ops[v, HEAD], -1
    for e in range(ops[v, PRE_FROM], ops[v + 1, PRE_FROM]):
        u = pre[e, 0]
        ready = max(ready, ops[u, END] + pre[e, 1])
        earliest = max(earliest, ops[u, END])
    longest_before = -1
    for e in range(ops[v, PRE_FROM], ops[v + 1, PRE_FROM]):
        u = pre[e, 0]
        longest_before = max(longest_before, ops[u, END] - ops[u, START] + tails[u, width - 1])
    for k in range(width):
        own[k] = NONE
    own[width - 1] = 0
    if ops[v, TARGET] >= 0:
        own[ops[v, TARGET]] = 0
    next_start, longest_after = NEVER, -1
    for e in range(ops[v, SUC_FROM], ops[v + 1, SUC_FROM]):
        u = suc[e, 0]
        x = suc[e, 1] + ops[u, END] - ops[u, START]
        for k in range(width):
            y = tails[u, k] + x
            if y > own[k]:
                own[k] = y
        next_start = min(next_start, ops[u, START])
        longest_after = max(longest_after, ops[u, END] - ops[u, START] + tails[u, width - 1])
    best = NEVER << 20
    reg[FOUND_ALT] = -1
    for a in range(ops[v, ALT_FROM], ops[v + 1, ALT_FROM]):
        m = alts[a, MACHINE]
        x, y = -1, -1
        if not machines[m, UNLIMITED]:
            y = machines[m, FIRST]
        while True:
            # `x` must not come after what follows `v`, nor `y` before what `v` follows.
            if (
                x >= 0
                and next_start < NEVER
                and ops[x, START] >= next_start
                and ops[x, END] - ops[x, START] + tails[x, width - 1] <= longest_after
            ):
                break
            fits = (
                y < 0
                or earliest < 0
                or ops[y, END] > earliest
                or ops[y, END] - ops[y, START] + tails[y, width - 1] < longest_before
            )
            if fits and y >= 0 and ops[y, FIXED]:
                fits = False
            if fits:
                value = _price(
                    ops, alts, machines, targets, cal_ptr, windows, setups, tails, own, reg, v, a, x, y, ready
                )
                drawn = noise[0, _rand(reg, _NOISE + 1)]
                score = (value << 10) + reg[TIE] * reg[PATH] - ((temperature * drawn) >> 10)
                stays = reg[LEAVE] > 0 and a == old and x == old_x
                if value < NEVER and score < best and not stays:
                    best = score
                    reg[FOUND_ALT] = a
                    reg[FOUND_BEFORE] = x
                    reg[FOUND_AFTER] = y
                    reg[FOUND_VALUE] = value
            if y < 0:
                break
            x = y
            y = ops[y, AFTER]


@njit
def _keep(ops: Any, machines: Any, reg: Any) -> None:
    """Remember the schedule as the best so far."""
    n = reg[COUNT]
    for v in range(n):
        ops[v, BEST_ORDER] = ops[v, ORDER]
        ops[v, BEST_ALT] = ops[v, ALT]
        ops[v, BEST_BEFORE] = ops[v, BEFORE]
        ops[v, BEST_AFTER] = ops[v, AFTER]
    for m in range(machines.shape[0]):
        machines[m, BEST_FIRST] = machines[m, FIRST]
    reg[BEST] = reg[VALUE]
    reg[BEST_SETUPS] = reg[SETUPS]
    reg[STEPS] += 3 * n


@njit
def restore(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    last: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    own: Any,
    reg: Any,
    noise: Any,
) -> None:
    """Go back to the best schedule so far."""
    n = reg[COUNT]
    for v in range(n):
        ops[v, ORDER] = ops[v, BEST_ORDER]
        ops[ops[v, ORDER], PLACE] = v
        ops[v, ALT] = ops[v, BEST_ALT]
        ops[v, BEFORE] = ops[v, BEST_BEFORE]
        ops[v, AFTER] = ops[v, BEST_AFTER]
    for m in range(machines.shape[0]):
        machines[m, FIRST] = machines[m, BEST_FIRST]
    begin(ops, alts, pre, suc, last, machines, targets, cal_ptr, windows, setups, tails, own, reg, noise)


@njit
def begin(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    last: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    own: Any,
    reg: Any,
    noise: Any,
) -> None:
    """Walk the whole schedule once."""
    forward(ops, alts, pre, machines, cal_ptr, windows, setups, reg, 0, -1)
    reg[VALUE] = measure(ops, last, targets, reg)
    reg[SETUPS] = _all_setups(ops, reg)
    reg[DIRTY] = reg[COUNT] - 1


@njit
def run(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    last: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    own: Any,
    reg: Any,
    noise: Any,
    steps: int,
) -> int:
    """Search until `steps` steps are done, cooling by row 2 of `noise`; the steps done."""
    reg[STEPS] = 0
    any_setups = reg[ANY_SETUPS] > 0
    inexact = reg[INEXACT] > 0
    price = reg[SETUP_PRICE]
    stages = noise.shape[1] // 64
    if reg[VALUE] < reg[BEST] or (reg[VALUE] == reg[BEST] and reg[SETUPS] < reg[BEST_SETUPS]):
        _keep(ops, machines, reg)
    while reg[STEPS] < steps:
        temperature = noise[2, stages * reg[STEPS] // steps]
        reg[STEPS] += 400
        v = -1
        if any_setups and (reg[VALUE] == 0 or _rand(reg, 4) == 0):
            v = _pick_setup(ops, reg)
        if v < 0:
            v = _pick(ops, last, targets, reg)
        if v < 0:
            if not any_setups:
                break
            continue
        reg[MOVES] += 1
        old, old_x, old_y, here = ops[v, ALT], ops[v, BEFORE], ops[v, AFTER], ops[v, PLACE]
        value_before, setups_before = reg[VALUE], reg[SETUPS]
        setups_without = setups_before - ops[v, SETUP]
        if old_y >= 0:
            setups_without -= ops[old_y, SETUP]
        _take_out(ops, alts, machines, v)
        forward(ops, alts, pre, machines, cal_ptr, windows, setups, reg, here, v)
        if old_y >= 0:
            setups_without += ops[old_y, SETUP]
        _tails(ops, suc, tails, reg, max(reg[DIRTY], here), v)
        measure(ops, last, targets, reg)
        _choose(
            ops,
            alts,
            pre,
            suc,
            machines,
            targets,
            cal_ptr,
            windows,
            setups,
            tails,
            own,
            reg,
            noise,
            v,
            old,
            old_x,
            temperature,
        )
        a, x, y = reg[FOUND_ALT], reg[FOUND_BEFORE], reg[FOUND_AFTER]
        limit = (temperature * noise[1, _rand(reg, _NOISE + 1)]) >> 20
        looked = reg[FOUND_VALUE] + price * setups_without
        if a < 0 or (reg[LEAVE] > 0 and looked - value_before - price * setups_before > limit):
            a, x, y = old, old_x, old_y
        _put(ops, alts, pre, suc, last, machines, targets, cal_ptr, windows, setups, reg, v, a, x, y)
        reg[DIRTY] = reg[COUNT] - 1 if inexact else ops[v, PLACE]
        if inexact and (a != old or x != old_x):
            worse = reg[VALUE] - value_before + price * (reg[SETUPS] - setups_before)
            if worse > 0 and reg[VALUE] + price * reg[SETUPS] - looked > limit:
                here = ops[v, PLACE]
                _take_out(ops, alts, machines, v)
                _put(
                    ops,
                    alts,
                    pre,
                    suc,
                    last,
                    machines,
                    targets,
                    cal_ptr,
                    windows,
                    setups,
                    reg,
                    v,
                    old,
                    old_x,
                    old_y,
                )
                forward(ops, alts, pre, machines, cal_ptr, windows, setups, reg, min(here, ops[v, PLACE]), -1)
                reg[VALUE] = measure(ops, last, targets, reg)
                reg[SETUPS] = setups_before
        if reg[VALUE] < reg[BEST] or (reg[VALUE] == reg[BEST] and reg[SETUPS] < reg[BEST_SETUPS]):
            _keep(ops, machines, reg)
    return reg[STEPS]
