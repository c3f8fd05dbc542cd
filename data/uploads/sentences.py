"""Sentences and faults as JSON, so that a page can tell them in its reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import TypedDict

from data.importers.outcome import Remark
from gisgrid.errors import Fault, Sentence, say


class KeptSentence(TypedDict):
    """A sentence by its template and the values for it."""

    text: str
    values: dict[str, object]


class KeptFault(TypedDict):
    """A fault with its row and column."""

    row: int | None
    counted: str
    field: str | None
    said: KeptSentence


class KeptRemark(KeptFault):
    """A remark about a row, which its key names."""

    key: str


def kept_sentence(said: str) -> KeptSentence:
    """A sentence as JSON."""
    values = said.values if isinstance(said, Sentence) else {}
    kept_values = {name: _kept_value(value) for name, value in values.items()}
    return {"text": said.template if isinstance(said, Sentence) else said, "values": kept_values}


def _kept_value(value: object) -> object:
    if isinstance(value, Sentence):
        return {"sentence": kept_sentence(value)}
    return value if isinstance(value, int | float | str) or value is None else str(value)


def sentence_of(kept: Mapping[str, Any]) -> str:
    """The sentence again; a text without values is shown as it stands."""
    return _said(kept) if kept["values"] else str(kept["text"])


def _said(kept: Mapping[str, Any]) -> Sentence:
    values = {
        name: _said(value["sentence"]) if isinstance(value, dict) else value
        for name, value in kept["values"].items()
    }
    return say(kept["text"], **values)


def kept_faults(faults: Sequence[Fault], *, most: int) -> list[KeptFault]:
    """The first faults as JSON."""
    return [_kept(fault) for fault in faults[:most]]


def kept_remarks(remarks: Sequence[Remark], *, most: int) -> list[KeptRemark]:
    """The first remarks as JSON."""
    return [{**_kept(remark), "key": remark.key} for remark in remarks[:most]]


def _kept(note: Fault | Remark) -> KeptFault:
    said = kept_sentence(note.message)
    return {"row": note.row, "counted": note.counted, "field": note.field, "said": said}
