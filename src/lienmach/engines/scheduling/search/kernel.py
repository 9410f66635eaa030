"""The search itself: take one operation out of the schedule, look at every place it could go to, choose.

A schedule is a machine for each operation and a sequence for each machine. Its graph gives every operation a
head (when it can end) and, per target (an order with a due date), a tail (how long after the operation's end
the target is still busy because of it). With an operation taken out, the value of the schedule with the
operation anywhere is head + duration + tail, exact for each of its places without building any of them, when
there are no calendars. One of the places is drawn, better ones more likely (Boltzmann's distribution at a
falling temperature); then heads are walked again from there, exactly, with calendars. A place that turns out
worse than it looked is refused by the same temperature.

All operations stand in one topological order, by place. The search may be confined to a *window* of places:
what stands before it has heads that cannot change, what stands after it tails that cannot change, so a move
costs what the window holds and not what the shop holds. Tails are kept for the *watched* targets only, one
column each. Heads are walked and tails are summed only where the move looks at them: `reg[DIRTY]` is the last
place whose tails are out of date.

Only integers, so that compiled and plain runs give the same bytes; times are seconds after the plan's start.
The arrays are those of `graph.Board`, handed over one by one, because a compiled call that hands over a tuple
costs more than most of these functions do; their rows and columns are named below, and what belongs to nobody
stands in `reg`. STEPS counts nanoseconds on the computer where the costs below were measured.

One file on purpose: what Numba keeps on disk is thrown away when the file of a function changes, but not when
a file changes that it calls into.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lienmach.engines.scheduling.search.compiled import inlined, njit

NEVER = 1 << 40
"""An instant after the end of every calendar."""
NONE = -(1 << 30)
"""The tail of an operation that a target does not wait for."""
FAR = 1 << 29
"""What narrow numbers hold in place of what is later or longer."""

# Registers, in `reg`. VALUE is the weighted lateness of the schedule, REST the part of it in targets that are
# not watched; BEST… the best schedule so far; SETUP_PRICE what a second of setup counts; LEAVE whether an
# operation may not stay where it was; PLAIN whether there are no calendars and no setups; COLUMNS the number
# of watched targets; FROM and UNTIL the window; WHOLE whether that is the whole shop; EXITS
# and OUTLETS the number of ways out of the window (see `open_window`); CLOSES the first end of a machine's
# calendar that counts as always open: a schedule that lasts longer is none.
(
    RANDOM,
    DIRTY,
    STEPS,
    VALUE,
    REST,
    SETUPS,
    BEST,
    BEST_SETUPS,
    SETUP_PRICE,
    MOVES,
    LEAVE,
    COUNT,
    ANY_SETUPS,
    PLAIN,
    COLUMNS,
    FROM,
    UNTIL,
    WHOLE,
    EXITS,
    OUTLETS,
    FOUND_ALT,
    FOUND_BEFORE,
    FOUND_AFTER,
    FOUND_VALUE,
    CLOSES,
) = range(25)
REGISTERS = 25
# Rows of `ops`: ORDER, BUFFER and SAVED by place, the others by operation; LENGTH is from start to end on the
# clock, BIND what the start waited for (kept up to date only where there are calendars or setups), FIXED
# whether the operation is frozen or running: such stand first on their machines.
(
    ORDER,
    PLACE,
    ALT,
    BEFORE,
    AFTER,
    END,
    LENGTH,
    HEAD,
    PRE_FROM,
    SUC_FROM,
    SETUP,
    FAMILY,
    BIND,
    TARGET,
    COLUMN,
    RESUMABLE,
    FIXED,
    ALT_FROM,
    MARK,
    BUFFER,
    SAVED,
    BEST_ORDER,
    BEST_ALT,
    BEST_BEFORE,
    BEST_AFTER,
) = range(25)
OP_ROWS = 25
# Columns of `alts`; between the last two the first place worth looking at lies.
MACHINE, WORK, ALT_FAMILY, ALT_SETUP, ENTRY_BEFORE, ENTRY_AFTER = range(6)
ALT_COLUMNS = 6
# Columns of `machines`; LOW is the last operation before the window, HIGH the first one after it.
UNLIMITED, FREE, FAMILY_AT, TABLE, NEEDS_JOB, CALENDAR, FIRST, BEST_FIRST, LOW, HIGH = range(10)
MACHINE_COLUMNS = 10
# Rows of `targets`.
DUE, WEIGHT, DONE = range(3)
# Rows of `watch`, one column per watched target and one more for the longest way to any end: DUE_AT its due
# date, ENDS its end, KEPT_ENDS a copy, BASE its end without the window's operations, OWN the tail of the
# operation that is out, LATE how late the target is without it.
DUE_AT, ENDS, KEPT_ENDS, BASE, OWN, LATE = range(6)
WATCH_ROWS = 6
# Columns of `exits`: an operation in the window, one after it (or -1), clock time from end to end.
FROM_OPERATION, TO_OPERATION, LASTING = range(3)

_NOISE = 4095
# Nanoseconds that things take.
_MOVE, _HEAD, _GENERAL_HEAD, _TAIL, _PLACE, _STEP, _COPY, _ORDER = 500, 3, 27, 8, 110, 14, 1, 5
_COLUMNS_A_NS = 8
"""Columns of tails that are added and compared in one nanosecond."""


@inlined
def _rand(reg: Any, n: int) -> int:
    """A number from 0 to n - 1; n below 2^60."""
    a = reg[RANDOM] * 48271 % 2147483647
    c = a * 48271 % 2147483647
    reg[RANDOM] = c
    return ((a << 29) ^ c) % n


# --- Calendars and setups


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


# --- Heads and tails


@inlined
def _plain_heads(ops: Any, pre: Any, reg: Any, first: int, skip: int) -> None:
    """Ends from place `first` on where there are neither calendars nor setups; the old ones go to SAVED."""
    until = reg[UNTIL]
    for i in range(first, until):
        v = ops[ORDER, i]
        ops[SAVED, i] = ops[END, v]
        if v == skip:
            continue
        t = ops[HEAD, v]
        u = ops[BEFORE, v]
        if u >= 0:
            t = max(t, ops[END, u])
        for e in range(ops[PRE_FROM, v], ops[PRE_FROM, v + 1]):
            t = max(t, ops[END, pre[e, 0]] + pre[e, 1])
        ops[END, v] = t + ops[LENGTH, v]
    reg[STEPS] += _HEAD * (until - first)


@inlined
def _undo_heads(ops: Any, reg: Any, first: int) -> None:
    """The ends before the last walk from `first`."""
    until = reg[UNTIL]
    for i in range(first, until):
        ops[END, ops[ORDER, i]] = ops[SAVED, i]
    reg[STEPS] += _COPY * (until - first)


@njit
def _general_heads(
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
    """Ends, lengths, setups and families from place `first` on."""
    until = reg[UNTIL]
    for i in range(first, until):
        v = ops[ORDER, i]
        if v == skip:
            continue
        a = ops[ALT, v]
        m = alts[a, MACHINE]
        if ops[FIXED, v]:
            u = ops[BEFORE, v]
            ops[FAMILY, v] = alts[a, ALT_FAMILY]
            if ops[FAMILY, v] < 0:
                ops[FAMILY, v] = ops[FAMILY, u] if u >= 0 else machines[m, FAMILY_AT]
            continue
        t, bind = ops[HEAD, v], -1
        for e in range(ops[PRE_FROM, v], ops[PRE_FROM, v + 1]):
            u = pre[e, 0]
            x = ops[END, u] + pre[e, 1]
            if x > t:
                t, bind = x, u
        c = machines[m, CALENDAR]
        work = alts[a, WORK]
        family = alts[a, ALT_FAMILY]
        seconds = 0
        if not machines[m, UNLIMITED]:
            u = ops[BEFORE, v]
            if u >= 0:
                free, f = ops[END, u], ops[FAMILY, u]
            else:
                free, f = machines[m, FREE], machines[m, FAMILY_AT]
            seconds = _setup(alts, machines, setups, m, a, f)
            if machines[m, NEEDS_JOB] and seconds > 0:
                if free >= t:
                    bind = u
                t = _advance(cal_ptr, windows, c, max(t, free), seconds)
            else:
                if seconds > 0:
                    free = _advance(cal_ptr, windows, c, free, seconds)
                if free >= t:
                    t, bind = free, u
            if family < 0:
                family = f
        ops[FAMILY, v] = family
        ops[SETUP, v] = seconds
        ops[BIND, v] = bind
        if c < 0:
            ops[LENGTH, v] = work
            ops[END, v] = t + work
        else:
            t = _begin(cal_ptr, windows, c, t, work, ops[RESUMABLE, v])
            ops[END, v] = _advance(cal_ptr, windows, c, t, work)
            ops[LENGTH, v] = min(ops[END, v] - t, FAR)
    reg[STEPS] += _GENERAL_HEAD * (until - first)


@inlined
def _heads(
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
    if reg[PLAIN]:
        _plain_heads(ops, pre, reg, first, skip)
    else:
        _general_heads(ops, alts, pre, machines, cal_ptr, windows, setups, reg, first, skip)


@njit
def _tails(ops: Any, suc: Any, tails: Any, reg: Any, last: int, first: int, skip: int) -> None:
    """Tails of the operations from place `last` of the order down to place `first`."""
    width = reg[COLUMNS] + 1
    for i in range(last, first - 1, -1):
        v = ops[ORDER, i]
        if v == skip:
            continue
        e, end = ops[SUC_FROM, v], ops[SUC_FROM, v + 1]
        while e < end and suc[e, 0] == skip:
            e += 1
        u = ops[AFTER, v]
        if u >= 0:
            x = np.int32(ops[SETUP, u] + ops[LENGTH, u])
            if e < end:
                w = suc[e, 0]
                y = np.int32(suc[e, 1] + ops[LENGTH, w])
                for k in range(width):
                    tails[v, k] = max(np.int32(tails[u, k] + x), np.int32(tails[w, k] + y))
                e += 1
            else:
                for k in range(width):
                    tails[v, k] = tails[u, k] + x
        elif e < end:
            w = suc[e, 0]
            y = np.int32(suc[e, 1] + ops[LENGTH, w])
            for k in range(width):
                tails[v, k] = tails[w, k] + y
            e += 1
        else:
            for k in range(width):
                tails[v, k] = NONE
        while e < end:
            w = suc[e, 0]
            if w != skip:
                y = np.int32(suc[e, 1] + ops[LENGTH, w])
                for k in range(width):
                    tails[v, k] = max(tails[v, k], np.int32(tails[w, k] + y))
            e += 1
        k = ops[COLUMN, v]
        if k >= 0:
            tails[v, k] = max(tails[v, k], np.int32(0))
        tails[v, width - 1] = max(tails[v, width - 1], np.int32(0))
    if last >= first:
        reg[STEPS] += (last - first + 1) * (_TAIL + width // _COLUMNS_A_NS)


# --- Value


@njit
def _measure_all(ops: Any, finals: Any, targets: Any, watch: Any, watched: Any, reg: Any) -> None:
    """Ends of all targets, the value, and the part of it that is not watched; heads are walked to the end."""
    for k in range(targets.shape[1]):
        targets[DONE, k] = 0
    for e in range(finals.shape[0]):
        v = finals[e]
        k = ops[TARGET, v]
        if ops[END, v] > targets[DONE, k]:
            targets[DONE, k] = ops[END, v]
    value = 0
    for k in range(targets.shape[1]):
        over = targets[DONE, k] - targets[DUE, k]
        if over > 0:
            value += targets[WEIGHT, k] * over
    reg[REST] = value
    reg[VALUE] = value
    for k in range(reg[COLUMNS]):
        j = watched[k]
        done = targets[DONE, j]
        watch[ENDS, k] = min(done, FAR)
        if done > targets[DUE, j]:
            reg[REST] -= targets[WEIGHT, j] * (done - targets[DUE, j])
    reg[STEPS] += finals.shape[0] + targets.shape[1] + reg[COLUMNS]


@njit
def _measure_window(
    ops: Any, tails: Any, watch: Any, weights: Any, exits: Any, outlets: Any, reg: Any, skip: int
) -> None:
    """Ends of the watched targets, and the value, over the ways out of the window."""
    columns = reg[COLUMNS]
    for k in range(columns):
        watch[ENDS, k] = watch[BASE, k]
    for e in range(reg[EXITS]):
        u = exits[e, FROM_OPERATION]
        if u == skip:
            continue
        w = exits[e, TO_OPERATION]
        t = np.int32(min(ops[END, u] + exits[e, LASTING], FAR))
        if w >= 0:
            for k in range(columns):
                watch[ENDS, k] = max(watch[ENDS, k], np.int32(t + tails[w, k]))
        else:
            k = ops[COLUMN, u]
            watch[ENDS, k] = max(watch[ENDS, k], t)
    for e in range(reg[OUTLETS]):
        w = outlets[e]
        u = ops[BEFORE, w]
        if u >= 0:
            t = np.int32(min(ops[END, u] + ops[SETUP, w] + ops[LENGTH, w], FAR))
            for k in range(columns):
                watch[ENDS, k] = max(watch[ENDS, k], np.int32(t + tails[w, k]))
    value = reg[REST]
    for k in range(columns):
        over = np.int64(watch[ENDS, k]) - watch[DUE_AT, k]
        if over > 0:
            value += weights[k] * over
    reg[VALUE] = value
    reg[STEPS] += columns + (reg[EXITS] + reg[OUTLETS]) * (6 + columns // _COLUMNS_A_NS)


@inlined
def _measure(
    ops: Any,
    finals: Any,
    targets: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    watched: Any,
    exits: Any,
    outlets: Any,
    reg: Any,
    skip: int,
) -> None:
    if reg[WHOLE]:
        _measure_all(ops, finals, targets, watch, watched, reg)
    else:
        _measure_window(ops, tails, watch, weights, exits, outlets, reg, skip)


@njit
def _all_setups(ops: Any, reg: Any) -> int:
    total = 0
    for v in range(reg[COUNT]):
        total += ops[SETUP, v]
    return total


# --- Taking out and putting back


@inlined
def _take_out(ops: Any, alts: Any, machines: Any, v: int) -> None:
    m = alts[ops[ALT, v], MACHINE]
    x, y = ops[BEFORE, v], ops[AFTER, v]
    # Nobody waits for what is out.
    ops[END, v] = NONE
    if not machines[m, UNLIMITED] and x < 0:
        machines[m, FIRST] = y
    if x >= 0:
        ops[AFTER, x] = y
    if y >= 0:
        ops[BEFORE, y] = x
    ops[BEFORE, v] = -1
    ops[AFTER, v] = -1


@inlined
def _link(ops: Any, alts: Any, machines: Any, reg: Any, v: int, a: int, x: int, y: int) -> None:
    """Put `v` by alternative `a` between `x` and `y` (either may be -1)."""
    ops[ALT, v] = a
    if reg[PLAIN]:
        ops[LENGTH, v] = alts[a, WORK]
    m = alts[a, MACHINE]
    ops[BEFORE, v] = x
    ops[AFTER, v] = y
    if machines[m, UNLIMITED]:
        return
    if x >= 0:
        ops[AFTER, x] = v
    else:
        machines[m, FIRST] = v
    if y >= 0:
        ops[BEFORE, y] = v


@njit
def _reorder(ops: Any, pre: Any, suc: Any, reg: Any, v: int, x: int, y: int) -> int:
    """Give `v` a place in the topological order after `x`, before `y`; the last place with a new holder."""
    low, high = -1, reg[COUNT]
    if x >= 0:
        low = ops[PLACE, x]
    if y >= 0:
        high = ops[PLACE, y]
    for e in range(ops[PRE_FROM, v], ops[PRE_FROM, v + 1]):
        low = max(low, ops[PLACE, pre[e, 0]])
    for e in range(ops[SUC_FROM, v], ops[SUC_FROM, v + 1]):
        high = min(high, ops[PLACE, suc[e, 0]])
    here = ops[PLACE, v]
    if low < high:
        if here < low:
            for i in range(here, low):
                u = ops[ORDER, i + 1]
                ops[ORDER, i] = u
                ops[PLACE, u] = i
            ops[ORDER, low] = v
            ops[PLACE, v] = low
            reg[STEPS] += _COPY * (low - here)
            return low
        if here > high:
            for i in range(here, high, -1):
                u = ops[ORDER, i - 1]
                ops[ORDER, i] = u
                ops[PLACE, u] = i
            ops[ORDER, high] = v
            ops[PLACE, v] = high
            reg[STEPS] += _COPY * (here - high)
        return here
    # Between `high` and `low` what must come after `v` and what must come before are mixed: part them.
    begin, end = min(high, here), max(low, here)
    kept, moved = begin, 0
    for i in range(begin, end + 1):
        u = ops[ORDER, i]
        if u == v:
            continue
        late = u == y
        if not late and i >= high:
            p = ops[BEFORE, u]
            late = p >= 0 and ops[MARK, p] == 1
            if not late:
                for e in range(ops[PRE_FROM, u], ops[PRE_FROM, u + 1]):
                    if pre[e, 0] == v or ops[MARK, pre[e, 0]] == 1:
                        late = True
                        break
        if late:
            ops[MARK, u] = 1
            ops[BUFFER, moved] = u
            moved += 1
        else:
            ops[ORDER, kept] = u
            ops[PLACE, u] = kept
            kept += 1
    ops[ORDER, kept] = v
    ops[PLACE, v] = kept
    for i in range(moved):
        u = ops[BUFFER, i]
        ops[MARK, u] = 0
        ops[ORDER, kept + 1 + i] = u
        ops[PLACE, u] = kept + 1 + i
    reg[STEPS] += _ORDER * (end - begin)
    return end


@njit
def _put(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    finals: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    watched: Any,
    exits: Any,
    outlets: Any,
    reg: Any,
    v: int,
    a: int,
    x: int,
    y: int,
) -> None:
    """Put `v` back into the schedule and walk what comes after it."""
    top = _reorder(ops, pre, suc, reg, v, x, y)
    reg[DIRTY] = max(reg[DIRTY] + 1, top) if reg[PLAIN] else reg[UNTIL] - 1
    _link(ops, alts, machines, reg, v, a, x, y)
    _heads(ops, alts, pre, machines, cal_ptr, windows, setups, reg, ops[PLACE, v], -1)
    _measure(ops, finals, targets, tails, watch, weights, watched, exits, outlets, reg, -1)
    if reg[ANY_SETUPS]:
        reg[SETUPS] = _all_setups(ops, reg)


# --- Which operation


@inlined
def _waited_for(ops: Any, pre: Any, reg: Any, v: int) -> int:
    """The operation that the start of `v` waited for, or -1."""
    if not reg[PLAIN]:
        return ops[BIND, v]
    start = ops[END, v] - ops[LENGTH, v]
    u = ops[BEFORE, v]
    if u >= 0 and ops[END, u] == start:
        return u
    for e in range(ops[PRE_FROM, v], ops[PRE_FROM, v + 1]):
        if ops[END, pre[e, 0]] + pre[e, 1] == start:
            return pre[e, 0]
    return -1


@inlined
def _last_of(
    ops: Any, finals: Any, tails: Any, watch: Any, exits: Any, outlets: Any, reg: Any, k: int
) -> int:
    """The last operation in the window on the longest way to the watched target `k`, or -1."""
    if reg[WHOLE]:
        for e in range(finals.shape[0]):
            v = finals[e]
            if ops[COLUMN, v] == k and ops[END, v] == watch[ENDS, k]:
                return v
        return -1
    for e in range(reg[EXITS]):
        u = exits[e, FROM_OPERATION]
        w = exits[e, TO_OPERATION]
        if w >= 0:
            if ops[END, u] + exits[e, LASTING] + tails[w, k] == watch[ENDS, k]:
                return u
        elif ops[COLUMN, u] == k and ops[END, u] == watch[ENDS, k]:
            return u
    for e in range(reg[OUTLETS]):
        w = outlets[e]
        u = ops[BEFORE, w]
        if u >= 0 and ops[END, u] + ops[SETUP, w] + ops[LENGTH, w] + tails[w, k] == watch[ENDS, k]:
            return u
    return -1


@njit
def _pick(
    ops: Any, pre: Any, finals: Any, tails: Any, watch: Any, weights: Any, exits: Any, outlets: Any, reg: Any
) -> int:
    """An operation of the window on the longest way to a late target, or -1 when none was found."""
    total = reg[VALUE] - reg[REST]
    if total <= 0:
        return -1
    for _ in range(4):
        left = _rand(reg, total)
        chosen = 0
        for k in range(reg[COLUMNS]):
            over = np.int64(watch[ENDS, k]) - watch[DUE_AT, k]
            if over > 0:
                left -= weights[k] * over
                if left < 0:
                    chosen = k
                    break
        u = _last_of(ops, finals, tails, watch, exits, outlets, reg, chosen)
        length = 0
        while u >= 0 and ops[PLACE, u] >= reg[FROM]:
            if not ops[FIXED, u]:
                ops[BUFFER, length] = u
                length += 1
            u = _waited_for(ops, pre, reg, u)
        reg[STEPS] += _STEP * length
        if length > 0:
            return ops[BUFFER, _rand(reg, length)]
    return -1


@njit
def _pick_setup(ops: Any, reg: Any) -> int:
    """An operation that costs a setup, or follows on one that does; -1 when tries fail."""
    ops, first = ops, reg[FROM]
    for _ in range(8):
        v = ops[ORDER, first + _rand(reg, reg[UNTIL] - first)]
        if ops[SETUP, v] > 0:
            u = ops[BEFORE, v]
            if u >= 0 and ops[PLACE, u] >= first and _rand(reg, 2) == 0:
                v = u
            if not ops[FIXED, v]:
                return v
    return -1


# --- Which place


@inlined
def _price(
    ops: Any,
    alts: Any,
    machines: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    reg: Any,
    v: int,
    a: int,
    x: int,
    y: int,
    ready: int,
) -> int:
    """Value of the schedule with `v` by alternative `a` between `x` and `y`."""
    columns = reg[COLUMNS]
    m = alts[a, MACHINE]
    work = alts[a, WORK]
    t = ready
    value = reg[REST]
    again = 0
    if reg[PLAIN]:
        if x >= 0:
            t = max(t, ops[END, x])
        t += work
    else:
        c = machines[m, CALENDAR]
        if not machines[m, UNLIMITED]:
            if x >= 0:
                free, f = ops[END, x], ops[FAMILY, x]
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
                again = _setup(alts, machines, setups, m, ops[ALT, y], g if g >= 0 else f)
                extra += again - _setup(alts, machines, setups, m, ops[ALT, y], f)
            value += extra * reg[SETUP_PRICE]
        t = _begin(cal_ptr, windows, c, t, work, ops[RESUMABLE, v])
        t = _advance(cal_ptr, windows, c, t, work)
        if t >= NEVER:
            return NEVER
        reg[STEPS] += _GENERAL_HEAD
    end = np.int32(min(t, FAR))
    if y >= 0:
        then = np.int32(again + ops[LENGTH, y])
        for k in range(columns):
            tail = max(watch[OWN, k], np.int32(tails[y, k] + then))
            over = max(watch[LATE, k], np.int32(np.int32(end + tail) - watch[DUE_AT, k]))
            value += weights[k] * over
    else:
        for k in range(columns):
            over = max(watch[LATE, k], np.int32(np.int32(end + watch[OWN, k]) - watch[DUE_AT, k]))
            value += weights[k] * over
    reg[STEPS] += _PLACE + columns // _COLUMNS_A_NS
    return value


@njit
def _look(
    ops: Any, alts: Any, machines: Any, reg: Any, v: int, ready: int, next_place: int, next_start: int
) -> int:
    """Where on each of its machines `v` could go first; the first place of the order whose tails matter.

    What ends before `v` is ready stays before it: no place further ahead is better for anybody. Except what
    may come after the operations that follow `v` (their first place and start are given). What is fixed stays
    before it, too; where that stands after the window there is no place.
    """
    need = min(reg[UNTIL], next_place)
    for a in range(ops[ALT_FROM, v], ops[ALT_FROM, v + 1]):
        m = alts[a, MACHINE]
        x, y = -1, -1
        if not machines[m, UNLIMITED]:
            x = machines[m, LOW]
            y = machines[m, FIRST] if x < 0 else ops[AFTER, x]
            while y != machines[m, HIGH] and (ops[END, y] <= ready or ops[FIXED, y]):
                if ops[PLACE, y] >= next_place and ops[END, y] - ops[LENGTH, y] >= next_start:
                    break
                x = y
                y = ops[AFTER, y]
                reg[STEPS] += _COPY
        if y >= 0 and ops[FIXED, y]:
            x = NONE
        alts[a, ENTRY_BEFORE] = x
        alts[a, ENTRY_AFTER] = y
        if y >= 0:
            need = min(need, ops[PLACE, y])
    return need


@njit
def _choose(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    machines: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    reg: Any,
    noise: Any,
    v: int,
    old: int,
    old_x: int,
    temperature: int,
) -> None:
    """Draw a place for `v`, which is out; the answer goes to the registers FOUND_…."""
    columns = reg[COLUMNS]
    ready, here = ops[HEAD, v], ops[PLACE, v]
    for e in range(ops[PRE_FROM, v], ops[PRE_FROM, v + 1]):
        ready = max(ready, ops[END, pre[e, 0]] + pre[e, 1])
    next_place, next_start = reg[COUNT], NEVER
    for e in range(ops[SUC_FROM, v], ops[SUC_FROM, v + 1]):
        u = suc[e, 0]
        next_place = min(next_place, ops[PLACE, u])
        next_start = min(next_start, ops[END, u] - ops[LENGTH, u])
    need = _look(ops, alts, machines, reg, v, ready, next_place, next_start)
    reg[DIRTY] = max(reg[DIRTY], here)
    if need <= reg[DIRTY]:
        _tails(ops, suc, tails, reg, reg[DIRTY], need, v)
        reg[DIRTY] = need - 1
    for k in range(columns):
        watch[OWN, k] = NONE
        watch[LATE, k] = max(0, watch[ENDS, k] - watch[DUE_AT, k])
    if ops[COLUMN, v] >= 0:
        watch[OWN, ops[COLUMN, v]] = 0
    longest_after = -1
    for e in range(ops[SUC_FROM, v], ops[SUC_FROM, v + 1]):
        u = suc[e, 0]
        x = np.int32(suc[e, 1] + ops[LENGTH, u])
        for k in range(columns):
            watch[OWN, k] = max(watch[OWN, k], np.int32(tails[u, k] + x))
        longest_after = max(longest_after, ops[LENGTH, u] + tails[u, columns])
    reg[STEPS] += columns
    best = NEVER << 20
    reg[FOUND_ALT] = -1
    for a in range(ops[ALT_FROM, v], ops[ALT_FROM, v + 1]):
        x, y = alts[a, ENTRY_BEFORE], alts[a, ENTRY_AFTER]
        last = machines[alts[a, MACHINE], HIGH]
        while x > NONE:
            # `x` must not come after what follows `v`.
            if (
                x >= 0
                and ops[PLACE, x] >= next_place
                and ops[END, x] - ops[LENGTH, x] >= next_start
                and ops[LENGTH, x] + tails[x, columns] <= longest_after
            ):
                break
            value = _price(
                ops, alts, machines, cal_ptr, windows, setups, tails, watch, weights, reg, v, a, x, y, ready
            )
            drawn = noise[0, _rand(reg, _NOISE + 1)]
            score = (value << 10) - ((temperature * drawn) >> 10)
            stays = reg[LEAVE] > 0 and a == old and x == old_x
            if value < NEVER and score < best and not stays:
                best = score
                reg[FOUND_ALT] = a
                reg[FOUND_BEFORE] = x
                reg[FOUND_AFTER] = y
                reg[FOUND_VALUE] = value
            if y == last:
                break
            x = y
            y = ops[AFTER, y]


# --- Beginning and ending


@njit
def _keep(ops: Any, machines: Any, reg: Any) -> None:
    """Remember the schedule as the best so far."""
    n = reg[COUNT]
    for v in range(n):
        ops[BEST_ORDER, v] = ops[ORDER, v]
        ops[BEST_ALT, v] = ops[ALT, v]
        ops[BEST_BEFORE, v] = ops[BEFORE, v]
        ops[BEST_AFTER, v] = ops[AFTER, v]
    for m in range(machines.shape[0]):
        machines[m, BEST_FIRST] = machines[m, FIRST]
    reg[BEST] = reg[VALUE]
    reg[BEST_SETUPS] = reg[SETUPS]
    reg[STEPS] += 2 * n


@njit
def restore(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    finals: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    watched: Any,
    exits: Any,
    outlets: Any,
    reg: Any,
    noise: Any,
) -> None:
    """Go back to the best schedule so far."""
    for v in range(reg[COUNT]):
        ops[ORDER, v] = ops[BEST_ORDER, v]
        ops[PLACE, ops[ORDER, v]] = v
        ops[ALT, v] = ops[BEST_ALT, v]
        ops[BEFORE, v] = ops[BEST_BEFORE, v]
        ops[AFTER, v] = ops[BEST_AFTER, v]
    for m in range(machines.shape[0]):
        machines[m, FIRST] = machines[m, BEST_FIRST]
    begin(
        ops,
        alts,
        pre,
        suc,
        finals,
        machines,
        targets,
        cal_ptr,
        windows,
        setups,
        tails,
        watch,
        weights,
        watched,
        exits,
        outlets,
        reg,
        noise,
    )


@njit
def begin(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    finals: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    watched: Any,
    exits: Any,
    outlets: Any,
    reg: Any,
    noise: Any,
) -> None:
    """Walk the whole schedule; the window is the whole shop."""
    n = reg[COUNT]
    reg[FROM], reg[UNTIL], reg[WHOLE], reg[DIRTY] = 0, n, 1, n - 1
    for m in range(machines.shape[0]):
        machines[m, LOW] = -1
        machines[m, HIGH] = -1
    if reg[PLAIN]:
        for v in range(n):
            ops[LENGTH, v] = alts[ops[ALT, v], WORK]
    _heads(ops, alts, pre, machines, cal_ptr, windows, setups, reg, 0, -1)
    _measure_all(ops, finals, targets, watch, watched, reg)
    reg[SETUPS] = _all_setups(ops, reg)


@njit
def open_window(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    finals: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    watched: Any,
    exits: Any,
    outlets: Any,
    reg: Any,
    noise: Any,
    first: int,
    until: int,
) -> None:
    """Confine the search to the places from `first` to before `until`; all heads are up to date.

    Every way to a target leaves the window by an exit (to the next operation of the order, or the target's
    end), by an outlet (to the machine's next operation), or passes it by: that is BASE.
    """
    n, columns = reg[COUNT], reg[COLUMNS]
    reg[FROM], reg[UNTIL], reg[WHOLE], reg[DIRTY] = first, until, 0, until - 1
    for m in range(machines.shape[0]):
        machines[m, LOW] = -1
        machines[m, HIGH] = -1
    for i in range(first):
        m = alts[ops[ALT, ops[ORDER, i]], MACHINE]
        machines[m, LOW] = ops[ORDER, i]
    for i in range(n - 1, until - 1, -1):
        m = alts[ops[ALT, ops[ORDER, i]], MACHINE]
        machines[m, HIGH] = ops[ORDER, i]
    for m in range(machines.shape[0]):
        if machines[m, UNLIMITED]:
            machines[m, LOW] = -1
            machines[m, HIGH] = -1
    _tails(ops, suc, tails, reg, n - 1, until, -1)
    for k in range(columns):
        watch[BASE, k] = 0
    for e in range(finals.shape[0]):
        v = finals[e]
        k = ops[COLUMN, v]
        if k >= 0 and ops[PLACE, v] < first:
            watch[BASE, k] = max(watch[BASE, k], min(ops[END, v], FAR))
    for i in range(until, n):
        v = ops[ORDER, i]
        t = ops[HEAD, v]
        u = ops[BEFORE, v]
        if u >= 0 and ops[PLACE, u] < first:
            t = max(t, ops[END, u])
        for e in range(ops[PRE_FROM, v], ops[PRE_FROM, v + 1]):
            if ops[PLACE, pre[e, 0]] < first:
                t = max(t, ops[END, pre[e, 0]] + pre[e, 1])
        t = np.int32(min(t + ops[LENGTH, v], FAR))
        for k in range(columns):
            watch[BASE, k] = max(watch[BASE, k], np.int32(t + tails[v, k]))
    reg[EXITS] = 0
    for i in range(first, until):
        v = ops[ORDER, i]
        for e in range(ops[SUC_FROM, v], ops[SUC_FROM, v + 1]):
            u = suc[e, 0]
            if ops[PLACE, u] >= until:
                _add_exit(exits, reg, v, u, suc[e, 1] + ops[LENGTH, u])
    for e in range(finals.shape[0]):
        v = finals[e]
        if ops[COLUMN, v] >= 0 and first <= ops[PLACE, v] < until:
            _add_exit(exits, reg, v, -1, 0)
    reg[OUTLETS] = 0
    for m in range(machines.shape[0]):
        if machines[m, HIGH] >= 0:
            outlets[reg[OUTLETS]] = machines[m, HIGH]
            reg[OUTLETS] += 1
    _measure_window(ops, tails, watch, weights, exits, outlets, reg, -1)
    reg[STEPS] += (n - until) * (_HEAD + columns // _COLUMNS_A_NS) + _HEAD * n


@inlined
def _add_exit(exits: Any, reg: Any, v: int, u: int, lasting: int) -> None:
    e = reg[EXITS]
    exits[e, FROM_OPERATION] = v
    exits[e, TO_OPERATION] = u
    exits[e, LASTING] = lasting
    reg[EXITS] = e + 1


# --- The search


@inlined
def _move(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    finals: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    watched: Any,
    exits: Any,
    outlets: Any,
    reg: Any,
    noise: Any,
    v: int,
    temperature: int,
    exact: bool,
) -> None:
    """Take `v` out and put it where the draw says."""
    old, old_x, old_y, here = ops[ALT, v], ops[BEFORE, v], ops[AFTER, v], ops[PLACE, v]
    value_before, setups_before, price = reg[VALUE], reg[SETUPS], reg[SETUP_PRICE]
    rest, end = reg[REST], ops[END, v]
    setups_without = setups_before - ops[SETUP, v]
    if old_y >= 0:
        setups_without -= ops[SETUP, old_y]
    for k in range(reg[COLUMNS]):
        watch[KEPT_ENDS, k] = watch[ENDS, k]
    _take_out(ops, alts, machines, v)
    _heads(ops, alts, pre, machines, cal_ptr, windows, setups, reg, here, v)
    if old_y >= 0:
        setups_without += ops[SETUP, old_y]
    _measure(ops, finals, targets, tails, watch, weights, watched, exits, outlets, reg, v)
    _choose(
        ops,
        alts,
        pre,
        suc,
        machines,
        cal_ptr,
        windows,
        setups,
        tails,
        watch,
        weights,
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
    if reg[PLAIN] and a == old and x == old_x:
        _link(ops, alts, machines, reg, v, old, old_x, old_y)
        _undo_heads(ops, reg, here)
        ops[END, v] = end
        for k in range(reg[COLUMNS]):
            watch[ENDS, k] = watch[KEPT_ENDS, k]
        reg[VALUE] = value_before
        reg[REST] = rest
        reg[DIRTY] = max(reg[DIRTY], here)
        return
    _put(
        ops,
        alts,
        pre,
        suc,
        finals,
        machines,
        targets,
        cal_ptr,
        windows,
        setups,
        tails,
        watch,
        weights,
        watched,
        exits,
        outlets,
        reg,
        v,
        a,
        x,
        y,
    )
    if not exact and (a != old or x != old_x):
        worse = reg[VALUE] - value_before + price * (reg[SETUPS] - setups_before)
        if worse > 0 and reg[VALUE] + price * reg[SETUPS] - looked > limit:
            here = ops[PLACE, v]
            _take_out(ops, alts, machines, v)
            _put(
                ops,
                alts,
                pre,
                suc,
                finals,
                machines,
                targets,
                cal_ptr,
                windows,
                setups,
                tails,
                watch,
                weights,
                watched,
                exits,
                outlets,
                reg,
                v,
                old,
                old_x,
                old_y,
            )
            _heads(ops, alts, pre, machines, cal_ptr, windows, setups, reg, min(here, ops[PLACE, v]), -1)
            _measure(ops, finals, targets, tails, watch, weights, watched, exits, outlets, reg, -1)
            reg[SETUPS] = setups_before


@njit
def run(
    ops: Any,
    alts: Any,
    pre: Any,
    suc: Any,
    finals: Any,
    machines: Any,
    targets: Any,
    cal_ptr: Any,
    windows: Any,
    setups: Any,
    tails: Any,
    watch: Any,
    weights: Any,
    watched: Any,
    exits: Any,
    outlets: Any,
    reg: Any,
    noise: Any,
    steps: int,
) -> int:
    """Search until `steps` steps are done, cooling by row 2 of `noise`; the steps done."""
    reg[STEPS] = 0
    any_setups = reg[ANY_SETUPS] > 0
    whole = reg[WHOLE] > 0
    exact = reg[PLAIN] > 0 and (reg[COLUMNS] == targets.shape[1] or not whole)
    stages = noise.shape[1] // 64
    if whole and (reg[VALUE] < reg[BEST] or (reg[VALUE] == reg[BEST] and reg[SETUPS] < reg[BEST_SETUPS])):
        _keep(ops, machines, reg)
    while reg[STEPS] < steps:
        temperature = noise[2, stages * reg[STEPS] // steps]
        reg[STEPS] += _MOVE
        v = -1
        if any_setups and (reg[VALUE] == 0 or _rand(reg, 4) == 0):
            v = _pick_setup(ops, reg)
        if v < 0:
            v = _pick(ops, pre, finals, tails, watch, weights, exits, outlets, reg)
        if v < 0:
            if not any_setups:
                break
            continue
        reg[MOVES] += 1
        _move(
            ops,
            alts,
            pre,
            suc,
            finals,
            machines,
            targets,
            cal_ptr,
            windows,
            setups,
            tails,
            watch,
            weights,
            watched,
            exits,
            outlets,
            reg,
            noise,
            v,
            temperature,
            exact,
        )
        if whole and (reg[VALUE] < reg[BEST] or (reg[VALUE] == reg[BEST] and reg[SETUPS] < reg[BEST_SETUPS])):
            _keep(ops, machines, reg)
    return reg[STEPS]
