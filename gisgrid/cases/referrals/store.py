"""What both sides of an errand share: its steps, how it stands, and the lines in the log of its case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Generic

from pydantic import Field
from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.access.actors import Actor
from gisgrid.access.audit import record
from gisgrid.access.phones import has_numbers
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.cases.core.answers import Moment
from gisgrid.cases.core.models import Case, CaseErrand
from gisgrid.cases.core.requirements import MOST_TEXT
from gisgrid.cases.core.store import write_note
from gisgrid.errors import Fault, InvalidInput, say


class ErrandStep(StrEnum):
    """What happens to an errand; also the line it leaves in the log of its case."""

    ASK = "errand_ask"
    RECEIPT = "errand_receipt"
    START = "errand_start"
    FINISH = "errand_finish"
    RETURN = "errand_return"
    WITHDRAW = "errand_withdraw"


def is_running() -> ColumnElement[bool]:
    """Errands that were not finished, returned or taken back."""
    ended = (CaseErrand.finished_at, CaseErrand.returned_at, CaseErrand.withdrawn_at)
    return and_(*(column.is_(None) for column in ended))


def checked_text(given: str, name: str) -> str:
    """A text between staff and an organisation, trimmed.

    Raises
    ------
    InvalidInput
        It is empty, too long, or holds a phone or identity number.
    """
    text, faults = given.strip(), list[Fault]()
    if not text or len(text) > MOST_TEXT:
        faults.append(Fault(message=say("a text has 1 to {most} characters", most=MOST_TEXT), field=name))
    if has_numbers(text):
        message = say("this text holds no phone or identity number")
        faults.append(Fault(message=message, field=name))
    if faults:
        raise InvalidInput(faults)
    return text


def may_follow(errand: CaseErrand, step: ErrandStep) -> bool:
    """Whether an organisation may take a step with an errand as it stands."""
    if ended_at(errand) is not None:
        return False
    if step is ErrandStep.RECEIPT:
        return errand.receipted_at is None
    if step is ErrandStep.START:
        return errand.receipted_at is not None and errand.started_at is None
    return step is ErrandStep.RETURN or errand.started_at is not None


def ended_at(errand: CaseErrand) -> datetime | None:
    """When an errand was finished, returned or taken back; nothing while it runs."""
    return errand.finished_at or errand.returned_at or errand.withdrawn_at


def _receipt(errand: CaseErrand, now: datetime, _text: str | None) -> None:
    errand.receipted_at = now


def _start(errand: CaseErrand, now: datetime, _text: str | None) -> None:
    errand.started_at = now


def _finish(errand: CaseErrand, now: datetime, text: str | None) -> None:
    errand.finished_at, errand.result = now, text


def _return(errand: CaseErrand, now: datetime, text: str | None) -> None:
    errand.returned_at, errand.result = now, text


STEPS: Final[Mapping[ErrandStep, Callable[[CaseErrand, datetime, str | None], None]]] = {
    ErrandStep.RECEIPT: _receipt,
    ErrandStep.START: _start,
    ErrandStep.FINISH: _finish,
    ErrandStep.RETURN: _return,
}
"""What an organisation does, in its order; the last two end an errand, with a text."""
TELLING: Final = frozenset({ErrandStep.FINISH, ErrandStep.RETURN})
"""Steps that need a text: the result, or why not."""


def note(
    session: Session, actor: Actor, case: Case, step: ErrandStep, *, text: str | None = None, now: datetime
) -> None:
    """A line in the log of the case that changes nothing of how it stands, and an audit entry."""
    write_note(session, actor, case, step.value, text=text, now=now)
    record(session, actor, f"cases:{step}", "case", now=now, object_id=case.id)
    touch(session, [case.community_id])
    session.flush()


class ErrandTime(TypedDict, Generic[Moment]):
    """How the time of an errand stands; ``due_at`` moves on while the case is suspended."""

    due_at: Moment
    is_late: bool
    paused: Annotated[bool, Field(description="the case is suspended: `due_at` moves on until it goes on")]


class ErrandRow(ErrandTime[Moment], Generic[Moment]):
    """An errand and how it stands."""

    id: str
    text: str
    result: Annotated[str | None, Field(description="what was told at its end, or why it was returned")]
    asked_at: Moment
    receipted_at: Moment | None
    started_at: Moment | None
    finished_at: Moment | None
    returned_at: Moment | None
    withdrawn_at: Moment | None
    next: Annotated[
        str | None, Field(description="the step that comes next; an errand that runs can be returned too")
    ]


def errand_row(view: View, errand: CaseErrand, time: ErrandTime[datetime]) -> ErrandRow[datetime]:
    """An errand in words and local times; ``next`` is the step that comes next, nothing once it has ended.

    ``time`` is what `gisgrid.cases.referrals.clock.ErrandClock` tells of it.
    """

    def local(at: datetime | None) -> datetime | None:
        return at.astimezone(view.tz) if at else None

    following = [step for step in STEPS if step is not ErrandStep.RETURN and may_follow(errand, step)]
    return {
        "id": errand.id,
        "text": errand.text,
        "result": errand.result,
        "asked_at": errand.asked_at.astimezone(view.tz),
        "receipted_at": local(errand.receipted_at),
        "started_at": local(errand.started_at),
        "finished_at": local(errand.finished_at),
        "returned_at": local(errand.returned_at),
        "withdrawn_at": local(errand.withdrawn_at),
        **time,
        "due_at": time["due_at"].astimezone(view.tz),
        "next": following[0].value if following else None,
    }
