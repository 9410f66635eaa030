"""The port `ProofPages`: where other apps' pages lead for the proof of what they show."""

from uuid import UUID

from django.urls import reverse

from lienmach.kernel.scope import Scope


class Pages:
    """Addresses of this app's pages."""

    def of_member(self, scope: Scope, organisation: str, event: UUID) -> str:
        """Return the address of an event's proof within its organisation; empty if it may not be read."""
        return reverse("proof:leaf", args=[organisation, event]) if scope.allows("proof.log_read") else ""

    def of_anybody(self, event: UUID) -> str:
        """Return the public address of an event's place in its log."""
        return reverse("proof-public:leaf", args=[event])

    def check(self) -> str:
        """Return the address of the page that checks proof files."""
        return reverse("proof-public:verify")


PAGES = Pages()
