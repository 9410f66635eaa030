"""What a query says when there is no such thing within the scope; a door answers it with "not found"."""

from django.core.exceptions import ObjectDoesNotExist


class NotFound(ObjectDoesNotExist):
    """There is no such thing that the scope may see."""
