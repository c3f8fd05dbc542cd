"""Gives each point of a file the code of the area that contains it; no database."""

from __future__ import annotations

from data.assign.join import Assigned, assign
from data.assign.options import AssignOptions
from data.assign.output import ENDINGS

__all__ = ["ENDINGS", "AssignOptions", "Assigned", "assign"]
