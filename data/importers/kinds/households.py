"""Households from a file: an address or a building with unit and room, and little else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, tzinfo
from functools import lru_cache, partial
from typing import Final

from data.importers.kinds.rows import FileRow, FileRows, faulty_position, outcome_of, read_rows
from data.importers.outcome import ImportOutcome
from data.importers.readers.table import FileTable
from data.importers.values.datum_check import check_positions
from gisgrid.errors import say
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.people.core.answers import TEXT_UNKNOWN, Answer, add_household_answers
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.refusals import not_to_be_called, refuse_for_all
from gisgrid.places.households import Answered, Consenting, ImportedHousehold, save_households
from gisgrid.places.import_rows import Importing
from gisgrid.places.models import HouseholdKind
from gisgrid.places.registered import Place

NOT_ASKED = "not_asked"
_DAYS_REMEMBERED: Final = 4096


def read_households(
    table: FileTable,
    *,
    tz: tzinfo,
    crs: str | None = None,
    columns: Sequence[str] = (),
    dates: str | None = None,
    pulse: Pulse = no_pulse,
) -> FileRows[ImportedHousehold]:
    """The households of a table that can be taken, and the faults of the others.

    Raises
    ------
    MissingCrs, InvalidInput
        As `data.importers.kinds.rows.read_rows`.
    """
    return read_rows(
        table,
        "households",
        lambda row: _household(row, tz),
        crs=crs,
        columns=columns,
        dates=dates,
        pulse=pulse,
        needs=[("address", "building")],
    )


def _household(row: FileRow, tz: tzinfo) -> ImportedHousehold:
    faulty_position(row)
    kind, consent = row.word("kind"), row.word("consent")
    return ImportedHousehold(
        row=row.row,
        place=place_of(row),
        lon=row.lon,
        lat=row.lat,
        kind=HouseholdKind(kind) if kind else None,
        contact=row.text("contact", most=40),
        consent=None if consent == NOT_ASKED else consent,
        asked_at=consent_instant(row, tz),
        text_version=row.text("consent_text", most=20),
        lived_from=row.day("lived_from"),
        lived_to=row.day("lived_to"),
    )


def place_of(row: FileRow) -> Place:
    """The address of a row, whole or in parts; a fault where it has neither."""
    place = Place(
        address=row.text("address", most=200) or "",
        building=row.text("building", most=200) or "",
        unit=(row.text("unit", most=20) or "").removesuffix("单元"),
        room=(row.text("room", most=20) or "").removesuffix("室"),
    )
    if not place.address and not place.building:
        row.reading.found.append(("address", say("neither an address nor a building")))
    return place


def consent_instant(row: FileRow, tz: tzinfo) -> datetime | None:
    """The instant somebody was asked: noon of the day the file says."""
    day = row.day("consent_at")
    return _noon(day, tz) if day else None


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _noon(day: date, tz: tzinfo) -> datetime:
    return datetime.combine(day, time(12), tz)


def import_households(
    running: Importing, rows: FileRows[ImportedHousehold], *, community: str
) -> ImportOutcome:
    """Save the good rows and the dated answers of their households, and say what happened."""
    datum = check_positions(running.session, running.division, rows.good, said=rows.datum)
    consenting = Consenting(
        keep=partial(_answers, running),
        silent=partial(not_to_be_called, running.session),
        refuse=partial(refuse_for_all, running.notes),
    )
    kept = save_households(running, rows.good, consenting=consenting)
    return outcome_of(kept, rows, community=community, datum=datum)


def _answers(running: Importing, answered: Sequence[Answered]) -> int:
    """Keep what households answered; how many of the answers are new."""
    answers = [
        Answer(
            subject=household,
            purpose=Purpose.REGISTRATION.value,
            status=status,
            asked_at=asked,
            text_version=version or TEXT_UNKNOWN,
        )
        for household, status, asked, version in answered
    ]
    return add_household_answers(running.notes, answers)
