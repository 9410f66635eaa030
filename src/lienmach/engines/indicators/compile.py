"""From a checked declaration to one Ibis expression per question.

The expressions use equality and range joins, window functions and group-bys only, so that the same expression
compiles for DuckDB and for Spark. Nothing here touches data; Ibis is imported when a query is compiled.

Rules kept here (every backend and the tests' oracle follow the same ones):

* a record is known when ``recorded_at < K``;
* of several deliveries of one event id the first recorded counts; two different ones recorded at the same
instant
  are both put aside;
* a known record does not count when a known record of the same log and type corrects it; a retraction itself
never
  counts, and correcting a correction revives nothing;
* an event belongs to the period of its local time, and to the place its enterprise had at that instant, as
known
  at K;
* registered firms are taken at the last instant of the period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lienmach.engines.indicators.declaration import Indicator, Measure
from lienmach.engines.indicators.names import COUNTRY, UNALLOCATED, Origins, events_table
from lienmach.engines.indicators.periods import VIETNAM, Calendar
from lienmach.engines.indicators.predicates import predicate
from lienmach.engines.indicators.schema import Assertion, EventSchema, FieldType, Register

if TYPE_CHECKING:
    import ibis.expr.types as ir

ENVELOPE_COLUMNS = {
    "event_id": "string",
    "time": "timestamp",
    "recorded_at": "timestamp",
    "organisation": "string",
    "subject": "string",
    "origin": "string",
    "corrects": "string",
    "retract": "boolean",
    "content": "string",
}
IBIS_TYPES = {
    FieldType.ID: "string",
    FieldType.TEXT: "string",
    FieldType.INT: "int64",
    FieldType.DECIMAL: "decimal(18, 6)",
    FieldType.BOOL: "boolean",
    FieldType.DATE: "date",
    FieldType.TIMESTAMP: "timestamp",
}
FOREVER = datetime(9999, 1, 1)  # noqa: DTZ001 - local wall time


@dataclass(frozen=True)
class Question:
    """What is asked of an indicator.

    Attributes
    ----------
    map_day
        `None` counts each fact on the map of its own day; a date restates all of them to that day's map.
    level
        A level of the flat membership table, or `COUNTRY`.
    recount
        Count only the events listed in the table ``asked_events`` (used to recount a traced cell).

    The knowledge instant, the periods and the listed events stand in tables (``asked_instant``,
    ``asked_periods``, ``asked_events``), so that one compiled query serves them all.
    """

    indicator: Indicator
    register: Register
    level: str
    map_day: date | None = None
    calendar: Calendar = VIETNAM
    recount: bool = False


class Compiler:
    """Compiles one question over declared schemas."""

    def __init__(self, question: Question, schemas: dict[str, EventSchema]) -> None:
        import ibis

        self.ibis = ibis
        self.question = question
        self.schemas = schemas
        offset = int(question.calendar.utc_offset / timedelta(minutes=1))
        self.offset = ibis.interval(minutes=offset)
        instant = ibis.table({"known_before": "timestamp"}, name="asked_instant")
        self.known_before = instant.known_before.as_scalar()

    # --- records

    def events(self, type_: str) -> ir.Table:
        fields = {f"f_{name}": IBIS_TYPES[kind] for name, kind in self.schemas[type_].fields.items()}
        return self.ibis.table({**ENVELOPE_COLUMNS, **fields}, name=events_table(type_))

    def deliveries(self, type_: str) -> ir.Table:
        """First recorded delivery of each event id that is known at K."""
        rows = self.events(type_)
        rows = rows.filter(rows.recorded_at < self.known_before)
        order = self.ibis.window(group_by=rows.event_id, order_by=[rows.recorded_at, rows.content])
        ties = self.ibis.window(group_by=[rows.event_id, rows.recorded_at])
        rows = rows.mutate(
            delivery=self.ibis.row_number().over(order),
            lowest=rows.content.min().over(ties),
            highest=rows.content.max().over(ties),
        )
        return rows.filter((rows.delivery == 0) & (rows.lowest == rows.highest))

    def standing(self, type_: str) -> ir.Table:
        """The records that count: first deliveries, neither replaced nor retractions."""
        rows = self.deliveries(type_)
        replaced = rows.filter(rows.corrects.notnull())
        replaced = replaced.select(replaced_id=replaced.corrects, log=replaced.organisation).distinct()
        kept = rows.anti_join(
            replaced, [rows.event_id == replaced.replaced_id, rows.organisation == replaced.log]
        )
        kept = kept.filter(~kept.retract)
        return kept.mutate(local=kept.time + self.offset)

    # --- where a firm is

    def assertions(self, sources: tuple[Assertion, ...], *, with_exits: bool) -> ir.Table:
        """(entity, value, opens, closes) in local time: each assertion holds until the next one's start."""
        parts = []
        for source in sources:
            rows = self.standing(source.event)
            rows = rows.filter(rows[f"f_{source.valid_from}"].notnull())
            parts.append(
                rows.select(
                    entity=rows[f"f_{source.entity}"],
                    value=rows[f"f_{source.value}"],
                    opens=rows[f"f_{source.valid_from}"].cast("timestamp"),
                    recorded_at=rows.recorded_at,
                    event_id=rows.event_id,
                )
            )
        for leaving in self.question.register.exits if with_exits else ():
            rows = self.standing(leaving.event)
            parts.append(
                rows.select(
                    entity=rows[f"f_{leaving.entity}"],
                    value=self.ibis.null("string"),
                    opens=rows.local,
                    recorded_at=rows.recorded_at,
                    event_id=rows.event_id,
                )
            )
        rows = parts[0]
        for part in parts[1:]:
            rows = rows.union(part)
        rows = rows.filter(rows.entity.notnull())
        order = self.ibis.window(group_by=rows.entity, order_by=[rows.opens, rows.recorded_at, rows.event_id])
        rows = rows.mutate(closes=self.ibis.coalesce(rows.opens.lead().over(order), FOREVER))
        return rows.select("entity", "value", "opens", "closes")

    def periods(self) -> ir.Table:
        return self.ibis.table(
            {"period": "string", "opens": "timestamp", "closes": "timestamp"}, name="asked_periods"
        )

    def memberships(self) -> ir.Table:
        rows = self.ibis.table(
            {"location": "string", "level": "string", "unit": "string", "opens": "date", "closes": "date"},
            name="location_units",
        )
        rows = rows.filter(rows.level == self.question.level)
        return rows.mutate(closes=self.ibis.coalesce(rows.closes, FOREVER.date()))

    def placed(self, rows: ir.Table) -> ir.Table:
        """Rows with `location` and `day`, with the unit that counts them."""
        if self.question.level == COUNTRY:
            return rows.mutate(unit=self.ibis.literal(COUNTRY))
        if self.question.map_day is not None:
            rows = rows.mutate(day=self.ibis.literal(self.question.map_day))
        # A view of its own: Ibis cannot add a join on a computed column to a chain that made it.
        rows = rows.view()
        units = self.memberships().rename(place="location", from_day="opens", to_day="closes").drop("level")
        joined = rows.left_join(
            units,
            [rows.location == units.place, rows.day >= units.from_day, rows.day < units.to_day],
        )
        return joined.mutate(unit=self.ibis.coalesce(joined.unit, UNALLOCATED)).drop(
            "place", "from_day", "to_day"
        )

    # --- facts and cells

    def facts(self, measure: Measure, role: str) -> ir.Table:
        """One row per event that the measure counts, with its period and place."""
        rows = self.standing(measure.event)
        if self.question.recount:
            listed = self.ibis.table({"listed_id": "string"}, name="asked_events")
            rows = rows.semi_join(listed, rows.event_id == listed.listed_id)
        rows = rows.filter(predicate(measure.where, rows, offset=self.offset))
        weight = self.ibis.literal(1, "int64") if measure.field is None else rows[f"f_{measure.field}"]
        rows = rows.select("event_id", "organisation", "origin", "local", weight=weight)
        asked = self.periods().rename(period_opens="opens", period_closes="closes")
        rows = rows.inner_join(
            asked, [rows.local >= asked.period_opens, rows.local < asked.period_closes]
        ).drop("period_opens", "period_closes")
        claims = self.assertions(self.question.register.claims, with_exits=False).rename(
            claim_entity="entity", enterprise="value", claim_opens="opens", claim_closes="closes"
        )
        rows = rows.left_join(
            claims,
            [
                rows.organisation == claims.claim_entity,
                rows.local >= claims.claim_opens,
                rows.local < claims.claim_closes,
            ],
        ).drop("claim_entity", "claim_opens", "claim_closes")
        homes = self.assertions(self.question.register.locations, with_exits=True).rename(
            home_entity="entity", location="value", home_opens="opens", home_closes="closes"
        )
        rows = rows.left_join(
            homes,
            [
                rows.enterprise == homes.home_entity,
                rows.local >= homes.home_opens,
                rows.local < homes.home_closes,
            ],
        )
        return rows.select(
            "event_id",
            "organisation",
            "enterprise",
            "location",
            "origin",
            "period",
            "weight",
            day=rows.local.date(),
            role=self.ibis.literal(role),
        )

    def all_facts(self) -> ir.Table:
        """Facts of both parts; a count has only numerator facts."""
        indicator = self.question.indicator
        rows = self.placed(self.facts(indicator.numerator, "numerator"))
        if indicator.denominator is not None:
            rows = rows.union(self.placed(self.facts(indicator.denominator, "denominator")))
        return rows

    def evidence_role(self) -> str:
        """The part whose events are the indicator's evidence: the denominator, or a count's own events."""
        return "numerator" if self.question.indicator.denominator is None else "denominator"

    def counted(self) -> ir.Table:
        """Per (unit, period): the parts, the firms behind them, and who vouches for the evidence."""
        rows = self.all_facts()
        evidence = rows.role == self.evidence_role()
        firm = self.ibis.coalesce(rows.enterprise, rows.organisation)
        return rows.group_by("unit", "period").agg(
            numerator=_total(rows.weight.sum(where=rows.role == "numerator")),
            denominator=_total(rows.weight.sum(where=rows.role == "denominator")),
            contributors=firm.nunique(where=evidence),
            evidence=rows.count(where=evidence),
            **{
                column: rows.count(where=evidence & (rows.origin == origin))
                for column, origin in Origins.COLUMNS.items()
            },
        )

    def coverage(self) -> ir.Table:
        """Per (unit, period): firms registered at the last instant, and those of them with evidence."""
        indicator = self.question.indicator
        measure = indicator.denominator or indicator.numerator
        facts = self.facts(measure, self.evidence_role())
        active = facts.filter(facts.enterprise.notnull())
        active = active.select(active_period=active.period, active_enterprise=active.enterprise).distinct()
        homes = self.assertions(self.question.register.locations, with_exits=True)
        asked = self.periods().rename(period_opens="opens", period_closes="closes")
        present = homes.inner_join(
            asked, [homes.opens < asked.period_closes, homes.closes >= asked.period_closes]
        )
        present = present.filter(present.value.notnull()).select(
            "period",
            enterprise=present.entity,
            location=present.value,
            day=(present.period_closes - self.ibis.interval(days=1)).date(),
        )
        present = self.placed(present)
        joined = present.left_join(
            active,
            [present.period == active.active_period, present.enterprise == active.active_enterprise],
        )
        return joined.group_by("unit", "period").agg(
            registered=joined.count(), with_evidence=joined.count(where=joined.active_period.notnull())
        )

    def cells(self) -> ir.Table:
        """Counts and coverage side by side: a unit with firms but no events is a cell, and so is the
        reverse."""
        counted, coverage = self.counted(), self.coverage()
        zero = self.ibis.literal(0, "int64")
        none = dict.fromkeys((*_COUNTED, *Origins.COLUMNS), zero)
        rows = counted.mutate(registered=zero, with_evidence=zero).select(*CELL_COLUMNS)
        rows = rows.union(coverage.mutate(**none).select(*CELL_COLUMNS))
        totals = {column: rows[column].sum() for column in CELL_COLUMNS[2:]}
        return rows.group_by("unit", "period").agg(**totals)

    def traced(self) -> ir.Table:
        """The events behind each cell, and their share in it."""
        rows = self.all_facts()
        return rows.group_by("unit", "period", "event_id", "organisation").agg(
            numerator=_total(rows.weight.sum(where=rows.role == "numerator")),
            denominator=_total(rows.weight.sum(where=rows.role == "denominator")),
        )

    def quarantined(self, type_: str) -> ir.Table:
        """How many known deliveries carry an event id with another content than the one that counts."""
        rows = self.events(type_)
        rows = rows.filter(rows.recorded_at < self.known_before)
        order = self.ibis.window(group_by=rows.event_id, order_by=[rows.recorded_at, rows.content])
        ties = self.ibis.window(group_by=[rows.event_id, rows.recorded_at])
        rows = rows.mutate(
            first_content=rows.content.first().over(order),
            first_recorded=rows.recorded_at.min().over(self.ibis.window(group_by=rows.event_id)),
            tied=rows.content.min().over(ties) != rows.content.max().over(ties),
        )
        aside = (rows.content != rows.first_content) | ((rows.recorded_at == rows.first_recorded) & rows.tied)
        return rows.agg(quarantined=rows.count(where=aside))


_COUNTED = ("numerator", "denominator", "contributors", "evidence")
CELL_COLUMNS = (
    "unit",
    "period",
    *_COUNTED,
    *Origins.COLUMNS,
    "registered",
    "with_evidence",
)


def _total(value: Any) -> Any:
    return value.fill_null(0)


SchemaKey = tuple[tuple[str, tuple[tuple[str, FieldType], ...]], ...]


def schema_key(schemas: Mapping[str, EventSchema]) -> SchemaKey:
    """Schemas in a form that can be compared and hashed."""
    return tuple(sorted((name, tuple(sorted(schema.fields.items()))) for name, schema in schemas.items()))


@lru_cache(maxsize=256)
def compiled(question: Question, schemas: SchemaKey, which: str, dialect: str = "duckdb") -> str:
    """SQL of one of a compiler's expressions; needs neither pyarrow nor pandas.

    Parameters
    ----------
    which
        ``cells``, ``traced``, or ``quarantined:<event type>``.
    """
    import ibis

    compiler = Compiler(question, {name: EventSchema(name, dict(fields)) for name, fields in schemas})
    if which.startswith("quarantined:"):
        expression = compiler.quarantined(which.removeprefix("quarantined:"))
    else:
        expression = {"cells": compiler.cells, "traced": compiler.traced}[which]()
    return str(ibis.to_sql(expression, dialect=dialect))
