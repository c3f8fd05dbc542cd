"""The whole command ``gisgrid assign`` beside a script of geopandas: file to file, a process of its own each.

Run ``python -m tests.bench.bench_assign``. CPU of the processes, imports included; medians over interleaved
rounds.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from tests.bench import report
from tests.bench.bench_locate import GROUNDS

POINTS: Final = 1_000_000
AREAS: Final = 2_000
ROUNDS: Final = 3
GOAL: Final = 0.5
"""Most share of the script's CPU."""
SCRIPT: Final = """
import sys
import geopandas as gpd, pandas as pd
points, areas, out = sys.argv[1:]
frame = pd.read_parquet(points) if points.endswith("parquet") else pd.read_csv(points)
shapes = gpd.points_from_xy(frame.lon, frame.lat)
joined = gpd.sjoin(gpd.GeoDataFrame(frame, geometry=shapes, crs=4326), gpd.read_file(areas), how="left",
                   predicate="within")
joined = pd.DataFrame(joined).drop(columns=["geometry", "index_right"])
joined.to_parquet(out) if out.endswith("parquet") else joined.to_csv(out, index=False)
"""


def run() -> tuple[str, list[str]]:
    """The table, and every goal that was missed; a wrong answer fails at once."""
    rows, missed = [], []
    with tempfile.TemporaryDirectory() as folder:
        for ground in GROUNDS:
            for ending in ("parquet", "csv"):
                points, areas = _files(Path(folder), ground, ending)
                ours, theirs = _measured(points, areas)
                rows.append(f"| {ground} | {ending} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |")
                if ours / theirs > GOAL:
                    missed.append(f"assign, {ground}, {ending}: {ours / theirs:.2f} instead of {GOAL}")
    head = f"### The command assign, {POINTS:,} points to {AREAS:,} areas\n\n"
    head += "| ground | files | gisgrid assign, CPU s | script of geopandas, CPU s | share |\n"
    return head + "|---|---|---|---|---|\n" + "\n".join(rows), missed


def _files(folder: Path, ground: str, ending: str) -> tuple[Path, Path]:
    make_areas, make_homes = GROUNDS[ground]
    shapes, (x, y) = make_areas(AREAS), make_homes(POINTS)
    areas, points = folder / f"{ground}.geojson", folder / f"{ground}.{ending}"
    codes = [f"G{number:05d}" for number in range(AREAS)]
    gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs="EPSG:4326").to_file(areas)
    frame = pd.DataFrame({"id": np.arange(POINTS), "lon": x, "lat": y})
    frame.to_parquet(points) if ending == "parquet" else frame.to_csv(points, index=False)
    return points, areas


def _measured(points: Path, areas: Path) -> tuple[float, float]:
    """Median CPU seconds of the command and of the script; their answers are equal."""
    out, peer = (points.with_name(f"{name}{points.suffix}") for name in ("out", "peer"))
    gisgrid = Path(sys.executable).with_name("gisgrid")
    command = [gisgrid, "assign", points, areas, "-o", out, "--x", "lon", "--y", "lat", "--crs", "EPSG:4326"]
    script = [sys.executable, "-c", SCRIPT, points, areas, peer]
    ours, theirs = zip(*[(_cpu(command), _cpu(script)) for _ in range(ROUNDS)], strict=True)
    read = pd.read_parquet if points.suffix == ".parquet" else pd.read_csv
    mine, other = read(out), read(peer)
    inside = other.code.notna() & ~mine.on_border
    assert len(mine) == len(other)
    assert (mine.area_code[inside] == other.code[inside]).all()
    assert (mine.area_code.fillna("")[other.code.isna() & ~mine.on_border] == "").all()
    return float(np.median(ours)), float(np.median(theirs))


def _cpu(command: list[object]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(report(run))
