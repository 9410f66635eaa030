"""Columns that several sheets have: money, minutes, calendars."""

from lienmach.apps.production.sheets.limits import MOST_MINUTES
from lienmach.kernel.sheets import Column, Kind, Text


def money(
    key: str,
    title: Text,
    aliases: tuple[str, ...] = (),
    *,
    default: int | None = None,
    note: Text | None = None,
) -> Column:
    """Return a column of đồng."""
    unit = Text("đ", "VND")
    return Column(key, Kind.DECIMAL, title, aliases=aliases, unit=unit, default=default, minimum=0, note=note)


def minutes(
    key: str,
    title: Text,
    aliases: tuple[str, ...] = (),
    *,
    required: bool = False,
    example: int | None = None,
    note: Text | None = None,
) -> Column:
    """Return a column of minutes, none or more."""
    return Column(
        key,
        Kind.DECIMAL,
        title,
        aliases=aliases,
        required=required,
        minimum=0,
        maximum=MOST_MINUTES,
        example=example,
        note=note,
    )


CALENDAR = Column("calendar", Kind.CODE, Text("Lịch làm việc", "Calendar"), aliases=("Lịch", "Ca"))
FIXED_MINUTES = minutes(
    "fixed_minutes",
    Text("Phút cố định mỗi lệnh", "Fixed minutes per job"),
    ("Phút cố định", "Fixed minutes"),
)
