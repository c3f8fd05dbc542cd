"""Benchmarks: each module measures its peers in the same run and gives a markdown table.

A module ``bench_*.py`` has one function ``run() -> (table, missed goals)`` and fails on a wrong answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable


def report(run: Callable[[], tuple[str, list[str]]]) -> int:
    """Print one benchmark's table and the goals it missed; the exit code."""
    table, missed = run()
    sys.stdout.write(table + "\n")
    sys.stderr.writelines(f"missed: {goal}\n" for goal in missed)
    return 1 if missed else 0
