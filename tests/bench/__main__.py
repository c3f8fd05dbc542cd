"""All benchmarks in turn: ``python -m tests.bench`` writes docs/bench.md with date and machine."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_REPORT: Final = _HERE.parents[1] / "docs" / "bench.md"


def main() -> int:
    """Run every ``bench_*.py`` beside this file; 1 where one misses a goal, after running the others."""
    parts, missed = [_head()], []
    for path in sorted(_HERE.glob("bench_*.py")):
        sys.stderr.write(f"running {path.stem}\n")
        table, below = importlib.import_module(f"tests.bench.{path.stem}").run()
        parts.append(table)
        missed += below
        sys.stdout.write(table + "\n\n")
    parts += [f"Missed: {goal}." for goal in missed]
    _REPORT.parent.mkdir(exist_ok=True)
    _REPORT.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return 1 if missed else 0


def _head() -> str:
    """Date and machine; ratios hold elsewhere, seconds don't."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    machine = (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )
    return (
        f"# Benchmarks\n\nMeasured {now} on {machine}.\n"
        "Peers ran in the same run, interleaved; trust the ratios, not the seconds."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
