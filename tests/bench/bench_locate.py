"""Point to area: the covering index beside geopandas.sjoin and shapely's tree, same points, same answers.

Run ``python -m tests.bench.bench_locate``. Times are medians over interleaved rounds; the ratios are the
result, the seconds only say what the machine did. Peers start from ready points, which isn't counted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gisgrid.geometry.locate import CoveringIndex, locate_once
from tests.bench import report
from tests.bench.areas import FloatArray, clustered_homes, clustered_tiling, homes, tiling

POINTS: Final = 1_000_000
SINGLES: Final = 20_000
SIZES: Final = (2_000, 20_000)
ROUNDS: Final = 3
GOALS: Final = {
    ("clustered", 2_000): (6.0, 3.8),
    ("clustered", 20_000): (6.0, 1.2),
    ("even", 2_000): (10.0, 7.5),
    ("even", 20_000): (10.0, 2.0),
}
"""Ground and number of areas: least ratio of CPU to sjoin(within), warm and cold.

Clustered: areas of about 143 vertices, small where the homes are. Even: 55 vertices.
"""
GROUNDS: Final = {"clustered": (clustered_tiling, clustered_homes), "even": (tiling, homes)}
SERVICE_CELLS: Final = 256
CORNERS: Final = 5_000
WITHIN: Final = "geopandas.sjoin(within)"
COLD: Final = "gisgrid, cold: locate_once"
WARM: Final = "gisgrid, warm: locate"

Answer = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class World:
    """Areas and points in every form that a method wants."""

    areas: npt.NDArray[np.object_]
    x: FloatArray
    y: FloatArray
    area_frame: gpd.GeoDataFrame
    point_frame: gpd.GeoDataFrame

    @classmethod
    def make(cls, areas: int, points: int, *, corners: int, ground: str = "even") -> World:
        """``corners`` of the points lie on vertices, so that ties and borders are measured too."""
        make_areas, make_homes = GROUNDS[ground]
        polygons, (x, y) = make_areas(areas), make_homes(points)
        x[:corners], y[:corners] = shapely.get_coordinates(polygons)[:corners].T
        frame = gpd.GeoDataFrame(geometry=polygons, crs="EPSG:4326")
        return cls(
            polygons, x, y, frame, gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs="EPSG:4326")
        )


def run() -> tuple[str, list[str]]:
    """All tables, and every goal that was missed; a wrong answer fails at once."""
    tables, missed = [], []
    parts = [partial(_bulk, ground, size) for ground, size in GOALS]
    for part in (*parts, *(partial(_single, size) for size in SIZES)):
        table, below = part()
        tables.append(table)
        missed += below
    return "\n\n".join(tables), missed


def _bulk(ground: str, size: int) -> tuple[str, list[str]]:
    world = World.make(size, POINTS, corners=CORNERS, ground=ground)
    index = CoveringIndex.build(world.areas)
    _assert_equal(world, index)
    tree = shapely.STRtree(world.areas)
    ways: dict[str, Callable[[], Any]] = {
        WITHIN: lambda: _join(world, "within"),
        "geopandas.sjoin(intersects)": lambda: _join(world, "intersects"),
        "STRtree.query(intersects)": lambda: tree.query(world.point_frame.geometry.values, "intersects"),
        COLD: lambda: locate_once(world.areas, world.x, world.y),
        WARM: lambda: index.locate(world.x, world.y),
    }
    cpu, wall = _interleaved(ways)
    head = f"### {POINTS:,} points to {size:,} {ground} areas (ties and borders included)\n\n"
    head += "| way | CPU s | wall s | x sjoin(within), CPU | x, wall |\n|---|---|---|---|---|\n"
    rows = [
        f"| {way} | {cpu[way]:.3f} | {wall[way]:.3f} | {cpu[WITHIN] / cpu[way]:.1f} "
        f"| {wall[WITHIN] / wall[way]:.1f} |"
        for way in ways
    ]
    missed = [
        f"{way} at {size:,} {ground} areas: {cpu[WITHIN] / cpu[way]:.1f}x instead of {goal}x"
        for way, goal in zip((WARM, COLD), GOALS[ground, size], strict=True)
        if cpu[WITHIN] / cpu[way] < goal
    ]
    return head + "\n".join(rows), missed


def _join(world: World, predicate: str) -> gpd.GeoDataFrame:
    return gpd.sjoin(world.point_frame, world.area_frame, predicate=predicate)


def _interleaved(ways: dict[str, Callable[[], Any]]) -> tuple[dict[str, float], dict[str, float]]:
    """Median CPU and wall seconds of each way, all ways once per round."""
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    wall: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, call in ways.items():
            begin = time.process_time(), time.perf_counter()
            call()
            cpu[way].append(time.process_time() - begin[0])
            wall[way].append(time.perf_counter() - begin[1])
    return {way: float(np.median(t)) for way, t in cpu.items()}, {
        way: float(np.median(t)) for way, t in wall.items()
    }


def _assert_equal(world: World, index: CoveringIndex) -> None:
    """Equal to sjoin where it finds exactly one area, to the tie rule elsewhere."""
    located = index.locate(world.x, world.y)
    once = locate_once(world.areas, world.x, world.y)
    assert (once.area == located.area).all()
    assert (once.on_border == located.on_border).all()
    joined = _join(world, "intersects")
    point, area = joined.index.to_numpy(), joined["index_right"].to_numpy()
    lowest = np.full(len(world.x), len(world.areas))
    np.minimum.at(lowest, point, area)
    lowest[lowest == len(world.areas)] = -1
    assert (located.area == lowest).all()
    inner = _join(world, "within").index.to_numpy()
    border = lowest >= 0
    border[inner] = False
    assert (located.on_border == border).all()


def _single(size: int) -> tuple[str, list[str]]:
    world = World.make(size, SINGLES, corners=0)
    index = CoveringIndex.build(world.areas, cells_per_area=SERVICE_CELLS)
    tree = shapely.STRtree(world.areas)
    places = list(zip(world.x.tolist(), world.y.tolist(), strict=True))
    points = [shapely.Point(place) for place in places]
    answers = [min(tree.query(point, "intersects"), default=-1) for point in points]
    assert [index.locate_one(*place)[0] for place in places] == answers
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_percentiles(index.locate_one, places))
        theirs.append(_percentiles(tree.query, [(point, "intersects") for point in points]))
    (p50, p99), (tree50, tree99) = np.median(ours, axis=0), np.median(theirs, axis=0)
    table = (
        f"### One point, {size:,} areas\n\n| way | p50 us | p99 us |\n|---|---|---|\n"
        f"| STRtree.query(Point, intersects) | {tree50:.2f} | {tree99:.2f} |\n"
        f"| gisgrid, locate_one | {p50:.2f} | {p99:.2f} |\n"
        f"| ratio | {tree50 / p50:.1f} | {tree99 / p99:.1f} |"
    )
    goals = {"p50": (tree50 / p50, 8.0), "p99": (tree99 / p99, 1.0)}
    return table, [
        f"one point, {size:,} areas, {name}: {ratio:.1f}x instead of {goal}x"
        for name, (ratio, goal) in goals.items()
        if ratio < goal
    ]


def _percentiles(call: Callable[[Any], Any], questions: list[tuple[Any, ...]]) -> tuple[float, float]:
    """Median and 99th percentile of single calls, in microseconds, the clock's own cost taken off."""
    clock = time.perf_counter_ns
    taken = []
    for question in questions:
        begin = clock()
        call(*question)
        taken.append(clock() - begin)
    bare = []
    for _ in questions:
        begin = clock()
        bare.append(clock() - begin)
    return tuple((np.percentile(taken, [50, 99]) - np.median(bare)) / 1000)


if __name__ == "__main__":
    sys.exit(report(run))
