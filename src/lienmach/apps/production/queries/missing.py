"""What a query says when there is no such thing within the scope."""


class NotFound(LookupError):
    """There is no such thing that the scope may see."""
