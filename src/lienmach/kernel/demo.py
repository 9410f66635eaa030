"""What an app's demo loader is given: the demonstration's organisations, people, time and seed.

Everything in a demonstration is generated and says so. An app declares `demo = "package.module:function"`
in its `apps.py`; the function is called as `function(demo)`, in order of `demo_order`, and calls the app's
own services, never its tables.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lienmach.kernel.apps import permissions_of
from lienmach.kernel.scope import AreaScope, OrganisationScope

Rows = Mapping[str, Any]
"""Sheet key -> rows of a workbook, as `kernel.sheets.write_template` takes them."""


@dataclass(frozen=True)
class LogIn:
    """A printed log-in of the demonstration."""

    username: str
    password: str
    organisation: str
    role: str


@dataclass
class Demo:
    """The demonstration while it is being loaded.

    Attributes
    ----------
    at
        The demonstration's present. Loaders may record the past before it.
    firms
        How many generated firms the province has.
    seed
        Of every random choice: the same seed gives the same demonstration.
    workbooks
        Organisation key -> a function of the first day that makes the rows of its generated workbook.
    organisations
        Key (`workshop`, `second`, `province`) -> organisation.
    members
        (organisation key, role) -> membership.
    log_ins
        What is printed at the end.
    """

    at: datetime
    firms: int
    seed: int
    say: Callable[[str], None]
    workbooks: Mapping[str, Callable[[date], Rows]] = field(default_factory=dict)
    organisations: dict[str, Any] = field(default_factory=dict)
    members: dict[tuple[str, str], Any] = field(default_factory=dict)
    log_ins: list[LogIn] = field(default_factory=list)

    def random(self, name: str) -> random.Random:
        """Return a generator of its own for `name`, so that loaders do not disturb each other."""
        return random.Random(f"{self.seed}:{name}")  # noqa: S311 - generated data, not secrets

    def scope(self, organisation: str, role: str) -> OrganisationScope:
        """Return the scope in which the demonstration's member of that role acts."""
        member = self.members[organisation, role]
        return OrganisationScope(
            actor=member.pseudonym,
            granted=permissions_of(role),
            organisation=self.organisations[organisation].id,
        )

    def area(self) -> AreaScope:
        """Return the scope of the province's officer."""
        officer = self.scope("province", "officer")
        return AreaScope(
            actor=officer.actor,
            granted=officer.granted,
            organisation=officer.organisation,
            unit=self.organisations["province"].jurisdiction,
            at=self.at.astimezone(ZoneInfo(self.organisations["province"].time_zone)).date(),
        )
