"""What tasks are computed from and what they are: rules, subjects, records and the tasks themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class TaskState(StrEnum):
    """How a task stands on a day."""

    PLANNED = "planned"
    """Not to be thought of yet."""
    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    LATE = "late"
    """Done after it was due."""
    MISSED = "missed"
    """Nothing was done while it would have counted."""
    CANCELLED = "cancelled"
    """The reason for it ended first."""


WAITING = frozenset({TaskState.PLANNED, TaskState.OPEN, TaskState.OVERDUE})
"""States in which a task can still be answered."""


class SpanEnd(StrEnum):
    """Why a rule holds for a subject no longer."""

    MOVED = "moved"
    CONSENT = "consent"
    ERASED = "erased"
    DIED = "died"
    FACTS = "facts"
    """The facts are others now: a birthday, a need that ended."""
    RULE = "rule"
    """The rule, or this version of it, ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """A task in each month of the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A task so many days or months after the last record; one of the two is 0.

    ``first``: days from the beginning until the first one is due. ``lead``: days it is open before.
    """

    days: int = 0
    months: int = 0
    first: int = 0
    lead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A task ``days`` after a record that bears a mark, of one form or, without ``form``, of any.

    ``lead``: days it is open before it is due. ``keep``: days after that in which a record still counts.
    """

    mark: str
    days: int
    form: str | None = None
    lead: int = 0
    keep: int = 0


Schedule = Monthly | Rhythm | Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRule:
    """One version of a rule: for whom, what is to be filled in, and when.

    ``who`` is an expression over the facts of a subject; none: all subjects of the kind. ``counts`` is the
    mark that a record must bear to answer a task, none: any record of the form; with ``any_form`` a record
    of another form with that mark answers too. It holds from ``valid_from`` up to, not on, ``valid_to``.
    ``hastens``: asked for again while it waits, a task gets the first priority.
    """

    code: str
    form: str
    subject: str
    schedule: Schedule
    priority: int
    valid_from: date
    valid_to: date | None = None
    who: str | None = None
    counts: str | None = None
    any_form: bool = False
    hastens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSpan:
    """Days on which a rule's choice holds for a subject: from ``start`` up to, not on, ``end``, and why."""

    start: date
    end: date | None = None
    why: SpanEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPlacement:
    """In which cell a subject lies from a day on; outside of all cells it is nothing."""

    since: date
    cell: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSubject:
    """Whom or what a task is about: when the rule's choice held, and where it lay since when."""

    id: str
    spans: tuple[HeldSpan, ...]
    cells: tuple[CellPlacement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """What tasks need of a record: its marks, the cell of its subject then, and which one it corrects.

    Records of one day stand in the order of their ids, which is the one in which they were made.
    """

    id: str
    form: str
    day: date
    marks: frozenset[str] = frozenset()
    cell: str | None = None
    corrects: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTask:
    """What is, was or will be to be done for a subject: open from ``opens``, due until the end of ``due``.

    ``key`` is the same whoever computes it, and names no grid. ``cell``: who serves it has the task; where it
    is over, the cell of its last day. ``record`` answers it; ``why`` it was cancelled; ``again``: the records
    that asked for it once more while it waited.
    """

    key: str
    rule: str
    subject: str
    form: str
    opens: date
    due: date
    state: TaskState
    priority: int
    cell: str | None
    record: str | None = None
    why: SpanEnd | None = None
    again: tuple[str, ...] = ()
