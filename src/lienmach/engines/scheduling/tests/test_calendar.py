"""The calendar against one that ticks through every second."""

from hypothesis import given
from hypothesis import strategies as st

from lienmach.engines.scheduling.calendar import NEVER, Calendar, common

HORIZON = 60
# Gaps and lengths alternate, so the windows are sorted and never touch.
windows = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 8)), max_size=6).map(
    lambda pairs: _windows(pairs)
)
instants = st.integers(-3, HORIZON)


def _windows(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    result, t = [], -1
    for gap, length in pairs:
        result.append((t + gap, t + gap + length))
        t += gap + length
    return result


def _open(listed: list[tuple[int, int]], t: int) -> bool:
    return any(start <= t < end for start, end in listed)


@given(windows, instants, st.integers(0, 20))
def test_advance_and_work_between_tick_alike(listed: list[tuple[int, int]], t: int, work: int) -> None:
    """Advancing by some work and measuring the work in between are inverse."""
    left, now = work, t
    while left and now < 200:
        left -= _open(listed, now)
        now += 1
    calendar = Calendar(listed)
    assert calendar.advance(t, work) == (NEVER if left else now)
    if not left:
        assert calendar.work_between(t, now) == work


@given(windows, instants, instants)
def test_work_between_counts_open_seconds(listed: list[tuple[int, int]], a: int, b: int) -> None:
    """Prefix sums give what counting gives."""
    assert Calendar(listed).work_between(a, b) == sum(_open(listed, t) for t in range(a, b))


@given(windows, instants, st.integers(1, 9))
def test_fit_finds_the_first_interval_that_is_long_enough(
    listed: list[tuple[int, int]], t: int, work: int
) -> None:
    """An operation that must not pause starts at the first instant followed by enough open time."""
    expected = next(
        (s for s in range(t, 200) if all(_open(listed, s + i) for i in range(work))),
        NEVER,
    )
    assert Calendar(listed).fit(t, work) == expected


@given(windows, instants, st.integers(1, 20))
def test_retreat_is_the_latest_start(listed: list[tuple[int, int]], t: int, work: int) -> None:
    """A setup that is done as late as possible starts at an open second and ends by `t`."""
    expected = next(
        (s for s in range(t - 1, -10, -1) if sum(_open(listed, x) for x in range(s, t)) == work), -NEVER
    )
    assert Calendar(listed).retreat(t, work) == expected


@given(windows, instants)
def test_next_open_is_open(listed: list[tuple[int, int]], t: int) -> None:
    """The first open instant at or after t, and the opening of its interval."""
    calendar = Calendar(listed)
    found = calendar.next_open(t)
    assert found == next((s for s in range(t, 200) if _open(listed, s)), NEVER)
    if found != NEVER:
        assert (calendar.opening(found)) in [start for start, _ in listed]
        assert all(_open(listed, s) for s in range(calendar.opening(found), found + 1))


@given(windows, windows, instants)
def test_common_time_is_open_in_both(
    left: list[tuple[int, int]], right: list[tuple[int, int]], t: int
) -> None:
    """A machine works only while its operator is there."""
    both = common([Calendar(left), Calendar(right)])
    assert both.work_between(t, t + 1) == (_open(left, t) and _open(right, t))
