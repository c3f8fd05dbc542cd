"""Which things hang together, by pairs of neighbours."""

from __future__ import annotations

import numpy as np

from gisgrid.crs import IntArray


def components(size: int, pairs: IntArray) -> IntArray:
    """The number of the connected part each of ``size`` things is in, shape (size,), counted from 0.

    ``pairs``: shape (n, 2), indexes of things that hang together.
    """
    # The library takes 20 MB, and most who load this file never ask.
    from scipy import sparse  # noqa: PLC0415
    from scipy.sparse import csgraph  # noqa: PLC0415

    links = sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _count, part = csgraph.connected_components(links, directed=False)
    return np.asarray(part, dtype=np.int64)
