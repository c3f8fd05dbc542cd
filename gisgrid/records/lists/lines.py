"""A record as one line: which form, about whom or what, on which day, who came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import Select, select
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.people.queries import SIGHTS, Sight
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subject_places import SubjectPlace, subject_places
from gisgrid.records.core.subjects import subject_id_of
from gisgrid.records.core.versions import OpenedForm, opened_form


class SubjectLine(TypedDict):
    """Whom or what a record is about; the label is a name as far as the account sees it, else the address."""

    kind: str
    id: str | None
    label: str
    address: str
    household: str | None
    building: str | None


class RecordLine(TypedDict):
    """A record without its answers. `by`: who came. `met`: whether somebody was met, where the form asks."""

    id: str
    form: str
    title: Annotated[Mapping[str, str], Field(description="of the form, by language")]
    day: str
    is_day_doubtful: bool
    subject: SubjectLine
    by: str | None
    met: bool | None
    is_correction: bool
    is_corrected: bool
    is_redacted: bool


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A record with the version of the form that was filled, and who came."""

    record: Record
    opened: OpenedForm
    by: str | None


def kept_rows(view: View, statement: Select[Record, FormVersion, FieldForm, str]) -> list[KeptRow]:
    """The records of a statement of :func:`record_rows`."""
    return [KeptRow(row[0], _opened(view, row[2], row[1]), row[3]) for row in view.session.execute(statement)]


def _opened(view: View, form: FieldForm, version: FormVersion) -> OpenedForm:
    return opened_form(view, form, version)


def sight_of_records(view: View, *, is_shown: bool) -> Sight:
    """How much of people's names the account sees in lines; heads whole names after a reason."""
    sight = SIGHTS.get(view.actor.role, Sight.NONE) if view.actor.role else Sight.NONE
    return Sight.NAMES if sight == Sight.MASKED and is_shown else sight


def lines_of(view: View, rows: Sequence[KeptRow], *, is_shown: bool) -> list[RecordLine]:
    """Records as lines, in their order."""
    places = subject_places(view, {_key(row.record) for row in rows})
    corrected = _corrected(view, [row.record.id for row in rows])
    sight = sight_of_records(view, is_shown=is_shown)
    return [
        _line(row, places[_key(row.record)], sight, is_corrected=row.record.id in corrected) for row in rows
    ]


def _key(record: Record) -> tuple[SubjectKind, str | None]:
    return SubjectKind(record.subject), subject_id_of(record)


def _corrected(view: View, ids: Iterable[str]) -> set[str | None]:
    statement = select(Record.corrects_id).where(Record.corrects_id.in_(list(ids)))
    return set(view.session.scalars(statement))


def _line(row: KeptRow, place: SubjectPlace, sight: Sight, *, is_corrected: bool) -> RecordLine:
    record = row.record
    return RecordLine(
        id=record.id,
        form=record.form_code,
        title=row.opened.tree.title,
        day=record.day.isoformat(),
        is_day_doubtful=record.is_day_doubtful,
        subject=SubjectLine(
            kind=record.subject,
            id=subject_id_of(record),
            label=place.label(sight),
            address=place.address,
            household=place.household,
            building=place.building,
        ),
        by=row.by,
        met=record.met,
        is_correction=record.corrects_id is not None,
        is_corrected=is_corrected,
        is_redacted=record.redacted_at is not None,
    )
