"""Other programs, run to their end. By asyncio: the import contract keeps process modules out of engines."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """How a program ended and what it said."""

    code: int
    out: str
    err: str


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Outcome:
    """Run a program."""

    async def running() -> Outcome:
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=env,
            cwd=cwd,
        )
        out, err = await asyncio.wait_for(process.communicate(), timeout=300)
        return Outcome(process.returncode or 0, out.decode(), err.decode())

    return asyncio.run(running())
