"""Importing 100,000 rows of each large kind into SpatiaLite, by the command that people use.

Run ``python -m tests.bench.bench_imports``. Each import is a process of its own: its seconds count from its
first instant to its last, and its memory is the most it ever held. ``again`` is the same file once more.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from gisgrid.access.keys.encryption import ensure_keys, open_database
from gisgrid.storage import migrate
from tests.bench import report
from tests.bench.offices import (
    COMMUNITY,
    HOMES_OF_BUILDING,
    ROWS,
    found_large,
    write_buildings,
    write_csv,
    write_workbook,
)

COUNT: Final = 100_000
GOAL_S: Final = 60.0
GOAL_MB: Final = 500.0
_CHILD: Final = """
import json, re, sys, time
from pathlib import Path
began = time.time()
from web.cli.root import gisgrid, run
code = run(gisgrid, sys.argv[1:])
held = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"code": code, "cpu": time.process_time(), "wall": time.time() - began, "mb": held}))
"""
_HEAD: Final = (
    "| file | rows | new | unchanged | CPU s | clock s | most MB |\n|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One import: what it counted, and what it took."""

    counts: dict[str, Any]
    cpu: float
    wall: float
    mb: float


def run() -> tuple[str, list[str]]:
    """The table and the goals that were missed."""
    rows, missed = [], list[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = _bare(folder)
        whole = write_buildings(folder / "buildings.gpkg", COUNT)
        for told in _measured("buildings, GeoPackage", _copy(bare, folder / "b"), "buildings", whole):
            _add(told, rows, missed)
        few = write_buildings(folder / "few.gpkg", COUNT // HOMES_OF_BUILDING)
        bring(bare, "buildings", few)
        book = write_workbook(folder / "households.xlsx", ROWS["households"](COUNT))
        for told in _measured("households, workbook", _copy(bare, folder / "w"), "households", book):
            _add(told, rows, missed)
        for kind, made in ROWS.items():
            file = write_csv(folder / f"{kind}.csv", made(COUNT))
            for told in _measured(f"{kind}, CSV", bare, kind, file):
                _add(told, rows, missed)
    head = f"### Importing {COUNT:,} rows into SpatiaLite, each in a process of its own\n\n"
    return head + _HEAD + "\n".join(rows), missed


def _bare(folder: Path) -> Path:
    """A database with the community and its cells, and nothing in them."""
    path = folder / "a" / "g.sqlite"
    path.parent.mkdir()
    database = open_database(make_url(f"sqlite:///{path}"), ensure_keys(path.with_name("keys.json")))
    migrate.upgrade(database)
    found_large(database)
    database.close()
    return path


def _copy(path: Path, folder: Path) -> Path:
    shutil.copytree(path.parent, folder)
    return folder / path.name


def _measured(what: str, database: Path, kind: str, file: Path) -> list[tuple[str, Brought]]:
    """The import and the same again; both must be right."""
    first = bring(database, kind, file)
    assert (first.counts["new"], first.counts["refused"]) == (COUNT, 0), first.counts
    again = bring(database, kind, file)
    assert (again.counts["new"], again.counts["unchanged"]) == (0, COUNT), again.counts
    return [(what, first), (f"{what}, again", again)]


def bring(database: Path, kind: str, file: Path) -> Brought:
    """Import a file by the command line."""
    command = ["import", kind, str(file), "--community", COMMUNITY, "--json"]
    command += ["--crs", "EPSG:4326"] if kind in {"households", "cases"} else []
    settings = {"GISGRID_DATABASE_URL": f"sqlite:///{database}", "GISGRID_SLOW_QUERY_MS": "0"}
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *command],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    counts, took = (json.loads(line) for line in done.stdout.splitlines()[-2:])
    assert took["code"] == 0, done.stdout
    return Brought(counts=counts, cpu=took["cpu"], wall=took["wall"], mb=took["mb"])


def _add(told: tuple[str, Brought], rows: list[str], missed: list[str]) -> None:
    what, one = told
    counts = f"{one.counts['new']:,} | {one.counts['unchanged']:,}"
    rows.append(f"| {what} | {COUNT:,} | {counts} | {one.cpu:.1f} | {one.wall:.1f} | {one.mb:.0f} |")
    sys.stderr.write(rows[-1] + "\n")
    if one.wall > GOAL_S:
        missed.append(f"{what}: {one.wall:.0f} s instead of {GOAL_S:.0f}")
    if one.mb > GOAL_MB:
        missed.append(f"{what}: {one.mb:.0f} MB instead of {GOAL_MB:.0f}")


if __name__ == "__main__":
    sys.exit(report(run))
