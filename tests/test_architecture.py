"""The house: arrows point down, files keep one subject, nothing works at import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

PACKAGES = ("gisgrid", "layers", "web", "data")
LONGEST_FILE = 450

IDLE = """
import sys
for name in {modules!r}:
    __import__(name)
busy = [name for name in ("folium", "geopandas", "matplotlib") if name in sys.modules]
assert not busy, busy
"""


def test_imports_point_down() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(tool)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_grows_beyond_one_subject(package: str) -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / package).rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_no_file_is_named_for_nothing() -> None:
    names = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert not [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.name in names]


def test_the_command_starts_without_heavy_imports() -> None:
    script = IDLE.format(modules=["web.cli", "web.cli.root", "gisgrid.errors"])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
