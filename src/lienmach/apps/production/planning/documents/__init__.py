"""The plan and the workshop as files.

``plan.json`` and ``factory.json`` for programs, ``plan.xlsx`` to work on, ``plan.html`` to look at.
"""

from lienmach.apps.production.planning.documents.factory import factory_document, factory_json
from lienmach.apps.production.planning.documents.factory_checks import read_factory_json
from lienmach.apps.production.planning.documents.faults import DocumentRefused
from lienmach.apps.production.planning.documents.html import plan_html
from lienmach.apps.production.planning.documents.json import (
    SCHEMA,
    plan_document,
    plan_from_document,
    plan_json,
)
from lienmach.apps.production.planning.documents.xlsx import plan_xlsx

__all__ = [
    "SCHEMA",
    "DocumentRefused",
    "factory_document",
    "factory_json",
    "plan_document",
    "plan_from_document",
    "plan_html",
    "plan_json",
    "plan_xlsx",
    "read_factory_json",
]
