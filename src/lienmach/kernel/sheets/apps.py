"""Makes the package's translations known to Django."""

from django.apps import AppConfig


class SheetsConfig(AppConfig):
    """Workbook import and export; no tables of its own."""

    name = "lienmach.kernel.sheets"
    label = "sheets"
