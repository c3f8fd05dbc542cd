"""Single cells of the survey: yes and no, names, days, and expressions with the letter that is wrong."""

from __future__ import annotations

import re
from typing import Final

from data.forms.sheets import FormSheetRow, FormSheets
from gisgrid.errors import Sentence, say
from gisgrid.forms.expressions.lexer import BrokenExpression
from gisgrid.forms.expressions.nodes import Expression
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree_json import NAME

_YES: Final = frozenset({"yes", "true", "true()", "1"})
_NO: Final = frozenset({"", "no", "false", "false()", "0"})
_DYNAMIC: Final = re.compile(r"\$\{|\(")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_IDENTITY: Final = re.compile(r"身份证|id[_ -]?card|identity[_ -]?(card|number)", re.IGNORECASE)
_SURVEY: Final = "survey"


class SurveyRow:
    """A row of the survey whose cells are read one by one; what is wrong is kept with the sheets."""

    def __init__(self, sheets: FormSheets, row: FormSheetRow) -> None:
        self.sheets, self.row = sheets, row

    def fault(self, column: str, message: Sentence) -> None:
        """Keep what is wrong in a column."""
        self.sheets.fault(_SURVEY, self.row.number, column, message)

    def name(self) -> str:
        """The name of the question; empty where it is none."""
        text = self.row.text("name")
        if not NAME.fullmatch(text):
            self.fault("name", say("a name begins with a letter and has letters, digits and _ - . alone"))
            return ""
        return text

    def truth(self, column: str) -> bool:
        """Whether a cell says yes."""
        text = self.row.text(column).casefold()
        if text not in _YES | _NO:
            self.fault(column, say("yes or no is needed"))
        return text in _YES

    def days(self, column: str) -> int | None:
        """A number of days."""
        text = self.row.text(column)
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 4:
            self.fault(column, say("this is no number of days"))
            return None
        return int(text)

    def expression(self, column: str, *, has_columns: bool = False) -> Expression | None:
        """The tree of an expression; nothing where the cell is empty or broken."""
        text = self.row.text(column)
        if not text:
            return None
        try:
            return parse(text, has_columns=has_columns)
        except BrokenExpression as error:
            self.fault(column, say("{what} (letter {n})", what=error.message, n=error.at + 1))
            return None

    def condition(self, column: str) -> Expression | None:
        """An expression that may be written as yes or no."""
        text = self.row.text(column).casefold()
        if text in _YES:
            return ["call", "true"]
        return None if text in _NO else self.expression(column)

    def default(self, kind: str) -> Expression | None:
        """What stands there beforehand: an expression, or a value as it is."""
        text = self.row.text("default")
        if _DYNAMIC.search(text):
            return self.expression("default")
        if not text:
            return None
        is_number = kind in {"integer", "decimal"} and _NUMBER.fullmatch(text)
        return ["num", float(text)] if is_number else ["text", text]

    def check_no_identity_number(self) -> None:
        """Refuse a question that asks for the number of an identity card."""
        for column, text in self.row.cells.items():
            is_asked = column == "name" or column.startswith(("label", "hint"))
            if is_asked and _IDENTITY.search(text):
                self.fault(column, say("numbers of identity cards are not stored: take the question out"))
                return
