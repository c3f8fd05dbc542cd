"""Which cells share a border, and how long it is; which cells hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gisgrid.crs import Crs, FloatArray, IntArray, metric_crs, reproject, stored_crs
from gisgrid.geometry.chain import KeyArray, directed_edges, key_positions, vertex_keys
from gisgrid.geometry.components import components
from gisgrid.geometry.lattice import GeometryArray

if TYPE_CHECKING:
    from scipy import sparse


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The neighbour graph of ``size`` cells.

    ``pairs``: shape (n, 2), indexes of cells with a common border, the smaller first, sorted;
    ``length_m``: shape (n,), metres of that border. Cells that only touch in a point are no pair.
    """

    size: int
    pairs: IntArray
    length_m: FloatArray

    def matrix(self) -> sparse.csr_array:
        """Symmetric matrix, shape (size, size), of metres of common border."""
        i, j = self.pairs[:, 0], self.pairs[:, 1]
        rows, columns = np.concatenate([i, j]), np.concatenate([j, i])
        weights = np.concatenate([self.length_m, self.length_m])
        from scipy import sparse  # noqa: PLC0415 - only who solves something asks for it

        return sparse.csr_array((weights, (rows, columns)), shape=(self.size, self.size))


class _Positions:
    """Numbers positions in any CRS by their exact doubles, and gives them back."""

    def __init__(self) -> None:
        self.table: FloatArray = np.zeros((0, 2))

    def number(self, xy: FloatArray) -> KeyArray:
        flat = np.ascontiguousarray(xy).view(np.complex128).reshape(-1)
        known, inverse = np.unique(flat, return_inverse=True)
        self.table = known.view(np.float64).reshape(-1, 2)
        return inverse.reshape(-1).astype(np.uint64)


def neighbour_graph(cells: GeometryArray, *, crs: Crs | None = None) -> Neighbours:
    """The neighbour graph of exactly noded cells.

    A border counts where one cell walks an edge one way and another cell walks it back.

    Parameters
    ----------
    cells
        Polygons or multipolygons; EPSG:4326 on the lattice, unless ``crs`` is given.
    crs
        The CRS of cells that are not on the lattice; their vertices are equal where all bits are.
    """
    positions = _Positions()
    edges = directed_edges(cells, keys_of=vertex_keys if crs is None else positions.number)
    low, high = np.minimum(edges.start, edges.end), np.maximum(edges.start, edges.end)
    order = np.lexsort((high, low))
    low, high, owner = low[order], high[order], edges.owner[order]
    shared = (low[1:] == low[:-1]) & (high[1:] == high[:-1]) & (owner[1:] != owner[:-1])
    ends = np.sort(np.stack([owner[:-1][shared], owner[1:][shared]], axis=1), axis=1)
    start, end = low[:-1][shared], high[:-1][shared]
    if crs is None:
        metres = lengths_m(key_positions(start), key_positions(end))
    else:
        metres = lengths_m(positions.table[start], positions.table[end], crs)
    pairs, inverse = np.unique(ends, axis=0, return_inverse=True)
    lengths = np.bincount(inverse.reshape(-1), weights=metres, minlength=len(pairs)).astype(np.float64)
    return Neighbours(size=len(cells), pairs=pairs.reshape(-1, 2), length_m=lengths)


def lengths_m(start: FloatArray, end: FloatArray, crs: Crs | None = None) -> FloatArray:
    """Metres between positions, shape (n, 2) each, in the metric CRS of their middle.

    ``crs`` is theirs, by default EPSG:4326.
    """
    if not len(start):
        return np.zeros(0)
    source = crs or stored_crs()
    x, y = (start.mean(axis=0) + end.mean(axis=0)) / 2
    lon, lat = reproject([x], [y], source, stored_crs())
    target = metric_crs(float(lon[0]), float(lat[0]))
    ax, ay = reproject(start[:, 0], start[:, 1], source, target)
    bx, by = reproject(end[:, 0], end[:, 1], source, target)
    lengths: FloatArray = np.hypot(bx - ax, by - ay)
    return lengths


def pieces(members: IntArray, graph: Neighbours) -> list[IntArray]:
    """The connected pieces of some cells (indexes into the graph), the one with most cells first.

    Ties: the piece with the lowest index first. No members give no piece.
    """
    members = np.unique(np.asarray(members, dtype=np.int64))
    if not len(members):
        return []
    inside = np.zeros(graph.size, dtype=bool)
    inside[members] = True
    pairs = graph.pairs[inside[graph.pairs].all(axis=1)]
    local = np.searchsorted(members, pairs)
    label = components(len(members), local)
    parts = [members[label == piece] for piece in range(int(label.max()) + 1)]
    return sorted(parts, key=lambda piece: (-len(piece), int(piece[0])))
