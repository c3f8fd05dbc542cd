"""A form that a community hands in: the workbook as it came, with the tree that was read from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.forms.register import register_columns
from data.forms.workbook import read_form
from gisgrid.errors import Sentence
from gisgrid.records.publication.drafts import FormFile


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedInForm:
    """A form to be drafted, with remarks on what was left out of it."""

    file: FormFile
    remarks: Sequence[Sentence]


def read_handed_in(path: Path) -> HandedInForm:
    """The form of a workbook, its questions held against the register.

    Raises
    ------
    InvalidInput
        No workbook, too large, or anything in it that is not taken: all faults with sheet, row and column.
    """
    reading = read_form(path, register=register_columns())
    return HandedInForm(file=FormFile(tree=reading.tree, workbook=path.read_bytes()), remarks=reading.remarks)
