"""One cell → one typed value, or the reason why not."""

from lienmach.kernel.sheets.parse.cell import parse
from lienmach.kernel.sheets.parse.outcome import Doubted, Misread

__all__ = ["Doubted", "Misread", "parse"]
