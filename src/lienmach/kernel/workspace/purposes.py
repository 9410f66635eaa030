"""What an organisation can share, in words; the purpose's name is what consents and readers refer to."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.identity.models import Organisation, OrganisationKind
from lienmach.kernel.identity.queries import OrganisationSummary, summary

PURPOSES = {
    "programme.evidence": _("Single delivery events behind the numbers of the programme"),
}


def recipients() -> list[OrganisationSummary]:
    """Return the organisations that can be shared with: agencies and associations."""
    rows = Organisation.objects.filter(kind__in=[OrganisationKind.AGENCY, OrganisationKind.ASSOCIATION])
    return [summary(row) for row in rows.order_by("name")]
