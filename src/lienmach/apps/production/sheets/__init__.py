"""The planning workbook: what may stand in it, and how its rows become a ``Factory``."""

from lienmach.apps.production.sheets.full import FULL
from lienmach.apps.production.sheets.minimum import MINIMUM
from lienmach.apps.production.sheets.reading import read_factory

__all__ = ["FULL", "MINIMUM", "read_factory"]
