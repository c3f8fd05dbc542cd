"""When somebody was last at a household's door, as SQL: what is verified, and what is due to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.people.core.models import Consent
from gisgrid.places.models import Household
from gisgrid.places.search import is_here

FRESH_DAYS: Final = 90
"""A household verified within so many days is fresh."""
AGEING_DAYS: Final = 180
"""One verified longer ago, or never, is to be visited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """When households were verified, as SQL over a join with their last answer at the door.

    A household is verified when it was marked so, and when it answered anything it was asked: then somebody
    stood at its door. What happened after the moment of the view doesn't count.
    """

    view: View
    answered: Any

    @classmethod
    def of(cls, view: View, which: ColumnElement[bool] | None = None) -> Freshness:
        """For the households of a view, or ``which`` of them; ``joined`` brings the answers along."""
        answered = (
            select(Consent.household_id, func.max(Consent.asked_at).label("at"))
            .join(Household, Household.id == Consent.household_id)
            .where(
                Consent.asked_at <= view.when.at,
                is_of(view, PlacedKind.HOUSEHOLD, Household),
                is_here(view),
                true() if which is None else which,
            )
            .group_by(Consent.household_id)
            .subquery()
        )
        return cls(view=view, answered=answered)

    def joined(self, statement: Select[Any]) -> Select[Any]:
        """A statement on households with their last answers beside them."""
        return statement.outerjoin(self.answered, self.answered.c.household_id == Household.id)

    def since(self, moment: datetime | None) -> ColumnElement[bool]:
        """Verified at or after a moment, or ever."""
        marked: list[ColumnElement[bool]] = [Household.last_verified_at <= self.view.when.at]
        answered: list[ColumnElement[bool]] = [self.answered.c.at.is_not(None)]
        if moment is not None:
            marked.append(Household.last_verified_at >= moment)
            answered.append(self.answered.c.at >= moment)
        return or_(and_(Household.last_verified_at.is_not(None), *marked), and_(*answered))

    def within(self, days: int) -> ColumnElement[bool]:
        """Verified within so many days before the moment of the view."""
        return self.since(self.view.when.at - timedelta(days=days))


def last_verified(view: View, marked: datetime | None, answered: datetime | None) -> datetime | None:
    """The later of a household's mark and its last answer that the moment of the view knows of."""
    moments = [at for at in (marked, answered) if at is not None and at <= view.when.at]
    return max(moments, default=None)
