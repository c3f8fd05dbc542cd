"""The texts of a dBASE table as bytes, enough of them to find their encoding."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

_HEADER: Final = 32
_FIELD: Final = 32
_END_OF_FIELDS: Final = 0x0D
_MOST_READ: Final = 4 * 2**20
_NAME: Final = 11


def text_fields(path: Path) -> list[bytes]:
    """Names of fields and values of text fields, without padding, from the first 4 MB of a table.

    A header that makes no sense gives nothing: reading will say what is wrong.
    """
    with path.open("rb") as file:
        raw = file.read(_MOST_READ)
    if len(raw) < _HEADER + 1:
        return []
    header, length = struct.unpack_from("<HH", raw, 8)
    names, spans, offset = [], [], 1
    for at in range(_HEADER, min(header, len(raw)) - 1, _FIELD):
        field = raw[at : at + _FIELD]
        if field[0] == _END_OF_FIELDS or len(field) < _FIELD:
            break
        names.append(field[:_NAME].split(b"\0", 1)[0])
        if field[_NAME : _NAME + 1] == b"C":
            spans.append((offset, offset + field[16]))
        offset += field[16]
    if not length or not spans:
        return names
    values = [
        raw[record + start : record + stop].strip(b" \0")
        for record in range(header, len(raw) - length + 1, length)
        for start, stop in spans
    ]
    return names + values
