"""One root error, one class per cause. The web turns classes into status codes in one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final


class Sentence(str):
    """A sentence that remembers what it was made of, so that a reader's language can be put in its place.

    It is the English text itself; ``template`` is that text with names in braces for its ``values``.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]


def say(template: str, /, **values: object) -> Sentence:
    """A sentence from a template and the values for its braces, for errors and faults.

    >>> say("no grid with the code {code}", code="G1")
    'no grid with the code G1'
    """
    sentence = Sentence(template.format_map(values))
    sentence.template, sentence.values = template, values
    return sentence


_NAMED: Final = 10


def some_of(names: Iterable[str]) -> str:
    """Names for a sentence, sorted: the first ten, and how many more there are.

    >>> some_of(["G2", "G1"]), some_of(f"G{number:02}" for number in range(13))
    ('G1, G2', 'G00, G01, G02, G03, G04, G05, G06, G07, G08, G09 … +3')
    """
    known = sorted(names)
    more = len(known) - _NAMED
    return ", ".join(known[:_NAMED]) + (f" … +{more}" if more > 0 else "")


ROW: Final = "row {row}"


def row_said(row: int) -> Sentence:
    """A row of a file, counted from 1, as part of a sentence; `lines` of a file may call it otherwise."""
    return say(ROW, row=row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with an input, placed as exactly as it can be.

    ``message`` is one plain sentence without personal data; ``row`` is counted from 1, and ``counted`` says
    what it counts: data rows, or lines, features and records of a file.
    """

    message: str
    file: str | None = None
    row: int | None = None
    field: str | None = None
    counted: str = "row"

    def sentence(self) -> str:
        """The fault with its place in front: ``calls.csv, row 3, field lon: not a number``."""
        place = [self.file] if self.file else []
        place += [f"{self.counted} {self.row}"] if self.row is not None else []
        place += [f"field {self.field}"] if self.field else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


class GisgridError(Exception):
    """Root of everything this application raises on purpose."""


class InvalidInput(GisgridError):  # noqa: N818 - errors are named by the fault
    """An input that can't be taken. Carries every fault found, not only the first."""

    def __init__(self, faults: Sequence[Fault] | str, **place: object) -> None:
        if isinstance(faults, str):
            faults = [Fault(message=faults, **place)]  # type: ignore[arg-type]
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("; ".join(fault.sentence() for fault in self.faults))


class MissingCrs(InvalidInput):
    """Coordinates without a coordinate reference system: it is asked for, never guessed."""


class NotAllowed(GisgridError):  # noqa: N818 - errors are named by the fault
    """The account may not do this, or the thing isn't there: from outside both look the same."""


class NotFound(GisgridError):  # noqa: N818 - errors are named by the fault
    """No such thing within what the account may see."""


class Conflict(GisgridError):  # noqa: N818 - errors are named by the fault
    """The state has moved on since the account last looked."""


class DatabaseBusy(GisgridError):  # noqa: N818 - errors are named by the fault
    """Another writer holds the database; trying again shortly will do."""


class MissingPart(GisgridError):  # noqa: N818 - errors are named by the fault
    """Something outside this program must be installed or configured first."""


class NoSpace(MissingPart):
    """The disk is full or can't be written; nothing was changed."""
