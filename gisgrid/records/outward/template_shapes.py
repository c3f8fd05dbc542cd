"""What was read of a department's workbook: where its heads, its rows to fill and its single cells are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateHead:
    """A column to fill: its letters and the head above it."""

    column: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLead:
    """A single cell to fill, with the words that lead to it (填报单位:)."""

    cell: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSheet:
    """A sheet of a template. Rows count from 1; ``foot_row`` is the first full one below the heads.

    ``totals`` says that the foot row holds nothing but a word for the sums of the columns above it.
    """

    title: str
    heads: Sequence[TemplateHead]
    head_row: int
    foot_row: int | None
    leads: Sequence[TemplateLead]
    totals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFile:
    """A workbook as it was handed in, and what its reader found in it."""

    content: bytes
    sheets: Sequence[TemplateSheet]

    @property
    def sha256(self) -> str:
        """The digest of the workbook."""
        return hashlib.sha256(self.content).hexdigest()


def shapes_to_json(sheets: Sequence[TemplateSheet]) -> list[dict[str, Any]]:
    """As a template keeps them beside its fields, so that nobody reads the workbook again to show it."""
    return [asdict(sheet) for sheet in sheets]


def shapes_from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[TemplateSheet, ...]:
    """What a template keeps, read again."""
    return tuple(
        TemplateSheet(
            title=row["title"],
            heads=tuple(TemplateHead(**head) for head in row["heads"]),
            head_row=row["head_row"],
            foot_row=row["foot_row"],
            leads=tuple(TemplateLead(**lead) for lead in row["leads"]),
            totals=row["totals"],
        )
        for row in kept
    )
