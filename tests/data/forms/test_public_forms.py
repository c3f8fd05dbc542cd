"""Thirty public XLSForms of other people are read, or refused at the cell that holds what the sentence says.

The first part of the rule was written down before the forms were seen: packages of the Python registry
that ship XLSForms, in the order of ``PACKAGES``, of each the newest distribution unpacked into a folder of
its name; workbooks with a sheet ``survey``, in byte order of their paths, at most twelve of a package. That
gives sixteen. It was amended when they were too few: then, in the same order, the first form of each test
file of those packages that is written as a table of sheets, until there are thirty. An old workbook is
turned into a new one cell by cell, formulas are their stored results. Two things are written into each:
what it is about, which no form of others says, and an id where it has none. Nothing of them is copied
into this project: the test is skipped unless ``GISGRID_PUBLIC_FORMS`` names the folder.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyxform.xls2xform import convert

from data.forms.register import register_columns
from data.forms.workbook import read_form
from gisgrid.errors import Fault, InvalidInput
from gisgrid.forms.tree import questions_of
from tests.data.forms.public_books import WANTED, complete, public_forms

GROUPS = ("begin", "end")
LEFT_OUT = {"deviceid", "phonenumber", "simserial", "subscriberid", "username", "email", "audit"}


class Looked:
    """A workbook opened again by another program, to see what stands in the cell that a fault names."""

    def __init__(self, path: Path) -> None:
        book = openpyxl.load_workbook(path)
        self.sheets: dict[str, Any] = {sheet.title.strip().lower(): sheet for sheet in book.worksheets}

    def cell(self, sheet: str, row: int, column: str) -> str:
        heads = [str(cell.value or "").strip().lower() for cell in self.sheets[sheet][1]]
        names = {column.lower(), column.lower().replace("_", " ")}
        places = [number for number, head in enumerate(heads, start=1) if head in names]
        value = self.sheets[sheet].cell(row, places[0]).value if places else ""
        return "" if value is None else str(value).strip()

    def holds(self, fault: Fault) -> bool:
        """Whether the cell holds what the sentence complains of."""
        sheet, said = re.findall(r"\[(\w+)\]$", fault.file or "")[0], str(fault.message)
        if fault.row is None:
            return self.lacks(said)
        if "at most 5000 rows" in said:
            return max(self.sheets[sheet].max_row - 5000, self.sheets[sheet].max_column - 100) > 0
        text = self.cell(sheet, fault.row, fault.field or "")
        return any(
            re.match(pattern, said) is not None and check(re.match(pattern, said), text, self, fault)
            for pattern, check in CHECKS.items()
        )

    def lacks(self, said: str) -> bool:
        """Faults of a whole form have no row: no question, or none in Chinese or without a language."""
        types = [str(row[0].value or "") for row in self.sheets["survey"].iter_rows(min_row=2)]
        heads = [str(cell.value or "").lower() for cell in self.sheets["survey"][1]]
        if said == "a form needs a question":
            return "type" not in heads or not [kind for kind in types if kind and kind not in LEFT_OUT]
        return said == "the form has no language zh" and "label" not in heads


def letter(matched: Any, text: str, _book: Looked, _fault: Fault) -> bool:
    """At the letter stands no sign of the language of expressions, a look-up, or a quote that never ends."""
    rest = text[int(matched[1]) - 1 :]
    is_strange = rest[0] not in "().,+-*=<>!|$'\" " and not rest[0].isalnum()
    return is_strange or "last-saved" in text or (rest[0] in "'\"" and rest.count(rest[0]) == 1)


CHECKS: dict[str, Callable[[Any, str, Looked, Fault], bool]] = {
    r"the type (.*) is not taken here": lambda matched, text, _book, _fault: matched[1] == text,
    r"a question needs a type": lambda _matched, text, _book, _fault: not text,
    r"a name begins with a letter": lambda _m, text, _b, _f: not re.fullmatch(r"[A-Za-z_][\w.-]*", text),
    r"a choice needs its list and a name without blanks": lambda _m, text, _b, _f: " " in text or not text,
    r"not understood from here on \(letter (\d+)\)": letter,
    r"the function ([\w:-]+)\(\) is not taken \(letter (\d+)\)": lambda matched, text, _book, _fault: text[
        int(matched[2]) - 1 :
    ].startswith(matched[1]),
    r"paths are not taken": lambda _matched, text, _book, _fault: "/" in text,
}


def names_in(path: Path) -> list[str]:
    """The names of questions that stand in the sheet, which the reader of the standard takes too."""
    convert(xlsform=path)
    looked = Looked(path)
    rows = range(2, looked.sheets["survey"].max_row + 1)
    named = [(looked.cell("survey", row, "type"), looked.cell("survey", row, "name")) for row in rows]
    return sorted(
        name for kind, name in named if kind and not kind.startswith(GROUPS) and kind not in LEFT_OUT
    )


@pytest.mark.prove
def test_thirty_public_forms_are_read_or_refused_at_their_cells(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = os.environ.get("GISGRID_PUBLIC_FORMS")
    if folder is None:
        pytest.skip("public forms are not here: set GISGRID_PUBLIC_FORMS")
    forms, counts, wrong = public_forms(Path(folder)), Counter[str](), []
    for number, form in enumerate(forms):
        path = tmp_path / f"{number}.xlsx"
        complete(form.book, form.source)
        form.book.save(path)
        try:
            reading = read_form(path, register=register_columns())
        except InvalidInput as error:
            counts["refused"] += 1
            counts["faults told"] += len(error.faults)
            looked = Looked(path)
            wrong += [(form.source, fault) for fault in error.faults if not looked.holds(fault)]
        else:
            counts["read"] += 1
            names = sorted(question.name for question in questions_of(reading.tree.items))
            if names != names_in(path):
                wrong.append((form.source, names, names_in(path)))
    for name, count in sorted(counts.items()):
        record_property(name, count)
    record_property("not at the right cell", len(wrong))
    assert wrong == []
    assert len(forms) == WANTED
