"""Which grids enclose others, and so have holes: those that part the rest from the outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Links = Sequence[Iterable[int]]


def enclosing(links: Links, outer: Iterable[int]) -> set[int]:
    """Numbers of grids without which some other grid could not be reached from outside.

    ``links``: per grid the grids it has a border with; ``outer``: grids on the outline.
    """
    outside = len(links)
    around = [list(near) for near in links] + [[]]
    for grid in outer:
        around[grid].append(outside)
        around[outside].append(grid)
    return _cut_points(around, outside) - {outside}


def _cut_points(around: list[list[int]], root: int) -> set[int]:
    """Points of a graph, the root left out, whose loss would part it; a depth-first search by hand.

    Source: low points of depth-first trees (Hopcroft, Tarjan).
    """
    order, low, cut_points = {root: 0}, {root: 0}, set()
    stack = [(root, root, iter(around[root]))]
    while stack:
        place, parent, rest = stack[-1]
        step = next(rest, None)
        if step is None:
            stack.pop()
            low[parent] = min(low[parent], low[place])
            if low[place] >= order[parent] and parent != root:
                cut_points.add(parent)
        elif step not in order:
            order[step] = low[step] = len(order)
            stack.append((step, place, iter(around[step])))
        elif step != parent:
            low[place] = min(low[place], order[step])
    return cut_points
