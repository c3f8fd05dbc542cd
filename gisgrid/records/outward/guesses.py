"""What a template's heads and lead words say by themselves, and what was answered for such heads before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from unicodedata import normalize

from gisgrid.labels.outward_titles import OUTWARD_SYNONYMS, PEOPLE_WORDS
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.fields import OutwardFields
from gisgrid.records.outward.sheets import ROW_NUMBER, OutwardPeople, OutwardSheet
from gisgrid.records.outward.template_shapes import TemplateSheet

_LIKELY: Final = (OutwardRows.PERSON, OutwardRows.HOUSEHOLD, OutwardRows.GRID, OutwardRows.BUILDING)
_ANYWHERE: Final = frozenset({ROW_NUMBER, "grid.name", "grid.code"})
"""Fields that say nothing of what a row is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedTitles:
    """Fields by heads as they were answered before: of columns by the kind of rows, and of single cells."""

    columns: Mapping[tuple[OutwardRows, str], str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)


def plain_title(title: str) -> str:
    """A head by which two are compared: without blanks, one kind of brackets and figures, small letters.

    >>> plain_title(" 年龄 (周岁)") == plain_title("年龄(周岁)")
    True
    """
    return "".join(normalize("NFKC", title).split()).casefold()


@cache
def _known_titles() -> Mapping[str, tuple[str, ...]]:
    """The fields that a title may stand for, in the order of the catalogue."""
    known: dict[str, tuple[str, ...]] = {}
    for code, titles in OUTWARD_SYNONYMS.items():
        for title in map(plain_title, titles):
            known[title] = (*known.get(title, ()), code)
    return known


def guess_sheet(
    shape: TemplateSheet, fields: OutwardFields, remembered: RememberedTitles, *, title: str = ""
) -> OutwardSheet:
    """Which field each column and cell of a sheet seems to be; what nobody knows is left to people.

    What its rows are about is what most of its heads fit; ``title`` of the template and that of the sheet
    say which persons.
    """
    rows, columns = max(
        ((rows, _columns(shape, fields, remembered, rows)) for rows in OutwardRows),
        key=lambda guess: _weight(guess[0], guess[1]),
    )
    cells = {lead.cell: code for lead in shape.leads if (code := _cell(lead.label, fields, remembered))}
    people = _people(f"{title} {shape.title}") if rows == OutwardRows.PERSON else OutwardPeople.EVERYONE
    return OutwardSheet(sheet=shape.title, rows=rows, people=people, columns=columns, cells=cells)


def _weight(rows: OutwardRows, columns: Mapping[str, str]) -> tuple[int, int]:
    """The most heads; of several the kind that is named first."""
    telling = sum(code not in _ANYWHERE for code in columns.values())
    return (telling or bool(columns), -_LIKELY.index(rows))


def _columns(
    shape: TemplateSheet, fields: OutwardFields, remembered: RememberedTitles, rows: OutwardRows
) -> dict[str, str]:
    words = fields.words(rows)
    by_word = {plain_title(word): code for code, word in words.items()}
    columns: dict[str, str] = {}
    for head in shape.heads:
        title = plain_title(head.title)
        wanted = (remembered.columns.get((rows, title)), *_known_titles().get(title, ()), by_word.get(title))
        code = next((code for code in wanted if code in words), None)
        if code is not None:
            columns[head.column] = code
    return columns


def _cell(label: str, fields: OutwardFields, remembered: RememberedTitles) -> str | None:
    words = fields.cell_words()
    by_word = {plain_title(word): code for code, word in words.items()}
    title = plain_title(label)
    wanted = (remembered.cells.get(title), *_known_titles().get(title, ()), by_word.get(title))
    return next((code for code in wanted if code in words), None)


def _people(title: str) -> OutwardPeople:
    kind = next((kind for word, kind in PEOPLE_WORDS if word in title), OutwardPeople.EVERYONE)
    return OutwardPeople(kind)


def remember_titles(
    kept: Sequence[tuple[Sequence[TemplateSheet], Sequence[OutwardSheet]]],
) -> RememberedTitles:
    """What was answered in templates, the oldest first: a newer answer to the same head takes its place."""
    columns: dict[tuple[OutwardRows, str], str] = {}
    cells: dict[str, str] = {}
    for shape, sheet in _pairs(kept):
        titles = {head.column: plain_title(head.title) for head in shape.heads}
        columns |= {
            (sheet.rows, titles[place]): code for place, code in sheet.columns.items() if place in titles
        }
        labels = {lead.cell: plain_title(lead.label) for lead in shape.leads}
        cells |= {labels[place]: code for place, code in sheet.cells.items() if place in labels}
    return RememberedTitles(columns=columns, cells=cells)


def _pairs(
    kept: Sequence[tuple[Sequence[TemplateSheet], Sequence[OutwardSheet]]],
) -> Iterator[tuple[TemplateSheet, OutwardSheet]]:
    for shapes, sheets in kept:
        by_title = {sheet.sheet: sheet for sheet in sheets}
        yield from ((shape, by_title[shape.title]) for shape in shapes if shape.title in by_title)
