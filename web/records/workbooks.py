"""Workbooks of forms that are sent: read under their limits in a folder of their own, gone afterwards."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from werkzeug.datastructures import FileStorage

from data.forms.handed_in import HandedInForm, read_handed_in
from gisgrid.errors import InvalidInput, say
from gisgrid.records.core.rules import MOST_WORKBOOK_BYTES

_NAME: Final = "form.xlsx"
"""What a workbook is called while it is read: the name it came under isn't kept."""


def read_sent(sent: FileStorage) -> HandedInForm:
    """The form of a workbook that was sent.

    Raises
    ------
    InvalidInput
        Nothing was sent, it is too large, or the form can't be taken: all faults.
    """
    with sent.stream as stream:
        content = stream.read(MOST_WORKBOOK_BYTES + 1)
    if not content:
        raise InvalidInput(say("no file was chosen"), field="workbook")
    if len(content) > MOST_WORKBOOK_BYTES:
        raise InvalidInput(say("a workbook of a form has at most 1 MB"), field="workbook")
    with TemporaryDirectory() as folder:
        path = Path(folder) / _NAME
        path.write_bytes(content)
        return read_handed_in(path)
