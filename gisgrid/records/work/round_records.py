"""The records that answer a round: by the day on which each was first noted, whatever corrected it later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, select

from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subjects import KEYS
from gisgrid.records.core.work_models import Round


class RoundRecord(NamedTuple):
    """What a round needs of a record: what it is about, what it corrects, and whether somebody was met."""

    subject: str
    id: str
    corrects: str | None
    day: date
    met: bool | None
    is_redacted: bool


@dataclass(slots=True)
class RoundVisits:
    """What was noted about one subject: the first day it was done, and how often in a row nobody was met."""

    done: date | None = None
    misses: int = 0


NO_VISITS: Final = RoundVisits()


def round_visits(rows: Iterable[RoundRecord], last: date | None) -> dict[str, RoundVisits]:
    """What was done about each subject up to a day, by its id.

    The last correction of a record says what was noted, the first one of all on which day. What corrects a
    record from before the round is none of its own; where nobody was met nothing is done.
    """
    known = {row.id: row for row in rows}
    corrected = {row.corrects for row in known.values()}
    visits: dict[str, list[tuple[date, str, bool]]] = defaultdict(list)
    for row in known.values():
        first = _first(row, known)
        if row.id in corrected or row.is_redacted or first is None or (last is not None and first.day > last):
            continue
        visits[row.subject].append((first.day, first.id, row.met is not False))
    return {subject: _visits(sorted(noted)) for subject, noted in visits.items()}


def _first(row: RoundRecord, known: Mapping[str, RoundRecord]) -> RoundRecord | None:
    """The record with which a chain of corrections began; nothing where that was before the round."""
    while row.corrects is not None:
        if row.corrects not in known:
            return None
        row = known[row.corrects]
    return row


def _visits(noted: Sequence[tuple[date, str, bool]]) -> RoundVisits:
    visits = RoundVisits()
    for day, _record, is_met in noted:
        visits.misses = 0 if is_met else visits.misses + 1
        if is_met and visits.done is None:
            visits.done = day
    return visits


def records_of_round(row: Round, form: str, key: str, wanted: Any) -> Select[Any]:
    """The records with a round's form about some subjects (ids as SQL) from its first day on, as SQL.

    ``key`` names the column of the subject.
    """
    column: Any = getattr(Record, key)
    return select(
        column,
        Record.id,
        Record.corrects_id,
        Record.day,
        Record.met,
        Record.redacted_at.is_not(None),
    ).where(
        Record.form_code == form,
        Record.day >= row.first_day,
        Record.parent_id.is_(None),
        column.in_(wanted),
    )


def key_of(kind: SubjectKind) -> str:
    """The column that names a subject of a kind."""
    return KEYS[kind]
