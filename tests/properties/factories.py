"""Workshops drawn at random, as `lienmach.factory/1` documents; every part the document knows occurs."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

START = datetime(2026, 12, 3, 9, 20)
DAY = 86_400
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Document = dict[str, Any]


def factory(seed: int, *, orders: int = 12) -> Document:
    """Return a workshop; the same seed gives the same one."""
    return _Draw(random.Random(seed)).factory(orders)


class _Draw:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def factory(self, orders: int) -> Document:
        rng = self.rng
        machines = self._machines()
        bought = [self._bought(f"RAW{i}") for i in range(rng.randint(1, 4))]
        made: list[Document] = []
        for i in range(rng.randint(2, 5)):
            parts = [item["item"] for item in bought] + [item["item"] for item in made]
            made.append(self._made(f"PART{i}", parts, machines))
        document = {
            "schema": "lienmach.factory/1",
            "start": START.isoformat(),
            "items": bought + made,
            "machines": machines,
            "calendars": self._calendars(),
            "closures": self._closures(machines),
            "operators": self._operators(),
            "changeovers": self._changeovers(made),
            "stock": [
                {"item": item["item"], "quantity": rng.randint(0, 60)}
                for item in bought + made
                if self.chance(0.5)
            ],
            "receipts": [
                {
                    "receipt": f"PO-{i}",
                    "item": rng.choice(bought)["item"],
                    "quantity": rng.randint(1, 400),
                    "due": (START + timedelta(days=rng.randint(-2, 20))).date().isoformat(),
                }
                for i in range(rng.randint(0, 4))
            ],
            "orders": [self._order(f"SO-{i}", made) for i in range(orders)],
        }
        document["in_progress"] = self._lots(document)
        if self.chance(0.4):
            document["rates"] = {"overtime_percent": 150, "lateness_per_day": 100_000}
        return document

    def _machines(self) -> list[Document]:
        machines = []
        for group in ("TURN", "MILL", "GRIND", "HEAT"):
            for number in range(self.rng.randint(1, 3)):
                machine: Document = {"machine": f"{group}-{number}", "group": group}
                machine["calendar"] = self.rng.choice(["day", "night", "three", ""])
                if self.chance(0.3):
                    machine["efficiency"] = self.rng.choice([0.8, 1.25])
                if group == "TURN" and self.chance(0.5):
                    machine["initial_family"] = self.rng.choice(["F1", "F2"])
                if group == "HEAT":
                    machine["load_capacity"] = self.rng.choice([40, 100])
                machines.append(machine)
        return machines

    def _calendars(self) -> list[Document]:
        def shifts(*times: str, days: list[str] = WEEK[:6]) -> list[Document]:
            return [{"days": days, "start": text.split("-")[0], "end": text.split("-")[1]} for text in times]

        return [
            {"calendar": "day", "shifts": shifts("08:00-12:00", "13:00-17:00")},
            {"calendar": "night", "shifts": shifts("22:00-06:00", days=WEEK[:5])},
            {"calendar": "three", "shifts": shifts("06:00-14:00", "14:00-22:00", "22:00-06:00", days=WEEK)},
        ]

    def _closures(self, machines: list[Document]) -> list[Document]:
        closures = []
        if self.chance(0.5):
            closures.append({"start": "2026-12-07T00:00", "end": "2026-12-09T00:00", "reason": "Tết"})
        if self.chance(0.5):
            machine = self.rng.choice(machines)["machine"]
            closures.append({"start": "2026-12-04T07:00", "end": "2026-12-05T13:30", "machine": machine})
        return closures

    def _operators(self) -> list[Document]:
        if self.chance(0.3):
            return []
        return [
            {"operators": "turners", "skills": ["turning"], "count": self.rng.randint(1, 3)},
            {"operators": "all", "skills": ["turning", "setting"], "count": 1, "calendar": "three"},
        ]

    def _bought(self, code: str) -> Document:
        rng = self.rng
        item: Document = {"item": code, "unit": "kg", "lead_time_days": rng.randint(0, 9)}
        if self.chance(0.3):
            item["lot_minimum"] = rng.choice([50, 100])
        if self.chance(0.3):
            item["lot_multiple"] = rng.choice([10, 25])
        if self.chance(0.3):
            item["safety_stock"] = rng.randint(1, 30)
        return item

    def _made(self, code: str, parts: list[str], machines: list[Document]) -> Document:
        item: Document = {"item": code, "steps": []}
        count = self.rng.randint(1, 4)
        for number in range(count):
            step = self._step(f"{10 * (number + 1)}", machines, last=number == count - 1)
            if number == 0 or self.chance(0.3):
                step["components"] = [
                    {"item": part, "quantity_per": self.rng.choice([1, 2, "0.25"])}
                    for part in self.rng.sample(parts, min(len(parts), self.rng.randint(1, 2)))
                ]
                if self.chance(0.3):
                    step["components"][0]["waste"] = "0.05"
            item["steps"].append(step)
        if self.chance(0.3):
            item["scrap"] = "0.05"
        if self.chance(0.2):
            item["lot_maximum"] = self.rng.randint(20, 80)
        return item

    def _step(self, code: str, machines: list[Document], *, last: bool) -> Document:
        rng = self.rng
        step: Document = {"step": code}
        kind = rng.random()
        if kind < 0.1:
            step |= {"outsourced_days": rng.choice([1, "1.5", 4]), "supplier": "Outside"}
        elif kind < 0.25:
            step |= {
                "group": "HEAT",
                "load_seconds": rng.randint(1800, 9000),
                "recipe": rng.choice(["R1", "R2"]),
            }
        elif kind < 0.5:
            chosen = rng.sample([m["machine"] for m in machines if m["group"] != "HEAT"], 2)
            step["alternatives"] = [
                {"machine": machine, "seconds_per_piece": rng.randint(5, 90)} for machine in chosen
            ]
            if self.chance(0.3):
                step["alternatives"][0]["fixed_seconds"] = 600
        else:
            step |= {"group": rng.choice(["TURN", "MILL", "GRIND"]), "seconds_per_piece": rng.randint(5, 90)}
        if "load_seconds" not in step and "outsourced_days" not in step:
            if self.chance(0.5):
                step |= {"family": rng.choice(["F1", "F2", "F3"]), "setup_seconds": rng.choice([600, 1800])}
            if self.chance(0.3):
                step |= {"skill": "turning", "operator_during": rng.choice(["whole", "setup"])}
            if self.chance(0.1):
                step["can_pause"] = False
        if not last:
            if self.chance(0.3):
                step["min_wait_seconds"] = rng.randint(1, 20_000)
            if self.chance(0.15):
                step["max_wait_seconds"] = step.get("min_wait_seconds", 0) + rng.randint(DAY, 4 * DAY)
            if self.chance(0.2):
                step["transfer_quantity"] = rng.randint(5, 40)
        return step

    def _changeovers(self, made: list[Document]) -> list[Document]:
        if self.chance(0.5):
            return []
        return [
            {"group": "TURN", "before": "F1", "after": "F2", "seconds": 300},
            {"group": "TURN", "before": "F2", "after": "F1", "seconds": 5400},
        ]

    def _order(self, code: str, made: list[Document]) -> Document:
        rng = self.rng
        order: Document = {
            "order": code,
            "item": rng.choice(made)["item"],
            "quantity": rng.randint(1, 120),
            "due": (START + timedelta(days=rng.randint(1, 25))).date().isoformat(),
        }
        if self.chance(0.3):
            order["weight"] = rng.randint(2, 4)
        if self.chance(0.2):
            order["earliest"] = (START + timedelta(days=rng.randint(1, 5))).date().isoformat()
        return order

    def _lots(self, document: Document) -> list[Document]:
        """At most one running lot, on a machine; pieces of some orders wait between steps."""
        rng = self.rng
        lots: list[Document] = []
        for item in (item for item in document["items"] if item.get("steps")):
            steps = item["steps"]
            place = rng.randrange(len(steps))
            if not self.chance(0.3) or steps[place].get("max_wait_seconds") is not None:
                continue
            lot: Document = {
                "lot": f"LOT-{item['item']}",
                "item": item["item"],
                "quantity": rng.randint(5, 30),
            }
            lot["step"] = steps[place]["step"]
            group = steps[place].get("group")
            busy = {other.get("machine") for other in lots}
            free = [
                m["machine"] for m in document["machines"] if m["group"] == group and m["machine"] not in busy
            ]
            plain = group not in (None, "HEAT") and steps[place].get("can_pause", True)
            if plain and free and "skill" not in steps[place] and self.chance(0.6):
                lot |= {"machine": rng.choice(free), "done": rng.randint(0, lot["quantity"] - 1)}
            lots.append(lot)
        return lots
