"""Write the firms of a generated province as CSV: invented names, tax codes that nobody has, real communes.

Usage: python examples/province/make.py [FILE] [--firms 2000] [--seed 0] [--until 2026-10-31]
       [--province 74] [--check]
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
    parser.add_argument("file", nargs="?", type=Path, default=Path("doanh-nghiep.csv"))
    parser.add_argument("--firms", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 10, 31))
    parser.add_argument("--province", default="74", help="code before July 2025; 74 was Bình Dương")
    parser.add_argument("--language", choices=["vi", "en"], default="vi")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if FILE differs")
    arguments = parser.parse_args()
    set_up()
    from dataclasses import asdict

    from lienmach.config.demo_data.communes import communes_of_old_province
    from lienmach.config.demo_data.province import FIRMS, generate_firms
    from lienmach.kernel.sheets import write_csv

    communes = {unit.code: unit.name for unit in communes_of_old_province(arguments.province)}
    firms = generate_firms(arguments.firms, arguments.seed, list(communes), until=arguments.until)
    rows = [{**asdict(firm), "commune_name": communes[firm.commune]} for firm in firms]
    content = write_csv(FIRMS, rows, language=arguments.language)
    return write_or_check(arguments.file, content, check=arguments.check)


if __name__ == "__main__":
    sys.exit(main())
