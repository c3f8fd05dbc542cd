"""Whether coordinates were measured in the datum somebody says, by what they should lie in.

In China no label of a file tells GCJ-02 from WGS-84. So the same points are read in each datum and compared
with what is known: the area a file records for each, else the footprints of buildings. This warns and
converts nothing.

Of public places in Shanghai (14,866 with their district) 99.99 % lie in it in the right datum, 94.8 % where
one side is in the other one; of the points of OpenStreetMap in Lujiazui 33 % lie in a footprint in the right
datum, at most 16 % in a wrong one. So a difference of two in a hundred counts, if it is no accident.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.areas.division import Division
from gisgrid.crs import Datum, FloatArray, IntArray, shift_datum
from gisgrid.errors import Sentence, say
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.places.models import Building

LEAST_GAIN: Final = 0.02
"""By how much of all points another datum must agree better."""
LEAST_SURE: Final = 3.0
"""By how many standard deviations of chance: with fewer than nine points nothing is ever told."""
MOST_COMPARED: Final = 20_000
"""Of more points every n-th is compared."""
LEAST_FOOTPRINTS: Final = 10
"""With fewer buildings their footprints say nothing."""
_NEAR_DEG: Final = 0.02
"""A point without a building within about two kilometres says nothing: no datum is further off than that."""

Hits = npt.NDArray[np.bool_]


class ComparedBy(StrEnum):
    """What points are compared with."""

    RECORDED = "recorded area"
    FOOTPRINTS = "building footprints"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGround:
    """What is known of a community in EPSG:4326: outlines with their codes and names, and footprints.

    ``names`` gives for a code or name the positions of its outlines; two areas may share a name.
    """

    outlines: GeometryArray
    names: Mapping[str, tuple[int, ...]]
    footprints: GeometryArray


class DatumFigures(TypedDict):
    """How well points agree with the ground in each datum, shares rounded to five places."""

    by: str
    said: str
    compared: int
    agreement: dict[str, float]
    areas_agreement: dict[str, float]
    swapped: float
    better: str | None
    areas_better: str | None
    is_swapped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumCheck:
    """How well points agree with the ground in each datum.

    ``agreement`` gives per datum the share of ``compared`` points that agree if they are read in it;
    ``ground_agreement`` the share if the points are as said but the outlines of areas are in that datum;
    ``swapped`` the share with longitude and latitude swapped. ``better`` is a datum that fits the points
    better than the one ``said``, ``ground_better`` one that fits the areas better; nothing is converted.
    """

    by: ComparedBy
    said: Datum
    compared: int
    agreement: Mapping[Datum, float]
    ground_agreement: Mapping[Datum, float]
    swapped: float
    better: Datum | None = None
    ground_better: Datum | None = None
    is_swapped: bool = False

    def as_json(self) -> DatumFigures:
        """All figures, shares rounded to five places."""
        areas = {datum.value: round(share, 5) for datum, share in self.ground_agreement.items()}
        return {
            "by": self.by.value,
            "said": self.said.value,
            "compared": self.compared,
            "agreement": {datum.value: round(share, 5) for datum, share in self.agreement.items()},
            "areas_agreement": areas,
            "swapped": round(self.swapped, 5),
            "better": self.better.value if self.better else None,
            "areas_better": self.ground_better.value if self.ground_better else None,
            "is_swapped": self.is_swapped,
        }

    def sentences(self) -> tuple[Sentence, ...]:
        """The figures in one sentence, and a warning where something else fits better."""
        shares = [(datum.value, f"{100 * share:.2f} %") for datum, share in self.agreement.items()]
        text = (
            "{count} points compared with their recorded area agree: {shares}"
            if self.by == ComparedBy.RECORDED
            else "{count} points compared with building footprints lie in one: {shares}"
        )
        figures = ", ".join(f"{name} {share}" for name, share in shares)
        sentences = [say(text, count=self.compared, shares=figures)]
        if self.is_swapped:
            sentences.append(say("longitude and latitude seem to be swapped: name each column"))
        elif self.better:
            warning = "the positions look like {better}, not {said}: check, and give --crs {better} if so"
            sentences.append(say(warning, better=self.better.value, said=self.said.value))
        elif self.ground_better:
            warning = "the stored areas look like {better}: check in which datum they were drawn"
            sentences.append(say(warning, better=self.ground_better.value))
        return tuple(sentences)


def ground_of(session: Session, division: Division) -> KnownGround:
    """What a community knows of its places: outlines of its areas, and all its footprints."""
    names: dict[str, list[int]] = {}
    for position, area_id in enumerate(division.outlines):
        area = division.tree.areas[area_id]
        for name in {area.code, area.name}:
            names.setdefault(name, []).append(position)
    statement = select(Building.footprint).where(Building.community_id == division.community_id)
    return KnownGround(
        outlines=as_array(list(division.outlines.values())),
        names={name: tuple(places) for name, places in names.items()},
        footprints=as_array(list(session.scalars(statement))),
    )


def buildings_of(session: Session, community_id: str) -> KnownGround:
    """The footprints a community has as outlines under the codes and addresses of their buildings.

    New buildings stand beside those there are, so only known ones say something of the datum.
    """
    statement = select(Building.code, Building.address, Building.footprint)
    rows = session.execute(statement.where(Building.community_id == community_id)).all()
    names: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        for name in {row.code, row.address} - {None}:
            names.setdefault(name, []).append(position)
    return KnownGround(
        outlines=as_array([row.footprint for row in rows]),
        names={name: tuple(places) for name, places in names.items()},
        footprints=as_array([]),
    )


class Positioned(Protocol):
    """Anything with a position in EPSG:4326 (WGS-84), both nan without one."""

    @property
    def lon(self) -> float:
        """Longitude."""

    @property
    def lat(self) -> float:
        """Latitude."""


def check_positions(
    session: Session,
    division: Division,
    rows: Sequence[Positioned],
    *,
    said: Datum,
    recorded: Sequence[str] = (),
) -> DatumCheck | None:
    """How well rows that were brought from the datum ``said`` agree with what a community knows.

    ``recorded`` as in `check_datum`.
    """
    lon, lat = np.array([row.lon for row in rows]), np.array([row.lat for row in rows])
    if np.isnan(lon).all():
        return None
    lon, lat = shift_datum(lon, lat, Datum.WGS84, said)
    return check_datum(lon, lat, said=said, ground=ground_of(session, division), recorded=recorded)


def check_datum(
    lon: FloatArray, lat: FloatArray, *, said: Datum, ground: KnownGround, recorded: Sequence[str] = ()
) -> DatumCheck | None:
    """How points agree with the ground in each datum; nothing where there is nothing to compare with.

    Parameters
    ----------
    lon, lat
        Degrees as they stand in the file, in the datum ``said``; nan without a position.
    recorded
        Per point the code or name of the area another system put it in; without any that is known, the
        footprints of buildings are taken.
    """
    wanted = [ground.names.get(name, ()) for name in recorded]
    there = np.isfinite(lon) & np.isfinite(lat)
    valid = there & np.array([bool(is_wanted) for is_wanted in wanted] or [False] * len(lon), dtype=np.bool_)
    if valid.any():
        rows = _every_nth(np.flatnonzero(valid))
        areas = [wanted[row] for row in rows.tolist()]
        return _compared(
            lon[rows], lat[rows], said=said, by=ComparedBy.RECORDED, hits=_InAreas(ground.outlines, areas)
        )
    if not there.any() or len(ground.footprints) < LEAST_FOOTPRINTS:
        return None
    tree = shapely.STRtree(ground.footprints)
    rows = _near(tree, lon, lat, _every_nth(np.flatnonzero(there)))
    if not len(rows):
        return None
    return _compared(lon[rows], lat[rows], said=said, by=ComparedBy.FOOTPRINTS, hits=_InAny(tree))


def _near(tree: shapely.STRtree, lon: FloatArray, lat: FloatArray, rows: IntArray) -> IntArray:
    """Those of some rows that have a footprint near."""
    points = shapely.points(lon[rows], lat[rows])
    nearest = tree.query_nearest(points, max_distance=_NEAR_DEG, all_matches=False)
    return np.asarray(rows[np.unique(nearest[0])], dtype=np.int64)


def _every_nth(rows: IntArray) -> IntArray:
    return rows[:: -(-len(rows) // MOST_COMPARED)]


@dataclass(frozen=True, slots=True)
class _InAny:
    """Which points lie in any shape of a tree."""

    tree: shapely.STRtree

    def __call__(self, lon: FloatArray, lat: FloatArray) -> Hits:
        hits = np.zeros(len(lon), dtype=np.bool_)
        hits[self.tree.query(shapely.points(lon, lat), predicate="intersects")[0]] = True
        return hits


@dataclass(frozen=True, slots=True)
class _InAreas:
    """Which points lie in the area they should; ``areas`` are positions of outlines per point."""

    outlines: GeometryArray
    areas: Sequence[tuple[int, ...]]

    def __call__(self, lon: FloatArray, lat: FloatArray) -> Hits:
        hits = np.zeros(len(lon), dtype=np.bool_)
        points: dict[int, list[int]] = {}
        for point, areas in enumerate(self.areas):
            for area in areas:
                points.setdefault(area, []).append(point)
        for area, members in points.items():
            shapely.prepare(self.outlines[area])
            hits[members] |= shapely.intersects_xy(self.outlines[area], lon[members], lat[members])
        return hits


def _compared(
    lon: FloatArray, lat: FloatArray, *, said: Datum, by: ComparedBy, hits: _InAny | _InAreas
) -> DatumCheck:
    read = {datum: hits(*shift_datum(lon, lat, datum, Datum.WGS84)) for datum in Datum}
    # That the areas are in another datum is the same as bringing the points into it.
    shifted = [datum for datum in Datum if datum != Datum.WGS84]
    moved: dict[Datum, Hits] = {datum: hits(*shift_datum(lon, lat, said, datum)) for datum in shifted}
    turned = hits(*shift_datum(lat, lon, said, Datum.WGS84))
    own, others = read[said], {datum: inside for datum, inside in read.items() if datum != said}
    if by == ComparedBy.RECORDED:
        better, ground_better = _best(own, others), _best(own, moved)
        if better and ground_better:
            keeps = others[better].sum() >= moved[ground_better].sum()
            better, ground_better = (better, None) if keeps else (None, ground_better)
    else:
        better, ground_better = _outstanding(own, others, moved), None
    return DatumCheck(
        by=by,
        said=said,
        compared=len(lon),
        agreement={datum: float(inside.mean()) for datum, inside in read.items()},
        ground_agreement={datum: float(inside.mean()) for datum, inside in moved.items()},
        swapped=float(turned.mean()),
        better=better,
        ground_better=ground_better,
        is_swapped=_is_better(turned, own),
    )


def _best(own: Hits, others: Mapping[Datum, Hits]) -> Datum | None:
    """The datum with the most hits, if it is surely better than ``own``."""
    best = max(others, key=lambda datum: int(others[datum].sum()))
    return best if _is_better(others[best], own) else None


def _outstanding(own: Hits, others: Mapping[Datum, Hits], moved: Mapping[Datum, Hits]) -> Datum | None:
    """The datum that is surely better than ``own`` and than every other shift.

    Points beside buildings, such as street lamps, lie in a footprint more often wherever they are moved:
    only a shift better than all the others says something of the datum.
    """
    best = _best(own, others)
    if best is None:
        return None
    rivals = [inside for datum, inside in others.items() if datum != best] + list(moved.values())
    return best if all(_is_better(others[best], rival) for rival in rivals) else None


def _is_better(other: Hits, own: Hits) -> bool:
    """Whether more points agree than by chance: only those count that agree in one of both (McNemar)."""
    gained, lost = int((other & ~own).sum()), int((own & ~other).sum())
    is_large = gained - lost >= LEAST_GAIN * len(own)
    return bool(is_large and gained - lost >= LEAST_SURE * np.sqrt(gained + lost) and gained > lost)
