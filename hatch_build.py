"""Build hook: compile gettext catalogues (`.po` → `.mo`), for wheels and editable installs alike.

Run by hatchling on every build, editable ones included; `python hatch_build.py` does the same in place
after a `.po` file was edited. Only catalogues older than their source are compiled.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def compile_catalogues(source: Path) -> list[Path]:
    """Compile every stale catalogue below `source` and return the `.mo` files written.

    Raises
    ------
    SystemExit
        A catalogue has errors; all of them are listed with file and line.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    written: list[Path] = []
    problems: list[str] = []
    for po in sorted(source.glob("**/locale/*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as stream:
            catalogue = read_po(stream, locale=po.parent.parent.name, domain=po.stem)
        for message, errors in catalogue.check():
            problems += [f"{po}:{message.lineno}: {error}" for error in errors]
        temporary = mo.with_suffix(".mo.part")
        with temporary.open("wb") as stream:
            write_mo(stream, catalogue, use_fuzzy=False)
        temporary.replace(mo)
        written.append(mo)
    if problems:
        raise SystemExit("Translations with errors:\n" + "\n".join(problems))
    return written


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # called as a script without the build system installed
    pass
else:

    class CatalogueBuildHook(BuildHookInterface):  # type: ignore[type-arg]
        """Compiles the catalogues before hatchling collects the package's files."""

        def initialize(self, version: str, build_data: dict[str, object]) -> None:
            compile_catalogues(ROOT / "src")


if __name__ == "__main__":
    for path in compile_catalogues(ROOT / "src"):
        print(path.relative_to(ROOT), file=sys.stderr)
