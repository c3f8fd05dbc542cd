"""Proposes balanced grids: whole cells, one piece each, compact, never decided by the program."""

from __future__ import annotations

from gisgrid.geometry.balance.floor import Floor, LandPart, floor_of, floors_by_count
from gisgrid.geometry.balance.problem import BalanceProblem, SharedLand, barriers_between, grids_for_norm
from gisgrid.geometry.balance.proposal import GridFigures, Proposal, proposal_of
from gisgrid.geometry.balance.search import Effort, propose

__all__ = [
    "BalanceProblem",
    "Effort",
    "Floor",
    "GridFigures",
    "LandPart",
    "Proposal",
    "SharedLand",
    "barriers_between",
    "floor_of",
    "floors_by_count",
    "grids_for_norm",
    "proposal_of",
    "propose",
]
