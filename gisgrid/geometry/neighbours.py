"""Which cells share a border, and how long it is; which cells hang together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gisgrid.crs import FloatArray, IntArray, metric_crs, reproject, stored_crs
from gisgrid.geometry.chain import KeyArray, directed_edges, key_positions
from gisgrid.geometry.lattice import GeometryArray


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
        return sparse.csr_array((weights, (rows, columns)), shape=(self.size, self.size))


def neighbour_graph(cells: GeometryArray) -> Neighbours:
    """The neighbour graph of exactly noded cells (EPSG:4326, on the lattice).

    A border counts where one cell walks an edge one way and another cell walks it back.
    """
    edges = directed_edges(cells)
    low, high = np.minimum(edges.start, edges.end), np.maximum(edges.start, edges.end)
    order = np.lexsort((high, low))
    low, high, owner = low[order], high[order], edges.owner[order]
    shared = (low[1:] == low[:-1]) & (high[1:] == high[:-1]) & (owner[1:] != owner[:-1])
    ends = np.sort(np.stack([owner[:-1][shared], owner[1:][shared]], axis=1), axis=1)
    metres = edge_lengths_m(low[:-1][shared], high[:-1][shared])
    pairs, inverse = np.unique(ends, axis=0, return_inverse=True)
    lengths = np.bincount(inverse.reshape(-1), weights=metres, minlength=len(pairs)).astype(np.float64)
    return Neighbours(size=len(cells), pairs=pairs.reshape(-1, 2), length_m=lengths)


def edge_lengths_m(start: KeyArray, end: KeyArray) -> FloatArray:
    """Metres between vertices, in the metric CRS of their middle."""
    if not len(start):
        return np.zeros(0)
    a, b = key_positions(start), key_positions(end)
    middle = (a.mean(axis=0) + b.mean(axis=0)) / 2
    target = metric_crs(float(middle[0]), float(middle[1]))
    ax, ay = reproject(a[:, 0], a[:, 1], stored_crs(), target)
    bx, by = reproject(b[:, 0], b[:, 1], stored_crs(), target)
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
    kept = graph.pairs[inside[graph.pairs].all(axis=1)]
    local = np.searchsorted(members, kept)
    links = sparse.csr_array((np.ones(len(local)), (local[:, 0], local[:, 1])), shape=(len(members),) * 2)
    count, label = csgraph.connected_components(links, directed=False)
    found = [members[label == piece] for piece in range(count)]
    return sorted(found, key=lambda piece: (-len(piece), int(piece[0])))
