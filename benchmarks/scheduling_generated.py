"""Seeded workshops of any size with calendars, alternatives, setups and due dates: nobody's real factory."""

from __future__ import annotations

import random

from lienmach.engines.scheduling.problem import (
    During,
    Job,
    Machine,
    Mode,
    Operation,
    OperatorNeed,
    OperatorPool,
    Precedence,
    Problem,
    SetupMatrix,
    Window,
    chain,
)

DAY = 86_400
HOUR = 3_600
GROUPS = ("saw", "turn", "mill", "drill", "harden", "grind", "hone", "wash", "assemble", "inspect")


def shifts(days: int, *, night: bool) -> tuple[Window, ...]:
    """Monday to Saturday noon; two shifts with meal breaks, or three; one week off for Tet."""
    windows: list[Window] = []
    for day in range(days):
        weekday = day % 7
        if weekday == 6 or 40 <= day < 47:
            continue
        blocks = [(6.0, 10.0), (10.5, 14.0)]
        if weekday < 5:
            blocks += [(14.0, 18.0), (18.5, 22.0)]
            if night:
                blocks.append((22.0, 30.0))
        for start, end in blocks:
            opened, closed = int(day * DAY + start * HOUR), int(day * DAY + end * HOUR)
            if windows and windows[-1][1] >= opened:
                windows[-1] = (windows[-1][0], max(closed, windows[-1][1]))
            else:
                windows.append((opened, closed))
    return tuple(windows)


def workshop(
    operations: int, *, seed: int = 0, families: int = 6, people: bool = False, furnaces: bool = False
) -> Problem:
    """A shop with about as many operations as asked for (exactly, in fact), on 4 machines per group.

    Parameters
    ----------
    families
        Setup families per machine group; 0 leaves setups out.
    people
        Setters are needed for setups, and operators for a third of the groups.
    furnaces
        The hardening and washing groups load up to 6 lots of one recipe.
    """
    rng = random.Random(seed)
    days = 60 + operations // 60
    calendars = {night: shifts(days, night=night) for night in (False, True)}
    machines, matrices = [], []
    for group in GROUPS:
        if families:
            matrices.append(
                SetupMatrix(
                    group,
                    tuple(
                        (f"{group} {a}", f"{group} {b}", rng.randrange(5, 60) * 60)
                        for a in range(families)
                        for b in range(families)
                        if a != b
                    ),
                )
            )
        batches = 6 if furnaces and group in ("harden", "wash") else 1
        machines.extend(
            Machine(
                f"{group}-{number}",
                calendars[rng.random() < 0.3],
                batch_capacity=batches,
                setups=group if families else None,
            )
            for number in range(4)
        )
    pools = ()
    if people:
        pools = (
            OperatorPool("setters", ("setting",), 12, calendars[True]),
            OperatorPool("operators", ("running",), 10, calendars[True]),
        )
    jobs: list[Job] = []
    precedences: list[Precedence] = []
    left = operations
    while left:
        count = min(left, rng.randrange(4, 13))
        left -= count
        number = len(jobs)
        steps = tuple(
            _step(
                rng,
                f"{number}.{step}",
                GROUPS[(step + rng.randrange(2)) % len(GROUPS)],
                families,
                people,
                furnaces,
            )
            for step in range(count)
        )
        release = rng.randrange(0, max(1, operations // 600)) * DAY
        work = sum(min(mode.duration for mode in step.modes) for step in steps)
        due = release + int(work * rng.uniform(3.0, 30.0))
        jobs.append(Job(str(number), steps, release=release, due=due, weight=rng.choice((1, 2, 2, 4))))
        precedences.extend(chain(steps, min_wait=rng.choice((0, 0, 1800))))
    return Problem(tuple(machines), tuple(jobs), tuple(precedences), pools, tuple(matrices))


def _step(
    rng: random.Random, name: str, group: str, families: int, people: bool, furnaces: bool
) -> Operation:
    duration = rng.randrange(10, 120) * 60
    family = rng.randrange(families) if families else None
    needs: tuple[OperatorNeed, ...] = ()
    if people:
        needs = (OperatorNeed("setting", During.SETUP),)
        if group in ("saw", "drill", "assemble"):
            needs = (*needs, OperatorNeed("running"))
    modes = tuple(
        Mode(
            f"{group}-{number}",
            int(duration * rng.choice((1.0, 1.0, 1.15, 1.3))),
            family=None if family is None else f"{group} {family}",
            setup=300 if people else 0,
            operators=needs,
        )
        for number in sorted(rng.sample(range(4), rng.randrange(1, 4)))
    )
    recipe = f"{group} {family}" if furnaces and group in ("harden", "wash") else None
    return Operation(name, modes, resumable=rng.random() < 0.9, recipe=recipe)
