"""The communes that came of an old province: where the demonstration's firms stand."""

from datetime import date, timedelta

from lienmach.kernel.places.source import REFORM, SourceUnit, read_successions, read_units

BINH_DUONG = "74"
"""Code of the province of Bình Dương, which on 1 July 2025 became part of Hồ Chí Minh City."""


def communes_of_old_province(code: str = BINH_DUONG, *, at: date = REFORM) -> list[SourceUnit]:
    """Communes on the day `at` that hold ground of the province that had `code` before July 2025, by code.

    Raises
    ------
    LookupError
        There was no such province.
    """
    units = read_units()
    before = REFORM - timedelta(days=1)
    old = {unit.unit: unit for unit in units if _stands(unit, before)}
    province = next(
        (unit.unit for unit in old.values() if unit.level == "province" and unit.code == code), None
    )
    if province is None:
        raise LookupError(f"No province had the code {code!r} on {before}.")
    districts = {unit.unit for unit in old.values() if unit.parent == province}
    communes = {unit.unit for unit in old.values() if unit.parent in districts}
    communes |= {edge.to_unit for edge in read_successions() if edge.from_unit in communes}
    found = [
        unit for unit in units if unit.unit in communes and unit.level == "commune" and _stands(unit, at)
    ]
    return sorted(found, key=lambda unit: unit.code)


def _stands(unit: SourceUnit, day: date) -> bool:
    return unit.valid_from <= day and (unit.valid_to is None or day < unit.valid_to)
