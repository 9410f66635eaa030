"""The promise as JSON, schema ``lienmach.promise/1``: seconds since ``epoch``, dates local to ``zone``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from lienmach.apps.production.planning.documents.factory import number
from lienmach.apps.production.planning.explain import cause_phrase, promise_sentence
from lienmach.apps.production.planning.plan import Cause, PlannedPurchase, PlannedTask
from lienmach.apps.production.planning.promise import Promise

PROMISE_SCHEMA = "lienmach.promise/1"
LANGUAGES = ("vi", "en")


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
        "held_by": [_cause(cause) for cause in promise.causes],
        "from_stock": number(promise.from_stock),
        "purchases": [_purchase(purchase) for purchase in promise.purchases],
        "tasks": [_task(promise, task) for task in promise.tasks],
        "floor_price": _price(promise),
        "verified": True,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "kind": cause.kind.value,
        "subject": cause.subject,
        "seconds": cause.seconds,
        "blockers": list(cause.blockers),
        "text": {language: cause_phrase(cause, language) for language in LANGUAGES},
    }


def _purchase(purchase: PlannedPurchase) -> dict[str, Any]:
    return {
        "item": purchase.item,
        "name": purchase.name,
        "quantity": number(purchase.quantity),
        "unit": purchase.unit,
        "supplier": purchase.supplier,
        "order_by": purchase.order_by.isoformat(),
        "arrives": purchase.arrives.isoformat(),
        "lead_time_assumed": purchase.lead_time_assumed,
    }


def _task(promise: Promise, task: PlannedTask) -> dict[str, Any]:
    return {
        "job": task.job,
        "operation": task.id,
        "machine": task.machine,
        "start": task.start,
        "end": task.end,
        "start_at": promise.timeline.moment(task.start).isoformat(),
        "end_at": promise.timeline.moment(task.end).isoformat(),
        "setup_start": task.setup_start,
        "setup_end": task.setup_end,
        "item": task.item,
        "step": task.step,
        "quantity": task.quantity,
        "batch": task.batch,
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
