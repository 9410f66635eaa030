"""How long a code may be: it stands in numbers of work orders, on labels and in addresses."""

from django.utils.translation import gettext as _

LONGEST_CODE = 60
LONGEST_NAME = 200
MOST_PIECES = 100_000_000
MOST_MINUTES = 5_000_000


def refuse_long_code(text: str) -> str | None:
    """Return why a code is too long, or None when it is not (for ``Column.check``)."""
    if len(text) <= LONGEST_CODE:
        return None
    return _("A code may have at most %(most)s characters, this one has %(count)s.") % {
        "most": LONGEST_CODE,
        "count": len(text),
    }


def refuse_long_name(text: str) -> str | None:
    """Return why a name is too long, or None when it is not (for ``Column.check``)."""
    if len(text) <= LONGEST_NAME:
        return None
    return _("A name may have at most %(most)s characters, this one has %(count)s.") % {
        "most": LONGEST_NAME,
        "count": len(text),
    }
