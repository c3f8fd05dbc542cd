"""What is sent of a round, and every fault of it that needs no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from gisgrid.errors import Fault, say
from gisgrid.records.core.rules import MOST_REASON, MOST_ROUND_DAYS, MOST_SUBJECTS, SubjectKind
from gisgrid.records.core.subject_choices import choice_faults

_MOST_TITLE: Final = 120
_MOST_BASIS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSelector:
    """Whom a round is for, of the kind its form is about.

    ``who`` is an expression over facts, as in a rule of tasks; ``grids`` are codes, none means all; ``ids``
    is a list of subjects in place of both.
    """

    who: str | None = None
    grids: tuple[str, ...] = ()
    ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundInput:
    """A round as it is drafted: the form by its code, and on which legal basis it is filled."""

    form: str
    title: str
    first_day: date
    last_day: date
    legal_basis: str
    selector: RoundSelector = RoundSelector()

    def document(self) -> dict[str, Any]:
        """What is kept as data: the selector with the legal basis; ids are kept as subjects."""
        return {
            "who": self.selector.who,
            "grids": list(self.selector.grids),
            "is_list": self.selector.ids is not None,
            "legal_basis": self.legal_basis.strip(),
        }


def selector_of(document: Mapping[str, Any] | None) -> RoundSelector:
    """The selector that was kept; of a list, without its ids."""
    kept = document or {}
    return RoundSelector(
        who=kept.get("who"),
        grids=tuple(kept.get("grids", ())),
        ids=() if kept.get("is_list") else None,
    )


def input_faults(sent: RoundInput, today: date) -> Iterator[Fault]:
    """Title, legal basis and days that can't be so."""
    if not 0 < len(sent.title.strip()) <= _MOST_TITLE:
        yield Fault(
            message=say("a title of at most {most} letters is needed", most=_MOST_TITLE), field="title"
        )
    if not 0 < len(sent.legal_basis.strip()) <= _MOST_BASIS:
        message = say("the legal basis is needed, of at most {most} letters", most=_MOST_BASIS)
        yield Fault(message=message, field="legal_basis")
    if sent.first_day < today:
        yield Fault(message=say("a round begins today at the earliest"), field="first_day")
    if sent.last_day < max(sent.first_day, today):
        yield Fault(message=say("the last day is not before the first one"), field="last_day")
    if sent.last_day > sent.first_day + timedelta(days=MOST_ROUND_DAYS):
        message = say("a round takes at most {most} days", most=MOST_ROUND_DAYS)
        yield Fault(message=message, field="last_day")


def selector_faults(selector: RoundSelector, kind: SubjectKind) -> Iterator[Fault]:
    """An expression that is none, or asks for what isn't known of the kind; a list together with it."""
    if selector.ids is not None and (selector.who is not None or selector.grids):
        yield Fault(message=say("a list of subjects stands in place of a choice"), field="ids")
    if selector.ids is not None and not 0 < len(set(selector.ids)) <= MOST_SUBJECTS:
        message = say("a round has {most} subjects at most, and one at least", most=f"{MOST_SUBJECTS:,}")
        yield Fault(message=message, field="ids")
    if selector.who is not None:
        yield from choice_faults(selector.who, kind)


def reason_faults(reason: str) -> list[Fault]:
    """A reason that is none, or too long."""
    if not reason.strip():
        return [Fault(message=say("a reason is needed"), field="reason")]
    if len(reason.strip()) > MOST_REASON:
        return [Fault(message=say("a reason has at most {most} letters", most=MOST_REASON), field="reason")]
    return []
