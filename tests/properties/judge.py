"""A stranger's judge: holds a `lienmach.plan/1` document against the `lienmach.factory/1` it carries.

Written from the reference of the two documents alone; shares no code with the planner or its verifier. Every
function yields sentences about what is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

DAY = 86_400
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Document = dict[str, Any]
Windows = list[tuple[int, int]]


def judge(plan: Document) -> list[str]:
    """Return everything that is wrong with a plan."""
    court = Court(plan)
    return [
        *court.tasks(),
        *court.machines(),
        *court.people(),
        *court.routings(),
        *court.stocks(),
        *court.orders(),
    ]


class Court:
    def __init__(self, plan: Document) -> None:
        self.plan, self.factory = plan, plan["factory"]
        self.zone = ZoneInfo(self.factory.get("zone", "Asia/Ho_Chi_Minh"))
        self.epoch = datetime.fromisoformat(plan["epoch"])
        self.items = {item["item"]: item for item in self.factory["items"]}
        self.machine = {each["machine"]: each for each in self.factory["machines"]}
        self.lots = {lot["lot"]: lot for lot in self.factory.get("in_progress", [])}
        self.until = max((task["end"] for task in plan["tasks"]), default=0) + 10 * DAY
        self.calendars = {each["calendar"]: each["shifts"] for each in self.factory["calendars"]}
        self.windows: dict[str, Windows] = {}

    # What the document says, made exact

    def second(self, moment: datetime) -> int:
        return round((moment.replace(tzinfo=moment.tzinfo or self.zone) - self.epoch).total_seconds())

    def morning(self, day: str) -> int:
        return self.second(datetime.combine(date.fromisoformat(day), time()))

    def day_or_moment(self, text: str, *, days_later: int = 0) -> int:
        """A day begins at its midnight; as a due date it means its end."""
        if "T" in text:
            return self.second(datetime.fromisoformat(text))
        return self.second(datetime.combine(date.fromisoformat(text) + timedelta(days=days_later), time()))

    def opened(self, calendar: str, machine: str | None) -> Windows:
        """Seconds of open time as windows, closures taken out; a slow, obvious sweep."""
        edges: list[tuple[int, int]] = []
        first = self.epoch.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(self.until // DAY + 3):
            day = first + timedelta(days=offset)
            for shift in self.calendars[calendar]:
                if WEEK[day.weekday()] in shift["days"]:
                    start, end = (time.fromisoformat(shift[key]) for key in ("start", "end"))
                    last = day if end > start else day + timedelta(days=1)
                    edges += [
                        (self.second(datetime.combine(day, start)), 1),
                        (self.second(datetime.combine(last, end)), -1),
                    ]
        for closure in self.factory.get("closures", []):
            if closure.get("machine") in (None, machine):
                start, end = (self.second(datetime.fromisoformat(closure[key])) for key in ("start", "end"))
                edges += [(start, -1000), (end, 1000)]
        windows: Windows = []
        level, since = 0, None
        for moment in sorted({0, *(moment for moment, _ in edges if moment > 0)}):
            level = sum(change for at, change in edges if at <= moment)
            if level > 0 and since is None:
                since = moment
            elif level <= 0 and since is not None:
                windows.append((since, moment))
                since = None
        return windows

    def open_machine(self, code: str) -> Windows:
        if code not in self.windows:
            calendar = self.machine[code].get("calendar") or self.factory["calendars"][0]["calendar"]
            self.windows[code] = self.opened(calendar, code)
        return self.windows[code]

    def open_task(self, task: Document, step: Document) -> Windows:
        """Where the machine and everybody who is held for the whole of it are present."""
        windows = self.open_machine(task["machine"])
        if step.get("operator_during", "whole") == "whole":
            for group in self.factory.get("operators", []):
                if group["operators"] in task["operators"] and group.get("calendar"):
                    windows = _both(windows, self.opened(group["calendar"], None))
        return windows

    def step(self, task: Document) -> Document:
        code = task["operation"].removeprefix(task["job"] + "/").split("#")[0]
        return next(step for step in self.items[task["item"]]["steps"] if step["step"] == code)

    def load(self, task: Document) -> bool:
        place = self.machine.get(task["machine"])
        return bool(place and self.step(task).get("load_seconds") and place.get("load_capacity"))

    def work(self, task: Document) -> int | None:
        """Working seconds of a task; None where the step cannot be done there."""
        step, place = self.step(task), self.machine[task["machine"]]
        speed = Fraction(str(place.get("efficiency", 1)))
        if "alternatives" in step:
            for each in step["alternatives"]:
                if each["machine"] == task["machine"]:
                    rate = Fraction(str(each["seconds_per_piece"]))
                    return ceil(task["quantity"] * rate / speed) + each.get("fixed_seconds", 0)
            return None
        if place["group"] != step["group"]:
            return None
        if self.load(task):
            return ceil(Fraction(step["load_seconds"]) / speed)
        return ceil(task["quantity"] * Fraction(str(step["seconds_per_piece"])) / speed) + step.get(
            "fixed_seconds", 0
        )

    def running(self, task: Document) -> bool:
        lot = self.lots.get(task["job"])
        return bool(lot and lot.get("machine") and self.step(task)["step"] == lot["step"])

    def family(self, task: Document) -> str | None:
        step = self.step(task)
        return step.get("family") or (f"{task['item']}/{step['step']}" if step.get("setup_seconds") else None)

    # The rules

    def tasks(self) -> Iterator[str]:
        """Each task stands on a machine that can do it, in open time, for as long as it takes."""
        for task in self.plan["tasks"]:
            step = self.step(task)
            if step.get("outsourced_days"):
                if task["end"] - task["start"] < Fraction(str(step["outsourced_days"])) * DAY - 1:
                    yield f"{task['operation']}: back from outside too soon"
                continue
            work = self.work(task)
            if work is None:
                yield f"{task['operation']}: not on {task['machine']}"
                continue
            if task["start"] < 0 and not self.running(task):
                yield f"{task['operation']}: starts before now"
            if task["batch"]:
                together = [each for each in self.plan["tasks"] if each["batch"] == task["batch"]]
                work = max(self.work(each) or 0 for each in together)  # the longest recipe time rules a load
            windows = self.open_task(task, step)
            spent = _within(windows, max(0, task["start"]), task["end"])
            if self.running(task):
                continue
            if spent != work:
                yield f"{task['operation']}: {spent} s of open time for {work} s of work"
            inside = any(a <= task["start"] and task["end"] <= b for a, b in windows)
            if not step.get("can_pause", True) and work and not inside:
                yield f"{task['operation']}: pauses"

    def machines(self) -> Iterator[str]:
        """One thing at a time, set up for it; loads hold one recipe and no more than fits."""
        for code, place in self.machine.items():
            mine = [task for task in self.plan["tasks"] if task["machine"] == code]
            batches: dict[str, list[Document]] = defaultdict(list)
            for task in mine:
                batches[task["batch"] or task["operation"]].append(task)
            for name, batch in batches.items():
                yield from self._load(name, batch, place)
            ordered = sorted(
                (
                    [b[0]["start"] if b[0]["setup_start"] is None else b[0]["setup_start"], b[0]["end"], b[0]]
                    for b in batches.values()
                ),
                key=lambda row: (row[2]["start"], row[1]),
            )
            for (_, end, before), (start, _, after) in pairwise(ordered):
                if start < end:
                    yield f"{after['operation']} overlaps {before['operation']} on {code}"
            yield from self._setups(code, [row[2] for row in ordered])

    def _load(self, name: str, batch: list[Document], place: Document) -> Iterator[str]:
        if len({(task["start"], task["end"]) for task in batch}) != 1:
            yield f"{name}: a load starts and ends together"
        if not any(self.load(task) for task in batch):
            if len(batch) > 1:
                yield f"{name}: shares a machine that takes no loads"
            return
        if sum(task["quantity"] for task in batch) > place["load_capacity"]:
            yield f"{name}: does not fit the load"
        recipes = {
            self.step(t).get("recipe") or self.step(t).get("family") or (t["item"], t["step"]) for t in batch
        }
        if len(recipes) != 1:
            yield f"{name}: mixes recipes"

    def _setups(self, code: str, ordered: list[Document]) -> Iterator[str]:
        last = self.machine[code].get("initial_family") or None
        for task in ordered:
            family = self.family(task)
            if family is None:
                continue
            needed = self.setup_needed(code, last, task)
            have = 0
            if task["setup_start"] is not None:
                have = _within(self.open_machine(code), task["setup_start"], task["setup_end"])
                if task["setup_end"] > task["start"]:
                    yield f"{task['operation']}: begins before it is set up"
            if have < needed:
                yield f"{task['operation']}: set up in {have} s, {needed} s needed"
            last = family

    def setup_needed(self, code: str, last: str | None, task: Document) -> int:
        """Working seconds of setup from family `last` to the task's own."""
        family, group = self.family(task), self.machine[code]["group"]
        if family is None or last is None or last == family or self.running(task):
            return 0
        for change in self.factory.get("changeovers", []):
            if (change["group"], change["before"], change["after"]) == (group, last, family):
                return int(change["seconds"])
        return self._into(group, family)

    def latest_setup(self, code: str, seconds: int, until: int) -> int:
        """The latest moment to begin so many working seconds of setup that end at `until`."""
        for start, end in reversed(self.open_machine(code)):
            spent = max(0, min(end, until) - start)
            if spent >= seconds:
                return min(end, until) - seconds
            seconds -= spent
        return -1

    def _into(self, group: str, family: str) -> int:
        """The longest setup that any step asks for into the family, on machines of the group."""
        found = 0
        for item in self.items.values():
            for step in item.get("steps", []):
                groups = {self.machine[a["machine"]]["group"] for a in step.get("alternatives", [])} or {
                    step.get("group")
                }
                name = step.get("family") or (
                    f"{item['item']}/{step['step']}" if step.get("setup_seconds") else None
                )
                if group in groups and name == family:
                    found = max(found, step.get("setup_seconds", 0))
        return found

    def people(self) -> Iterator[str]:
        """Nobody is in two places; who is asked for a skill has it."""
        groups = {each["operators"]: each for each in self.factory.get("operators", [])}
        held: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        shared: set[tuple[str, str]] = set()
        for task in self.plan["tasks"]:
            step = self.step(task)
            if not step.get("skill") or not groups or self.running(task):
                continue
            setup = task["setup_start"]
            if step.get("operator_during", "whole") == "setup":
                span = None if setup is None else (setup, task["setup_end"])
            else:
                span = (task["start"] if setup is None else setup, task["end"])
            if span is None or span[0] == span[1]:
                continue
            if len(task["operators"]) != 1 or step["skill"] not in groups[task["operators"][0]]["skills"]:
                yield f"{task['operation']}: nobody with {step['skill']}"
                continue
            key = (task["batch"] or task["operation"], task["operators"][0])
            if key not in shared:
                shared.add(key)
                held[task["operators"][0]].append((*span, step.get("operator_count", 1)))
        for name, spans in held.items():
            for moment in {start for start, _, _ in spans}:
                busy = sum(count for start, end, count in spans if start <= moment < end)
                if busy > groups[name].get("count", 1):
                    yield f"{name}: {busy} needed at {moment}"

    def routings(self) -> Iterator[str]:
        """Every job has every step, each after the one before, with its waits."""
        jobs: dict[str, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
        for task in self.plan["tasks"]:
            jobs[task["job"]][self.step(task)["step"]].append(task)
        for job, done in jobs.items():
            item = next(iter(done.values()))[0]["item"]
            steps = self.items[item]["steps"]
            if job in self.lots:
                steps = steps[[step["step"] for step in steps].index(self.lots[job]["step"]) :]
            if [step["step"] for step in steps if step["step"] in done] != [step["step"] for step in steps]:
                yield f"{job}: a step is missing"
                continue
            for first, second in pairwise(steps):
                for before in done[first["step"]]:
                    for after in done[second["step"]]:
                        yield from self._waits(first, before, after)

    def _waits(self, step: Document, before: Document, after: Document) -> Iterator[str]:
        pair = f"{before['operation']} -> {after['operation']}"
        batch = step.get("transfer_quantity", 0)
        shortest, longest = step.get("min_wait_seconds", 0), step.get("max_wait_seconds")
        if 0 < batch < before["quantity"]:
            if after["start"] < before["start"] or after["end"] < before["end"]:
                yield f"{pair}: overtakes"
        elif after["start"] < before["end"] + shortest:
            yield f"{pair}: too soon"
        elif longest is not None and after["start"] > before["end"] + longest:
            yield f"{pair}: too late"

    def stocks(self) -> Iterator[str]:
        """No stock is ever below zero; what comes at a moment is there for what leaves at it."""
        moves: dict[str, list[tuple[int, Fraction]]] = defaultdict(list)
        for each in self.factory.get("stock", []):
            moves[each["item"]].append((0, Fraction(str(each["quantity"]))))
        for each in self.factory.get("receipts", []):
            moves[each["item"]].append((max(0, self.morning(each["due"])), Fraction(str(each["quantity"]))))
        for each in self.plan["purchases"]:
            lead = Fraction(str(self.items[each["item"]]["lead_time_days"])) * DAY
            ordered = max(0, self.morning(each["order_by"]))
            arrives = max(self.morning(each["arrives"]), 0)
            if arrives - ordered < lead - DAY:
                yield f"{each['item']}: bought faster than its lead time"
            # On the day it arrives it is there when ordered at the same time of day.
            moves[each["item"]].append(
                (
                    min(arrives, int(lead)) if each.get("overdue", ordered == 0) else arrives,
                    Fraction(str(each["quantity"])),
                )
            )
        yield from self._made_and_used(moves)
        for item, rows in moves.items():
            level = Fraction(0)
            for _, amount in sorted(rows, key=lambda row: (row[0], row[1] < 0)):
                level += amount
                if level < 0:
                    yield f"{item}: stock {float(level)}"
                    break

    def _made_and_used(self, moves: dict[str, list[tuple[int, Fraction]]]) -> Iterator[str]:
        jobs: dict[str, list[Document]] = defaultdict(list)
        for task in self.plan["tasks"]:
            jobs[task["job"]].append(task)
        for tasks in jobs.values():
            item = self.items[tasks[0]["item"]]
            last = item["steps"][-1]["step"]
            ends = [task for task in tasks if self.step(task)["step"] == last]
            lot = self.lots.get(tasks[0]["job"])
            started = Fraction(lot["quantity"] if lot else sum(task["quantity"] for task in ends))
            good = started if lot else started * (1 - Fraction(str(item.get("scrap", 0))))
            moves[item["item"]].append((max(task["end"] for task in ends), good))
            begun: set[str] = set()
            for task in sorted(tasks, key=lambda task: task["start"]):
                step = self.step(task)
                if (
                    lot
                    and lot["step"] == step["step"]
                    and (lot.get("machine") or lot.get("done") or lot.get("started"))
                ):
                    continue
                if step["step"] in begun:
                    continue
                begun.add(step["step"])
                for part in step.get("components", []):
                    each = Fraction(str(part["quantity_per"])) * (1 + Fraction(str(part.get("waste", 0))))
                    moves[part["item"]].append((task["start"], -started * each))
        for order in self.plan["orders"]:
            moves[order["item"]].append((max(order["end"], 0), -Fraction(str(order["quantity"]))))
        yield from ()

    def orders(self) -> Iterator[str]:
        """The document's own sums are true, and no order is forgotten."""
        asked = {order["order"]: order for order in self.factory["orders"]}
        if {order["order"] for order in self.plan["orders"]} != set(asked):
            yield "orders are missing"
        weighted = 0
        for order in self.plan["orders"]:
            if order["due"] != self.day_or_moment(asked[order["order"]]["due"], days_later=1):
                yield f"{order['order']}: another due date"
            late = max(0, order["end"] - order["due"])
            weighted += late * asked[order["order"]].get("weight", 1)
            if order["late_seconds"] != late:
                yield f"{order['order']}: {order['late_seconds']} s late, really {late}"
            earliest = asked[order["order"]].get("earliest")
            job = [task for task in self.plan["tasks"] if task["job"] == order["order"]]
            if earliest and job and min(task["start"] for task in job) < self.day_or_moment(earliest):
                yield f"{order['order']}: starts before it may"


def _both(one: Windows, other: Windows) -> Windows:
    found = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return sorted((start, end) for start, end in found if start < end)


def _within(windows: Windows, start: int, end: int) -> int:
    return sum(max(0, min(end, b) - max(start, a)) for a, b in windows)
