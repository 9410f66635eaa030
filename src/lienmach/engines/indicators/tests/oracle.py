"""The rules of the indicator engine once more, slowly and obviously: plain Python over dictionaries.

Shares nothing with the engine. Reads the same events (as JSON objects) and answers the same cells.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

LOCAL = timedelta(hours=7)
TICK = timedelta(microseconds=1)


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def content(event):
    return {key: value for key, value in event.items() if key != "recorded_at"}


def standing(events, type_, known_before):
    """The records of a type that count at K."""
    known = [e for e in events if e["type"] == type_ and instant(e["recorded_at"]) < known_before]
    by_id = defaultdict(list)
    for event in known:
        by_id[event["event_id"]].append(event)
    first = []
    for same in by_id.values():
        earliest = min(instant(e["recorded_at"]) for e in same)
        at_once = [e for e in same if instant(e["recorded_at"]) == earliest]
        if all(content(e) == content(at_once[0]) for e in at_once):
            first.append(at_once[0])
    return [
        e
        for e in first
        if not e["retract"]
        and not any(o["corrects"] == e["event_id"] and o["organisation"] == e["organisation"] for o in first)
    ]


def holds(assertions, entity, local):
    """The latest assertion with valid_from <= local, or None."""
    ours = sorted((a for a in assertions if a[0] == entity and a[2] <= local), key=lambda a: a[2:])
    return ours[-1][1] if ours else None


def midnight(text):
    return datetime.combine(date.fromisoformat(text), datetime.min.time())


def claims_at(events, known_before):
    return [
        (
            e["body"]["organisation"],
            e["body"]["enterprise"],
            midnight(e["body"]["valid_from"]),
            instant(e["recorded_at"]),
            e["event_id"],
        )
        for e in standing(events, "registry.enterprise_claimed", known_before)
    ]


def homes_at(events, known_before):
    found = [
        (
            e["body"]["enterprise"],
            e["body"]["location"],
            midnight(e["body"]["valid_from"]),
            instant(e["recorded_at"]),
            e["event_id"],
        )
        for type_ in ("registry.enterprise_registered", "registry.enterprise_moved")
        for e in standing(events, type_, known_before)
    ]
    for e in standing(events, "registry.enterprise_closed", known_before):
        found.append(
            (
                e["body"]["enterprise"],
                None,
                instant(e["time"]) + LOCAL,
                instant(e["recorded_at"]),
                e["event_id"],
            )
        )
    return found


def unit_of(memberships, location, level, day):
    if level == "country":
        return "country"
    for place, at_level, unit, start, end in memberships:
        if place == location and at_level == level and start <= day and (end is None or day < end):
            return unit
    return "unallocated"


def cells(events, memberships, months, levels, known_before, map_day):
    """{(level, unit, month): (num, den, contributors, origins, registered, with evidence, ids)}."""
    claims, homes = claims_at(events, known_before), homes_at(events, known_before)
    found = defaultdict(lambda: [0, 0, set(), Counter(), 0, 0, set()])
    active = set()
    for event in standing(events, "production.receipt_confirmed", known_before):
        body, local = event["body"], instant(event["time"]) + LOCAL
        label = f"{local.year:04d}-{local.month:02d}"
        if label not in {month for month, _, _ in months} or body["promised"] is None:
            continue
        received = (instant(body["received"]) + LOCAL).date() if body["received"] else None
        on_time = (
            received is not None
            and received <= date.fromisoformat(body["promised"])
            and body["ordered_quantity"] is not None
            and body["quantity"] >= body["ordered_quantity"]
        )
        firm = holds(claims, event["organisation"], local)
        home = holds(homes, firm, local) if firm else None
        if firm:
            active.add((firm, label))
        for level in levels:
            unit = unit_of(memberships, home, level, map_day or local.date())
            cell = found[level, unit, label]
            cell[0] += on_time
            cell[1] += 1
            cell[2].add(firm or event["organisation"])
            cell[3][event["origin"]] += 1
            cell[6].add(event["event_id"])
    for label, _, closes in months:
        last = datetime.combine(closes, datetime.min.time()) - TICK
        for firm in {home[0] for home in homes}:
            home = holds(homes, firm, last)
            if home is None:
                continue
            for level in levels:
                cell = found[level, unit_of(memberships, home, level, map_day or last.date()), label]
                cell[4] += 1
                cell[5] += (firm, label) in active
    return {
        key: (num, den, len(firms), dict(origins), registered, evident, frozenset(ids))
        for key, (num, den, firms, origins, registered, evident, ids) in found.items()
    }
