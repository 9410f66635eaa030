"""Write the administrative units of Việt Nam since November 2021, and their succession, into
`kernel/places/data`.

Source: the units table and the 2025 commune and province maps of the reference data folder `programme/`
(derived from thanglequoc/vietnamese-provinces-database and vietnamadminunits, both MIT; the codes are those
of the General Statistics Office). Names, codes and dates are public facts; no boundaries are taken.

What the script decides, because the official code alone does not say it:

* A unit is a territory. On 1 July 2025 a province that absorbed another, and every commune that is not
exactly
  one whole former commune of the same code, is a **new unit**, even where code and name stayed.
* Before that date the source says nothing about territory: a code that continues is taken as one unit.
* The two sources disagree on one code: Xã Ba Chẽ (Quảng Ninh) is 06978 in the units table and 06970 in the
map.
  It is the only commune of that name in that province on that date, so the map's rows are read as 06978.
* Any other map row that names a commune which the units table does not know on its date stops the script.

    python tools/places_data.py ../shared/data
"""

import csv
import gzip
import io
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src/lienmach/kernel/places/data"
REFORM = "2025-07-01"
SAME_COMMUNE = {"06970": "06978"}
LETTER = {"province": "P", "district": "D", "commune": "W"}


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """A source table."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def commune_map(folder: Path) -> list[dict[str, str]]:
    """The former-to-new commune table, with the known disagreement of the sources settled."""
    found = rows(folder, "vn_commune_map_2025.csv")
    for row in found:
        row["new_commune_code"] = SAME_COMMUNE.get(row["new_commune_code"], row["new_commune_code"])
    return found


def same_territory(folder: Path) -> set[str]:
    """Ids of the source whose unit went through 1 July 2025 with its territory unchanged."""
    kept = {
        LETTER["province"] + row["old_code"]
        for row in rows(folder, "vn_province_map_2025.csv")
        if row["change"] == "kept" and row["old_code"] == row["new_code"]
    }
    sources: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in commune_map(folder):
        sources[row["new_commune_code"]].append(row)
    for code, found in sources.items():
        if len(found) == 1 and found[0]["relation"] == "whole" and found[0]["old_commune_code"] == code:
            kept.add(LETTER["commune"] + code)
    return kept


def versions(folder: Path) -> list[tuple[str, ...]]:
    """(source id, first day of the unit, name, parent's source id, from, to), cut where a unit ends."""
    kept = same_territory(folder)
    found: list[tuple[str, ...]] = []
    opened: dict[str, str] = {}
    ended: dict[str, str] = {}
    for row in sorted(
        rows(folder, "vn_admin_units_versioned.csv"), key=lambda r: (r["uid"], r["valid_from"])
    ):
        uid, start, end = row["uid"], row["valid_from"], row["valid_to"]
        crosses = start < REFORM and (not end or end > REFORM)
        pieces = [(start, REFORM), (REFORM, end)] if crosses and uid not in kept else [(start, end)]
        for first, last in pieces:
            if ended.get(uid) != first or (first == REFORM and uid not in kept):
                opened[uid] = first
            ended[uid] = last
            found.append((uid, opened[uid], row["name_vi"], row["parent_uid"], first, last))
    return found


def successions(folder: Path, known: Iterable[tuple[str, ...]]) -> list[tuple[str, str, str]]:
    """(former id, new id, whole or part) on 1 July 2025, of communes and provinces."""
    before, after = set(), set()
    for uid, _opened, _name, _parent, start, end in known:
        if start < REFORM and (not end or end >= REFORM):
            before.add(uid)
        if start <= REFORM and (not end or end > REFORM):
            after.add(uid)
    found: list[tuple[str, str, str]] = []
    for row in rows(folder, "vn_province_map_2025.csv"):
        found.append((f"P{row['old_code']}", f"P{row['new_code']}", "whole"))
    for row in commune_map(folder):
        old = f"W{row['old_commune_code']}" if row["old_commune_code"] else f"D{row['old_district_code']}"
        found.append((old, f"W{row['new_commune_code']}", row["relation"]))
    unknown = [edge for edge in found if edge[0] not in before or edge[1] not in after]
    if unknown:
        raise SystemExit(
            f"Not in the units table on {REFORM}: {unknown}. Decide what they are, then run again."
        )
    return sorted(found)


def write(name: str, header: tuple[str, ...], table: Iterable[tuple[str, ...]]) -> None:
    """A gzipped table whose bytes depend on its content only."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(table)
    TARGET.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)
    (TARGET / name).write_bytes(packed)
    print(f"{name}: {len(packed) / 1000:.0f} kB")


def main(data_folder: str) -> None:
    """Read the source tables, write ours."""
    folder = Path(data_folder) / "programme"
    units = versions(folder)
    write("units.csv.gz", ("unit", "opened", "name", "parent", "from", "to"), units)
    write("successions.csv.gz", ("from", "to", "relation"), successions(folder, units))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
