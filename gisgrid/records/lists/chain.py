"""The chain of corrections of a record: who corrected when and why, and which answers changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import or_, select
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.lists.answers import RecordAnswers
from gisgrid.records.lists.lines import KeptRow, kept_rows
from gisgrid.records.lists.scope import record_rows


class AnswerChange(TypedDict):
    """An answer that a correction changed, of a question or of all rows of a repeat."""

    name: str
    before: Annotated[Any, Field(description="as it was sent")]
    after: Annotated[Any, Field(description="as it was sent")]


class ChainLink(TypedDict):
    """A record of a chain of corrections, the oldest first; `reason`: why it corrects the one before."""

    id: str
    day: str
    by: str | None
    reason: str | None
    changes: Annotated[list[AnswerChange], Field(description="against the one before it")]


def chain_of(view: View, row: Record, *, is_shown: bool) -> list[ChainLink]:
    """The records before and after it in its chain, the oldest first; nothing where nobody corrected it."""
    ids = _reached(view, row)
    if len(ids) == 1:
        return []
    rows = kept_rows(view, record_rows().where(Record.id.in_(ids)))
    ordered = sorted(rows, key=lambda link: (link.record.received_at, link.record.id))
    answers = [_answers(view, link) if is_shown else None for link in ordered]
    return [_link(ordered, answers, place, is_shown=is_shown) for place in range(len(ordered))]


def _reached(view: View, row: Record) -> set[str]:
    known: dict[str, str | None] = {row.id: row.corrects_id}
    while True:
        before = {former for former in known.values() if former}
        reached = or_(Record.id.in_(before), Record.corrects_id.in_(list(known)))
        statement = select(Record.id, Record.corrects_id).where(reached, Record.id.not_in(list(known)))
        links = view.session.execute(statement).all()
        if not links:
            return set(known)
        known |= {link.id: link.corrects_id for link in links}


def _answers(view: View, link: KeptRow) -> dict[str, Any] | None:
    return RecordAnswers(view, link).read() if link.record.answers != GONE else None


def _link(
    ordered: Sequence[KeptRow], answers: Sequence[dict[str, Any] | None], place: int, *, is_shown: bool
) -> ChainLink:
    link = ordered[place]
    return ChainLink(
        id=link.record.id,
        day=link.record.day.isoformat(),
        by=link.by,
        reason=link.record.reason if is_shown else None,
        changes=_changes(answers[place - 1], answers[place]) if place else [],
    )


def _changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[AnswerChange]:
    if before is None or after is None:
        return []
    names = [*before, *(name for name in after if name not in before)]
    return [
        AnswerChange(name=name, before=before.get(name), after=after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]
