"""Cases and visitors of plans that waited for their day: they pass on once the plan is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from gisgrid.access.actors import local_actor
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.models import Revision
from gisgrid.areas.view import View
from gisgrid.redraw.plans.models import NoteKind, Plan, PlanNote, PlanState
from gisgrid.redraw.publication.cases import hand_cases_over
from gisgrid.redraw.transfer.handovers import Pass, households_by_hands
from gisgrid.welfare.service import hand_visitors_over

WAITS = "waits"
"""Mark of a note whose cases have not been handed over yet."""


def hand_over_due(view: View, *, now: datetime) -> int:
    """Hand over the cases of plans whose day has come since they were published; gives how many.

    Nobody is at work at midnight: it is asked for when the next one publishes or settles something. Until
    then the new member sees the cases already, since they lie in the grid.
    """
    rows = view.session.scalars(
        select(PlanNote)
        .join(Plan, Plan.id == PlanNote.plan_id)
        .join(
            Revision,
            (Revision.community_id == Plan.community_id) & (Revision.number == Plan.published_revision),
        )
        .where(
            Plan.community_id == view.community.id,
            Plan.state == PlanState.PUBLISHED,
            PlanNote.kind == NoteKind.PUBLISH,
            # Only what was published for a later day can wait.
            Revision.effective_at > Revision.published_at,
            Revision.effective_at <= now,
        )
        .order_by(PlanNote.at, PlanNote.id)
    ).all()
    due = [note for note in rows if (note.details or {}).get(WAITS)]
    if not due:
        return 0
    wait_for_others(view.session, view.community.id)
    for note in due:
        view.session.refresh(note)  # somebody who was waited for may have made it happen
    due = [note for note in due if (note.details or {}).get(WAITS)]
    # It was decided when the plan was published: whoever comes along now only makes it happen.
    clock = replace(view, actor=local_actor(view.session, "scheduled plan"))
    count = 0
    for note in due:
        details = note.details or {}
        passed = [Pass.from_json(stored) for stored in details.get("passes", ())]
        count += hand_cases_over(clock, passed, now=now)
        hand_visitors_over(clock, households_by_hands(passed), now=now)
        note.details = {**details, WAITS: False}
    touch(view.session, [view.community.id])
    view.session.flush()
    return count
