"""The engine against an oracle that shares no code with it: late, repeated, corrected, retracted records."""

import json
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienmach.engines.indicators import compute, facts, load, periods, quarantined, relations, trace
from lienmach.engines.indicators.tests import oracle
from lienmach.engines.indicators.tests.sample import ON_TIME, REGISTER, SCHEMAS

LEVELS = ("country", "province", "commune")
BREAK = date(2025, 7, 1)
MONTHS = periods(first=date(2025, 5, 1), last=date(2025, 8, 31))
BY_TYPE = relations.schemas_by_type(SCHEMAS)
INDICATOR = load({"on_time.toml": ON_TIME}, SCHEMAS)[0]

# Half-hours around the local midnights that open June, July and August, and a few days elsewhere.
EDGES = [datetime(2025, month, day, 17) for month, day in ((5, 31), (6, 30), (7, 31), (6, 10), (7, 12))]
moments = st.builds(
    lambda edge, half_hours: edge + timedelta(minutes=30 * half_hours),
    st.sampled_from(EDGES),
    st.integers(-4, 4),
)
recorded = st.builds(
    lambda day, second: datetime(2025, 6, 1) + timedelta(days=day, seconds=second),
    st.sampled_from([0, 10, 39, 39, 75]),
    st.integers(0, 2),
)
days = st.builds(lambda offset: (date(2025, 5, 15) + timedelta(days=offset)).isoformat(), st.integers(0, 90))
firms, sites, logs = st.sampled_from("efg"), st.sampled_from(["l1", "l2", "l3"]), st.sampled_from("ABC")


def event(type_, body, *, log, prefix, size):
    ids = st.builds(lambda n: f"{prefix}{n}", st.integers(0, size))
    return st.fixed_dictionaries(
        {
            "event_id": ids,
            "type": st.just(type_),
            "version": st.just(1),
            "time": moments.map(lambda t: t.isoformat() + "Z"),
            "recorded_at": recorded.map(lambda t: t.isoformat() + "Z"),
            "organisation": log,
            "subject": st.just("s"),
            "origin": st.sampled_from(["self-reported", "instrument", "confirmed"]),
            "corrects": st.one_of(st.none(), st.none(), ids),
            "retract": st.sampled_from([False, False, False, True]),
            "body": st.fixed_dictionaries(body),
        }
    ).map(lambda e: {**e, "retract": e["retract"] and e["corrects"] is not None})


def received(e):
    return {**e, "body": {**e["body"], "received": e["time"]}}


deliveries = event(
    "production.receipt_confirmed",
    {
        "promised": st.one_of(st.none(), days, days, days),
        "quantity": st.integers(1, 3),
        "ordered_quantity": st.sampled_from([None, 1, 2]),
        "order": st.just("o"),
    },
    log=logs,
    prefix="d",
    size=12,
).map(received)
register = st.just("registrar")
home = {"enterprise": firms, "location": sites, "valid_from": days}
registrations = event("registry.enterprise_registered", home, log=register, prefix="r", size=5)
moves = event("registry.enterprise_moved", home, log=register, prefix="m", size=3)
closures = event("registry.enterprise_closed", {"enterprise": firms}, log=register, prefix="x", size=2)
claims = event(
    "registry.enterprise_claimed",
    {"enterprise": firms, "organisation": logs, "valid_from": days},
    log=register,
    prefix="c",
    size=5,
)
logs_of_events = st.tuples(
    st.lists(deliveries, max_size=16),
    st.lists(registrations, max_size=6),
    st.lists(moves, max_size=3),
    st.lists(closures, max_size=2),
    st.lists(claims, max_size=6),
    st.randoms(use_true_random=False),
).map(lambda parts: shuffled([e for part in parts[:5] for e in part], parts[5]))

MAP = [
    ("l1", "province", "p", date(2021, 1, 1), BREAK),
    ("l1", "province", "r", BREAK, None),
    ("l2", "province", "q", date(2021, 1, 1), BREAK),
    ("l2", "province", "r", BREAK, None),
    ("l1", "commune", "a", date(2021, 1, 1), BREAK),
    ("l1", "commune", "x", BREAK, None),
    ("l2", "commune", "b", date(2021, 1, 1), date(2025, 6, 11)),
    ("l2", "commune", "c", date(2025, 6, 11), BREAK),
    ("l2", "commune", "x", BREAK, None),
    ("l3", "commune", "y", BREAK, None),
]


def shuffled(events, random):
    random.shuffle(events)
    return events


def loaded(path, events):
    path.write_text("".join(json.dumps(e) + "\n" for e in events))
    connection = relations.connect()
    relations.events_from_ndjson(connection, SCHEMAS, path)
    relations.memberships_load(connection, MAP)
    return connection


def answer(connection, known_before, map_day, only=None):
    cells = compute(
        connection,
        indicator=INDICATOR,
        register=REGISTER,
        schemas=BY_TYPE,
        asked=MONTHS,
        levels=LEVELS,
        known_before=known_before.replace(tzinfo=UTC),
        map_day=map_day,
        only=only,
    )
    return {(cell.level, cell.unit, cell.period): cell for cell in cells}


KNOWN = st.sampled_from([datetime(2025, 7, 10), datetime(2025, 8, 15), datetime(2026, 1, 1)])
MODES = st.sampled_from([None, date(2025, 5, 1), date(2025, 12, 31)])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("events") / "events.ndjson"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=logs_of_events, known_before=KNOWN, map_day=MODES)
def test_every_cell_equals_the_oracle(file, events, known_before, map_day):
    """Any arrival order, any knowledge date, any map: numbers, coverage, origins and events agree."""
    connection = loaded(file, events)
    got = answer(connection, known_before, map_day)
    months = [(month.label, month.opens, month.closes) for month in MONTHS]
    expected = oracle.cells(events, MAP, months, LEVELS, known_before, map_day)
    assert set(got) == set(expected)
    for key, cell in got.items():
        num, den, firms_, origins, registered, evident, _ids = expected[key]
        assert (cell.numerator, cell.denominator) == (num, den), key
        assert (cell.contributors, cell.evidence) == (firms_, den), key
        assert {name: n for name, n in cell.origins.items() if n} == origins, key
        assert (cell.coverage.registered, cell.coverage.with_evidence) == (registered, evident), key
        assert cell.value == (None if den == 0 else num / den)
    for key, cell in sorted(got.items())[:2]:
        period = next(month for month in MONTHS if month.label == cell.period)
        traced = trace(
            connection, cell, indicator=INDICATOR, register=REGISTER, schemas=BY_TYPE, period=period
        )
        assert {one.event_id for one in traced} == expected[key][6]
        behind = facts(
            connection,
            indicator=INDICATOR,
            register=REGISTER,
            schemas=BY_TYPE,
            asked=MONTHS,
            level=cell.level,
            known_before=cell.known_before,
            map_day=map_day,
        )
        here = {one.event_id for one in behind if (one.unit, one.period) == (cell.unit, cell.period)}
        assert here == expected[key][6]
        assert sum(one.numerator for one in traced) == cell.numerator
        assert sum(one.denominator for one in traced) == cell.denominator
        again = answer(connection, known_before, map_day, frozenset(one.event_id for one in traced))
        recounted = again.get(key)
        if recounted is None:
            assert cell.denominator == 0
        else:
            assert (recounted.numerator, recounted.denominator) == (cell.numerator, cell.denominator)


def _crowd(seed):
    """Many events on few instants: every interval edge is hit, every id is sent again, at once and later."""
    chance = Random(seed)
    edges = [date(2025, 6, 1), date(2025, 6, 11), BREAK, date(2025, 7, 13), date(2025, 8, 1)]
    ticks = [timedelta(0), timedelta(0), -timedelta(microseconds=1)]

    def instant():
        midnight = datetime.combine(chance.choice(edges), datetime.min.time()) - timedelta(hours=7)
        return midnight + chance.choice(ticks)

    def record(type_, prefix, size, log, body):
        corrects = f"{prefix}{chance.randrange(size)}" if chance.random() < 0.12 else None
        time = instant().isoformat() + "Z"
        if type_ == "production.receipt_confirmed":
            body = {**body, "received": time}
        return {
            "event_id": f"{prefix}{chance.randrange(size)}",
            "type": type_,
            "version": 1,
            "time": time,
            "recorded_at": chance.choice(
                ["2025-06-01T00:00:00Z", "2025-07-10T00:00:00Z", "2025-07-09T23:59:59Z"]
            ),
            "organisation": log,
            "subject": "s",
            "origin": chance.choice(["self-reported", "instrument", "confirmed"]),
            "corrects": corrects,
            "retract": corrects is not None and chance.random() < 0.5,
            "body": body,
        }

    def day():
        return chance.choice(edges).isoformat()

    found = []
    for _ in range(90):
        body = {
            "promised": chance.choice([None, *(edge.isoformat() for edge in edges)]),
            "quantity": chance.randint(1, 3),
            "ordered_quantity": chance.choice([None, 1, 2]),
            "order": "o",
        }
        found.append(record("production.receipt_confirmed", "d", 70, chance.choice("ABC"), body))
    for _ in range(24):
        home_body = {"enterprise": chance.choice("efg"), "location": chance.choice(["l1", "l2", "l3"])}
        type_ = chance.choice(["registry.enterprise_registered", "registry.enterprise_moved"])
        found.append(record(type_, type_[20], 18, "registrar", {**home_body, "valid_from": day()}))
    for _ in range(16):
        claim = {
            "enterprise": chance.choice("efg"),
            "organisation": chance.choice("ABC"),
            "valid_from": day(),
        }
        found.append(record("registry.enterprise_claimed", "c", 14, "registrar", claim))
    found.append(record("registry.enterprise_closed", "x", 1, "registrar", {"enterprise": "g"}))
    # The same delivery again, unchanged, and some with another content at the same instant.
    found += [dict(event) for event in chance.sample(found, 12)]
    found += [{**event, "origin": "instrument"} for event in chance.sample(found, 12)]
    return shuffled(found, chance)


@pytest.mark.parametrize("seed", range(6))
def test_a_crowd_on_the_edges_equals_the_oracle(file, seed):
    """Exact midnights, one tick before them, ties and repeats: where half-open intervals go wrong."""
    events = _crowd(seed)
    connection = loaded(file, events)
    months = [(month.label, month.opens, month.closes) for month in MONTHS]
    for known_before in (datetime(2025, 7, 10), datetime(2026, 1, 1)):
        for map_day in (None, BREAK):
            got = answer(connection, known_before, map_day)
            expected = oracle.cells(events, MAP, months, LEVELS, known_before, map_day)
            ours = {
                key: (
                    cell.numerator,
                    cell.denominator,
                    cell.contributors,
                    {name: n for name, n in cell.origins.items() if n},
                    cell.coverage.registered,
                    cell.coverage.with_evidence,
                )
                for key, cell in got.items()
            }
            assert ours == {key: value[:6] for key, value in expected.items()}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=logs_of_events, known_before=KNOWN, one=MODES, other=MODES)
def test_totals_do_not_depend_on_the_map(file, events, known_before, one, other):
    """Nothing is lost, doubled or moved out of its month by another map: levels and maps add up alike."""
    connection = loaded(file, events)
    totals = []
    for map_day in (one, other):
        cells = answer(connection, known_before, map_day).values()
        for level in LEVELS:
            sums = {}
            for cell in cells:
                if cell.level == level:
                    row = sums.setdefault(cell.period, [0, 0, 0, 0])
                    row[0] += cell.numerator
                    row[1] += cell.denominator
                    row[2] += cell.coverage.registered
                    row[3] += cell.coverage.with_evidence
            totals.append(sums)
    assert all(total == totals[0] for total in totals)


def test_a_local_month_begins_seven_hours_before_utc_midnight(file):
    base = {
        "type": "production.receipt_confirmed",
        "version": 1,
        "organisation": "A",
        "subject": "s",
        "origin": "confirmed",
        "corrects": None,
        "retract": False,
    }
    body = {"promised": "2025-07-01", "quantity": 1, "ordered_quantity": 1, "order": "o"}
    events = [
        {
            **base,
            "event_id": name,
            "time": time,
            "recorded_at": "2025-07-05T00:00:00Z",
            "body": {**body, "received": time},
        }
        for name, time in (("june", "2025-06-30T16:59:59.999999Z"), ("july", "2025-06-30T17:00:00Z"))
    ]
    got = answer(loaded(file, events), datetime(2026, 1, 1), None)
    assert got["country", "country", "2025-06"].denominator == 1
    assert got["country", "country", "2025-07"].denominator == 1
    assert got["commune", "unallocated", "2025-07"].numerator == 1


def test_a_second_content_under_a_known_id_is_put_aside_and_counted(file):
    first = {
        "event_id": "d1",
        "type": "production.receipt_confirmed",
        "version": 1,
        "time": "2025-07-05T00:00:00Z",
        "recorded_at": "2025-07-05T00:00:00Z",
        "organisation": "A",
        "subject": "s",
        "origin": "confirmed",
        "corrects": None,
        "retract": False,
        "body": {"promised": "2025-07-01", "received": None, "quantity": 1, "ordered_quantity": 1},
    }
    again = {**first, "recorded_at": "2025-07-06T00:00:00Z"}
    forged = {**again, "body": {**first["body"], "promised": "2025-07-31"}}
    connection = loaded(file, [forged, again, first])
    got = answer(connection, datetime(2026, 1, 1), None)
    assert got["country", "country", "2025-07"].denominator == 1
    count = quarantined(
        connection,
        indicator=INDICATOR,
        register=REGISTER,
        schemas=BY_TYPE,
        known_before=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert count == 1


def test_segments_give_the_same_cells_as_the_lines_they_were_written_from(file, tmp_path):
    """The same numbers from Parquet, so that sealed segments can replace the lines."""
    events = _fixed_events()
    lines = loaded(file, events)
    segments = relations.connect()
    for schema in SCHEMAS:
        path = tmp_path / f"{schema.type}.parquet"
        relations.events_to_parquet(lines, schema, path)
        relations.events_from_parquet(segments, schema, [path])
    relations.memberships_load(segments, MAP)
    known_before = datetime(2026, 1, 1)
    assert answer(lines, known_before, None) == answer(segments, known_before, None)


def _fixed_events():
    registrar = {
        "version": 1,
        "time": "2025-05-20T00:00:00Z",
        "recorded_at": "2025-05-20T00:00:00Z",
        "organisation": "registrar",
        "subject": "s",
        "origin": "confirmed",
        "corrects": None,
        "retract": False,
    }
    home_body = {"enterprise": "e", "location": "l1", "valid_from": "2025-05-01"}
    claim_body = {"enterprise": "e", "organisation": "A", "valid_from": "2025-05-01"}
    found = [
        {**registrar, "event_id": "r", "type": "registry.enterprise_registered", "body": home_body},
        {**registrar, "event_id": "c", "type": "registry.enterprise_claimed", "body": claim_body},
    ]
    for day in range(1, 28):
        time = f"2025-06-{day:02d}T03:00:00Z"
        body = {"promised": "2025-06-14", "received": time, "quantity": 2, "ordered_quantity": 2}
        found.append(
            {
                **registrar,
                "event_id": f"d{day}",
                "type": "production.receipt_confirmed",
                "time": time,
                "recorded_at": time,
                "organisation": "A",
                "body": body,
            }
        )
    return found
