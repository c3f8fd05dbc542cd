"""Noting that a household was verified: somebody was at its door, and what is registered is right."""

from __future__ import annotations

from datetime import datetime

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.errors import Conflict
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.core.scope import answerable_household
from gisgrid.places.models import Household


def verify_household(
    view: View, household_id: str, *, now: datetime, at: datetime | None = None
) -> Household:
    """Note that a household was verified now, or at a moment before, where no later one is known.

    Raises
    ------
    NotAllowed
        The role works on no requests.
    NotFound
        No such household within what the actor may ask.
    Conflict
        It refused or withdrew: nothing of it is registered that could be verified.
    """
    require(view.actor, Action.REQUESTS_WORK)
    household = answerable_household(view, household_id, lock=True)
    if household.consent in NO_CONSENT:
        raise Conflict("this household has not consented to be registered: there is nothing to verify")
    household.last_verified_at = max(at or now, household.last_verified_at or at or now)
    record(
        view.session,
        view.actor,
        "households:verify",
        "household",
        now=now,
        object_id=household.id,
        fields=("last_verified_at",),
    )
    touch(view.session, [view.community.id])
    view.session.flush()
    return household
