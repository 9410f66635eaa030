"""Write the DBI 2021 instrument for small and medium-sized firms into the maturity app.

Source: Decision 1970/QĐ-BTTTT of 13 December 2021, version for small and medium-sized enterprises, as
transcribed in `programme/dbi_sme_2021.json` of the reference data (criteria, maxima and the printed level
rules; public facts). What the printed rule leaves open is not decided here: see `decisions-2026.json` beside
the result.

    python tools/instrument_dbi_2021.py ../shared/data
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from instrument_dbi_2021_en import CRITERIA

TARGET = Path(__file__).parent.parent / "src/lienmach/apps/maturity/instruments/dbi-sme-2021.json"
STEPS = {"ordinal": 1, "ordinal6": 1, "ordinal_x5": 5}


def main(data_folder: str) -> None:
    """Read the transcription, write the instrument."""
    read = json.loads((Path(data_folder) / "programme/dbi_sme_2021.json").read_text(encoding="utf-8"))
    instrument = {
        "id": read["id"],
        "version": 1,
        "authority": "Bộ Thông tin và Truyền thông (MIC)",
        "source": "Quyết định 1970/QĐ-BTTTT, 13/12/2021, doanh nghiệp nhỏ và vừa",
        "valid_from": "2021-12-13",
        "valid_to": "2023-11-07",
        "superseded_by": read["superseded_by"],
        "translation": "English names of criteria: the project's own, not part of the decision",
        "max": read["total_max"],
        "levels": {
            str(one["level"]): {"vi": one["name"], "en": english}
            for one, english in zip(
                read["pillar_level_rule"],
                ("Not started", "Starting", "Beginning", "Forming", "Advanced", "Leading"),
                strict=True,
            )
        },
        "pillar_bands": [band(one) for one in read["pillar_level_rule"]],
        "lowest_up_to": int(read["overall_rule"][0]["total"].removeprefix("<=")),
        "overall": [
            {
                "level": one["level"],
                "total_above": int(one["total"].removeprefix(">")),
                "pillars": one["min_pillars"],
                "at_level": one["at_level"],
            }
            for one in read["overall_rule"]
            if "min_pillars" in one
        ],
        "pillars": [pillar(one) for one in read["pillars"]],
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(instrument, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def band(one: dict[str, Any]) -> dict[str, Any]:
    """A printed percentage rule, `<10` or `>10..20`, as bounds in hundredths."""
    if match := re.fullmatch(r"<(\d+)", one["pct"]):
        return {"level": one["level"], "up_to": [int(match[1]), 100], "open_above": True}
    match = re.fullmatch(r">(\d+)\.\.(\d+)", one["pct"])
    if match is None:
        raise ValueError(f"Level {one['level']}: the printed rule {one['pct']!r} is not understood.")
    return {"level": one["level"], "above": [int(match[1]), 100], "up_to": [int(match[2]), 100]}


def pillar(one: dict[str, Any]) -> dict[str, Any]:
    """A pillar with its indices and criteria."""
    return {
        "id": one["id"],
        "name": {"vi": one["name_vi"], "en": one["name_en"]},
        "max": one["max"],
        "indices": [
            {
                "id": index["id"],
                "name": {"vi": index["name_vi"]},
                "max": index["max"],
                "criteria": [criterion(each) for each in index["criteria"]],
            }
            for index in one["indices"]
        ],
    }


def criterion(one: dict[str, Any]) -> dict[str, Any]:
    """A criterion in both languages; ratios keep the words of both parts."""
    english = CRITERIA[one["id"]]
    found = {"id": one["id"], "name": {"vi": one["name_vi"], "en": english[0]}, "max": one["max"]}
    if one["kind"] == "ratio":
        return {
            **found,
            "kind": "ratio",
            "numerator": {"vi": one["numerator_vi"], "en": english[1]},
            "denominator": {"vi": one["denominator_vi"], "en": english[2]},
        }
    return {**found, "kind": "ordinal", "step": STEPS[one["kind"]]}


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
