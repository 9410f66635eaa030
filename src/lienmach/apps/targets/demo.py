"""The demonstration's deliveries: a year of generated receipts of the generated firms, each said to be
confirmed."""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from lienmach.kernel.apps import permissions_of
from lienmach.kernel.demo import Demo
from lienmach.kernel.evidence import Origin, record
from lienmach.kernel.evidence.types import UnknownType, type_named
from lienmach.kernel.identity.services import consent_give
from lienmach.kernel.scope import OrganisationScope

TYPE = "production.receipt_confirmed"
MONTHS = 12
SHARING = 2
"""One firm in so many shares its single events with the province."""


def load(demo: Demo) -> None:
    """Record a year of receipts, and share the workshop's."""
    try:
        declared = type_named(TYPE)
    except UnknownType:
        demo.say("targets: nothing to count without the production app")
        return
    chance = demo.random("targets")
    province = demo.organisations["province"].id
    firms = sorted(key for key in demo.organisations if key.startswith("firm-"))
    count = 0
    with transaction.atomic():
        for number, key in enumerate(firms):
            scope = OrganisationScope(
                actor="demo", granted=permissions_of("owner"), organisation=demo.organisations[key].id
            )
            if number % SHARING == 0:
                consent_give(scope, purpose="programme.evidence", recipient=province, at=demo.at)
            punctual = chance.uniform(0.55, 0.97)
            for month in range(MONTHS):
                for _ in range(chance.randint(0, 4)):
                    received = demo.at - timedelta(
                        days=30 * month + chance.randint(1, 29), hours=chance.randint(0, 9)
                    )
                    body = _receipt(chance, count, received, punctual, month)
                    record(
                        scope,
                        declared.body(**body),
                        subject=f"shipment:mau-{count}",
                        time=received,
                        at=received + timedelta(hours=2),
                        origin=Origin.CONFIRMED,
                    )
                    count += 1
        consent_give(
            demo.scope("workshop", "owner"), purpose="programme.evidence", recipient=province, at=demo.at
        )
    demo.say(f"targets: {count} generated receipts of {len(firms)} firms")


def _receipt(
    chance: Random, number: int, received: datetime, punctual: float, month: int
) -> dict[str, object]:
    """A receipt that is on time with a probability that rises over the year."""
    local = (received + timedelta(hours=7)).date()
    on_time = chance.random() < punctual - 0.012 * month
    slack = chance.randint(0, 4) if on_time else -chance.randint(1, 9)
    ordered = chance.choice((50, 100, 200, 500))
    short = 0 if on_time or chance.random() < 0.8 else chance.randint(1, 5)
    return {
        "shipment": f"MAU-{number}",
        "order": f"MAU-{number}",
        "promised": local + timedelta(days=slack),
        "received": received,
        "received_on": local,
        "ordered_quantity": ordered,
        "quantity": ordered - short,
        "good_quantity": ordered - short,
    }
