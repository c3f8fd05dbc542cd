"""States and kinds of forms, records and rounds, and the limits they have."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final


class SubjectKind(StrEnum):
    """What a form is about. ``COMMUNITY`` is for meetings and activities: it names no other row."""

    PERSON = "person"
    HOUSEHOLD = "household"
    BUILDING = "building"
    AREA = "area"
    FACILITY = "facility"
    COMMUNITY = "community"
    CASE = "case"
    WORKER = "worker"
    ORGANISATION = "organisation"


class VersionState(StrEnum):
    """A version of a form: a draft, the one that is filled now, or one that a newer one took the place of."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class FieldBecame(StrEnum):
    """What came of an answer that stands for a field of the register."""

    CONFIRMED = "confirmed"
    WRITTEN = "written"
    CLASH = "clash"
    REFUSED = "refused"


class TaskNoteKind(StrEnum):
    """Why a task waits: put off once, impossible (it counts as missed), or given to a colleague."""

    POSTPONED = "postponed"
    IMPOSSIBLE = "impossible"
    GIVEN_TO = "given_to"


class RoundState(StrEnum):
    """A round: being prepared, running, or closed; a head opens a closed one again."""

    DRAFT = "draft"
    RUNNING = "running"
    CLOSED = "closed"


class Excuse(StrEnum):
    """Why a subject of a round is not missed."""

    REFUSED = "refused"
    VACANT = "vacant"
    MOVED = "moved"
    ERASED = "erased"


class OutwardRows(StrEnum):
    """What stands in a row of a department's own table."""

    PERSON = "person"
    HOUSEHOLD = "household"
    BUILDING = "building"
    GRID = "grid"


OF_PERSONS: Final = frozenset({SubjectKind.PERSON, SubjectKind.HOUSEHOLD})
"""Subjects whose forms hold personal data, so that they name a purpose."""
TAKEN_NOW: Final = frozenset(SubjectKind) - {SubjectKind.WORKER, SubjectKind.ORGANISATION}
"""Subjects that records are taken of; the others come later."""

MARK_MET: Final = "met"
"""The mark that says whether somebody was met: it stands open, so that what is overdue needs no key."""
MARK_VERIFIED: Final = "verified"
"""The mark of a form about a household that says it was verified."""

RETIRED_STILL_TAKEN: Final = timedelta(days=31)
"""How long after a version is retired records of it are taken: phones may have been out of reach."""
CORRECTED_BY_AUTHOR: Final = timedelta(days=7)
"""How long who wrote a record may correct it; then staff and heads do."""

MOST_WORKBOOK_BYTES: Final = 1024 * 1024
MOST_FORMS: Final = 100
MOST_CODE: Final = 40
MOST_PHOTOS: Final = 6
MOST_ANSWERS_BYTES: Final = 64 * 1024
MOST_REASON: Final = 200
MOST_SUBJECTS: Final = 100_000
"""So many subjects a round has at most."""
MOST_ROUND_DAYS: Final = 366
