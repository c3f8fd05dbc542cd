"""The way back from an edit: what a delta did can be undone by its opposite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from gisgrid.geometry.edits import Delta

K = TypeVar("K")
V = TypeVar("V")


def invert(delta: Delta) -> Delta:
    """The delta that takes another one back."""
    return replace(
        delta,
        owners=_turned(delta.owners),
        removed=delta.added,
        added=delta.removed,
        micros=_turned(delta.micros),
        points=_turned(delta.points),
        outline=None if delta.outline is None else (delta.outline[1], delta.outline[0]),
    )


def _turned(changes: Mapping[K, tuple[V, V]]) -> dict[K, tuple[V, V]]:
    return {key: (after, before) for key, (before, after) in changes.items()}
