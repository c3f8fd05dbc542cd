"""Formulas of a template: which may stay, since they neither reach out of the workbook nor miss any row.

A filled table is opened by others. A formula of a stranger that fetches an address would send what stands in
the table there; one that sums up four rows is wrong below forty.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.formula.translate import Translator

from gisgrid.errors import Fault, Sentence, say

_HARMLESS: Final = frozenset(
    {
        *("SUM", "COUNT", "COUNTA", "COUNTBLANK", "COUNTIF", "COUNTIFS", "SUMIF", "SUMIFS", "AVERAGE", "MIN"),
        *(
            "MAX",
            "ROUND",
            "ROUNDUP",
            "ROUNDDOWN",
            "INT",
            "MOD",
            "ABS",
            "SUMPRODUCT",
            "SUBTOTAL",
            "ROW",
            "ROWS",
        ),
        *("IF", "IFERROR", "AND", "OR", "NOT", "TRUE", "FALSE", "ISBLANK", "ISNUMBER", "N", "VALUE", "TEXT"),
        *("TODAY", "NOW", "YEAR", "MONTH", "DAY", "DATE", "DATEDIF", "EDATE", "EOMONTH", "WEEKDAY"),
        *("LEFT", "RIGHT", "MID", "LEN", "CONCATENATE", "TRIM", "UPPER", "LOWER", "SUBSTITUTE", "FIND"),
        *("VLOOKUP", "LOOKUP", "MATCH", "INDEX"),
    }
)
"""Functions that know nothing but the cells they are handed."""
_REFERENCE: Final = re.compile(
    r"(?:(?P<sheet>'[^'\[\]|]+'|[^\s'!\[\]|]+)!)?"
    r"(?:\$?[A-Z]{1,3}\$?(?P<first>\d+)(?::\$?[A-Z]{1,3}\$?(?P<last>\d+))?"
    r"|\$?[A-Z]{1,3}:\$?[A-Z]{1,3}|\$?(?P<top>\d+):\$?(?P<bottom>\d+))"
)

_FIXED_ROW: Final = re.compile(r"\$\d")


@dataclass(frozen=True, slots=True)
class FilledRows:
    """Where rows of a sheet are filled: below its heads; ``columns`` are those with a head."""

    head_row: int
    foot_row: int | None
    columns: Collection[int]

    def is_beside(self, cell: Any) -> bool:
        """Whether a cell stands in a row to fill, in a column without a head."""
        is_above_foot = self.foot_row is None or cell.row < self.foot_row
        return cell.row > self.head_row and is_above_foot and cell.column not in self.columns


def formula_faults(book: Any, filled: Mapping[str, FilledRows], source: str) -> Iterator[Fault]:
    """What is wrong with the formulas of a workbook, those of hidden sheets, names and rules too."""
    for sheet in book.worksheets:
        place = f"{source} [{sheet.title}]"
        for cell in _formula_cells(sheet):
            sentence = _fault(cell, sheet, filled)
            if sentence is not None:
                yield Fault(message=sentence, file=place, row=cell.row)
        if any(not _is_harmless(text) for text in _rule_texts(sheet)):
            yield Fault(message=say("a rule of the sheet holds a formula that is not taken"), file=place)
    names = [*book.defined_names.values(), *_own_names(book)]
    for name in names:
        if name.attr_text and not _is_harmless(name.attr_text):
            message = say("the name {name} reaches out of the workbook: take it out", name=str(name.name))
            yield Fault(message=message, file=source)


def _formula_cells(sheet: Any) -> list[Any]:
    return [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def _own_names(book: Any) -> Iterator[Any]:
    for sheet in book.worksheets:
        yield from sheet.defined_names.values()


def _rule_texts(sheet: Any) -> Iterator[str]:
    """Formulas of conditional formats and of checks of what is typed."""
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            yield from (text for text in rule.formula if text)
    for check in sheet.data_validations.dataValidation:
        yield from (text for text in (check.formula1, check.formula2) if text)


def _is_harmless(text: str) -> bool:
    """Whether a text of a name or rule calls nothing else and names no other file."""
    tokens = _tokens(text)
    return tokens is not None and "[" not in text and "|" not in text and not _unknown_function(tokens)


def _fault(cell: Any, sheet: Any, filled: Mapping[str, FilledRows]) -> Sentence | None:
    tokens = _tokens(cell.value) if isinstance(cell.value, str) else None
    references = [_REFERENCE.fullmatch(token.value) for token in tokens or () if _is_reference(token)]
    if tokens is None or _unknown_function(tokens) or not all(references):
        message = "the cell {cell} holds a formula that may reach out of the workbook: take it out"
        return say(message, cell=cell.coordinate)
    rows = filled.get(sheet.title)
    is_beside = rows is not None and rows.is_beside(cell)
    is_in_rows = rows is not None and cell.row > rows.head_row
    if (is_in_rows and not is_beside) or any(
        _misses_rows(match, cell, sheet, filled, is_beside=is_beside) for match in references if match
    ):
        message = "the cell {cell} holds a formula, which would not follow the rows: take it out"
        return say(message, cell=cell.coordinate)
    return None


def _misses_rows(
    match: re.Match[str], cell: Any, sheet: Any, filled: Mapping[str, FilledRows], *, is_beside: bool
) -> bool:
    """Whether a reference names rows that are filled; one beside them may name its own row."""
    title = (match["sheet"] or sheet.title).strip("'")
    rows = filled.get(title)
    numbers = [int(match[name]) for name in ("first", "last", "top", "bottom") if match[name]]
    if rows is None or not numbers or max(numbers) <= rows.head_row:
        return False
    is_own = title == sheet.title and set(numbers) == {cell.row} and not _FIXED_ROW.search(match[0])
    return not (is_beside and is_own)


def _tokens(text: str) -> list[Token] | None:
    try:
        return list(Tokenizer(text if text.startswith("=") else f"={text}").items)
    except (TokenizerError, ValueError, IndexError):
        return None


def _is_reference(token: Token) -> bool:
    return bool(token.type == Token.OPERAND and token.subtype == Token.RANGE)


def _unknown_function(tokens: Collection[Token]) -> bool:
    return any(
        token.type == Token.FUNC and token.subtype == Token.OPEN and token.value[:-1].upper() not in _HARMLESS
        for token in tokens
    )


def repeat_formulas(sheet: Any, rows: FilledRows, count: int) -> None:
    """Let what is worked out beside the first row to fill be worked out beside every filled row."""
    first = rows.head_row + 1
    beside = [cell for cell in sheet[first] if cell.data_type == "f" and cell.column not in rows.columns]
    for cell in beside:
        for row in range(first + 1, first + count):
            text = Translator(cell.value, origin=cell.coordinate)
            below = sheet.cell(row, cell.column)
            below.value = text.translate_formula(f"{cell.column_letter}{row}")
            # openpyxl has no public way to give a cell the looks of another.
            below._style = cell._style  # noqa: SLF001
