"""What a user says about the points and the areas of a join."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignOptions:
    """What the user says about the two files; None leaves it to the file.

    ``x``, ``y``, ``crs`` and ``layer`` are of the points, ``areas_crs``, ``areas_layer`` and ``code`` of
    the areas.
    """

    x: str | None = None
    y: str | None = None
    crs: str | None = None
    layer: str | None = None
    areas_crs: str | None = None
    areas_layer: str | None = None
    code: str | None = None
