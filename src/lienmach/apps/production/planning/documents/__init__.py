"""The plan as files: ``plan.json`` for programs, ``plan.xlsx`` to work on, ``plan.html`` to look at."""

from lienmach.apps.production.planning.documents.html import plan_html
from lienmach.apps.production.planning.documents.json import (
    SCHEMA,
    plan_document,
    plan_from_document,
    plan_json,
)
from lienmach.apps.production.planning.documents.xlsx import plan_xlsx

__all__ = ["SCHEMA", "plan_document", "plan_from_document", "plan_html", "plan_json", "plan_xlsx"]
