"""What a proposal is and would change, as it is stored and told."""

from __future__ import annotations

from typing import Any, Generic, NotRequired, TypeVar

from typing_extensions import TypedDict

Note = TypeVar("Note")
"""A remark, by its parts as it is stored or as a sentence in the reader's language."""


class StoredSentence(TypedDict):
    """A sentence by its template and the values for it."""

    template: str
    values: dict[str, Any]


class DivisionFigures(TypedDict):
    """How good a division is.

    ``max_off``: the greatest deviation from the norm, or from the mean, as a share; ``compactness``: mean
    Polsby-Popper; ``border_m``: metres of border between grids; ``crossing``: grids with a barrier inside.
    """

    grids: int
    max_off: float
    compactness: float
    border_m: float
    crossing: int
    crossed_m: float


class GridSuggestion(TypedDict):
    """A number of grids that fits better, and the floor it has."""

    grids: int
    floor: float


class ProposalFigures(TypedDict, Generic[Note]):
    """What can be said before a proposal is worked out.

    ``floor``: the greatest deviation nobody can better, with ``notes`` why, and ``suggestions`` where it is
    above the tolerance.
    """

    grids: int | None
    before: DivisionFigures
    tolerance: float
    floor: float | None
    notes: list[Note]
    suggestions: list[GridSuggestion]
    free_cells: NotRequired[int]
    parts: NotRequired[int]


class CurvePoint(TypedDict):
    """What changes hands at a tolerance; ``is_kept``: whether every grid is within it."""

    tolerance: float
    moved_cells: int
    moved_households: int
    max_off: float
    is_kept: bool


class ProposedGrid(TypedDict):
    """A grid of a proposal."""

    code: str
    households_before: int | None
    households: int
    cells: int
    off: float
    compactness: float


class ProposalChanges(TypedDict, Generic[Note]):
    """What a proposal would change."""

    closes: list[str]
    cells: dict[str, str]
    before: DivisionFigures
    after: DivisionFigures
    moved_cells: int
    moved_households: int
    notes: list[Note]
    digest: str


class SolvedProposal(ProposalChanges[StoredSentence]):
    """A proposal as it is stored.

    ``owners``: cells that change hands, with the code they go to or a key of ``opens``; ``opens``: for each
    new code, by a key, the one it comes out of.
    """

    owners: dict[str, str]
    opens: dict[str, str]
    grids: list[ProposedGrid]
    curve: NotRequired[list[CurvePoint]]
