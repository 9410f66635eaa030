"""Numbers that people can say aloud: 1, 2, 3 … within one organisation."""

from uuid import UUID

from django.db.models import Max

from lienmach.apps.production.models import Plan, Workbook
from lienmach.kernel.identity.models import Organisation


def next_number(model: type[Plan] | type[Workbook], *, organisation: UUID) -> int:
    """Return the next free number; the organisation's row is locked until the transaction ends."""
    Organisation.objects.select_for_update().get(id=organisation)
    last = model.objects.filter(organisation_id=organisation).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
