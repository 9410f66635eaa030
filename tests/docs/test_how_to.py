"""Every command in the how-to pages runs as it stands there, in the order of the page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
PAGES = [
    page
    for page in sorted((Path(__file__).parents[2] / "docs" / "how-to").glob("*.md"))
    if BLOCK.search(page.read_text(encoding="utf-8"))
]


@pytest.mark.skipif(sys.platform == "win32", reason="The pages show a Unix shell.")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_the_page_run(page: Path, tmp_path: Path) -> None:
    """Run the page's `console` blocks as one script in an empty folder; any failing command fails."""
    lines = [
        line.removeprefix("$ ") for block in BLOCK.findall(page.read_text()) for line in block.splitlines()
    ]
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "lienmach.config.settings",
        "LIENMACH_DATA": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
    }
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, f"{page.name}:\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}"
