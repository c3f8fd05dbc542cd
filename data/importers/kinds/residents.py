"""Residents from a file, each in a household that is known; their identity-card numbers stay outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Final

from data.importers.kinds.fields import CONSENT_FIELDS
from data.importers.kinds.households import NOT_ASKED, consent_instant, place_of
from data.importers.kinds.rows import FileRow, FileRows, outcome_of, read_rows
from data.importers.outcome import ImportOutcome
from data.importers.readers.table import FileTable
from gisgrid.access.masks import STAR
from gisgrid.errors import say
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import ConsentStatus, ResidenceStatus
from gisgrid.people.imports import ImportedResident, save_residents
from gisgrid.places.import_rows import Importing

_NO_DAY: Final = date(1850, 1, 1)


def read_residents(
    table: FileTable,
    *,
    tz: tzinfo,
    crs: str | None = None,
    columns: Sequence[str] = (),
    dates: str | None = None,
    pulse: Pulse = no_pulse,
) -> FileRows[ImportedResident]:
    """The residents of a table that can be taken, and the faults of the others; positions aren't read.

    Raises
    ------
    InvalidInput
        As `data.importers.kinds.rows.read_rows`.
    """
    return read_rows(
        table,
        "residents",
        lambda row: _resident(row, tz),
        crs=crs,
        columns=columns,
        dates=dates,
        pulse=pulse,
        needs=[("address", "building"), ("name",), ("birth_date",)],
    )


def _resident(row: FileRow, tz: tzinfo) -> ImportedResident:
    name, born, status = row.text("name", most=50), row.day("birth_date"), row.word("residence_status")
    for field, value in (("name", name), ("birth_date", born)):
        if value is None and not any(faulty_field == field for faulty_field, _message in row.reading.found):
            row.reading.found.append((field, say("a resident needs this")))
    if name and STAR in name:
        row.reading.found.append(("name", say("the name is masked: a list with whole names is needed")))
    external_id = row.text("external_id", most=60)
    if external_id and external_id.startswith("#"):
        row.reading.found.append(("external_id", say("an id must not begin with #")))
    when = consent_instant(row, tz)
    return ImportedResident(
        row=row.row,
        place=place_of(row),
        name=name or "",
        birth_date=born or _NO_DAY,
        residence_status=ResidenceStatus(status) if status else None,
        external_id=external_id,
        phone=row.text("phone", most=40),
        sex=row.word("sex"),
        answers=_answers(row, when),
        asked_at=when,
        text_version=row.text("consent_text", most=20),
        lived_from=row.day("lived_from"),
        lived_to=row.day("lived_to"),
    )


def _answers(row: FileRow, when: datetime | None) -> dict[Purpose, ConsentStatus]:
    answers = {}
    for field, purpose in CONSENT_FIELDS.items():
        answer = row.word(field)
        if answer is None or answer == NOT_ASKED:
            continue
        answers[purpose] = ConsentStatus(answer)
        if when is None and purpose != Purpose.REGISTRATION:
            message = say("an answer to this purpose needs the day it was given, in consent_at")
            row.reading.found.append((field, message))
    return answers


def import_residents(
    running: Importing, rows: FileRows[ImportedResident], *, community: str
) -> ImportOutcome:
    """Save the good rows, and say what happened without a word about anybody."""
    return outcome_of(save_residents(running, rows.good), rows, community=community)
