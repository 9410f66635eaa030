"""What the example scripts share: translations without a server, writing a file or checking one."""

import sys
from pathlib import Path


def set_up() -> None:
    """Give the workbook functions their translations; no database, no data folder."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(INSTALLED_APPS=["lienmach.kernel.sheets"], USE_I18N=True, LANGUAGE_CODE="vi")
        django.setup()


def write_or_check(path: Path, content: bytes, *, check: bool) -> int:
    """Write the file; or with `check` leave it alone and say whether it is the same. Returns an exit code."""
    if not check:
        path.write_bytes(content)
        print(f"→ {path} ({len(content) // 1024 + 1} kB)", file=sys.stderr)
        return 0
    if path.is_file() and path.read_bytes() == content:
        print(f"{path} is up to date.", file=sys.stderr)
        return 0
    print(f"{path} is not what this script writes today. Run it without --check.", file=sys.stderr)
    return 1
