"""Where a grid had better not cross: borders of compounds, streets by their class, water."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.crs import IntArray, stored_crs
from gisgrid.geometry.balance import barriers_between
from gisgrid.geometry.balance.problem import BoolArray
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import local_metric, transformed
from gisgrid.geometry.neighbours import Neighbours
from gisgrid.places.models import Building, LandKind, Landscape, Street
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.proposals.wishes import BarrierSource

MAIN_STREETS: Final = frozenset({"main", "motorway", "trunk", "primary", "secondary"})
"""Kinds of streets that part people; lanes and roads inside a quarter do not."""
SIDE_STREETS: Final = frozenset({"road", "tertiary", "unclassified", "residential"})
"""Kinds of streets between the blocks of a quarter."""
_BESIDE_M: Final = 12.0
"""A border that runs at most so far from a street's middle line, or from water, runs along it."""
_ALONG: Final = 0.6
"""So much of a border must run along a street or water."""
_STREETS: Final = {BarrierSource.STREETS: MAIN_STREETS, BarrierSource.SIDE_STREETS: SIDE_STREETS}
NO_COMPOUND: Final = -1


def barriers(
    view: View, opened: OpenPlan, graph: Neighbours, numbers: IntArray, sources: Collection[BarrierSource]
) -> BoolArray:
    """Per pair of the graph whether a barrier lies between; ``numbers``: the cells' numbers, shape (n,)."""
    barred = np.zeros(len(graph.pairs), dtype=np.bool_)
    if BarrierSource.COMPOUNDS in sources:
        group = spread(compound_of_cells(view, opened, numbers)[0], graph)
        barred |= barriers_between(graph, group)
    lines = [shape for source in sources for shape in _marked(view, source)]
    if lines:
        barred |= _along(as_array(lines), opened.drawing.ground.land.shapes_of(numbers.tolist()), graph)
    return barred


def _marked(view: View, source: BarrierSource) -> list[BaseGeometry]:
    """The streets or waters (EPSG:4326) of a source."""
    here = view.community.id
    if source == BarrierSource.WATER:
        of_water = (Landscape.community_id == here) & (Landscape.kind == LandKind.WATER)
        return list(view.session.scalars(select(Landscape.geom).where(of_water)))
    kinds = _STREETS.get(source)
    if kinds is None:
        return []
    of_kind = (Street.community_id == here) & Street.kind.in_(kinds) & Street.tunnel.is_(False)
    return list(view.session.scalars(select(Street.geom).where(of_kind)))


def compound_of_cells(view: View, opened: OpenPlan, numbers: IntArray) -> tuple[IntArray, list[str]]:
    """The compound most buildings of each cell belong to, as an index of ids, -1 without; and the ids."""
    rows = view.session.execute(
        select(Building.id, Building.compound_id).where(
            is_of(view, PlacedKind.BUILDING, Building), Building.compound_id.is_not(None)
        )
    )
    compound = {row.id: row.compound_id for row in rows}
    names = sorted(set(compound.values()))
    place = {name: index for index, name in enumerate(names)}
    votes = np.zeros((len(numbers), max(len(names), 1)), dtype=np.int64)
    at = {int(number): index for index, number in enumerate(numbers)}
    objects, cells = opened.base.objects, opened.drawing.ground.points.cell
    for index in np.flatnonzero(objects.are(PlacedKind.BUILDING)).tolist():
        name, cell = compound.get(objects.ids[index]), int(cells[index])
        if name is not None and cell in at:
            votes[at[cell], place[name]] += 1
    most = votes.argmax(axis=1)
    return np.where(votes.max(axis=1) > 0, most, NO_COMPOUND).astype(np.int64), names


def spread(group: IntArray, graph: Neighbours) -> IntArray:
    """Cells without a group join the one beside them with the longest common border, step by step.

    Land without buildings is of no compound of its own: a road between two must not claim a grid.
    """
    result = np.array(group, dtype=np.int64)
    borders = graph.matrix()
    while (result < 0).any() and (result >= 0).any():
        metres = np.stack([borders @ (result == name) for name in range(int(result.max()) + 1)], axis=1)
        joins = np.flatnonzero((result < 0) & (metres.max(axis=1) > 0))
        if not len(joins):
            break
        result[joins] = metres[joins].argmax(axis=1)
    return result


def _along(lines: GeometryArray, cells: GeometryArray, graph: Neighbours) -> BoolArray:
    """Per pair of the graph whether the border between runs along one of the lines or areas."""
    if not len(graph.pairs):
        return np.zeros(0, dtype=np.bool_)
    metric = local_metric(cells)
    shapes = transformed(cells, stored_crs(), metric)
    near = shapely.union_all(shapely.buffer(transformed(lines, stored_crs(), metric), _BESIDE_M))
    edges = shapely.boundary(shapes)
    shared = shapely.intersection(edges[graph.pairs[:, 0]], edges[graph.pairs[:, 1]])
    shapely.prepare(near)
    length = np.maximum(shapely.length(shared), 1e-9)
    return np.asarray(shapely.length(shapely.intersection(shared, near)) / length >= _ALONG, dtype=np.bool_)
