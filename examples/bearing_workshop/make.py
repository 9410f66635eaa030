"""Write the full workbook of a generated bearing workshop: 25 machines, 150 orders, bills of three levels.

Usage: python examples/bearing_workshop/make.py [FILE] [--first-day 2026-12-01] [--seed 0] [--orders 150]
       [--language vi] [--check]
"""

import argparse
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from writing import set_up, write_or_check


def main() -> int:
    """Parse the arguments and write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=Path("xuong-vong-bi.xlsx"))
    parser.add_argument("--first-day", type=date.fromisoformat, default=date(2026, 12, 1))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--orders", type=int, default=150)
    parser.add_argument("--language", choices=["vi", "en"], default="vi")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if FILE differs")
    arguments = parser.parse_args()
    set_up()
    from lienmach.apps.production.sheets import FULL
    from lienmach.config.demo_data.bearing_workshop import bearing_workshop_rows
    from lienmach.kernel.sheets import write_template

    rows = bearing_workshop_rows(first_day=arguments.first_day, seed=arguments.seed, orders=arguments.orders)
    content = write_template(FULL, language=arguments.language, rows=rows)
    return write_or_check(arguments.file, content, check=arguments.check)


if __name__ == "__main__":
    sys.exit(main())
