"""The demonstration: a province and two workshops, seeded, on a data folder of its own."""

import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

PASSWORD = "thu-lien-mach-2026"  # noqa: S105 - printed to whoever starts the demonstration, on loopback
READY_S = 60
SETTLED = 1000
SAY_EVERY_S = 5

# It stands where the map changed most: old Bình Dương, since 1 July 2025 part of another province.
PROVINCE_CODE = "79"
COMMUNE_CODE = "25747"  # phường Thủ Dầu Một since 1 July 2025

ORGANISATIONS = (
    ("workshop", "xuong-vong-bi", "Xưởng vòng bi Sen Xanh (dữ liệu mẫu)", "enterprise"),
    ("second", "co-khi-cay-du", "Cơ khí Cây Dừa (dữ liệu mẫu)", "enterprise"),
    ("province", "so-mau", "Cơ quan chuyển đổi số của tỉnh (dữ liệu mẫu)", "agency"),
)
PEOPLE = (
    ("workshop", "owner", "chu", "Chủ xưởng"),
    ("workshop", "planner", "kehoach", "Người lập kế hoạch"),
    ("workshop", "operator", "tho", "Thợ máy"),
    ("second", "owner", "chu2", "Chủ xưởng thứ hai"),
    ("province", "officer", "canbo", "Cán bộ"),
)


def use_demo_folder(folder: Path) -> None:
    """Point this process and its children at the demonstration's own data folder."""
    os.environ["LIENMACH_DATA"] = str(folder)
    os.environ["LIENMACH_DEMO"] = "1"
    os.environ.pop("DATABASE_URL", None)


def load(*, firms: int, seed: int, at: datetime, say: Callable[[str], None]) -> list[tuple[str, str, str]]:
    """Fill the database with the demonstration unless it is there; return (user name, password, who)."""
    from lienmach.kernel.apps import installed
    from lienmach.kernel.apps import load as load_path
    from lienmach.kernel.demo import Demo
    from lienmach.kernel.identity.models import Organisation

    if not Organisation.objects.filter(slug=ORGANISATIONS[-1][1]).exists():
        demo = Demo(
            at=at,
            seed=seed,
            say=say,
            workbooks=_workbooks(seed),
            enterprises=_enterprises(firms, seed, at.date()),
        )
        _load_places(say)
        _make_organisations(demo)
        for config in sorted((c for c in installed() if c.demo), key=lambda c: c.demo_order):
            started = time.monotonic()
            load_path(config.demo)(demo)
            say(f"{config.label}: {time.monotonic() - started:.1f} s")
        _settle(say)
    return [
        (username, PASSWORD, f"{role} · {name}")
        for key, role, username, _ in PEOPLE
        for organisation, _slug, name, _kind in ORGANISATIONS
        if organisation == key
    ]


def _workbooks(seed: int) -> dict[str, Callable[[date], dict[str, Any]]]:
    from lienmach.config.demo_data.bearing_workshop import bearing_workshop_rows
    from lienmach.config.demo_data.minimum_workshop import minimum_workshop_rows

    return {
        "workshop": lambda first_day: bearing_workshop_rows(first_day=first_day, seed=seed),
        "second": lambda first_day: minimum_workshop_rows(first_day=first_day),
    }


def _enterprises(count: int, seed: int, until: date) -> list[Any]:
    from lienmach.config.demo_data.communes import communes_of_old_province
    from lienmach.config.demo_data.province import generate_firms

    communes = [unit.code for unit in communes_of_old_province()]
    return list(generate_firms(count, seed, communes, until=until))


def _load_places(say: Callable[[str], None]) -> None:
    from lienmach.kernel.places.services import places_load
    from lienmach.kernel.scope import SystemScope

    say("Places of Việt Nam since November 2021")
    places_load(SystemScope())


def _make_organisations(demo: "Demo") -> None:  # type: ignore[name-defined] # noqa: F821
    from lienmach.kernel.identity.models import Person
    from lienmach.kernel.identity.services import membership_grant, organisation_register
    from lienmach.kernel.places.queries import unit_with_code
    from lienmach.kernel.scope import SystemScope

    today: date = demo.at.date()
    system = SystemScope()
    commune = unit_with_code(system, code=COMMUNE_CODE, level="commune", at=today).id
    province = unit_with_code(system, code=PROVINCE_CODE, level="province", at=today).id
    for key, slug, name, kind in ORGANISATIONS:
        demo.organisations[key] = organisation_register(
            system,
            name=name,
            kind=kind,
            slug=slug,
            unit=commune,
            jurisdiction=province if kind == "agency" else "",
            at=demo.at,
        )
    for key, role, username, name in PEOPLE:
        person = Person.objects.create_user(username, PASSWORD, name=name)
        demo.members[key, role] = membership_grant(
            system, person=person.id, role=role, at=demo.at, organisation=demo.organisations[key].id
        )


def _settle(say: Callable[[str], None]) -> None:
    """Sequence and deliver what was recorded and do the work it causes: the first page shows it."""
    from lienmach.kernel.evidence.sequencer import sequence
    from lienmach.kernel.evidence.subscribers import all_subscribers, deliver
    from lienmach.kernel.jobs.inline import run_waiting
    from lienmach.kernel.scope import SystemScope

    sequenced = 0
    while step := sequence():
        sequenced += step
        say(f"evidence: {sequenced} events sequenced")
    delivered, said = 0, time.monotonic()
    while step := sum(deliver(each, at=datetime.now(UTC), limit=SETTLED) for each in all_subscribers()):
        delivered += step
        if time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            say(f"evidence: {delivered} deliveries to subscribers so far")
    sequence()
    say(f"evidence: {delivered} deliveries to subscribers")
    say(f"background work: {run_waiting(SystemScope(), at=datetime.now(UTC))} jobs done")


def announce_when_ready(address: str, announce: Callable[[], None]) -> None:
    """Call `announce` from a thread once the web process answers."""

    def wait() -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{address}/health/", timeout=2):  # noqa: S310 - our own address
                    break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.2)
        else:
            print(f"The server did not answer at {address} within {READY_S} s.", file=sys.stderr)  # noqa: T201
            return
        announce()

    threading.Thread(target=wait, daemon=True).start()
