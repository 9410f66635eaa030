"""The promise as JSON, schema ``lienmach.promise/1``: seconds since ``epoch``, dates local to ``zone``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from lienmach.apps.production.planning.documents.json import (
    LANGUAGES,
    bought_document,
    cause_document,
    number,
    placed_document,
)
from lienmach.apps.production.planning.explain import cause_phrase, promise_sentence
from lienmach.apps.production.planning.promise import Promise

PROMISE_SCHEMA = "lienmach.promise/1"


def promise_json(promise: Promise) -> str:
    """Return the promise as one JSON document."""
    return json.dumps(promise_document(promise), ensure_ascii=False, indent=1) + "\n"


def promise_document(promise: Promise) -> dict[str, Any]:
    """Return the promise as plain values."""
    timeline, wanted = promise.timeline, promise.wanted
    return {
        "schema": PROMISE_SCHEMA,
        "item": wanted.item,
        "name": promise.name,
        "quantity": number(wanted.quantity),
        "unit": promise.unit,
        "wanted": wanted.due.isoformat() if wanted.due else None,
        "in_time": promise.in_time,
        "date": promise.date.isoformat(),
        "end": promise.end,
        "end_at": timeline.moment(promise.end).isoformat(),
        "asked_at": timeline.moment(promise.asked).isoformat(),
        "epoch": timeline.epoch.isoformat(),
        "zone": timeline.zone,
        "text": {language: promise_sentence(promise, language) for language in LANGUAGES},
        "held_by": [
            cause_document(cause) | {"text": {each: cause_phrase(cause, each) for each in LANGUAGES}}
            for cause in promise.causes
        ],
        "from_stock": number(promise.from_stock),
        "purchases": [
            bought_document(purchase) | {"lead_time_assumed": purchase.lead_time_assumed}
            for purchase in promise.purchases
        ],
        "tasks": [placed_document(timeline, task) | {"batch": task.batch} for task in promise.tasks],
        "floor_price": _price(promise),
        "verified": True,
    }


def _price(promise: Promise) -> dict[str, Any] | None:
    """What the order costs, in whole đồng; None where no rates were given."""
    if promise.price is None:
        return None
    costs = asdict(promise.price)
    return costs | {
        "unpriced": list(promise.price.unpriced),
        "total": promise.price.total,
        "per_piece": number(round(promise.price.total / promise.wanted.quantity, 2)),
        "currency": "VND",
    }
