"""The port `ProofPages`: where other apps' pages lead for the proof of what they show."""

from uuid import UUID

from django.urls import reverse


class Pages:
    """Addresses of this app's pages."""

    def of_member(self, organisation: str, event: UUID) -> str:
        """Return the address of an event's proof within its organisation."""
        return reverse("proof:leaf", args=[organisation, event])

    def of_anybody(self, event: UUID) -> str:
        """Return the public address of an event's place in its log."""
        return reverse("proof-public:leaf", args=[event])


PAGES = Pages()
