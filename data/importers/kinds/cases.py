"""Cases from a file of another system: times, states and categories read, every row with a moment kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import partial
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from data.importers.kinds.case_states import rating_of, state_of, suspended_of
from data.importers.kinds.deadlines import deadline_of
from data.importers.kinds.fields import names_of
from data.importers.kinds.hotline import class_of
from data.importers.outcome import ImportOutcome, Remark, row_faults
from data.importers.readers.table import FileTable
from data.importers.values.columns import Columns, OneRow, choose_columns, need
from data.importers.values.datum_check import check_positions
from data.importers.values.field import EXAMPLE
from data.importers.values.positions import (
    Positions,
    Reference,
    brought_to,
    china_note,
    column_positions,
    geometry_positions,
    reference_of,
)
from data.importers.values.values import RowFaults, choice, instant, yes_or_no
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.imports import ImportNotes
from gisgrid.access.phones import mask_numbers
from gisgrid.areas.communities import Community, wait_for_others
from gisgrid.areas.division import Division, load_division
from gisgrid.areas.nearness import FAR, far_points
from gisgrid.cases.core.categories import UNNAMED, add_categories, category_codes, spelt
from gisgrid.cases.core.models import Category
from gisgrid.cases.core.rules import CaseState, Severity
from gisgrid.cases.core.sources import TOLD_BY_PEOPLE, CaseSource, source_of
from gisgrid.cases.core.workflow import ENDED_STATES
from gisgrid.cases.intake.addresses import Addressed, needs_addresses, place_by_address
from gisgrid.cases.intake.imported_case import ImportedCase, withheld_in_list
from gisgrid.cases.intake.imports import SavedCases, save_cases
from gisgrid.crs import NOWHERE, Datum, is_nowhere, stored_crs
from gisgrid.errors import Fault, InvalidInput, Sentence, row_said, say
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.labels.cases import SEVERITIES, SEVERITY_SYNONYMS
from gisgrid.labels.table import accepted
from gisgrid.places.address_base import load_address_base

FIELDS: Final = names_of("cases")
DEFAULT_SOURCE: Final = "import"
_MOMENTS: Final = ("reported_at", "closed_at", "suspended_at", "rated_at")
_TIMES: Final = (*_MOMENTS, "due_at")
_TEXTS: Final = tuple(name for name in FIELDS if name not in {"lon", "lat", *_TIMES})

_SEVERITIES: Final = {
    **{severity.value: severity for severity in Severity},
    **{word: Severity(code) for word, code in accepted(SEVERITIES, SEVERITY_SYNONYMS).items()},
}
_LIMITS: Final = {
    "source": 40,
    "number": 80,
    "external_number": 80,
    "category": 100,
    "recorded_area": 120,
    "address": 300,
    "contact": 100,
}
UNKNOWN_CATEGORY: Final = "the category {name!r} is not known (--new-categories makes such categories)"
_NO_MOMENT: Final = datetime(1850, 1, 1, tzinfo=UTC)
"""Of a case that can't be taken, since nobody knows when it was reported."""
_OF_PETITIONS: Final = ("问政", "留言")
_OF_12345: Final = ("诉求", "12345")


class NewCategories(StrEnum):
    """What is done with categories that aren't known."""

    REFUSE = "refuse"
    CONFIDENTIAL = "confidential"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCases:
    """Cases that can be taken (their category still a name), faults of the others, and what was assumed.

    ``zoneless``: cases with a time that names no offset, read in ``tz``; ``unnumbered``: cases without a
    number of their own, known again by what they say; ``swapped``: rows whose longitude and latitude seem
    to have changed places. ``datum`` is what was said of their positions; ``closed_anyway``: cases without an
    end that are taken for closed, where that was asked for.
    """

    good: Sequence[ImportedCase]
    faults: Sequence[Fault]
    source: str
    zoneless: int
    unnumbered: int
    tz: tzinfo
    warnings: Sequence[Sentence] = ()
    swapped: Sequence[int] = ()
    datum: Datum = Datum.WGS84
    closed_anyway: int = 0
    suspects: Sequence[ImportedCase] = ()


def read_cases(  # noqa: PLR0913 - what is said of a file
    table: FileTable,
    *,
    tz: tzinfo,
    crs: str | None = None,
    columns: Sequence[str] = (),
    channel: str | None = None,
    dates: str | None = None,
    as_closed: bool = False,
    pulse: Pulse = no_pulse,
) -> FileCases:
    """The cases of a table; a position that is missing or no place on Earth is no fault of a case.

    Positions come from the columns lon and lat, which need ``crs`` in a file without shapes, else from the
    file's points; a file with addresses needs neither. ``tz`` is the zone of times that name no offset.
    ``channel`` is where cases came from that name no source; work orders of 12345 and of petition platforms
    are known by the names of their columns. ``dates`` is what was said of the form of dates; ``as_closed``:
    whether a case without an end is taken for closed.

    Raises
    ------
    MissingCrs
        There are positions, and neither the file nor the caller says their CRS.
    InvalidInput
        No column for the moment of the report or for the position, or a shape is no point.
    """
    chosen = choose_columns(table, FIELDS, columns)
    need(chosen, "reported_at")
    positions, datum = _positions(table, chosen, crs)
    reader = _Reader(
        positions=positions,
        datum=datum,
        tz=tz,
        dates=dates,
        as_closed=as_closed,
        channel=source_of(channel) if channel else channel_of(chosen.chosen.values(), table.source),
    )
    good: list[ImportedCase] = []
    suspects: list[ImportedCase] = []
    faults: list[Fault] = []
    zoneless = 0
    for row in chosen.each_row(_TEXTS, _TIMES, pulse=pulse):
        if row.texts["note"] == EXAMPLE:
            continue
        reading = RowFaults()
        case, is_bare = reader.case(row, reading=reading)
        faults += row_faults(table.source, row.number, reading.found)
        if reading.found:
            suspects.append(case)
        else:
            good.append(case)
            zoneless += is_bare
    unnumbered = sum(not case.number or case.number.startswith("#") for case in good)
    return FileCases(
        good=good,
        suspects=suspects,
        faults=faults,
        source=table.source,
        zoneless=zoneless,
        unnumbered=unnumbered,
        tz=tz,
        warnings=(*table.notes, *china_note(reader.positions.x, reader.positions.y)),
        swapped=reader.positions.swapped,
        datum=datum,
        closed_anyway=sum(
            case.closed_at is None and case.state == CaseState.CLOSED for case in good if as_closed
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Makes cases of the rows of a file; ``seen`` remembers the numbers met so far."""

    positions: Positions
    datum: Datum
    tz: tzinfo
    dates: str | None
    as_closed: bool
    channel: str
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def case(self, row: OneRow, *, reading: RowFaults) -> tuple[ImportedCase, bool]:
        """The case of a row, as far as it can be read, and whether a time named no offset."""
        texts, times = dict(row.texts), row.values
        nothing: tuple[datetime | None, bool] = (None, False)
        moments = {
            name: reading.take(name, partial(instant, times[name], tz=self.tz, form=self.dates), nothing)
            for name in _MOMENTS
        }
        due = partial(
            deadline_of, times["due_at"], reported_at=moments["reported_at"][0], tz=self.tz, form=self.dates
        )
        moments["due_at"] = reading.take("due_at", due, nothing)
        texts["source"] = source_of(texts["source"]) if texts["source"] else self.channel
        instants = {name: moment for name, (moment, _) in moments.items()}
        case = _case(row.number, texts, instants, reading=reading)
        lon, lat = (float(values[row.number - 1]) for values in (self.positions.x, self.positions.y))
        if self.as_closed and case.closed_at is None and case.state not in ENDED_STATES:
            case = replace(case, state=CaseState.CLOSED)
        if is_nowhere(lon, lat):
            reading.found.append(("lon", NOWHERE))
        case = replace(case, lon=lon, lat=lat, datum=self.datum.value)
        is_bare = any(bare for _moment, bare in moments.values())
        return _refuse_twin(case, rows=self.seen, reading=reading), is_bare


def channel_of(headers: Iterable[str], source: str) -> str:
    """By which channel the cases of a file came that name none, as its columns or its name show it.

    >>> channel_of(["工单编号", "诉求内容"], "a.csv"), channel_of(["留言时间"], "a.csv")
    ('12345', 'petition')
    """
    names = [*headers, source]
    if any(sign in text for text in names for sign in _OF_PETITIONS):
        return CaseSource.PETITION.value
    if any(sign in text for text in names for sign in _OF_12345):
        return CaseSource.LINE_12345.value
    return DEFAULT_SOURCE


def _positions(table: FileTable, columns: Columns, crs: str | None) -> tuple[Positions, Datum]:
    """Positions in EPSG:4326 and the datum they were given in; a file with addresses alone has none."""
    chosen = columns.chosen
    has_columns = "lon" in chosen and "lat" in chosen
    if not has_columns and not table.has_geometry and "address" in chosen:
        nowhere = np.full(len(table.frame), np.nan)
        return Positions(
            x=nowhere, y=nowhere.copy(), reference=Reference(stored_crs(), Datum.WGS84)
        ), Datum.WGS84
    if not has_columns and not table.has_geometry:
        message = say(
            "no columns for a place: name those for lon and lat (--column lon=THEIRS --column lat=THEIRS)"
            " or the one for the address (--column address=THEIRS)"
        )
        raise InvalidInput(message, file=table.source, field="lon")
    reference = reference_of(table, crs)
    if has_columns:
        positions = column_positions(table, chosen["lon"], chosen["lat"], reference=reference)
    else:
        positions = geometry_positions(table, reference=reference)
    return brought_to(positions, Reference(stored_crs(), Datum.WGS84)), reference.datum


def _case(
    row: int, texts: Mapping[str, str], moments: Mapping[str, datetime | None], *, reading: RowFaults
) -> ImportedCase:
    """The case of a row; where it can't be taken, the faults are in ``reading``."""
    for name, limit in _LIMITS.items():
        if len(texts[name]) > limit:
            reading.found.append((name, say("at most {limit} characters", limit=limit)))
    reported_at, closed_at = moments["reported_at"], moments["closed_at"]
    if reported_at is None:
        if not any(name == "reported_at" for name, _message in reading.found):
            reading.found.append(("reported_at", "a case needs the moment of its report"))
    elif closed_at is not None and closed_at < reported_at:
        reading.found.append(("closed_at", "closed before it was reported"))
    severity = reading.take(
        "severity", lambda: choice(texts["severity"], _SEVERITIES, wanted=", ".join(Severity)), None
    )
    hotline = reading.take("hotline_class", lambda: class_of(texts["hotline_class"], texts["source"]), None)
    state = reading.take("state", lambda: state_of(texts["state"], is_closed=closed_at is not None), None)
    is_told = texts["source"] in TOLD_BY_PEOPLE
    is_exact, is_whole = (
        reading.take(name, partial(yes_or_no, texts[name] or "yes"), True)
        for name in ("place_exact", "texts_whole")
    )
    return ImportedCase(
        row=row,
        source=texts["source"],
        number=texts["external_number"] or texts["number"],
        category=texts["category"] or UNNAMED,
        severity=severity,
        description=mask_numbers(texts["description"]) if is_told else texts["description"],
        reported_at=reported_at or _NO_MOMENT,
        due_at=moments["due_at"],
        hotline=hotline,
        closed_at=closed_at,
        state=state or CaseState.REPORTED,
        suspended_at=suspended_of(texts["state"], moments),
        rating=rating_of(texts, moments, reading=reading),
        result=mask_numbers(texts["result"]) if is_told else texts["result"],
        lon=np.nan,
        lat=np.nan,
        recorded_area=texts["recorded_area"],
        address=mask_numbers(texts["address"]) if is_told else texts["address"],
        contact=texts["contact"],
        is_place_exact=is_exact,
        has_whole_texts=is_whole,
    )


def _refuse_twin(case: ImportedCase, *, rows: dict[tuple[str, str], int], reading: RowFaults) -> ImportedCase:
    """Refuse a second row of one number; rows without number that say the same are counted apart."""
    if case.number:
        first = rows.setdefault((case.source, case.number), case.row)
        if first != case.row:
            reading.found.append(
                (
                    "number",
                    say("{place} has the number {number} too", place=row_said(first), number=case.number),
                )
            )
        return case
    again = rows.setdefault((case.source, case.key), 0)
    rows[case.source, case.key] = again + 1
    return case if not again else replace(case, number=f"{case.key}-{again + 1}")


def import_cases(  # noqa: PLR0913 - who, what, where, how, when, and what is told of it
    session: Session,
    actor: Actor,
    rows: FileCases,
    *,
    community: Community,
    new_categories: NewCategories,
    now: datetime,
    pulse: Pulse = no_pulse,
    notes: ImportNotes | None = None,
) -> ImportOutcome:
    """Save the cases whose category is known or may be made, and say where they lie.

    The outcome's ``new_categories`` names those that were not known, refused or made.
    """
    require(actor, Action.CASES_IMPORT)
    wait_for_others(session, community.id)
    code_of = category_codes(session)
    first = dict.fromkeys(case.category for case in rows.good)
    unknown = {spelt(name): name for name in reversed(first)}
    names = sorted(name for key, name in unknown.items() if key not in code_of)
    faults = list(rows.faults)
    if names and new_categories != NewCategories.REFUSE:
        is_confidential = new_categories == NewCategories.CONFIDENTIAL
        new_codes = add_categories(session, actor, names, is_confidential=is_confidential, at=now)
        code_of |= new_codes
        if notes:
            notes.made_now(Category, new_codes.values())
    codes = {name: code_of.get(spelt(name)) for name in first}
    good = [replace(case, category=code) for case in rows.good if (code := codes[case.category]) is not None]
    is_refusing = new_categories == NewCategories.REFUSE
    suspects = [case for case in rows.suspects if is_refusing and spelt(case.category) not in code_of]
    for case in (*rows.good, *suspects):
        if codes.get(case.category) is None:
            message = say(UNKNOWN_CATEGORY, name=case.category)
            faults.append(Fault(message=message, file=rows.source, row=case.row, field="category"))
    division = load_division(session, community.id, at=now, revision=0)
    good = _near(division, good, rows.source, faults)
    _near(division, rows.suspects, rows.source, faults)
    exact = [case for case in good if case.is_place_exact]
    recorded = [case.recorded_area for case in exact]
    datum = check_positions(session, division, exact, said=rows.datum, recorded=recorded)
    placed = Addressed(cases=good)
    if needs_addresses(good):
        placed = place_by_address(load_address_base(session, community.id), good)
    saved = save_cases(
        session, actor, division, cases=placed.cases, now=now, tz=rows.tz, pulse=pulse, notes=notes
    )
    elsewhere = "this source and number belong to a case of another community"
    faults += [Fault(message=elsewhere, file=rows.source, row=row, field="number") for row in saved.elsewhere]
    counts = {"community": community.code, **_counts(saved, rows, faults), "new_categories": names}
    counts |= {"placed_by_address": placed.placed, "address_unknown": len(placed.unknown)}
    return ImportOutcome(
        counts=counts,
        faults=faults,
        remarks=_remarks(saved, rows, placed),
        warnings=(*rows.warnings, *withheld_in_list(good)),
        datum=datum,
    )


def _near(
    division: Division, cases: Sequence[ImportedCase], source: str, faults: list[Fault]
) -> list[ImportedCase]:
    """The cases that don't lie far outside the community; the others are faults."""
    faulty = {(fault.row, fault.field) for fault in faults}
    far = far_points(division, np.array([case.lon for case in cases]), np.array([case.lat for case in cases]))
    for case, is_far in zip(cases, far.tolist(), strict=True):
        if is_far and (case.row, "lon") not in faulty:
            faults.append(Fault(message=FAR, file=source, row=case.row, field="lon"))
    return [case for case, is_far in zip(cases, far.tolist(), strict=True) if not is_far]


def _counts(saved: SavedCases, rows: FileCases, faults: Sequence[Fault]) -> dict[str, object]:
    return {
        "new": saved.new,
        "updated": len(saved.updated),
        "unchanged": saved.unchanged,
        "refused": len({fault.row for fault in faults}),
        "no_position": saved.no_position,
        "outside": saved.outside,
        "on_border": saved.on_border,
        "moved_by_lattice": saved.moved_by_lattice,
        "recorded_same": saved.recorded.same,
        "recorded_differs": saved.recorded.differs,
        "recorded_outside": saved.recorded.outside,
        "without_recorded_or_position": saved.recorded.without,
        "without_number": rows.unnumbered,
        "times_without_offset": rows.zoneless,
        "zone_of_those": str(rows.tz),
        "as_closed": rows.closed_anyway,
    }


def _remarks(saved: SavedCases, rows: FileCases, placed: Addressed) -> list[Remark]:
    said = say("no building here has this address: the case stands in the review list")
    unknown = [Remark(row=case.row, key=case.key, field="address", message=said) for case in placed.unknown]
    updates = [
        Remark(row=row, key=key, field=", ".join(names), message=say("changed"))
        for row, key, names in saved.updated
    ]
    recorded = [
        Remark(row=listed.row, key=listed.key, field="recorded_area", message=listed.message)
        for listed in saved.recorded.listed
    ]
    key_of = {case.row: case.key for case in rows.good} if rows.swapped else {}
    message = say("longitude and latitude seem to be swapped")
    swapped = [
        Remark(row=row, key=key_of[row], field="lon, lat", message=message)
        for row in rows.swapped
        if row in key_of
    ]
    return swapped + unknown + updates + recorded
