"""What an app's demo loader is given: the demonstration's organisations, people, time and seed.

Everything in a demonstration is generated and says so. An app declares `demo = "package.module:function"`
in its `apps.py`; the function is called as `function(demo)`, in order of `demo_order`, and calls the app's
own services, never its tables.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from lienmach.kernel.apps import permissions_of
from lienmach.kernel.scope import AreaScope, OrganisationScope

Rows = Mapping[str, Any]
"""Sheet key -> rows of a workbook, as `kernel.sheets.write_template` takes them."""


class GeneratedFirm(Protocol):
    """What a generated firm of the province has; `commune` is a code on the map of today."""

    @property
    def name(self) -> str: ...
    @property
    def tax_code(self) -> str: ...
    @property
    def form(self) -> str: ...
    @property
    def industry(self) -> str: ...
    @property
    def commune(self) -> str: ...
    @property
    def established(self) -> date: ...


@dataclass
class Demo:
    """The demonstration while it is being loaded.

    Attributes
    ----------
    at
        The demonstration's present. Loaders may record the past before it.
    seed
        Of every random choice: the same seed gives the same demonstration.
    workbooks
        Organisation key -> a function of the first day that makes the rows of its generated workbook.
    enterprises
        The generated firms of the province.
    organisations
        Key (`workshop`, `second`, `province`) -> organisation.
    members
        (organisation key, role) -> membership.
    """

    at: datetime
    seed: int
    say: Callable[[str], None]
    workbooks: Mapping[str, Callable[[date], Rows]] = field(default_factory=dict)
    enterprises: Sequence[GeneratedFirm] = ()
    organisations: dict[str, Any] = field(default_factory=dict)
    members: dict[tuple[str, str], Any] = field(default_factory=dict)

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
