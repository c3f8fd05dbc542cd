"""What a page shows of an upload, in the reader's language, and the table of what was refused."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from data.importers.kinds.fields import KINDS
from data.importers.outcome import plain_line
from data.importers.values.field import Field
from data.uploads.sentences import sentence_of
from data.uploads.store import Upload, WorkState
from gisgrid.labels.files import IMPORT_COUNTS
from layers.base import Bounds
from web.i18n import current_language, label, tell
from web.i18n import gettext as _

_SHOWN: Final = 50
_FIRST: Final = ("new", "updated", "unchanged", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class SameFaults:
    """Faults that say the same of several rows: the place of the first, and how many more."""

    place: str
    field: str
    message: str
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldShown:
    """A field with the column it is read from, and the first value that stands there."""

    name: str
    title: str
    what: str
    is_needed: bool
    column: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedWork:
    """Everything a page says of a work that has ended."""

    counts: Sequence[tuple[str, Any]]
    more_counts: Sequence[tuple[str, Any]]
    faults: Sequence[SameFaults]
    fault_count: int
    refused: int
    remarks: Sequence[tuple[str, str, str, str]]
    remark_count: int
    warnings: Sequence[str]
    datum: str | None
    doubts: Sequence[str]
    asks_crs: bool
    moved: Sequence[tuple[str, float]]
    needed_m2: int
    same_code: bool
    can_import: bool
    fields: Sequence[FieldShown]
    headers: Sequence[str]
    rows: Sequence[Mapping[str, str]]
    numbers: Sequence[int]
    rows_title: str
    total: int
    crs: str | None
    is_recalled: bool
    is_placed: bool
    bounds: Bounds | None
    seconds: float
    exists: bool


def shown(upload: Upload, progress: WorkState) -> EndedWork:
    """What to show of a work that has ended."""
    result = progress.result or {}
    counts, datum = result.get("counts", {}), result.get("datum")
    fields = list(_fields(upload, result))
    moved = sorted(result.get("moved", {}).items(), key=lambda entry: -entry[1])
    return EndedWork(
        counts=[(label(IMPORT_COUNTS, name), counts[name]) for name in _FIRST if name in counts],
        more_counts=list(_more(counts)),
        faults=_alike(result.get("faults", []), upload.kind)[:_SHOWN],
        fault_count=result.get("fault_count", 0),
        refused=result.get("refused", 0),
        remarks=[_remark(note, upload.kind) for note in result.get("remarks", [])[:_SHOWN]],
        remark_count=result.get("remark_count", 0),
        warnings=[tell(sentence_of(warning)) for warning in result.get("warnings", [])],
        datum=tell(sentence_of(datum["figures"])) if datum else None,
        doubts=[tell(sentence_of(doubt)) for doubt in datum["doubts"]] if datum else [],
        asks_crs=bool(result.get("asks_crs")),
        moved=moved,
        needed_m2=ceil(max((size for _code, size in moved), default=0.0)),
        same_code=bool(result.get("same_code")),
        can_import=bool(result.get("can_import")),
        fields=fields,
        headers=result.get("headers", []),
        rows=result.get("rows", []) if isinstance(result.get("rows"), list) else [],
        numbers=result.get("numbers", []),
        rows_title=_rows_title(result.get("counted", "row")),
        total=result.get("total", 0),
        crs=result.get("crs"),
        is_recalled=bool(result.get("is_recalled")),
        is_placed=bool(result.get("has_geometry"))
        or any(field.name == "lon" and field.column for field in fields),
        bounds=result.get("bounds"),
        seconds=result.get("seconds", 0.0),
        exists="headers" in result,
    )


def _more(counts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in counts.items():
        if name in IMPORT_COUNTS and name not in _FIRST and value:
            yield label(IMPORT_COUNTS, name), value


def _fields(upload: Upload, result: Mapping[str, Any]) -> Iterator[FieldShown]:
    mapping = result.get("mapping", {})
    rows: Any = result.get("rows", [])
    for field in KINDS[upload.kind] if "headers" in result else ():
        samples = [row.get(field.name, "") for row in rows]
        yield FieldShown(
            name=field.name,
            title=_field_title(upload.kind, field.name),
            what=field.what,
            is_needed=field.is_needed,
            column=mapping.get(field.name, ""),
            sample=next((text for text in samples if text), ""),
        )


def _alike(faults: Sequence[Mapping[str, Any]], kind: str) -> list[SameFaults]:
    """Each kind of fault once, at its first row."""
    lines = [(fault["field"], tell(sentence_of(fault["said"])), _place(fault)) for fault in faults]
    counts = Counter((field, message) for field, message, _row in lines)
    first: dict[tuple[str | None, str], str] = {}
    for field, message, place in lines:
        first.setdefault((field, message), place)
    return [
        SameFaults(place=place, field=_field_title(kind, key[0]), message=key[1], more=counts[key] - 1)
        for key, place in first.items()
    ]


def _place(note: Mapping[str, Any]) -> str:
    """Where in the file a fault or remark is; empty where it is about the whole."""
    return _row_place(note["row"], note["counted"]) if note["row"] else ""


def _remark(note: Mapping[str, Any], kind: str) -> tuple[str, str, str, str]:
    return _place(note), note["key"], _field_title(kind, note["field"]), tell(sentence_of(note["said"]))


def _row_place(row: int, counted: str) -> str:
    """The place of a row in its file, as whoever opens the file finds it."""
    names = {"feature": _("第 {n} 个图形"), "record": _("第 {n} 条")}
    return names.get(counted, _("第 {n} 行")).format(n=row)


def _rows_title(counted: str) -> str:
    """What the rows of a file are called."""
    names = {"feature": _("图形"), "record": _("记录")}
    return names.get(counted, _("行"))


def _field_title(kind: str, name: str | None) -> str:
    """A field as people call it: the template's head in Chinese, our own name elsewhere."""
    fields: dict[str, Field] = {field.name: field for field in KINDS.get(kind, ())}
    parts = [part.strip() for part in (name or "").split(",")]
    if current_language() != "zh":
        return ", ".join(part for part in parts if part)
    extra = {"geometry": "图形", "building": "楼栋", "recorded_area": "记录的网格"}
    return "、".join(fields[key].titles[0] if key in fields else extra.get(key, key) for key in parts if key)


def report_csv(result: Mapping[str, Any], upload: Upload) -> bytes:
    """The refused rows and the remarks as CSV in UTF-8 with byte order mark, by row."""
    word = label(IMPORT_COUNTS, "refused")
    refused = [
        (fault["row"] or 0, word, "", _field_title(upload.kind, fault["field"]), fault["said"])
        for fault in result.get("faults", [])
    ]
    noted = [
        (remark["row"], _("提示"), remark["key"], _field_title(upload.kind, remark["field"]), remark["said"])
        for remark in result.get("remarks", [])
    ]
    out = io.StringIO()
    writer = csv.writer(out)
    notes = [*result.get("faults", []), *result.get("remarks", [])]
    counted = notes[0]["counted"] if notes else "row"
    writer.writerow((_rows_title(counted), _("结果"), _("标识"), _("字段"), _("说明")))
    for row, state, key, field, said in sorted(refused + noted, key=lambda line: line[0]):
        writer.writerow(plain_line((str(row or ""), state, key, field, tell(sentence_of(said)))))
    return out.getvalue().encode("utf-8-sig")
