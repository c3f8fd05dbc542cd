"""What a process tells of itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LARGE = """
import subprocess, sys
held = b"x" * (400 << 20)
small = "from gisgrid.processes import most_memory_mb; print(most_memory_mb())"
print(subprocess.run([sys.executable, "-c", small], capture_output=True, text=True, check=True).stdout)
from gisgrid.processes import most_memory_mb
del held
print(most_memory_mb())
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="only Linux tells it")
def test_the_memory_of_a_process_is_its_own_and_not_that_of_who_started_it() -> None:
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    small, large = map(int, done.stdout.split())
    assert 5 < small < 200
    assert 400 <= large < 600
