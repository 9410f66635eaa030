"""Server time of every page of the demonstration: each kind of page that links lead to, for each person.

Usage: python benchmarks/pages.py [--firms 2000] [--repeat 5]

The pages are asked for in this process through Django's whole stack (middleware, doors, database,
templates), so that the figure is the server's own time without the network. Bar: p95 ≤ 300 ms.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

RESULTS = Path(__file__).parent / "results" / "pages.md"
IDENTIFIERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|(?<=/work/)[\w.-]+")
LINK = re.compile(r'href="([^"#]+)')
SKIPPED = re.compile(r"\.(xlsx|csv|json|html|css|js|svg|png)$|format=|/static/|/logout")
PEOPLE = ("chu", "kehoach", "tho", "canbo")
HEAD = """# Server time of pages

Written by `python benchmarks/pages.py`. Milliseconds of wall time inside the server process, every kind of
page that links lead to, each asked for several times after one warm-up. Bar: p95 ≤ 300 ms.

| date | machine | firms | kinds of pages | requests | p50 | p95 | slowest page (median) |
|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = measure(Path(folder), options.firms, options.repeat)
    every = sorted(ms for values in times.values() for ms in values)
    p50, p95 = every[len(every) // 2], every[int(len(every) * 0.95)]
    slowest = max(times, key=lambda kind: sorted(times[kind])[len(times[kind]) // 2])
    median = sorted(times[slowest])[len(times[slowest]) // 2]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    figures = f"{options.firms} | {len(times)} | {len(every)} | {p50:.0f} ms | {p95:.0f} ms"
    line = f"| {datetime.now(UTC).date()} | {machine} | {figures} | `{slowest}` {median:.0f} ms |\n"
    if not RESULTS.exists():
        RESULTS.write_text(HEAD, encoding="utf-8")
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(line)
    print(line)
    for kind in sorted(times, key=lambda kind: -max(times[kind]))[:15]:
        print(f"{max(times[kind]):7.0f} ms max  {kind}")
    return 0 if p95 <= 300 else 1


def measure(folder: Path, firms: int, repeat: int) -> dict[str, list[float]]:
    """Load the demonstration, walk it as each person, and return the times of each kind of page."""
    from lienmach.config import demo

    demo.use_demo_folder(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "lienmach.config.settings"
    import django

    django.setup()
    from django.test import Client

    from lienmach.config.prepare import prepare
    from lienmach.kernel.identity.models import Person

    prepare()
    demo.load(firms=firms, seed=1, at=datetime.now(UTC), say=lambda text: print(text, file=sys.stderr))
    times: dict[str, list[float]] = {}
    for username in PEOPLE:
        client = Client(HTTP_HOST="localhost")
        client.force_login(Person.objects.get(username=username))
        for address in walk(client):
            times.setdefault(kind_of(address), []).extend(timed(client, address) for _ in range(repeat))
    return times


def kind_of(address: str) -> str:
    """Return the address with identifiers left out."""
    return IDENTIFIERS.sub("…", urlsplit(address).path)


def walk(client: object) -> list[str]:
    """Return one address of every kind of page that links lead to."""
    waiting, seen, found = ["/home/"], set(), []
    while waiting:
        address = waiting.pop(0)
        if kind_of(address) in seen or SKIPPED.search(address):
            continue
        seen.add(kind_of(address))
        answer = client.get(address)  # type: ignore[attr-defined]
        if answer.status_code in {301, 302}:
            waiting.append(urljoin(address, answer["Location"]))
            continue
        if answer.status_code != 200:
            raise SystemExit(f"{address} answers {answer.status_code}")
        found.append(address)
        if answer["Content-Type"].startswith("text/html"):
            links = (
                urljoin(address, link.replace("&amp;", "&")) for link in LINK.findall(answer.content.decode())
            )
            waiting += [link for link in links if link.startswith("/") and not link.startswith("//")]
    return found


def timed(client: object, address: str) -> float:
    """Return the milliseconds one request takes."""
    started = time.perf_counter()
    client.get(address)  # type: ignore[attr-defined]
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    raise SystemExit(main())
