"""Commands each in a process of its own that has imported everything, with the memory it takes.

Run as a program it reads from its input, one JSON array a line, where to write the errors and the words of
a command, and answers with the exit code and the most memory in MB; -1 and 0 where the process died.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gisgrid.processes import most_memory_mb


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended: its exit code, what it wrote as errors, and the most memory it took."""

    code: int
    told: str
    megabytes: int


class Commands:
    """Runs commands, one after the other."""

    def __init__(self, process: subprocess.Popen[str], out: Path) -> None:
        self._process, self._out = process, out

    def run(self, *words: str) -> Ended:
        """Run one command."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._out.write_bytes(b"")
        self._process.stdin.write(json.dumps([str(self._out), *words]) + "\n")
        self._process.stdin.flush()
        code, megabytes = map(int, self._process.stdout.readline().split())
        return Ended(code, self._out.read_text(encoding="utf-8"), megabytes)


@contextmanager
def commands(folder: Path, environment: Mapping[str, str]) -> Iterator[Commands]:
    """A place from which commands are run in an environment."""
    with subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        yield Commands(process, folder / "told.txt")
        assert process.stdin is not None
        process.stdin.close()


def _run_here(out: str, words: list[str], imported_mb: int) -> None:
    """Run a command in this process, which ends with it.

    What was imported before the fork counts in full, though pages of files that stay untouched don't count
    here: alone the process would hold them.
    """
    from gisgrid.processes import most_memory_mb
    from web.cli.root import gisgrid, run

    at_first, answer = most_memory_mb(), os.dup(1)
    os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    code = run(gisgrid, words)
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(answer, f"{code} {imported_mb + most_memory_mb() - at_first}\n".encode())
    os._exit(0)


def _serve() -> None:
    """Start a process for each line; everything was imported before, and nothing opened."""
    import web.cli.import_  # noqa: F401

    for line in sys.stdin:
        out, *words = json.loads(line)
        imported_mb, child = most_memory_mb(), os.fork()
        if child == 0:
            _run_here(out, words, imported_mb)
        _, status = os.waitpid(child, 0)
        if status:
            print("-1 0", flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    _serve()
