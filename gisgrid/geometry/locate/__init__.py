"""Covering index: many points to the areas that cover them, exactly, with one tie rule."""

from __future__ import annotations

from gisgrid.geometry.locate.index import CoveringIndex, Located, locate_once

__all__ = ["CoveringIndex", "Located", "locate_once"]
