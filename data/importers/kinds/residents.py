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
        lambda told: _resident(told, tz),
        crs=crs,
        columns=columns,
        dates=dates,
        pulse=pulse,
        needs=[("address", "building"), ("name",), ("birth_date",)],
    )


def _resident(told: FileRow, tz: tzinfo) -> ImportedResident:
    name, born, status = told.text("name", most=50), told.day("birth_date"), told.word("residence_status")
    for field, value in (("name", name), ("birth_date", born)):
        if value is None and not any(found == field for found, _message in told.reading.found):
            told.reading.found.append((field, say("a resident needs this")))
    if name and STAR in name:
        told.reading.found.append(("name", say("the name is masked: a list with whole names is needed")))
    external_id = told.text("external_id", most=60)
    if external_id and external_id.startswith("#"):
        told.reading.found.append(("external_id", say("an id must not begin with #")))
    when = consent_instant(told, tz)
    return ImportedResident(
        row=told.row,
        place=place_of(told),
        name=name or "",
        birth_date=born or _NO_DAY,
        residence_status=ResidenceStatus(status) if status else None,
        external_id=external_id,
        phone=told.text("phone", most=40),
        sex=told.word("sex"),
        answers=_answers(told, when),
        asked_at=when,
        text_version=told.text("consent_text", most=20),
        lived_from=told.day("lived_from"),
        lived_to=told.day("lived_to"),
    )


def _answers(told: FileRow, when: datetime | None) -> dict[Purpose, ConsentStatus]:
    found = {}
    for field, purpose in CONSENT_FIELDS.items():
        answer = told.word(field)
        if answer is None or answer == NOT_ASKED:
            continue
        found[purpose] = ConsentStatus(answer)
        if when is None and purpose != Purpose.REGISTRATION:
            message = say("an answer to this purpose needs the day it was given, in consent_at")
            told.reading.found.append((field, message))
    return found


def import_residents(
    running: Importing, rows: FileRows[ImportedResident], *, community: str
) -> ImportOutcome:
    """Save the good rows, and say what happened without a word about anybody."""
    return outcome_of(save_residents(running, rows.good), rows, community=community)
